package frontier

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Frontier is the state of all crawls of one data directory. It is safe for concurrent use.
type Frontier struct {
	db     *pebble.DB
	ends   map[string]int64 // as found on opening, nil when the frontier was empty
	opened time.Time
	write  sync.Mutex // one writer: what it checks is what it writes on
	seen   seen
	mu     sync.Mutex // the fields below, and all sessions
	hosts  map[string]*gate
	shared map[string]*turn           // by key of Session.Share
	queues map[string]map[string]bool // site → hosts with a queue
	open   map[string]*Session        // site → who crawls it
}

// ErrBusy says that another session crawls the site already.
var ErrBusy = errors.New("site is being crawled")

// Open opens or creates the frontier in dir (DATA/state).
func Open(dir string) (*Frontier, error) { return OpenFS(dir, vfs.Default) }

// OpenReadOnly opens the frontier to look at it and changes nothing; no other process may have it open.
func OpenReadOnly(dir string) (*Frontier, error) {
	o := options(vfs.Default)
	o.ReadOnly = true
	return open(dir, o)
}

// OpenFS is Open on a file system of pebble's, such as vfs.NewMem() in tests.
func OpenFS(dir string, fs vfs.FS) (*Frontier, error) { return open(dir, options(fs)) }

func open(dir string, o *pebble.Options) (*Frontier, error) {
	db, err := pebble.Open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("open frontier %s: %w", dir, err)
	}
	f := &Frontier{
		db: db, seen: newSeen(), opened: time.Now(),
		hosts: map[string]*gate{}, shared: map[string]*turn{},
		queues: map[string]map[string]bool{}, open: map[string]*Session{},
	}
	if err := f.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("read frontier %s: %w", dir, err), db.Close())
	}
	return f, nil
}

// options: one policy for all levels; Bloom filters answer most of "is this URL new?"
// without touching a block, zstd in the lower levels halves what URLs take on disk.
func options(fs vfs.FS) *pebble.Options {
	o := &pebble.Options{
		FS:                 fs,
		FormatMajorVersion: pebble.FormatNewest,
		CacheSize:          256 << 20,
		MemTableSize:       16 << 20,
		MaxOpenFiles:       256,
		Logger:             quiet{},
	}
	for i := range o.Levels {
		l := &o.Levels[i]
		l.FilterPolicy = bloom.FilterPolicy(10)
		l.BlockSize = 8 << 10
		l.Compression = func() *sstable.CompressionProfile { return sstable.SnappyCompression }
		if i >= 4 {
			l.Compression = func() *sstable.CompressionProfile { return sstable.ZstdCompression }
		}
	}
	return o
}

// quiet drops pebble's running commentary; what fails is returned as an error.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}

// Fatalf ends the process: pebble calls it when its log cannot be written and must not go on. What was acknowledged is
// on the disk, and the next start recovers it.
func (quiet) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "cundang: frontier: "+format+"\n", args...)
	os.Exit(1)
}

// load reads the committed ends and finds the hosts that have a queue.
func (f *Frontier) load() error {
	it, err := f.db.NewIter(&pebble.IterOptions{LowerBound: []byte("e"), UpperBound: []byte("f")})
	if err != nil {
		return err
	}
	for it.First(); it.Valid(); it.Next() {
		if f.ends == nil {
			f.ends = map[string]int64{}
		}
		n, _ := binary.Uvarint(it.Value())
		f.ends[string(it.Key()[1:])] = int64(n)
	}
	if err := it.Close(); err != nil {
		return err
	}
	it, err = f.db.NewIter(&pebble.IterOptions{LowerBound: []byte("q"), UpperBound: []byte("r")})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; {
		site, host, err := queueOf(it.Key())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		f.queue(site, host)
		ok = it.SeekGE(append(queuePrefix(site, host), 0xff))
	}
	return it.Close()
}

func queueOf(key []byte) (site, host string, err error) {
	s, rest, ok := bytes.Cut(key[1:], []byte{0})
	h, _, ok2 := bytes.Cut(rest, []byte{0})
	if !ok || !ok2 {
		return "", "", fmt.Errorf("broken queue key %q", key)
	}
	return string(s), string(h), nil
}

// queue notes that a queue exists; under mu or while opening.
func (f *Frontier) queue(site, host string) {
	if f.queues[site] == nil {
		f.queues[site] = map[string]bool{}
	}
	f.queues[site][host] = true
	if f.hosts[host] == nil {
		f.hosts[host] = &gate{}
	}
}

// Committed returns the committed end of each WARC file as found on opening: the value
// for archive.Options.Committed. It is nil when the frontier was new.
func (f *Frontier) Committed() map[string]int64 { return f.ends }

// Resumed returns when a frontier was opened that had been used before, the zero time for a new one: what other
// processes asked for until then is not known.
func (f *Frontier) Resumed() time.Time {
	if f.ends == nil {
		return time.Time{}
	}
	return f.opened
}

// Empty says that the frontier knows no URL of a site.
func (f *Frontier) Empty(site string) (bool, error) {
	it, err := f.db.NewIter(&pebble.IterOptions{LowerBound: append([]byte("u"+site), 0),
		UpperBound: append([]byte("u"+site), 1)})
	if err != nil {
		return false, fmt.Errorf("read frontier: %w", err)
	}
	empty := !it.First()
	return empty, it.Close()
}

// Close closes the frontier. No session may be in use.
func (f *Frontier) Close() error {
	if err := f.db.Close(); err != nil {
		return fmt.Errorf("close frontier: %w", err)
	}
	return nil
}

// Lookup returns what is known of a URL; ok is false when it was never discovered.
func (f *Frontier) Lookup(site, url string) (e Entry, ok bool, err error) {
	host, rest, err := apart(url)
	if err != nil {
		return e, false, err
	}
	return f.get(site, host, rest)
}

func (f *Frontier) get(site, host, rest string) (e Entry, ok bool, err error) {
	v, closer, err := f.db.Get(urlKey(site, host, rest))
	if errors.Is(err, pebble.ErrNotFound) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read frontier: %w", err)
	}
	e = Entry{URL: join(host, rest), Site: site}
	err = decode(v, &e)
	return e, err == nil, errors.Join(err, closer.Close())
}

// All yields every URL of a site, in order of host and path.
func (f *Frontier) All(site string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		lower := append([]byte("u"+site), 0)
		it, err := f.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: append([]byte("u"+site), 1)})
		if err != nil {
			yield(Entry{}, fmt.Errorf("read frontier: %w", err))
			return
		}
		defer it.Close()
		for it.First(); it.Valid(); it.Next() {
			host, rest, _ := bytes.Cut(it.Key()[len(lower):], []byte{0})
			e := Entry{URL: join(string(host), string(rest)), Site: site}
			if !yield(e, decode(it.Value(), &e)) {
				return
			}
		}
		if err := it.Error(); err != nil {
			yield(Entry{}, fmt.Errorf("read frontier: %w", err))
		}
	}
}

// Queued counts the queued URLs of a site: those due by now, and all.
func (f *Frontier) Queued(site string, now time.Time) (due, all int, err error) {
	it, err := f.db.NewIter(&pebble.IterOptions{LowerBound: append([]byte("q"+site), 0),
		UpperBound: append([]byte("q"+site), 1)})
	if err != nil {
		return 0, 0, fmt.Errorf("read frontier: %w", err)
	}
	for it.First(); it.Valid(); it.Next() {
		all++
		if k, err := parseHead(it.Key()); err == nil && k.due <= milli(now) {
			due++
		}
	}
	return due, all, it.Close()
}

// Value returns a named value, nil if there is none.
func (f *Frontier) Value(name string) ([]byte, error) {
	v, closer, err := f.db.Get([]byte("v" + name))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read frontier: %w", err)
	}
	return bytes.Clone(v), closer.Close()
}

// Values yields the named values whose name starts with prefix, in order of name.
func (f *Frontier) Values(prefix string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		upper := append([]byte("v"+prefix), 0xff)
		it, err := f.db.NewIter(&pebble.IterOptions{LowerBound: []byte("v" + prefix), UpperBound: upper})
		if err != nil {
			return
		}
		defer it.Close()
		for it.First(); it.Valid(); it.Next() {
			if !yield(string(it.Key()[1:]), bytes.Clone(it.Value())) {
				return
			}
		}
	}
}

// Size returns the bytes on disk of what is in use; files about to be deleted are not counted.
func (f *Frontier) Size() uint64 {
	m := f.db.Metrics()
	return m.WAL.PhysicalSize + m.Table.Local.LiveSize
}

// Settle writes what is in the log into tables and merges them: the frontier then takes
// the room on disk that it will take from now on.
func (f *Frontier) Settle() error {
	if err := f.db.Flush(); err != nil {
		return fmt.Errorf("settle frontier: %w", err)
	}
	if err := f.db.Compact(context.Background(), []byte("a"), []byte("z"), true); err != nil {
		return fmt.Errorf("settle frontier: %w", err)
	}
	return nil
}

// Checkpoint makes a copy of the frontier as it is at this moment in dir, which must not exist. Tables are linked, not
// copied, where the file system allows that.
func (f *Frontier) Checkpoint(dir string) error {
	if err := f.db.Checkpoint(dir, pebble.WithFlushedWAL()); err != nil {
		return fmt.Errorf("copy frontier to %s: %w", dir, err)
	}
	return nil
}
