package bleve

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"cundang/index"
)

// place is a document and where it stands in an order: the smaller, the earlier. Thousands are sorted, so it has
// no pointer in it.
type place struct {
	at  int64
	doc uint32
}

// byScore is the place of a score, the highest first.
func byScore(score float32) int64 {
	n := int32(math.Float32bits(score))
	if n < 0 {
		n ^= math.MaxInt32 // the bits of negative numbers grow the other way
	}
	return -int64(n)
}

// ordered returns the first n documents of a set in an order, all of them for n < 0.
func (r *view) ordered(matches docSet, o index.Order, n int, s *scores, fresh func(doc uint32) float32) ([]place, error) {
	if n < 0 {
		n = matches.count()
	}
	if n == 0 {
		return nil, nil
	}
	if o.Time == "" && s != nil {
		return r.sort(s.best(matches, n, fresh), n)
	}
	at, err := r.placing(o, s, fresh)
	if err != nil {
		return nil, err
	}
	return r.first(matches, n, at)
}

// placing returns what puts documents into an order: the smaller, the earlier.
func (r *view) placing(o index.Order, s *scores, fresh func(doc uint32) float32) (func(doc uint32) int64, error) {
	switch {
	case o.Time == "" && s == nil:
		return func(uint32) int64 { return 0 }, nil
	case o.Time == "" && fresh == nil:
		return func(doc uint32) int64 { return byScore(s.first(doc)) }, nil
	case o.Time == "":
		return func(doc uint32) int64 { return byScore(s.first(doc) + fresh(doc)) }, nil
	}
	times, err := r.times(o.Time)
	if err != nil {
		return nil, err
	}
	return func(doc uint32) int64 {
		switch t := times.of(doc); {
		case t == index.NoTime:
			return math.MaxInt64
		case o.Newest:
			return -t
		default:
			return t
		}
	}, nil
}

// first returns the first n documents of a set in an order.
func (r *view) first(set docSet, n int, at func(doc uint32) int64) ([]place, error) {
	best := newFirst(n, set.count())
	set.each(func(doc uint32) { best.add(place{at: at(doc), doc: doc}) })
	return r.sort(best.places, n)
}

// firstPlaces collects the first n of many places: what stands behind the n-th seen so far is not kept, what
// stands beside it is.
type firstPlaces struct {
	n      int
	last   int64
	places []place
}

func newFirst(n, of int) *firstPlaces {
	n = max(n, 1)
	return &firstPlaces{n: n, last: math.MaxInt64, places: make([]place, 0, min(4*n, of))}
}

func (f *firstPlaces) add(p place) {
	if p.at > f.last {
		return
	}
	if len(f.places) == cap(f.places) && len(f.places) > f.n {
		f.cut()
	}
	f.places = append(f.places, p)
}

func (f *firstPlaces) cut() {
	slices.SortFunc(f.places, byPlace)
	f.last = f.places[f.n-1].at
	end := f.n
	for end < len(f.places) && f.places[end].at == f.last {
		end++
	}
	f.places = f.places[:end]
	if end > cap(f.places)/2 { // many equals: cut less often
		f.places = slices.Grow(f.places, 2*end)
	}
}

func byPlace(a, b place) int { return cmp.Compare(a.at, b.at) }

// sort returns the first n places in order; equals are ordered by key, which is read only for those
// that matter.
func (r *view) sort(all []place, n int) ([]place, error) {
	slices.SortFunc(all, byPlace)
	for from := 0; from < min(n, len(all)); {
		_, to := equals(all, from)
		if err := r.sortEqual(all[from:to]); err != nil {
			return nil, err
		}
		from = to
	}
	return all[:min(n, len(all))], nil
}

// equals finds what is at the same place as number i of a sorted list.
func equals(all []place, i int) (from, to int) {
	for from = i; from > 0 && all[from-1].at == all[i].at; from-- {
	}
	for to = i + 1; to < len(all) && all[to].at == all[i].at; to++ {
	}
	return from, to
}

// sortEqual sorts places by key: the order of equal documents must not depend on where they are stored.
func (r *view) sortEqual(equal []place) error {
	if len(equal) == 1 {
		return nil
	}
	keyed := make([]index.Ref, len(equal))
	for i, p := range equal {
		key, err := r.key(p.doc)
		if err != nil {
			return err
		}
		keyed[i] = index.Ref{Key: key, Place: index.Place(p.doc)}
	}
	slices.SortFunc(keyed, func(a, b index.Ref) int { return strings.Compare(a.Key, b.Key) })
	for i, k := range keyed {
		equal[i].doc = uint32(k.Place)
	}
	return nil
}
