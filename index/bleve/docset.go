package bleve

import (
	"math/bits"
	"sync"
)

// docSet is a set of documents, a bit for each document of a view or of a segment.
type docSet []uint64

func newDocSet(n int) docSet { return make(docSet, (n+63)/64) }

// usedSets are sets of views that are closed: a query needs a dozen, of 12 KB each for 100,000 documents.
var usedSets sync.Pool

// newSet is an empty set of the view's documents. It is good until the view is closed.
func (r *view) newSet() docSet {
	set := r.anySet()
	clear(set)
	return set
}

// copySet is a copy of a set of the view's documents, good until the view is closed.
func (r *view) copySet(of docSet) docSet {
	set := r.anySet()
	copy(set, of)
	return set
}

func (r *view) anySet() docSet {
	n := (r.total + 63) / 64
	var set docSet
	if used, _ := usedSets.Get().(*docSet); used != nil && cap(*used) >= n {
		set = (*used)[:n]
	} else {
		set = make(docSet, n)
	}
	r.sets = append(r.sets, set)
	return set
}

// release gives back what the view has lent.
func (r *view) release() {
	for i := range r.sets {
		usedSets.Put(&r.sets[i])
	}
	r.sets = nil
}

func (s docSet) add(doc uint32) { s[doc>>6] |= 1 << (doc & 63) }

// addRange adds the documents from lo up to, not including, hi.
func (s docSet) addRange(lo, hi uint32) {
	for ; lo < hi && lo&63 != 0; lo++ {
		s.add(lo)
	}
	for ; lo+64 <= hi; lo += 64 {
		s[lo>>6] = ^uint64(0)
	}
	for ; lo < hi; lo++ {
		s.add(lo)
	}
}

func (s docSet) remove(doc uint32)   { s[doc>>6] &^= 1 << (doc & 63) }
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

// among counts the documents of a list that are in the set; a nil set is empty.
func (s docSet) among(docs []uint32) (n int) {
	if s == nil {
		return 0
	}
	for _, d := range docs {
		n += int(s[d>>6] >> (d & 63) & 1)
	}
	return n
}
