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
	Source  string `json:"source"` // path, for a WACZ with "!" and the name within it
	File    string `json:"file,omitempty"`
	Bytes   int64  `json:"bytes"`
	Records int    `json:"records"` // in the source
	// Captures are those kept in File: as many rows it has in the CDX. Of a source that is Known, or fails, those in the
	// source.
	Captures int `json:"captures"`
	// Rewritten says that the records had to be packed anew, one gzip member each, because
	// the source was not compressed that way (or damaged); else the file is kept byte for byte.
	Rewritten bool `json:"rewritten,omitempty"`
	// Converted says what the source was before it was made a WARC: "ARC/1.0", "ARC/1.1".
	Converted string `json:"converted,omitempty"`
	// Known is the file that holds the same captures already: nothing was written.
	Known string `json:"known,omitempty"`
	// KnownRecords counts the records that were left out because the archive has them.
	KnownRecords int `json:"known_records,omitempty"`
	// Problems are what was wrong with the source, at most 100 of them; MoreProblems counts the others.
	Problems     []string `json:"problems,omitempty"`
	MoreProblems int      `json:"more_problems,omitempty"`
}

// importSource is a WARC to be imported.
type importSource struct {
	name      string // as reported
	size      int64  // in bytes, of what was handed in
	sum       string // its SHA-256
	converted string
	problems  []error // met when it was converted
}

// sourceOf describes the file at path.
func sourceOf(ctx context.Context, path, name string) (importSource, error) {
	info, err := os.Stat(path)
	if err != nil {
		return importSource{}, err
	}
	sum, err := hashFile(ctx, path)
	return importSource{name: name, size: info.Size(), sum: fmt.Sprintf("%x", sum)}, err
}

// Import takes a foreign WARC (1.0 or 1.1, compressed or not), ARC or WACZ into the archive,
// where its captures are looked up, followed and verified like our own. A WARC that is
// sound and compressed record by record is kept byte for byte. Importing the same captures again
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
	found, err := r.Check(ctx)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, p := range found[:min(len(found), maxProblems)] {
		problems = append(problems, fmt.Sprintf("%s: %s %s", p.Code, p.Path, p.Msg))
	}
	more := len(found) - len(problems)
	var out []Imported
	warcs := r.WARCs()
	if len(warcs) == 0 {
		return nil, errors.New("no WARC in the package: nothing to take in")
	}
	for _, name := range warcs {
		got, err := s.importPacked(ctx, r, path, name, opts)
		if err != nil {
			return out, err
		}
		got.Problems = append(problems, got.Problems...)
		got.MoreProblems += more
		problems, more = nil, 0
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

func (s *Store) importWARC(ctx context.Context, path, name string, opts ImportOptions) (got Imported, err error) {
	src, err := sourceOf(ctx, path, name)
	if err != nil {
		return Imported{}, err
	}
	version, err := arcVersion(path)
	if err != nil {
		return Imported{}, err
	}
	if version == "" {
		return s.importRecords(ctx, path, src, opts)
	}
	converted, err := s.convertARC(ctx, path, version, &src)
	if err != nil {
		return Imported{}, err
	}
	defer func() { err = errors.Join(err, os.Remove(converted)) }()
	return s.importRecords(ctx, converted, src, opts)
}

func (s *Store) importRecords(ctx context.Context, path string, src importSource, opts ImportOptions) (got Imported, err error) {
	x, err := s.examine(ctx, path, src)
	if err != nil {
		return Imported{}, err
	}
	defer func() { err = errors.Join(err, x.parts.close()) }()
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
	sum, err := s.takeIn(ctx, tmp, path, x)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return Imported{}, errors.Join(err, os.Remove(tmp.Name()))
	}
	err = s.publishImport(ctx, tmp.Name(), opts.Site, sum, x)
	return x.Imported, err
}

// takeIn writes the source to out, as it is or record by record, and returns the SHA-256 of
// what was written.
func (s *Store) takeIn(ctx context.Context, out *os.File, path string, x *examined) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close() // opened for reading
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(out, h), 256<<10)
	if x.rewrite {
		x.Rewritten = true
		err = s.rewrite(ctx, w, in, x)
	} else {
		_, err = io.Copy(w, &ctxReader{ctx, in})
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// rewrite packs every record into a gzip member of its own. Fields and blocks stay as they are, but for what had to be
// mended; a warcinfo record in front says what was done.
func (s *Store) rewrite(ctx context.Context, out io.Writer, in *os.File, x *examined) (err error) {
	var zw warc.Writer
	var h, note warc.Header
	h.Add(warc.Type, warc.Warcinfo)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.Date, warc.FormatDate(time.Now()))
	h.Add(warc.ContentType, warc.WARCFields)
	note.Add("software", s.opts.Software)
	note.Add("format", "WARC File Format 1.1")
	done := "compressed anew one by one; their fields and blocks are unchanged, but for those that say what was mended in " + fieldMended
	if x.Converted != "" {
		done = "converted from " + x.Converted + "; their blocks are unchanged"
	}
	note.Add("description", "records of a foreign file, "+done)
	note.Add("source", filepath.Base(x.Source))
	note.Add("source-sha256", x.sum)
	if x.KnownRecords > 0 {
		note.Add("left-out", fmt.Sprintf("%d records that the archive had already", x.KnownRecords))
	}
	if err := writeFields(&zw, out, h, note); err != nil {
		return err
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	var sp spool
	r := newForeignReader(ctx, x.Source, in, info.Size(), func(error) {})
	defer func() { err = errors.Join(err, r.close(), sp.close()) }()
	left := x.left
	for number := 0; ; number++ {
		rec, err := r.next(ctx, &sp)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(left) > 0 && left[0] == number {
			left = left[1:]
			continue
		}
		if err := rewriteRecord(&zw, out, rec, &sp, x); err != nil {
			return err
		}
	}
}

// rewriteRecord writes a record, joined with those that continue it.
func rewriteRecord(zw *warc.Writer, out io.Writer, rec *foreignRecord, block *spool, x *examined) (err error) {
	h := rec.Header
	switch {
	case x.parts.joins(h) && h.Value(warc.Type) == warc.Continuation:
		return nil // written with the record it continues
	case x.parts.joins(h):
		var done string
		if h, done, err = x.parts.join(rec, block); err != nil {
			return err
		}
		x.problem(fmt.Errorf("%s: record %s was %s", x.Source, rec.Header.Value(warc.RecordID), done))
	case rec.Mended != "":
		if h, err = mendHeader(h, "Content-Length "+rec.Mended, rec.Truncated, block); err != nil {
			return err
		}
	}
	_, err = zw.WriteVersion(out, rec.Version, h, block.open(), block.n)
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
	if x.KnownRecords > 0 {
		e.Source += fmt.Sprintf("%s%d", leftOut, x.KnownRecords)
	}
	x.Captures = e.Captures
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
