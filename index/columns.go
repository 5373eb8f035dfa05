package index

import (
	"errors"
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
)

// column holds the values of one keyword field for every document of a view: the documents'
// value numbers one after the other, and the values, sorted.
type column struct {
	values []string
	from   []uint32 // document i has ords[from[i]:from[i+1]]
	ords   []uint32
}

func (c *column) of(doc uint32) []uint32 { return c.ords[c.from[doc]:c.from[doc+1]] }

// first returns the first value of a document, "" for none.
func (c *column) first(doc uint32) string {
	if o := c.of(doc); len(o) > 0 {
		return c.values[o[0]]
	}
	return ""
}

// warm keeps the columns that were read, for as long as the index does not change.
type warm struct {
	mu      sync.Mutex
	snap    *scorch.IndexSnapshot
	columns map[string]*column
	lengths []float32
	suggest []suggestible
}

func (w *warm) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renew(nil)
}

// renew drops what belongs to another view than snap.
func (w *warm) renew(snap *scorch.IndexSnapshot) {
	if w.snap != snap {
		w.snap, w.columns, w.lengths, w.suggest = snap, map[string]*column{}, nil, nil
	}
}

// column reads a field for all documents: its dictionary from front to end. The values come
// sorted, each with the documents that have it.
func (r *reader) column(field string) (*column, error) {
	w := &r.x.warm
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renew(r.snap)
	if c := w.columns[field]; c != nil {
		return c, nil
	}
	c, err := r.readColumn(field)
	if err != nil {
		return nil, err
	}
	w.columns[field] = c
	return c, nil
}

// lengths is the length of the word field of every document.
func (r *reader) lengths() ([]float32, error) {
	w := &r.x.warm
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renew(r.snap)
	if w.lengths != nil {
		return w.lengths, nil
	}
	lengths := make([]float32, r.total)
	dict, err := r.snap.FieldDict(fLength)
	if err != nil {
		return nil, err
	}
	for {
		e, err := dict.Next()
		if err != nil {
			return nil, errors.Join(err, dict.Close())
		}
		if e == nil {
			break
		}
		step, _ := utf8.DecodeRuneInString(e.Term)
		n := stepLength(int(step - '0'))
		l, err := r.list(fLength, e.Term)
		if err == nil {
			err = r.present(l, func(doc uint32) { lengths[doc] = n })
		}
		if err != nil {
			return nil, errors.Join(err, dict.Close())
		}
	}
	w.lengths = lengths
	return lengths, dict.Close()
}

func (r *reader) readColumn(field string) (c *column, err error) {
	type pair struct{ doc, ord uint32 }
	c = &column{from: make([]uint32, r.total+1)}
	var pairs []pair
	dict, err := r.snap.FieldDict(field)
	if err != nil {
		return nil, err
	}
	for {
		var e *index.DictEntry
		if e, err = dict.Next(); err != nil || e == nil {
			break
		}
		ord := uint32(len(c.values))
		var l list
		if l, err = r.list(field, e.Term); err != nil {
			break
		}
		if l.count == 0 {
			continue // only deleted documents have it
		}
		c.values = append(c.values, e.Term)
		if err = r.present(l, func(doc uint32) {
			pairs = append(pairs, pair{doc, ord})
			c.from[doc+1]++
		}); err != nil {
			break
		}
	}
	if cerr := dict.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(c.from); i++ {
		c.from[i] += c.from[i-1]
	}
	c.ords = make([]uint32, len(pairs))
	next := append([]uint32(nil), c.from...)
	for _, p := range pairs { // by value, so each document's values come sorted
		c.ords[next[p.doc]] = p.ord
		next[p.doc]++
	}
	return c, nil
}
