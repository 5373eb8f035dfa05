package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"cundang/archive/wacz"
	"cundang/archive/warc"
)

// ImportOptions say how foreign files are taken in.
type ImportOptions struct {
	Site string // directory below DATA/archive and Site of captures that name none; "" is "import"
}

// Imported tells what became of one foreign WARC.
type Imported struct {
	Source   string `json:"source"` // path, for a WACZ with "!" and the name within it
	File     string `json:"file,omitempty"`
	Bytes    int64  `json:"bytes"`
	Records  int    `json:"records"`
	Captures int    `json:"captures"`
	// Rewritten says that the records had to be packed anew, one gzip member each, because
	// the source was not compressed that way (or damaged); else the file is kept byte for byte.
	Rewritten bool `json:"rewritten,omitempty"`
	// Known is the file that holds the same captures already: nothing was written.
	Known string `json:"known,omitempty"`
	// Problems are what was wrong with the source, at most 100 of them.
	Problems []string `json:"problems,omitempty"`
}

// Import takes a foreign WARC (1.0 or 1.1, compressed or not) or WACZ into the archive,
// where its captures are looked up, followed and verified like our own. A WARC that is
// compressed record by record is kept byte for byte. Importing the same captures again
// changes nothing.
func (s *Store) Import(ctx context.Context, path string, opts ImportOptions) ([]Imported, error) {
	s.mu.Lock()
	err := s.usable()
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	if opts.Site == "" {
		opts.Site = "import"
	}
	zip, err := isZip(path)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	if !zip {
		got, err := s.importWARC(ctx, path, path, opts)
		if err != nil {
			return nil, fmt.Errorf("import %s: %w", path, err)
		}
		return []Imported{got}, nil
	}
	out, err := s.importWACZ(ctx, path, opts)
	if err != nil {
		return out, fmt.Errorf("import %s: %w", path, err)
	}
	return out, nil
}

func isZip(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	var magic [2]byte
	_, err = io.ReadFull(f, magic[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("neither WARC nor WACZ: the file is empty")
	}
	return string(magic[:]) == "PK", errors.Join(err, f.Close())
}

func (s *Store) importWACZ(ctx context.Context, path string, opts ImportOptions) ([]Imported, error) {
	r, err := wacz.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close() // opened for reading
	var problems []string
	for _, p := range r.Check() {
		problems = append(problems, fmt.Sprintf("%s: %s %s", p.Code, p.Path, p.Msg))
	}
	var out []Imported
	for _, name := range r.WARCs() {
		got, err := s.importPacked(ctx, r, path, name, opts)
		if err != nil {
			return out, err
		}
		got.Problems = append(problems, got.Problems...)
		problems = nil
		out = append(out, got)
	}
	return out, nil
}

// importPacked unpacks a WARC of a WACZ beside the archive and imports it from there.
func (s *Store) importPacked(ctx context.Context, r *wacz.Reader, path, name string, opts ImportOptions) (got Imported, err error) {
	src, err := r.OpenWARC(name)
	if err != nil {
		return got, err
	}
	defer src.Close() // opened for reading
	tmp, err := os.CreateTemp(s.dir, "import-*.tmp")
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	_, err = io.Copy(tmp, &ctxReader{ctx, src})
	if err = errors.Join(err, tmp.Close()); err != nil {
		return got, err
	}
	return s.importWARC(ctx, tmp.Name(), path+"!"+name, opts)
}

func (s *Store) importWARC(ctx context.Context, path, source string, opts ImportOptions) (Imported, error) {
	x, err := s.examine(ctx, path, source)
	if err != nil {
		return Imported{}, err
	}
	if known, err := s.knownImport(x); err != nil || known != "" {
		x.Known = known
		return x.Imported, err
	}
	dir := filepath.Join(s.dir, siteDir(opts.Site))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Imported{}, err
	}
	if err := s.fs.SyncDir(s.dir); err != nil {
		return Imported{}, err
	}
	tmp, err := os.CreateTemp(dir, "import-*.tmp")
	if err != nil {
		return Imported{}, err
	}
	sum, err := s.takeIn(ctx, tmp, path, source, x)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return Imported{}, errors.Join(err, os.Remove(tmp.Name()))
	}
	return x.Imported, s.publishImport(ctx, tmp.Name(), opts.Site, sum, x)
}

// takeIn writes the source to out, as it is or record by record, and returns the SHA-256 of
// what was written.
func (s *Store) takeIn(ctx context.Context, out *os.File, path, source string, x *examined) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close() // opened for reading
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(out, h), 256<<10)
	if x.rewrite {
		x.Rewritten = true
		err = s.rewrite(ctx, w, in, source, x)
	} else {
		_, err = io.Copy(w, &ctxReader{ctx, in})
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// rewrite packs every readable record into a gzip member of its own. Fields and blocks stay
// as they are; a warcinfo record in front says what was done.
func (s *Store) rewrite(ctx context.Context, out io.Writer, in *os.File, source string, x *examined) error {
	var zw warc.Writer
	var h, note warc.Header
	h.Add(warc.Type, warc.Warcinfo)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.Date, warc.FormatDate(time.Now()))
	h.Add(warc.ContentType, warc.WARCFields)
	note.Add("software", s.opts.Software)
	note.Add("format", "WARC File Format 1.1")
	note.Add("description", "records of a foreign file, compressed anew one by one; their fields and blocks are unchanged")
	note.Add("source", filepath.Base(source))
	note.Add("source-sha256", x.sum)
	if err := writeFields(&zw, out, h, note); err != nil {
		return err
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	r := warc.NewReader(&ctxReader{ctx, in}, source, 0, warc.Tolerant)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = s.rewriteRecord(&zw, out, rec)
		}
		var bad *warc.Error
		if errors.As(err, &bad) {
			at, err := nextMember(in, source, bad.Offset+1, info.Size())
			if err != nil {
				return err
			}
			r.Reset(&ctxReader{ctx, io.NewSectionReader(in, at, info.Size()-at)}, source, at)
			continue
		}
		if err != nil {
			return err
		}
	}
}

// rewriteRecord copies a record, if all of its block can be read.
func (s *Store) rewriteRecord(zw *warc.Writer, out io.Writer, rec *warc.Record) (err error) {
	spool, err := os.CreateTemp("", "cundang-record-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	n, err := io.Copy(spool, rec.Block)
	if err != nil {
		return err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = zw.WriteVersion(out, rec.Version, rec.Header, spool, n)
	return err
}

func (s *Store) publishImport(ctx context.Context, tmp, site string, sum []byte, x *examined) error {
	s.syncMu.Lock() // names rise: one import at a time
	defer s.syncMu.Unlock()
	name, err := s.importName(site, x.sum)
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := s.fs.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := s.fs.SyncDir(filepath.Dir(path)); err != nil {
		return s.breakDown("sync directory of "+name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	e, err := s.describe(ctx, FileInfo{File: name, Size: info.Size()})
	if err != nil {
		return err
	}
	if e.SHA256 != fmt.Sprintf("%x", sum) {
		return s.breakDown("read back "+name, fmt.Errorf("SHA-256 is %s, %x was written", e.SHA256, sum))
	}
	e.Source = filepath.Base(x.Source) + " sha256:" + x.sum
	if err := s.journal.add(e); err != nil {
		return err
	}
	x.File = name
	if s.proofs != nil {
		if err := s.logFile(ctx, name, info.Size()); err != nil {
			return err
		}
	}
	if err := s.index.refresh(ctx); err != nil {
		return err
	}
	return errors.Join(s.writeCommitted(), s.index.flush(false))
}

// importName names the next imported file of a site: behind those imported before, so that
// followers meet it last, and with the source's digest, so that it is known again.
func (s *Store) importName(site, sum string) (string, error) {
	dir := siteDir(site)
	stamp, n := time.Now().UTC().Format("20060102150405"), 0
	files, err := listFiles(filepath.Join(s.dir, dir))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		m := warcName.FindStringSubmatch(f.File)
		if m == nil || m[1] != "import-"+dir || m[2] < stamp {
			continue
		}
		last, err := strconv.Atoi(m[3])
		if err != nil {
			return "", err
		}
		if m[2] > stamp || last >= n {
			stamp, n = m[2], last+1
		}
	}
	return fmt.Sprintf("%s/import-%s-%s-%05d-%s.warc.gz", dir, dir, stamp, n, sum[:16]), nil
}
