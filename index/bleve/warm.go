package bleve

import (
	lru "container/list"
	"context"
	"errors"
	"sync"

	"cundang/index"

	"github.com/blevesearch/bleve/v2/index/scorch"
)

// What searches read again and again is kept in memory by segment. A segment never changes: a
// commit adds one, a merge makes a new one of several. So what was kept stays good while a
// crawl writes, and each search pays only for what is new. Deletions belong to a view, not to the
// segment; they are taken off at the end.

// keptPostings bounds what is kept of postings, in bytes.
const keptPostings = 64 << 20

// warm is what is kept.
type warm struct {
	mu       sync.Mutex
	snap     *scorch.IndexSnapshot // the newest view seen
	number   int                   // of that view
	segments map[uint64]*warmSegment
	values   map[string]*values // by field
	postings *cache[termKey, *postings]
}

// warmSegment is what is kept of a segment, each thing from its first use on.
type warmSegment struct {
	mu      sync.Mutex
	columns map[string]func() (*column, error)
	times   map[string]func() ([]int64, error)
	lengths func() ([]float32, error)
	ids     articleIDs
}

type termKey struct {
	segment     uint64
	field, term string
}

func newWarm() *warm {
	return &warm{
		segments: map[uint64]*warmSegment{}, values: map[string]*values{},
		postings: newCache[termKey, *postings](keptPostings),
	}
}

// warmFields are the fields whose values are read in advance.
var warmFields = []string{
	index.FieldSite, index.FieldSource, index.FieldColumn, index.FieldAuthor, index.FieldDay, index.FieldPeople,
	index.FieldPlaces, index.FieldOrgs, index.FieldFiles, index.FieldState, index.FieldKind,
	index.FieldCopies, index.FieldSiteCopies,
}

// Warm implements index.Engine.
func (e *Engine) Warm(ctx context.Context) (err error) {
	e.keepWarm.Store(true)
	r, err := e.view()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	defer r.damage(&err)
	for _, field := range warmFields {
		if ctx.Err() != nil {
			return nil
		}
		if _, err := r.column(field); err != nil {
			return err
		}
	}
	for _, field := range []string{index.TimePub, index.TimeFetched} {
		if _, err := r.times(field); err != nil {
			return err
		}
	}
	for i := range r.segs {
		if _, err := r.lengths(i); err != nil {
			return err
		}
	}
	return nil
}

// view returns what is kept of the segments of a view, and the number of the view; it drops what belongs to segments that are gone.
func (w *warm) view(snap *scorch.IndexSnapshot) ([]*warmSegment, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	segs := snap.Segments()
	out := make([]*warmSegment, len(segs))
	for i, s := range segs {
		out[i] = w.segments[s.Id()]
		if out[i] == nil {
			out[i] = &warmSegment{columns: map[string]func() (*column, error){}, times: map[string]func() ([]int64, error){}}
			w.segments[s.Id()] = out[i]
		}
	}
	if w.snap == snap {
		return out, w.number
	}
	w.snap = snap
	w.number++
	if len(w.segments) > len(segs) {
		here := make(map[uint64]bool, len(segs))
		for _, s := range segs {
			here[s.Id()] = true
		}
		for id := range w.segments {
			if !here[id] {
				delete(w.segments, id)
			}
		}
		w.postings.drop(func(k termKey) bool { return !here[k.segment] })
	}
	return out, w.number
}

// once returns what m has under a name, or makes it. Two searches that want the same wait for
// each other; those that want something else do not.
func once[T any](mu *sync.Mutex, m map[string]func() (T, error), name string, make func() (T, error)) (T, error) {
	mu.Lock()
	get := m[name]
	if get == nil {
		get = sync.OnceValues(make)
		m[name] = get
	}
	mu.Unlock()
	return get()
}

// cache keeps values up to a number of bytes; those not used for longest make way.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	most  int
	size  int
	byKey map[K]*lru.Element
	order lru.List // of cached[K, V], the last used first
}

type cached[K comparable, V any] struct {
	key   K
	value V
	size  int
}

// cacheEntry is about what an entry costs beside its value.
const cacheEntry = 200

func newCache[K comparable, V any](most int) *cache[K, V] {
	return &cache[K, V]{most: most, byKey: map[K]*lru.Element{}}
}

func (c *cache[K, V]) get(key K) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cached[K, V]).value, true
}

// put keeps a value of size bytes. One that would take more than a quarter of the cache is not kept.
func (c *cache[K, V]) put(key K, v V, size int) {
	size += cacheEntry
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] != nil || size > c.most/4 {
		return
	}
	c.byKey[key] = c.order.PushFront(cached[K, V]{key, v, size})
	for c.size += size; c.size > c.most; {
		c.remove(c.order.Back())
	}
}

// drop removes what has a key that passes a test.
func (c *cache[K, V]) drop(gone func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, e := range c.byKey {
		if gone(key) {
			c.remove(e)
		}
	}
}

func (c *cache[K, V]) remove(e *lru.Element) {
	old := c.order.Remove(e).(cached[K, V])
	delete(c.byKey, old.key)
	c.size -= old.size
}
