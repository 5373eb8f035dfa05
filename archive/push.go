package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cundang/archive/blob"
	"cundang/archive/cdx"
	"cundang/archive/disk"
	"cundang/archive/tlog"
)

// Names in a store, beside remoteDir; docs/formats.md describes them. Nothing is ever replaced: what changes is put
// under its digest, and a manifest names it.
const (
	remoteCDX      = "cdx/"       // the CDX rows of one WARC each, put once it was read back
	remoteTiles    = "log/"       // the log's full tiles, and states by digest
	remoteJournals = "journal/"   // by digest
	remoteState    = "state/"     // by digest
	remoteManifest = "manifests/" // chained, by number
	remoteProbe    = "create-only"
)

// manifest is what a push leaves behind last: the proofs that belong to the WARCs in the store.
type manifest struct {
	Version  int       `json:"version"`
	Seq      int       `json:"seq"`  // from 1
	Prev     string    `json:"prev"` // SHA-256 of the manifest before, hex
	Time     time.Time `json:"time"`
	Software string    `json:"software"`
	Journal  proofFile `json:"journal"`
	Head     string    `json:"journal_head"` // as in warcinfo records
	Log      proofFile `json:"log"`          // its state; name "" if there is no log
	// State is what was given by PushOptions.State, by name.
	State map[string]proofFile `json:"state,omitempty"`
}

// proofFile is a file in the store.
type proofFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// manifestVersion is what this program writes and reads.
const manifestVersion = 1

// Bounds of what is believed of a store.
const (
	maxManifest = 1 << 20
	maxProof    = 4 << 30
)

// PushOptions say what is put into the store of Options.Remote.
type PushOptions struct {
	Site     string // only the WARCs of this site; "" is all
	Drop     bool   // leave stubs here in place of the WARCs, each of which is read back whole before
	Progress func(file string, bytes int64)
	// State writes files into an empty directory that belong to the archive as it is at that moment: the frontier. They go
	// along under their digests, so that of those which an earlier push put nothing travels. It is called while nothing is
	// committed, no WARC is open and all are in the store; otherwise the push goes without. nil: nothing goes along.
	State func(dir string) error
	// Fence is given each manifest before it is put; its error ends the push. nil: nobody is asked.
	Fence func(ctx context.Context, number int, manifest []byte) error
	// Always puts a manifest even if nothing has come since the last.
	Always bool
}

// PushReport is what a push did.
type PushReport struct {
	Place        string   `json:"place"`
	Pushed       int      `json:"pushed"` // WARCs put and read back
	PushedBytes  int64    `json:"pushed_bytes"`
	Already      int      `json:"already"` // were there
	Dropped      int      `json:"dropped"` // are no longer here
	DroppedBytes int64    `json:"dropped_bytes"`
	Conflicts    []string `json:"conflicts,omitempty"` // files under whose name the store holds other bytes
	Manifest     int      `json:"manifest"`            // number of the newest
}

// Push puts the closed WARCs, with the journal, the CDX and the log that belong to them, into the store, and reads each
// back. It can be interrupted and repeated. A crawl may go on meanwhile.
func (s *Store) Push(ctx context.Context, opts PushOptions) (PushReport, error) {
	s.pushing.Lock()
	defer s.pushing.Unlock()
	p := &push{s: s, store: s.opts.Remote, opts: opts}
	if err := p.run(ctx); err != nil {
		return p.report, fmt.Errorf("push to %s: %w", p.report.Place, err)
	}
	return p.report, nil
}

type push struct {
	s      *Store
	store  blob.Store
	opts   PushOptions
	report PushReport
	have   map[string]int64 // WARCs, their rows and tiles that are in the store
}

func (p *push) run(ctx context.Context) error {
	p.s.mu.Lock()
	err := p.s.usable()
	p.s.mu.Unlock()
	if err != nil {
		return err
	}
	if p.store == nil {
		return ErrElsewhere
	}
	p.report.Place = p.store.String()
	last, sum, err := newestManifest(ctx, p.store)
	if err != nil {
		return err
	}
	if last.Seq == 0 {
		if err := TryRemote(ctx, p.store); err != nil {
			return err
		}
	}
	entries, err := p.s.Journal() // a broken chain is not carried on elsewhere
	if err != nil {
		return err
	}
	if !continues(entries, p.s.journal.head(), last.Head) {
		return fmt.Errorf("the store holds another archive: its journal ends at %q, which is not in that of this one",
			last.Head)
	}
	p.have = map[string]int64{}
	for _, prefix := range []string{remoteDir, remoteCDX, remoteTiles, remoteState} {
		for i, err := range p.store.List(ctx, prefix) {
			if err != nil {
				return err
			}
			p.have[i.Name] = i.Size
		}
	}
	if err := p.files(ctx, entries); err != nil {
		return err
	}
	return p.proofs(ctx, last, sum)
}

// TryRemote checks that a store answers and that it never lets a file be replaced.
func TryRemote(ctx context.Context, s blob.Store) error {
	return blob.CheckCreateOnly(ctx, s, remoteProbe)
}

// continues says whether a journal whose head is now holds the line that was its head once.
func continues(entries []Entry, now, once string) bool {
	_, sum, ok := cutLast(once, "sha256:")
	return once == "" || once == now || ok && slices.ContainsFunc(entries, func(e Entry) bool { return e.Prev == sum })
}

func (p *push) files(ctx context.Context, entries []Entry) error {
	files, err := p.s.Files()
	if err != nil {
		return err
	}
	known := map[string]Entry{}
	for _, e := range entries {
		known[e.File] = e
	}
	for _, f := range files {
		if f.Open || f.Remote || !ofSite(f.File, p.opts.Site) {
			continue
		}
		e, ok := known[f.File]
		if !ok { // closed since the journal was read: the next push takes it
			continue
		}
		err := p.file(ctx, f, e)
		if errors.Is(err, blob.ErrExists) {
			p.report.Conflicts = append(p.report.Conflicts, f.File)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// file puts one WARC, reads it back, puts its rows and drops it here, as far as that is wanted and not done.
func (p *push) file(ctx context.Context, f FileInfo, e Entry) error {
	path := filepath.Join(p.s.dir, filepath.FromSlash(f.File))
	_, there := p.have[remoteDir+f.File]
	_, checked := p.have[remoteCDX+f.File+".cdxj.gz"]
	if !there {
		if err := p.putFile(ctx, path, e); err != nil {
			return err
		}
		p.report.Pushed++
		p.report.PushedBytes += e.Bytes
		p.have[remoteDir+f.File] = e.Bytes
	} else {
		p.report.Already++
	}
	if !there || !checked || p.opts.Drop {
		if err := blob.Verify(ctx, p.store, remoteDir+f.File, e.Bytes, e.SHA256); err != nil {
			return err
		}
	}
	if !checked {
		if err := p.putRows(ctx, f); err != nil {
			return err
		}
	}
	if p.opts.Progress != nil {
		p.opts.Progress(f.File, f.Size)
	}
	if !p.opts.Drop {
		return nil
	}
	if err := p.s.drop(path, stub{e.Bytes, e.SHA256, p.store.String()}); err != nil {
		return fmt.Errorf("drop %s: %w", f.File, err)
	}
	p.report.Dropped++
	p.report.DroppedBytes += e.Bytes
	return nil
}

// putFile puts a WARC. That it is what the journal says is seen when it is read back.
func (p *push) putFile(ctx context.Context, path string, e Entry) error {
	fd, err := os.Open(path)
	if err != nil {
		return err
	}
	err = p.store.PutNew(ctx, remoteDir+e.File, fd, e.Bytes)
	if errors.Is(err, blob.ErrExists) { // by an attempt whose answer was lost: it is read back
		err = nil
	}
	return errors.Join(err, fd.Close())
}

// drop replaces a WARC by its stub. At each moment one of them is there.
func (s *Store) drop(path string, st stub) error {
	if err := s.writeStub(path, st); err != nil {
		return err
	}
	return errors.Join(s.fs.Remove(path), s.fs.SyncDir(filepath.Dir(path)))
}

// writeStub writes the stub of the WARC at path durably.
func (s *Store) writeStub(path string, st stub) error {
	raw, err := json.Marshal(st)
	if err != nil {
		return err
	}
	if err := disk.Replace(path+remoteSuffix, append(raw, '\n'), true); err != nil {
		return err
	}
	return s.fs.SyncDir(filepath.Dir(path))
}

// putRows puts the CDX rows of one WARC, so that an archive can be brought back without reading all its WARCs.
func (p *push) putRows(ctx context.Context, f FileInfo) error {
	sorter := cdx.NewSorter(p.s.dir)
	err := p.s.scanFile(ctx, f.File, 0, f.Size, false, func(x *found) bool { return sorter.Add(x.cdxRow()) == nil })
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	if err == nil {
		err = sorter.WriteTo(zw, nil)
	}
	if err = errors.Join(err, zw.Close(), sorter.Close()); err != nil {
		return err
	}
	err = p.store.PutNew(ctx, remoteCDX+f.File+".cdxj.gz", bytes.NewReader(out.Bytes()), int64(out.Len()))
	if errors.Is(err, blob.ErrExists) { // the same rows: the WARC is the same
		return nil
	}
	return err
}

// proofs puts the journal and the log, then the manifest that names them; sum is the digest of the one before.
func (p *push) proofs(ctx context.Context, last manifest, sum string) (err error) {
	p.report.Manifest = last.Seq
	dir, err := os.MkdirTemp(p.s.dir, pushPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	journal, head, state, err := p.s.proofState(p.whole, p.stateOf(dir))
	if err != nil {
		return err
	}
	next := manifest{Version: manifestVersion, Seq: last.Seq + 1, Prev: sum, Time: time.Now().UTC().Truncate(time.Second),
		Software: p.s.opts.Software, Head: head}
	if next.Journal, err = p.putProof(ctx, remoteJournals, ".jsonl", journal); err != nil || head == "" {
		return err
	}
	if state != nil {
		if err := p.putTiles(ctx); err != nil {
			return err
		}
		if next.Log, err = p.putProof(ctx, remoteTiles+"state/", ".tar.gz", state); err != nil {
			return err
		}
	}
	if next.State, err = p.putState(ctx, dir); err != nil {
		return err
	}
	if next.Journal == last.Journal && next.Log == last.Log && !p.opts.Always && (last.State != nil || next.State == nil) {
		return nil
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if p.opts.Fence != nil {
		if err := p.opts.Fence(ctx, next.Seq, raw); err != nil {
			return err
		}
	}
	err = blob.Put(ctx, p.store, manifestName(next.Seq), bytes.NewReader(raw), int64(len(raw)), hexSum(raw))
	if err != nil {
		return fmt.Errorf("another push is under way: %w", err)
	}
	p.report.Manifest = next.Seq
	return nil
}

func manifestName(seq int) string { return fmt.Sprintf("%s%08d.json", remoteManifest, seq) }

func hexSum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// putProof puts content under its digest.
func (p *push) putProof(ctx context.Context, dir, suffix string, content []byte) (proofFile, error) {
	sum := hexSum(content)
	f := proofFile{dir + sum + suffix, int64(len(content)), sum}
	if len(content) == 0 {
		return proofFile{}, nil
	}
	return f, blob.Put(ctx, p.store, f.Name, bytes.NewReader(content), f.Bytes, f.SHA256)
}

// pushPrefix begins the name of the directory where a push gathers what goes along.
const pushPrefix = "push-"

// stateOf makes a copy of the state in dir, if one is wanted.
func (p *push) stateOf(dir string) func() error {
	if p.opts.State == nil {
		return nil
	}
	return func() error { return p.opts.State(filepath.Join(dir, "state")) }
}

// whole says whether all WARCs of a journal are in the store.
func (p *push) whole(entries []Entry) bool {
	return !slices.ContainsFunc(entries, func(e Entry) bool { return p.have[remoteDir+e.File] != e.Bytes })
}

// putState puts the files that the state was copied to; nil if it was not.
func (p *push) putState(ctx context.Context, dir string) (map[string]proofFile, error) {
	var out map[string]proofFile
	root := filepath.Join(dir, "state")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		hash, err := hashFile(ctx, path)
		if err != nil {
			return err
		}
		f := proofFile{Bytes: info.Size(), SHA256: fmt.Sprintf("%x", hash)}
		f.Name = remoteState + f.SHA256
		if out == nil {
			out = map[string]proofFile{}
		}
		out[filepath.ToSlash(rel)] = f
		if _, ok := p.have[f.Name]; ok || f.Bytes == 0 { // files without bytes are not put
			return nil
		}
		fd, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(blob.Put(ctx, p.store, f.Name, fd, f.Bytes, f.SHA256), fd.Close())
	})
	return out, err
}

// putTiles puts the full tiles of the log, which never change.
func (p *push) putTiles(ctx context.Context) error {
	root := p.s.LogDir()
	return filepath.WalkDir(filepath.Join(root, "tile"), func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || !tlog.IsFullTile(filepath.ToSlash(rel)) {
			return err
		}
		name := remoteTiles + filepath.ToSlash(rel)
		if _, ok := p.have[name]; ok {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return blob.Put(ctx, p.store, name, bytes.NewReader(b), int64(len(b)), hexSum(b))
	})
}

// proofState returns the journal with its head, and what the log needs beside its full tiles: nil without a log.
// Nothing is committed meanwhile. The log's private key is not among it. If no WARC is open and whole agrees to the
// journal, it calls also; nil: nobody.
func (s *Store) proofState(whole func([]Entry) bool, also func() error) (
	journal []byte, head string, state []byte, err error,
) {
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	if journal, err = os.ReadFile(filepath.Join(s.dir, journalName)); err != nil {
		return nil, "", nil, err
	}
	if also != nil {
		s.mu.Lock()
		idle := len(s.open) == 0
		s.mu.Unlock()
		entries, _, _, err := readJournal(bytes.NewReader(journal))
		if err == nil && idle && whole(entries) {
			err = also()
		}
		if err != nil {
			return nil, "", nil, err
		}
	}
	if s.proofs == nil {
		return journal, s.journal.head(), nil, nil
	}
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	tw := tar.NewWriter(zw)
	err = filepath.WalkDir(s.LogDir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(s.LogDir(), path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if tlog.IsFullTile(rel) || tlog.IsPrivate(rel) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: rel, Mode: 0o644, Size: int64(len(b)), Format: tar.FormatPAX}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		_, err = tw.Write(b)
		return err
	})
	if err = errors.Join(err, tw.Close(), zw.Close()); err != nil {
		return nil, "", nil, err
	}
	return journal, s.journal.head(), out.Bytes(), nil
}

// NewestManifest returns the number and the bytes of the last manifest in a store, 0 if there is none.
func NewestManifest(ctx context.Context, s blob.Store) (number int, raw []byte, err error) {
	m, _, err := newestManifest(ctx, s)
	if err != nil || m.Seq == 0 {
		return 0, nil, err
	}
	raw, err = blob.ReadAll(ctx, s, manifestName(m.Seq), maxManifest)
	return m.Seq, raw, err
}

// ManifestNumber returns the number of a manifest.
func ManifestNumber(raw []byte) (int, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil || m.Version != manifestVersion || m.Seq < 1 {
		return 0, fmt.Errorf("%.60q is no manifest that this version reads", raw)
	}
	return m.Seq, nil
}

// PutManifest puts a manifest that passed its fence, whoever made it.
func PutManifest(ctx context.Context, s blob.Store, raw []byte) error {
	n, err := ManifestNumber(raw)
	if err != nil {
		return err
	}
	return blob.Put(ctx, s, manifestName(n), bytes.NewReader(raw), int64(len(raw)), hexSum(raw))
}

// newestManifest returns the manifest with the highest number and its digest; Seq is 0 if there is none.
func newestManifest(ctx context.Context, s blob.Store) (m manifest, sum string, err error) {
	name := ""
	for i, err := range s.List(ctx, remoteManifest) {
		if err != nil {
			return m, "", err
		}
		name = i.Name
	}
	if name == "" {
		return m, "", nil
	}
	raw, err := blob.ReadAll(ctx, s, name, maxManifest)
	if err != nil {
		return m, "", err
	}
	if err := json.Unmarshal(raw, &m); err != nil || m.Version != manifestVersion || manifestName(m.Seq) != name {
		return manifest{}, "", fmt.Errorf("%s is no manifest that this version reads (%.60q)", name, raw)
	}
	return m, hexSum(raw), nil
}

// copyFile copies a file of the store to path durably, checked.
func copyFile(ctx context.Context, s blob.Store, name, path string, size int64, sum string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = blob.Fetch(ctx, s, name, f, size, sum)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// readProof returns a file that a manifest names.
func readProof(ctx context.Context, s blob.Store, p proofFile) ([]byte, error) {
	if p.Bytes < 0 || p.Bytes > maxProof {
		return nil, fmt.Errorf("%s is said to have %d bytes", p.Name, p.Bytes)
	}
	var out bytes.Buffer
	if err := blob.Fetch(ctx, s, p.Name, &out, p.Bytes, p.SHA256); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// readRows adds the CDX rows of one WARC to sorter; it returns false if the store does not have them.
func readRows(ctx context.Context, s blob.Store, file string, sorter *cdx.Sorter) (bool, error) {
	r, err := s.ReadRange(ctx, remoteCDX+file+".cdxj.gz", 0, -1)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	zr, err := gzip.NewReader(r)
	if err == nil {
		err = addRows(zr, file, sorter)
	}
	if err = errors.Join(err, r.Close()); err != nil {
		return false, fmt.Errorf("rows of %s: %w", file, err)
	}
	return true, nil
}
