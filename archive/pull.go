package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cundang/archive/blob"
	"cundang/archive/cdx"
	"cundang/archive/disk"
)

// pullPrefix begins the name of a WARC that is being brought back.
const pullPrefix = "pull-"

// PullOptions say what is brought back from the store of Options.Remote.
type PullOptions struct {
	Site     string // only the WARCs of this site; "" is all
	Stubs    bool   // only stubs of WARCs that are neither here nor have one
	Progress func(file string, bytes int64)
}

// PullReport is what a pull did.
type PullReport struct {
	Place   string   `json:"place"`
	Pulled  int      `json:"pulled"` // WARCs that are here again
	Bytes   int64    `json:"bytes"`
	Stubs   int      `json:"stubs"`             // stubs made
	Missing []string `json:"missing,omitempty"` // files of the journal that are neither here nor in the store
}

// Pull brings the WARCs back of which only stubs are here, each checked against its digest, and makes stubs of those of
// the journal that are in the store alone. It can be interrupted and repeated.
func (s *Store) Pull(ctx context.Context, opts PullOptions) (r PullReport, err error) {
	s.pushing.Lock()
	defer s.pushing.Unlock()
	s.mu.Lock()
	err = s.usable()
	s.mu.Unlock()
	if err != nil {
		return r, err
	}
	if s.opts.Remote == nil {
		return r, fmt.Errorf("pull: %w", ErrElsewhere)
	}
	r.Place = s.opts.Remote.String()
	if err := s.pull(ctx, opts, &r); err != nil {
		return r, fmt.Errorf("pull from %s: %w", r.Place, err)
	}
	return r, nil
}

func (s *Store) pull(ctx context.Context, opts PullOptions, r *PullReport) error {
	if err := s.missingStubs(ctx, opts.Site, r); err != nil || opts.Stubs {
		return err
	}
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Remote || !ofSite(f.File, opts.Site) {
			continue
		}
		if err := s.pullFile(ctx, f.File); err != nil {
			return err
		}
		r.Pulled++
		r.Bytes += f.Size
		if opts.Progress != nil {
			opts.Progress(f.File, f.Size)
		}
	}
	return nil
}

// missingStubs makes stubs of the WARCs of the journal that are not here but in the store.
func (s *Store) missingStubs(ctx context.Context, site string, r *PullReport) error {
	entries, err := s.Journal()
	if err != nil {
		return err
	}
	files, err := s.Files()
	if err != nil {
		return err
	}
	here := map[string]bool{}
	for _, f := range files {
		here[f.File] = true
	}
	for _, e := range entries {
		if here[e.File] || !ofSite(e.File, site) {
			continue
		}
		there, err := s.opts.Remote.Stat(ctx, remoteDir+e.File)
		if errors.Is(err, blob.ErrNotFound) || err == nil && there.Size != e.Bytes {
			r.Missing = append(r.Missing, e.File)
			continue
		}
		if err != nil {
			return err
		}
		path := filepath.Join(s.dir, filepath.FromSlash(e.File))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := s.writeStub(path, stub{e.Bytes, e.SHA256, s.opts.Remote.String()}); err != nil {
			return err
		}
		r.Stubs++
	}
	return nil
}

// pullFile replaces a stub by its WARC. At each moment one of them is there.
func (s *Store) pullFile(ctx context.Context, name string) (err error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	st, err := readStub(path + remoteSuffix)
	if err != nil {
		return err
	}
	dir, base := filepath.Split(path)
	tmp := filepath.Join(dir, pullPrefix+base)
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyFile(ctx, s.opts.Remote, remoteDir+name, tmp, st.Bytes, st.SHA256); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := s.fs.Rename(tmp, path); err != nil {
		return err
	}
	if err := s.fs.SyncDir(dir); err != nil {
		return err
	}
	return errors.Join(s.fs.Remove(path+remoteSuffix), s.fs.SyncDir(dir))
}

// Restore makes an archive in dir, which must be empty or missing, from what Push put into a store: the journal, the
// CDX, the log and a stub of each WARC. Nothing is there until all of it is. The log goes on once its private key is
// back. What PushOptions.State gave comes into the directory state, if the last push has it and nothing is there.
func Restore(ctx context.Context, dir, state string, store blob.Store) error {
	if err := restore(ctx, dir, state, store); err != nil {
		return fmt.Errorf("restore from %s: %w", store, err)
	}
	return nil
}

func restore(ctx context.Context, dir, state string, store blob.Store) (err error) {
	m, _, err := newestManifest(ctx, store)
	if err != nil {
		return err
	}
	if m.Seq == 0 {
		return fmt.Errorf("no archive was pushed there: %w", ErrNoArchive)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is an archive here already: %w", err)
	}
	tmp := filepath.Clean(dir) + ".restoring"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
	}()
	s := &Store{dir: tmp, fs: Disk{}, opts: Options{Remote: store}}
	if err := s.restoreFiles(ctx, m); err != nil {
		return err
	}
	if m.Log.Name != "" {
		if err := s.restoreLog(ctx, m); err != nil {
			return err
		}
	}
	if err := s.fs.SyncDir(tmp); err != nil {
		return err
	}
	if _, err := os.Stat(state); state != "" && m.State != nil && errors.Is(err, fs.ErrNotExist) {
		if err := s.restoreState(ctx, m, state); err != nil {
			return err
		}
	}
	if err := os.Rename(tmp, dir); err != nil {
		return err
	}
	return s.fs.SyncDir(filepath.Dir(dir))
}

// restoreState brings back the files of PushOptions.State; they are there when all of them are.
func (s *Store) restoreState(ctx context.Context, m manifest, dir string) error {
	tmp := filepath.Join(s.dir, "state")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	for name, f := range m.State {
		if !safePath(name) {
			return fmt.Errorf("the state has a file %q", name)
		}
		path := filepath.Join(tmp, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		var err error
		if f.Bytes == 0 {
			err = os.WriteFile(path, nil, 0o644)
		} else {
			err = copyFile(ctx, s.opts.Remote, f.Name, path, f.Bytes, f.SHA256)
		}
		if err != nil {
			return err
		}
	}
	if err := s.fs.SyncDir(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return err
	}
	return s.fs.SyncDir(filepath.Dir(dir))
}

// restoreFiles brings back the journal, the stubs and the CDX.
func (s *Store) restoreFiles(ctx context.Context, m manifest) error {
	raw, err := readProof(ctx, s.opts.Remote, m.Journal)
	if err != nil {
		return err
	}
	entries, _, last, err := readJournal(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if !strings.HasSuffix(m.Head, " sha256:"+last) {
		return fmt.Errorf("the journal does not end at %q", m.Head)
	}
	if err := disk.Replace(filepath.Join(s.dir, journalName), raw, true); err != nil {
		return err
	}
	for _, e := range entries {
		if !safePath(e.File) {
			return fmt.Errorf("the journal has a file %q", e.File)
		}
	}
	var r PullReport
	if err := s.missingStubs(ctx, "", &r); err != nil {
		return err
	}
	return s.restoreCDX(ctx, entries)
}

// restoreCDX makes the CDX of the rows in the store. A WARC whose rows are not there is read when the archive is
// opened.
func (s *Store) restoreCDX(ctx context.Context, entries []Entry) (err error) {
	sorter := cdx.NewSorter(s.dir)
	defer func() { err = errors.Join(err, sorter.Close()) }()
	covered := map[string]int64{}
	for _, e := range entries {
		ok, err := readRows(ctx, s.opts.Remote, e.File, sorter)
		if err != nil {
			return err
		}
		if ok {
			covered[e.File] = e.Bytes
		}
	}
	out, err := os.Create(filepath.Join(s.dir, indexName))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 256<<10)
	err = sorter.WriteTo(w, nil)
	if err == nil {
		err = errors.Join(w.Flush(), out.Sync())
	}
	info, serr := out.Stat()
	if err = errors.Join(err, serr, out.Close()); err != nil {
		return err
	}
	st, err := json.Marshal(baseState{indexVersion, info.Size(), covered})
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(s.dir, stateName), st, true)
}

// addRows adds CDXJ lines that name a file to sorter.
func addRows(r io.Reader, file string, sorter *cdx.Sorter) error {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), 16<<20)
	for in.Scan() {
		row, err := cdx.Parse(in.Bytes())
		if err != nil {
			return err
		}
		if row.Filename != file {
			return fmt.Errorf("a row names %s", row.Filename)
		}
		if err := sorter.AddLine(in.Text()); err != nil {
			return err
		}
	}
	return in.Err()
}

// restoreLog brings back the log, all but its private key.
func (s *Store) restoreLog(ctx context.Context, m manifest) error {
	root := s.LogDir()
	put := func(name string, r io.Reader, limit int64) error {
		if !safePath(name) {
			return fmt.Errorf("the log has a file %q", name)
		}
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, io.LimitReader(r, limit))
		if err == nil {
			err = f.Sync()
		}
		return errors.Join(err, f.Close())
	}
	for i, err := range s.opts.Remote.List(ctx, remoteTiles+"tile/") {
		if err != nil {
			return err
		}
		r, err := s.opts.Remote.ReadRange(ctx, i.Name, 0, -1)
		if err != nil {
			return err
		}
		if err := errors.Join(put(strings.TrimPrefix(i.Name, remoteTiles), r, maxProof), r.Close()); err != nil {
			return err
		}
	}
	raw, err := readProof(ctx, s.opts.Remote, m.Log)
	if err != nil {
		return err
	}
	zr, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("state of the log: %w", err)
	}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return s.fs.SyncDir(root)
		}
		if err != nil {
			return fmt.Errorf("state of the log: %w", err)
		}
		if err := put(h.Name, tr, maxProof); err != nil {
			return err
		}
	}
}
