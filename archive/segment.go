package archive

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/tlog"
	"cundang/archive/warc"
)

// segment is one WARC being written.
type segment struct {
	name string // Ref.File
	site string
	f    File

	write  sync.Mutex // held while a capture is written
	w      warc.Writer
	out    spill
	hash   hash.Hash   // of the bytes up to size
	before []byte      // state of hash before the capture being written
	full   atomic.Bool // takes no more captures
	info   string      // record ID of the warcinfo

	state   sync.Mutex // guards what follows
	size    int64      // up to the last whole capture
	synced  int64
	pending []appended // not yet committed
	stats   fileStats
}

// appended is a capture with its companions: their CDX rows and where they end.
type appended struct {
	rows    []cdx.Row
	end     int64
	records int
	time    time.Time
	leaf    tlog.Leaf
}

// fileStats is what the journal says of a file.
type fileStats struct {
	records     int
	captures    int
	first, last time.Time
}

func (st *fileStats) add(t time.Time, records int) {
	st.records += records
	st.captures++
	if st.first.IsZero() || t.Before(st.first) {
		st.first = t
	}
	if t.After(st.last) {
		st.last = t
	}
}

// segmentFor returns the segment that takes the site's next capture, creating it if needed.
func (s *Store) segmentFor(site string) (*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	dir := siteDir(site)
	if g := s.current[dir]; g != nil {
		return g, nil
	}
	g, err := s.createSegment(site)
	if err != nil {
		return nil, err
	}
	s.current[dir], s.open[g.name] = g, g
	return g, nil
}

// createSegment creates the site's next file with its warcinfo record. Names rise: a clock
// that went back does not put a file before an older one.
func (s *Store) createSegment(site string) (*segment, error) {
	dir := filepath.Join(s.dir, siteDir(site))
	_, statErr := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, s.createError(err)
	}
	if errors.Is(statErr, fs.ErrNotExist) {
		if err := s.fs.SyncDir(s.dir); err != nil {
			return nil, s.createError(err)
		}
	}
	name, err := s.nextName(site)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, filepath.FromSlash(name)) + openSuffix
	f, err := s.fs.Create(path)
	if err != nil {
		return nil, s.createError(err)
	}
	g := &segment{name: name, site: site, f: f, hash: sha256.New(), info: warc.NewID()}
	g.stats.records = 1 // the warcinfo
	if err = s.writeWarcinfo(g); err == nil {
		err = s.fs.SyncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(s.createError(err), f.Close(), s.fs.Remove(path))
	}
	return g, nil
}

func (s *Store) createError(err error) error {
	if noSpace(err) {
		return fmt.Errorf("create WARC: %w: %w", ErrNoSpace, err)
	}
	return fmt.Errorf("create WARC: %w", err)
}

func (s *Store) nextName(site string) (string, error) {
	now := time.Now().UTC()
	stamp, n := now.Format("20060102150405"), 0
	stream, _ := streamOf(fileName(site, now, 0))
	files, err := listFiles(filepath.Join(s.dir, siteDir(site)))
	if err != nil {
		return "", fmt.Errorf("create WARC: %w", err)
	}
	for _, f := range files {
		name := siteDir(site) + "/" + f.File
		if st, _ := streamOf(name); st != stream {
			continue
		}
		m := warcName.FindStringSubmatch(f.File)
		if m[2] < stamp {
			continue
		}
		last, err := strconv.Atoi(m[3])
		if err != nil {
			return "", fmt.Errorf("create WARC beside %s: %w", name, err)
		}
		if m[2] > stamp || last >= n {
			stamp, n = m[2], last+1
		}
	}
	t, err := time.Parse("20060102150405", stamp)
	if err != nil {
		return "", fmt.Errorf("create WARC beside a file of time %s: %w", stamp, err)
	}
	return fileName(site, t, n), nil
}

func (s *Store) writeWarcinfo(g *segment) error {
	var h warc.Header
	h.Add(warc.Type, warc.Warcinfo)
	h.Add(warc.RecordID, g.info)
	h.Add(warc.Date, warc.FormatDate(time.Now()))
	h.Add(warc.Filename, filepath.Base(g.name))
	h.Add(warc.ContentType, warc.WARCFields)
	robots := s.opts.Robots
	if robots == "" {
		robots = "obey"
	}
	var body warc.Header
	body.Add("software", s.opts.Software+" (Go "+runtime.Version()+")")
	body.Add("format", "WARC File Format 1.1")
	body.Add("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/")
	body.Add("operator", s.opts.Operator)
	body.Add("robots", robots)
	body.Add("isPartOf", g.site)
	body.Add("journal", s.journal.head())
	return g.append(func(out *spill) error {
		return writeFields(&g.w, out, h, body)
	})
}

// append lets write put whole records behind the current end and moves the end behind
// them. If that fails the file is as it was before, or the error is errUndo.
func (g *segment) append(write func(*spill) error) error {
	before, err := g.hash.(encoding.BinaryAppender).AppendBinary(g.before[:0])
	g.before = before
	if err != nil {
		return err
	}
	g.out = spill{g: g, at: g.size, buf: g.out.buf[:0]}
	out := &g.out
	if err = write(out); err == nil {
		err = out.flush()
	}
	if err == nil {
		g.state.Lock()
		g.size = out.at
		g.state.Unlock()
		return nil
	}
	if uerr := g.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(before); uerr != nil {
		return errors.Join(err, uerr)
	}
	if out.flushed {
		if terr := g.f.Truncate(g.size); terr != nil {
			return errors.Join(err, &undoError{terr})
		}
	}
	return err
}

// undoError says that a half-written capture could not be cut off again.
type undoError struct{ err error }

func (e *undoError) Error() string { return "cut off a half-written capture: " + e.err.Error() }
func (e *undoError) Unwrap() error { return e.err }

// writeError marks an error of the disk that is written to (not of what is read).
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// spill gathers compressed records and writes them in runs of at least a MiB, so that a
// usual capture costs one system call and a large one no memory.
type spill struct {
	g       *segment
	at      int64 // where the next run goes
	buf     []byte
	flushed bool
	record  hash.Hash // of the record being written; nil: nobody asks
}

const spillSize = 1 << 20

func (s *spill) Write(b []byte) (int, error) {
	if s.record != nil {
		s.record.Write(b)
	}
	if len(s.buf)+len(b) > spillSize {
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	s.buf = append(s.buf, b...)
	return len(b), nil
}

func (s *spill) pos() int64 { return s.at + int64(len(s.buf)) }

func (s *spill) flush() error {
	if len(s.buf) == 0 {
		return nil
	}
	s.flushed = true
	if _, err := s.g.f.WriteAt(s.buf, s.at); err != nil {
		return &writeError{err}
	}
	s.g.hash.Write(s.buf)
	s.at += int64(len(s.buf))
	s.buf = s.buf[:0]
	return nil
}

// closeSegment cuts a file back to what is committed, renames it from .open and enters it
// in the journal. A file without a committed capture is removed.
func (s *Store) closeSegment(g *segment) error {
	s.mu.Lock()
	end := s.committed[g.name]
	delete(s.open, g.name)
	delete(s.committed, g.name)
	if s.current[siteDir(g.site)] == g {
		delete(s.current, siteDir(g.site))
	}
	s.mu.Unlock()
	path := filepath.Join(s.dir, filepath.FromSlash(g.name))
	if g.stats.captures == 0 {
		return errors.Join(g.f.Close(), s.fs.Remove(path+openSuffix), s.fs.SyncDir(filepath.Dir(path)))
	}
	sum := g.hash.Sum(nil)
	if end < g.size {
		if err := g.f.Truncate(end); err != nil {
			return fmt.Errorf("cut %s to %d: %w", g.name, end, err)
		}
		if err := g.f.Sync(); err != nil {
			return s.breakDown("sync "+g.name, err)
		}
		var err error
		if sum, err = hashFile(context.Background(), path+openSuffix); err != nil {
			return err
		}
	}
	if err := g.f.Close(); err != nil {
		return s.breakDown("close "+g.name, err)
	}
	return s.publish(g.name, end, sum, g.stats)
}

// publish renames a synced file from .open and enters it in the journal.
func (s *Store) publish(name string, size int64, sum []byte, st fileStats) error {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := s.fs.Rename(path+openSuffix, path); err != nil {
		return fmt.Errorf("close %s: %w", name, err)
	}
	if err := s.fs.SyncDir(filepath.Dir(path)); err != nil {
		return s.breakDown("sync directory of "+name, err)
	}
	return s.journal.add(Entry{File: name, Bytes: size, SHA256: fmt.Sprintf("%x", sum),
		Records: st.records, Captures: st.captures, First: st.first, Last: st.last})
}
