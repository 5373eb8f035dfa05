// Package index makes articles searchable: Put, Search, Rebuild.
//
// The index is derived: everything in it comes from the archive, and it remembers how far
// it has read. It is a bleve index; nothing of bleve shows in the types here.
package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cundang/index/zh"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// Options of Open; the zero value is a good default.
type Options struct {
	Log        *slog.Logger
	Dictionary []string // the operator's own words, one a line: word [frequency [part of speech]]
	ReadOnly   bool     // several readers may open an index that no writer holds
}

// Index is a bleve index below dir. Search is safe for concurrent use; one writer at a time.
type Index struct {
	dir  string
	opts Options
	log  *slog.Logger
	dict *zh.Dict

	write sync.Mutex   // one Put at a time
	mu    sync.RWMutex // guards what follows: Close and the swap of a rebuild wait for searches
	b     bleve.Index
	store index.Index
	warm  *warm

	keepWarm atomic.Bool // Warm was called
}

// format names what the documents of the index look like; another one is asked to be rebuilt.
const format = "3"

// keys of what the index remembers beside its documents.
var (
	keyPosition = []byte("cundang.position")
	keyBuild    = []byte("cundang.build")
	keyTotals   = []byte("cundang.totals")
)

// build says what an index was made with.
type build struct {
	Format     string `json:"format"`
	Segmenter  string `json:"segmenter"`
	Dictionary string `json:"dictionary"`
}

// Open opens the index at dir, or makes an empty one (not with ReadOnly: that is ErrMissing).
//
// An index held by another process is ErrLocked, damaged files are a *DamagedError, an index
// built with another dictionary or format is a *StaleError; the last two are cured by Rebuild.
func Open(dir string, opts Options) (*Index, error) {
	dict, err := zh.Load(opts.Dictionary)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &Index{dir: dir, opts: opts, dict: dict, log: opts.Log, warm: newWarm()}
	if x.log == nil {
		x.log = slog.New(slog.DiscardHandler)
	}
	if !opts.ReadOnly {
		if err := finishSwap(dir); err != nil {
			return nil, fmt.Errorf("open index: %w", err)
		}
	}
	empty, err := isEmpty(dir)
	if err == nil && empty {
		err = x.create()
	}
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if err := x.attach(); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return x, nil
}

// create makes an empty index beside dir and moves it there, so that a crash leaves none or a whole one.
func (x *Index) create() error {
	if x.opts.ReadOnly {
		return fmt.Errorf("%w: %s", ErrMissing, x.dir)
	}
	made, err := json.Marshal(build{format, zh.Version, x.dict.Hash()})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(x.dir), 0o755); err != nil {
		return err
	}
	tmp := x.dir + ".create"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	b, err := bleve.NewUsing(tmp, mapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": lockWait})
	if err != nil {
		return err
	}
	if err := errors.Join(b.SetInternal(keyBuild, made), b.Close()); err != nil {
		return err
	}
	if err := os.Remove(x.dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty folder
		return err
	}
	return os.Rename(tmp, x.dir)
}

// attach opens the files and checks what they were made with.
func (x *Index) attach() (err error) {
	if x.b, err = openBleve(x.dir, x.opts.ReadOnly); err != nil {
		return err
	}
	if err := x.check(); err != nil {
		err = errors.Join(err, x.b.Close())
		x.b, x.store = nil, nil
		return err
	}
	return nil
}

func (x *Index) check() error {
	store, err := x.b.Advanced()
	if err != nil {
		return &DamagedError{x.dir, err}
	}
	x.store = store
	want := build{format, zh.Version, x.dict.Hash()}
	raw, err := x.b.GetInternal(keyBuild)
	if err != nil {
		return &DamagedError{x.dir, err}
	}
	if raw == nil { // bleve goes on without the segments it cannot read
		return &DamagedError{x.dir, errors.New("its segments cannot be read")}
	}
	var have build
	if err := json.Unmarshal(raw, &have); err != nil {
		return &DamagedError{x.dir, err}
	}
	switch {
	case have.Format != want.Format || have.Segmenter != want.Segmenter:
		return &StaleError{x.dir, "format", have.Format + "/" + have.Segmenter, want.Format + "/" + want.Segmenter}
	case have.Dictionary != want.Dictionary:
		return &StaleError{x.dir, "dictionary", have.Dictionary, want.Dictionary}
	}
	return nil
}

// lockWait is how long Open waits for another process to let go: a process that is just ending.
const lockWait = "250ms"

// openBleve turns everything bleve can do wrong on opening into our errors.
func openBleve(dir string, readOnly bool) (b bleve.Index, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, &DamagedError{dir, fmt.Errorf("%v", r)}
		}
	}()
	if err := checkFiles(dir); err != nil {
		return nil, &DamagedError{dir, err}
	}
	b, err = bleve.OpenUsing(dir, map[string]any{"read_only": readOnly, "bolt_timeout": lockWait})
	switch {
	case err == nil:
		return b, nil
	case strings.Contains(err.Error(), "timeout"): // bbolt's ErrTimeout, flattened on its way
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	return nil, &DamagedError{dir, err}
}

func isEmpty(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return len(entries) == 0, err
}

// Position returns what the last Put remembered, "" for a new index.
func (x *Index) Position() (string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.b == nil {
		return "", ErrClosed
	}
	raw, err := x.b.GetInternal(keyPosition)
	if err != nil {
		return "", fmt.Errorf("read index position: %w", err)
	}
	return string(raw), nil
}

// Status describes an index.
type Status struct {
	Dir        string `json:"dir"`
	Documents  int    `json:"documents"` // versions of articles, lists and other pages
	Bytes      int64  `json:"bytes"`     // on disk
	Position   string `json:"position"`
	Format     string `json:"format"`
	Segmenter  string `json:"segmenter"`
	Dictionary string `json:"dictionary"` // hash
}

// Status reports size and make of the index.
func (x *Index) Status() (Status, error) {
	position, err := x.Position()
	if err != nil {
		return Status{}, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.b == nil {
		return Status{}, ErrClosed
	}
	n, err := x.b.DocCount()
	if err != nil {
		return Status{}, fmt.Errorf("count documents: %w", err)
	}
	s := Status{Dir: x.dir, Documents: int(n), Position: position, Format: format, Segmenter: zh.Version, Dictionary: x.dict.Hash()}
	err = filepath.WalkDir(x.dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // merged away while we look
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			s.Bytes += info.Size()
		}
		return err
	})
	return s, err
}

// Close waits for searches under way, then flushes and closes.
func (x *Index) Close() error {
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.detach()
}

// detach closes bleve's index and forgets what was kept of it. x.mu is held.
func (x *Index) detach() error {
	if x.b == nil {
		return ErrClosed
	}
	err := x.b.Close()
	x.b, x.store = nil, nil
	x.warm = newWarm()
	if err != nil {
		return fmt.Errorf("close index: %w", err)
	}
	return nil
}

// reader is a frozen view of the index, for one goroutine.
type reader struct {
	x     *Index
	snap  *scorch.IndexSnapshot
	view  int // its number, from 1
	segs  []seg
	total int // documents, deleted ones included
	dicts map[string][]segment.TermDictionary
	pl    segment.PostingsList // memory to use again
	it    segment.PostingsIterator
	sets  []docSet // lent until the view is closed
}

// seg is a segment and where its documents begin in the numbering of the whole.
type seg struct {
	*scorch.SegmentSnapshot
	base uint32
	size uint32
	dead docSet // deleted documents, nil for none
	warm *warmSegment
}

// read opens a view and keeps the index open until done is called.
func (x *Index) read() (r *reader, done func() error, err error) {
	x.mu.RLock()
	if x.store == nil {
		x.mu.RUnlock()
		return nil, nil, ErrClosed
	}
	ir, err := x.store.Reader()
	if err != nil {
		x.mu.RUnlock()
		return nil, nil, fmt.Errorf("open index reader: %w", err)
	}
	snap, ok := ir.(*scorch.IndexSnapshot)
	if !ok {
		x.mu.RUnlock()
		return nil, nil, errors.Join(fmt.Errorf("index reader is a %T", ir), ir.Close())
	}
	r = &reader{x: x, snap: snap}
	kept, view := x.warm.view(snap)
	r.view = view
	for i, s := range snap.Segments() {
		n := uint32(s.FullSize())
		r.segs = append(r.segs, seg{s, uint32(r.total), n, deadIn(s, n), kept[i]})
		r.total += int(n)
	}
	return r, func() error {
		defer x.mu.RUnlock()
		r.release()
		return ir.Close()
	}, nil
}

func deadIn(s *scorch.SegmentSnapshot, size uint32) docSet {
	deleted := s.Deleted()
	if deleted == nil || deleted.IsEmpty() {
		return nil
	}
	dead := newDocSet(int(size))
	for it := deleted.Iterator(); it.HasNext(); {
		dead.add(it.Next())
	}
	return dead
}

// bury takes the deleted documents out of a set.
func (r *reader) bury(set docSet) {
	for _, s := range r.segs {
		s.dead.each(func(doc uint32) { set.remove(s.base + doc) })
	}
}

// part is the segment of a document.
func (r *reader) part(doc uint32) int {
	i := len(r.segs) - 1
	for i > 0 && doc < r.segs[i].base {
		i--
	}
	return i
}

func unixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
