package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"cundang/archive/blob"
	"cundang/archive/disk"
	"cundang/archive/tlog"

	"github.com/gofrs/flock"
)

// Names below DATA/archive, beside the WARCs. All but the WARCs and the journal are
// derived and may be deleted while no process writes.
const (
	lockName      = "lock"
	committedName = "committed.json"
	indexName     = "index.cdxj"
	stateName     = "index.state"
	journalName   = "journal.jsonl"
)

// Store is the archive of one data directory. Its methods are safe for concurrent use.
type Store struct {
	dir  string
	opts Options
	fs   FileSystem
	log  *slog.Logger
	lock *flock.Flock

	mu        sync.Mutex
	current   map[string]*segment // by site directory: what Append writes to
	open      map[string]*segment // by file: everything not yet closed
	committed map[string]int64    // of open files; for a reader: as last read from disk
	broken    error
	closed    bool

	syncMu  sync.Mutex // Sync, Commit and Close exclude each other
	pushing sync.Mutex // one Push or Pull at a time
	index   *index
	journal *journal
	proofs  *tlog.Log // nil: the archive is from before there was a log, see InitLog
}

// Open opens DATA/archive, recovers torn files and takes the writer's lock unless
// ReadOnly. A writer creates the directory; a reader gets ErrNoArchive if it is missing.
func Open(dir string, opts Options) (*Store, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.MaxSize <= 0 {
		opts.MaxSize = 1 << 30
	}
	if opts.Software == "" {
		opts.Software = "cundang"
	}
	s := &Store{
		dir: dir, opts: opts, fs: opts.FS, log: opts.Log,
		current: map[string]*segment{}, open: map[string]*segment{}, committed: map[string]int64{},
	}
	if s.fs == nil {
		s.fs = Disk{}
	}
	s.index = newIndex(s)
	if opts.ReadOnly {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open %s: %w", dir, ErrNoArchive)
		}
		return s, s.index.refresh(context.Background())
	}
	if err := s.openWriter(); err != nil {
		if s.proofs != nil {
			err = errors.Join(err, s.proofs.Close())
		}
		return nil, errors.Join(err, s.unlock())
	}
	return s, nil
}

func (s *Store) openWriter() error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	if err := s.fs.SyncDir(filepath.Dir(s.dir)); err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	lock := flock.New(filepath.Join(s.dir, lockName))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock %s: %w", s.dir, err)
	}
	if !ok {
		return fmt.Errorf("open %s: %w", s.dir, ErrLocked)
	}
	s.lock = lock
	if s.journal, err = openJournal(s); err != nil {
		return err
	}
	if err := s.openLog(); err != nil {
		return err
	}
	if err := s.recover(); err != nil {
		return fmt.Errorf("recover %s: %w", s.dir, err)
	}
	if err := s.logMissing(context.Background()); err != nil {
		return fmt.Errorf("recover %s: %w", s.dir, err)
	}
	if err := s.index.refresh(context.Background()); err != nil {
		return fmt.Errorf("open CDX of %s: %w", s.dir, err)
	}
	return s.index.flush(false)
}

func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	err := s.lock.Unlock()
	s.lock = nil
	return err
}

// Dir returns the directory, DATA/archive.
func (s *Store) Dir() string { return s.dir }

// Close commits nothing: it closes the open WARCs at what has been committed (what was
// appended but never committed is cut off), renames them from .open, brings the CDX up to
// date and releases the lock.
func (s *Store) Close() error {
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	segs := maps.Clone(s.open)
	broken := s.broken
	s.mu.Unlock()

	var errs []error
	for _, g := range segs {
		if broken != nil { // leave the file to recovery
			errs = append(errs, g.f.Close())
			continue
		}
		errs = append(errs, s.closeSegment(g))
	}
	if !s.opts.ReadOnly && broken == nil {
		errs = append(errs, s.writeCommitted(), s.index.flush(true))
	}
	errs = append(errs, s.index.close())
	if s.journal != nil {
		errs = append(errs, s.journal.close())
	}
	if s.proofs != nil {
		errs = append(errs, s.proofs.Close())
	}
	return errors.Join(append(errs, s.unlock())...)
}

// usable returns why the Store cannot write, nil if it can. The caller holds s.mu.
func (s *Store) usable() error {
	switch {
	case s.opts.ReadOnly:
		return ErrReadOnly
	case s.closed:
		return ErrClosed
	}
	return s.broken
}

// breakDown makes err the reason for which the Store refuses to write from now on.
func (s *Store) breakDown(doing string, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = fmt.Errorf("%s: %w: %w", doing, ErrBroken, err)
	}
	return s.broken
}

// readCommitted reads the committed ends of open files as the writer noted them; ok is
// false if there is no such note.
func (s *Store) readCommitted() (ends map[string]int64, raw []byte, ok bool, err error) {
	raw, err = os.ReadFile(filepath.Join(s.dir, committedName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, false, nil
	}
	if err != nil {
		return nil, nil, false, err
	}
	if json.Unmarshal(raw, &ends) != nil { // torn by a power failure: as good as absent
		return nil, raw, false, nil
	}
	return ends, raw, true, nil
}

// writeCommitted notes the committed ends for readers and for a recovery without frontier.
// It is not fsynced: an older note is a smaller one, and the frontier's batch is the truth.
func (s *Store) writeCommitted() error {
	s.mu.Lock()
	ends := make(map[string]int64, len(s.open))
	for name := range s.open {
		ends[name] = s.committed[name]
	}
	s.mu.Unlock()
	b, err := json.Marshal(ends)
	if err != nil {
		return err
	}
	if err := disk.Replace(filepath.Join(s.dir, committedName), b, false); err != nil {
		return fmt.Errorf("note committed ends: %w", err)
	}
	return nil
}

// Files returns every WARC in the order in which Since reads them.
func (s *Store) Files() ([]FileInfo, error) {
	for try := 0; ; try++ {
		// The ends come first: a file that is closed in between is wholly committed, but one
		// that was open in an older listing would seem to hold nothing, and a follower would
		// go on to the file behind it.
		ends, err := s.visibleEnds()
		if err != nil {
			return nil, err
		}
		files, err := listFiles(s.dir)
		if err != nil {
			return nil, fmt.Errorf("list WARCs: %w", err)
		}
		listed := 0
		for i := range files {
			if ends[files[i].File] > 0 {
				listed++
			}
			if files[i].Open {
				files[i].Size = ends[files[i].File]
			}
		}
		known := 0
		for _, end := range ends {
			if end > 0 {
				known++
			}
		}
		// Reading a directory may miss a file that is being renamed.
		if listed == known || try == 5 {
			return files, nil
		}
	}
}

// visibleEnds returns the committed ends of open files.
func (s *Store) visibleEnds() (map[string]int64, error) {
	if s.opts.ReadOnly {
		ends, _, _, err := s.readCommitted()
		return ends, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.committed), nil
}

// warcFile is a WARC that is open for reading, wherever it lies.
type warcFile interface {
	io.ReaderAt
	io.Closer
}

// openRead opens a WARC for reading, whether it is being written, closed or elsewhere. ctx bounds the reads of one that
// is elsewhere.
func (s *Store) openRead(ctx context.Context, name string) (warcFile, error) {
	return s.openWith(ctx, name, s.opts.Cache)
}

// openWith is openRead with another cache of what lies elsewhere; nil is none.
func (s *Store) openWith(ctx context.Context, name string, cache *blob.Cache) (warcFile, error) {
	if !safePath(name) {
		return nil, fmt.Errorf("open %q: %w", name, ErrNotFound)
	}
	p := filepath.Join(s.dir, filepath.FromSlash(name))
	for _, try := range [...]string{p, p + openSuffix, p} { // it may be renamed in between
		f, err := os.Open(try)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	st, err := readStub(p + remoteSuffix)
	if err == nil {
		return s.openRemote(ctx, name, st, cache)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if f, err := os.Open(p); err == nil { // brought back in between
		return f, nil
	}
	return nil, fmt.Errorf("open %s: %w", name, ErrNotFound)
}
