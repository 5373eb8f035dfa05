package bleve

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"sync"
	"unicode/utf8"

	"cundang/index"
	"cundang/index/zh"

	bleveindex "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// values numbers the values of a keyword field, as the segments bring them. A number stays the same for as
// long as the index is open, so that the columns of segments need no joining.
type values struct {
	mu     sync.Mutex
	number map[string]uint32
	list   []string
	folded []string // of the first of list
}

// all is every value so far, by number.
func (v *values) all() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.list
}

// allFolded is all, folded.
func (v *values) allFolded() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.list[len(v.folded):] {
		v.folded = append(v.folded, zh.Fold(s))
	}
	return v.folded
}

// column holds the values of a keyword field for the documents of a segment, deleted ones included.
type column struct {
	from []uint32 // document i has ords[from[i]:from[i+1]]
	ords []uint32 // numbers of values, those of a document in the order of the values
	each bool     // every document has one value: ords[i]

	some func() []uint32 // see having
}

// having lists the documents with a value, for a field that few have.
func (c *column) having() []uint32 { return c.some() }

func (c *column) of(doc uint32) []uint32 { return c.ords[c.from[doc]:c.from[doc+1]] }

// columns is a field in all segments of a view.
type columns struct {
	r      *view
	values *values
	parts  []*column
}

// column reads a keyword field.
func (r *view) column(field string) (*columns, error) {
	w := r.e.warm
	w.mu.Lock()
	v := w.values[field]
	if v == nil {
		v = &values{number: map[string]uint32{}}
		w.values[field] = v
	}
	w.mu.Unlock()
	c := &columns{r: r, values: v, parts: make([]*column, len(r.segs))}
	for i, s := range r.segs {
		var err error
		c.parts[i], err = once(&s.warm.mu, s.warm.columns, field, func() (*column, error) { return r.readColumn(i, field, v) })
		if err != nil {
			return nil, fmt.Errorf("read field %s: %w", field, err)
		}
	}
	return c, nil
}

// each calls f for every value of every document of a set.
func (c *columns) each(set docSet, f func(doc, ord uint32)) {
	c.r.eachPart(set, func(i int, local, doc uint32) {
		for _, o := range c.parts[i].of(local) {
			f(doc, o)
		}
	})
}

// count counts the values of the members of a set. It is each without a call for every value, which every
// search with facets would pay for all it matches.
func (c *columns) count(of members) index.Counts {
	values := c.values.all()
	out := index.Counts{Values: values, Of: make([]uint32, len(values))}
	for i, part := range c.parts {
		switch {
		case len(part.ords) == 0:
		case part.each:
			for _, doc := range of[i] {
				out.Of[part.ords[doc]]++
			}
			out.Total += len(of[i])
		default:
			for _, doc := range of[i] {
				ords := part.of(doc)
				for _, ord := range ords {
					out.Of[ord]++
				}
				out.Total += len(ords)
			}
		}
	}
	return out
}

// members is the documents of a set in each segment, by their numbers there.
type members [][]uint32

func (r *view) members(set docSet) members {
	all := make([]uint32, 0, set.count())
	out := make(members, len(r.segs))
	i, from := 0, 0
	for w, bits64 := range set {
		for ; bits64 != 0; bits64 &= bits64 - 1 {
			doc := uint32(w<<6 + bits.TrailingZeros64(bits64))
			for doc >= r.segs[i].base+r.segs[i].size {
				out[i] = all[from:]
				i, from = i+1, len(all)
			}
			all = append(all, doc-r.segs[i].base)
		}
	}
	if i < len(out) {
		out[i] = all[from:]
	}
	return out
}

// eachPart calls f for every document of a set, with its segment and its number in that.
func (r *view) eachPart(set docSet, f func(seg int, local, doc uint32)) {
	i := 0
	set.each(func(doc uint32) {
		for doc >= r.segs[i].base+r.segs[i].size {
			i++
		}
		f(i, doc-r.segs[i].base, doc)
	})
}

// terms calls f for every term of a field in a segment, in order.
func (r *view) terms(i int, field string, f func(term string) error) error {
	dict, err := r.dictionary(i, field)
	if err != nil {
		return err
	}
	var it segment.DictionaryIterator
	if quick, ok := dict.(interface {
		AutomatonIteratorOmitCount(segment.Automaton, []byte, []byte) segment.DictionaryIterator
	}); ok {
		it = quick.AutomatonIteratorOmitCount(nil, nil, nil)
	} else {
		it = dict.AutomatonIterator(nil, nil, nil)
	}
	for {
		var e *bleveindex.DictEntry
		if e, err = it.Next(); err != nil || e == nil {
			return err
		}
		if err := f(e.Term); err != nil {
			return err
		}
	}
}

// eachHaving calls f for every document of a segment with a term.
func (r *view) eachHaving(dict segment.TermDictionary, term string, f func(doc uint32)) (err error) {
	if r.pl, err = dict.PostingsList([]byte(term), nil, r.pl); err != nil {
		return err
	}
	r.it = r.pl.Iterator(false, false, false, r.it)
	if o, ok := r.it.(segment.OptimizablePostingsIterator); ok {
		if doc, one := o.DocNum1Hit(); one {
			f(uint32(doc))
			return nil
		}
		if set := o.ActualBitmap(); set != nil {
			set.Iterate(func(doc uint32) bool { f(doc); return true })
			return nil
		}
	}
	for {
		next, err := r.it.Next()
		if err != nil || next == nil {
			return err
		}
		f(uint32(next.Number()))
	}
}

// readColumn reads a field of a segment: its dictionary from front to end.
func (r *view) readColumn(i int, field string, v *values) (*column, error) {
	dict, err := r.dictionary(i, field)
	if err != nil {
		return nil, err
	}
	type pair struct{ doc, ord uint32 }
	c := &column{from: make([]uint32, r.segs[i].size+1)}
	pairs := make([]pair, 0, r.segs[i].size)
	v.mu.Lock()
	defer v.mu.Unlock()
	err = r.terms(i, field, func(term string) error {
		ord, ok := v.number[term]
		if !ok {
			ord = uint32(len(v.list))
			v.list = append(v.list, term)
			v.number[term] = ord
		}
		return r.eachHaving(dict, term, func(doc uint32) {
			pairs = append(pairs, pair{doc, ord})
			c.from[doc+1]++
		})
	})
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
	c.each = len(c.ords) == int(r.segs[i].size)
	for doc := 0; c.each && doc < len(c.ords); doc++ {
		c.each = c.from[doc] == uint32(doc)
	}
	c.some = sync.OnceValue(func() (docs []uint32) {
		for doc := range uint32(len(c.from) - 1) {
			if c.from[doc] < c.from[doc+1] {
				docs = append(docs, doc)
			}
		}
		return docs
	})
	return c, nil
}

// times holds a field of times for all documents of a view.
type times struct {
	r     *view
	parts [][]int64 // UnixNano, index.NoTime for none
}

// times reads a field of times.
func (r *view) times(field string) (*times, error) {
	t := &times{r: r, parts: make([][]int64, len(r.segs))}
	for i, s := range r.segs {
		var err error
		t.parts[i], err = once(&s.warm.mu, s.warm.times, field, func() ([]int64, error) { return r.readTimes(i, field) })
		if err != nil {
			return nil, fmt.Errorf("read field %s: %w", field, err)
		}
	}
	return t, nil
}

// of is the time of a document.
func (t *times) of(doc uint32) int64 {
	i := t.r.part(doc)
	return t.parts[i][doc-t.r.segs[i].base]
}

func (r *view) readTimes(i int, field string) ([]int64, error) {
	dict, err := r.dictionary(i, field)
	if err != nil {
		return nil, err
	}
	out := make([]int64, r.segs[i].size)
	for j := range out {
		out[j] = index.NoTime
	}
	err = r.terms(i, field, func(term string) error {
		n, err := strconv.ParseUint(term, 16, 64)
		if err != nil {
			return errors.New("not a time: " + term)
		}
		return r.eachHaving(dict, term, func(doc uint32) { out[doc] = int64(n ^ 1<<63) })
	})
	return out, err
}

// lengths is the length of the word field of every document of segment i.
func (r *view) lengths(i int) ([]float32, error) {
	w := r.segs[i].warm
	w.mu.Lock()
	if w.lengths == nil {
		w.lengths = sync.OnceValues(func() ([]float32, error) { return r.readLengths(i) })
	}
	get := w.lengths
	w.mu.Unlock()
	return get()
}

func (r *view) readLengths(i int) ([]float32, error) {
	dict, err := r.dictionary(i, fLength)
	if err != nil {
		return nil, err
	}
	out := make([]float32, r.segs[i].size)
	err = r.terms(i, fLength, func(term string) error {
		step, _ := utf8.DecodeRuneInString(term)
		n := stepLength(int(step - '0'))
		return r.eachHaving(dict, term, func(doc uint32) { out[doc] = n })
	})
	return out, err
}
