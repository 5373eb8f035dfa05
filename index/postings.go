package index

import (
	"math"
	"math/bits"

	"cundang/index/zh"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// The readers of terms: bleve's public segment interface, a segment at a time.

// list is one term's postings in all segments.
type list struct {
	parts []segment.PostingsList // nil where a segment does not have the term
	count int
}

// list looks a term up.
func (r *reader) list(field, term string) (list, error) {
	l := list{parts: make([]segment.PostingsList, len(r.segs))}
	for i, s := range r.segs {
		dict, err := r.dictionary(i, field)
		if err != nil {
			return l, err
		}
		p, err := dict.PostingsList([]byte(term), s.Deleted(), nil)
		if err != nil {
			return l, err
		}
		if n := int(p.Count()); n > 0 {
			l.parts[i] = p
			l.count += n
		}
	}
	return l, nil
}

func (r *reader) dictionary(i int, field string) (segment.TermDictionary, error) {
	if r.dicts == nil {
		r.dicts = map[string][]segment.TermDictionary{}
	}
	ds := r.dicts[field]
	if ds == nil {
		ds = make([]segment.TermDictionary, len(r.segs))
		for i, s := range r.segs {
			d, err := s.Segment().Dictionary(field)
			if err != nil {
				return nil, err
			}
			ds[i] = d
		}
		r.dicts[field] = ds
	}
	return ds[i], nil
}

// each calls f for every document of a list, in order, with the term's frequency.
func (r *reader) each(l list, f func(doc uint32, tf float32)) error {
	var it segment.PostingsIterator
	for i, p := range l.parts {
		if p == nil {
			continue
		}
		base := r.segs[i].base
		it = p.Iterator(true, false, false, it)
		for {
			n, err := it.Next()
			if err != nil {
				return err
			}
			if n == nil {
				break
			}
			f(base+uint32(n.Number()), max(1, float32(n.Frequency())))
		}
	}
	return nil
}

// present calls f for every document of a list whose field has no frequencies.
func (r *reader) present(l list, f func(doc uint32)) error {
	var it segment.PostingsIterator
	for i, p := range l.parts {
		if p == nil {
			continue
		}
		base := r.segs[i].base
		it = p.Iterator(false, false, false, it)
		if o, ok := it.(segment.OptimizablePostingsIterator); ok {
			if doc, one := o.DocNum1Hit(); one {
				f(base + uint32(doc))
				continue
			}
			if set := o.ActualBitmap(); set != nil {
				eachBit(set, base, f)
				continue
			}
		}
		for {
			n, err := it.Next()
			if err != nil {
				return err
			}
			if n == nil {
				break
			}
			f(base + uint32(n.Number()))
		}
	}
	return nil
}

func eachBit(set *roaring.Bitmap, base uint32, f func(doc uint32)) {
	var buf [256]uint32
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buf[:])
		if n == 0 {
			return
		}
		for _, d := range buf[:n] {
			f(base + d)
		}
	}
}

// pair is the documents that have a pair of characters side by side: those with it as a word
// and those of its bucket.
func (r *reader) pair(p zh.Pair) (word, bucket list, err error) {
	if word, err = r.list(fWords, string([]rune{p.A, p.B})); err != nil {
		return
	}
	bucket, err = r.list(fGrams, zh.BucketTerm(p.Bucket()))
	return
}

// idf is BM25's weight of a term that df of n documents have.
func idf(n, df int) float32 {
	return float32(math.Log(1 + (float64(n)-float64(df)+0.5)/(float64(df)+0.5)))
}

// docSet is a set of documents.
type docSet []uint64

func newDocSet(n int) docSet         { return make(docSet, (n+63)/64) }
func (s docSet) add(doc uint32)      { s[doc>>6] |= 1 << (doc & 63) }
func (s docSet) has(doc uint32) bool { return s[doc>>6]&(1<<(doc&63)) != 0 }

func (s docSet) and(o docSet) {
	for i := range s {
		s[i] &= o[i]
	}
}

func (s docSet) or(o docSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s docSet) without(o docSet) {
	for i := range s {
		s[i] &^= o[i]
	}
}

func (s docSet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s docSet) each(f func(doc uint32)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(uint32(i*64 + bits.TrailingZeros64(w)))
		}
	}
}
