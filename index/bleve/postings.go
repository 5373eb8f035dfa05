package bleve

import (
	"math"

	"cundang/index/zh"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// The readers of terms: bleve's public segment interface, a segment at a time.

// postings is the documents of a segment that have a term, those deleted since included. Documents are
// numbered from the beginning of the segment.
type postings struct {
	docs []uint32
	tfs  []uint16 // how often each has it; nil when each has it once
}

func (p *postings) size() int { return 4*len(p.docs) + 2*len(p.tfs) }

// tf is how often document i of the postings has the term.
func (p *postings) tf(i int) float32 {
	if p.tfs == nil {
		return 1
	}
	return float32(p.tfs[i])
}

// list is one term's postings in all segments.
type list struct {
	parts []*postings
	count int // documents that are not deleted
}

// list looks a term up.
func (r *view) list(field, term string) (list, error) {
	return r.gather(func(i int) (*postings, error) { return r.postings(i, field, term) })
}

// gather makes a list of what get returns for each segment.
func (r *view) gather(get func(i int) (*postings, error)) (list, error) {
	l := list{parts: make([]*postings, len(r.segs))}
	for i := range r.segs {
		p, err := get(i)
		if err != nil {
			return l, err
		}
		l.parts[i] = p
		l.count += len(p.docs) - r.segs[i].dead.among(p.docs)
	}
	return l, nil
}

// postings reads the postings of a term in segment i, or finds them kept.
func (r *view) postings(i int, field, term string) (*postings, error) {
	key := termKey{r.segs[i].Id(), field, term}
	if p, ok := r.e.warm.postings.get(key); ok {
		return p, nil
	}
	dict, err := r.dictionary(i, field)
	if err != nil {
		return nil, err
	}
	pl, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, err
	}
	p := &postings{}
	if n := int(pl.Count()); n > 0 {
		if p, err = r.decode(pl, n, field == fWords || field == fAttach); err != nil {
			return nil, err
		}
	}
	r.e.warm.postings.put(key, p, p.size()+len(term))
	return p, nil
}

func (r *view) decode(pl segment.PostingsList, n int, frequencies bool) (*postings, error) {
	p := &postings{docs: make([]uint32, 0, n)}
	r.it = pl.Iterator(frequencies, false, false, r.it)
	if o, ok := r.it.(segment.OptimizablePostingsIterator); ok && !frequencies {
		if set := o.ActualBitmap(); set != nil {
			p.docs = set.ToArray()
			return p, nil
		}
	}
	for {
		next, err := r.it.Next()
		if err != nil || next == nil {
			return p, err
		}
		p.docs = append(p.docs, uint32(next.Number()))
		if f := next.Frequency(); frequencies && f > 1 && p.tfs == nil {
			p.tfs = make([]uint16, len(p.docs)-1, n)
			for i := range p.tfs {
				p.tfs[i] = 1
			}
		}
		if p.tfs != nil {
			p.tfs = append(p.tfs, uint16(min(max(1, next.Frequency()), math.MaxUint16)))
		}
	}
}

func (r *view) dictionary(i int, field string) (segment.TermDictionary, error) {
	if r.dicts == nil {
		r.dicts = map[string][]segment.TermDictionary{}
	}
	ds := r.dicts[field]
	if ds == nil {
		ds = make([]segment.TermDictionary, len(r.segs))
		r.dicts[field] = ds
	}
	if ds[i] == nil {
		d, err := r.segs[i].Segment().Dictionary(field)
		if err != nil {
			return nil, err
		}
		ds[i] = d
	}
	return ds[i], nil
}

// addTo adds the documents of a list to a set. Deleted ones come along.
func (r *view) addTo(set docSet, l list) {
	for i, p := range l.parts {
		base := r.segs[i].base
		if n := len(p.docs); n > 0 && int(p.docs[n-1]-p.docs[0]) == n-1 { // as of a segment that holds articles only
			set.addRange(base+p.docs[0], base+p.docs[n-1]+1)
			continue
		}
		for _, d := range p.docs {
			set.add(base + d)
		}
	}
}

// pair is the documents that have a pair of characters side by side: those with it as a word
// and those of its bucket.
func (r *view) pair(p zh.Pair) (word, bucket list, err error) {
	if word, err = r.list(fWords, string([]rune{p.A, p.B})); err != nil {
		return
	}
	bucket, err = r.list(fGrams, zh.BucketTerm(p.Bucket()))
	return
}
