package index

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ranked is a document in the order of the answer.
type ranked struct {
	doc   uint32
	score float32
	fresh float32            // gained for the date
	read  *[features]float32 // what the second pass found
}

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

// rank sorts the matches and returns the first n.
func (r *reader) rank(q Query, u *understood, n int) ([]ranked, error) {
	switch q.Sort {
	case "", "relevance":
		if u.scores != nil {
			return r.relevance(q, u, n)
		}
		return r.chronological(fPub, true, u, n)
	case "published", "-published":
		return r.chronological(fPub, q.Sort[0] == '-', u, n)
	case "fetched", "-fetched":
		return r.chronological(fFetched, q.Sort[0] == '-', u, n)
	}
	return nil, fmt.Errorf("sort %q: relevance, published, -published, fetched or -fetched", q.Sort)
}

// chronological sorts by a time; undated documents come last, either way.
func (r *reader) chronological(field string, newest bool, u *understood, n int) ([]ranked, error) {
	times, err := r.times(field)
	if err != nil {
		return nil, err
	}
	places, err := r.first(u.matches, n, func(doc uint32) int64 {
		switch t := times.of(doc); {
		case t == noTime:
			return math.MaxInt64
		case newest:
			return -t
		default:
			return t
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]ranked, len(places))
	for i, p := range places {
		out[i].doc = p.doc
		if u.scores != nil {
			out[i].score = u.scores.first(p.doc)
		}
	}
	return out, nil
}

// relevance sorts by score, in two passes.
func (r *reader) relevance(q Query, u *understood, n int) ([]ranked, error) {
	s := u.scores
	gain, err := r.gain(q, s)
	if err != nil {
		return nil, err
	}
	read := s.ranking.read(u.question)
	places := s.best(u.matches, max(n, read), gain)
	if n > read {
		places, err = r.sort(places, n)
	} else { // all of them get other scores
		places, err = r.choose(places, read)
	}
	if err != nil {
		return nil, err
	}
	all := make([]ranked, len(places))
	for i, p := range places {
		all[i] = ranked{doc: p.doc, score: s.first(p.doc)}
		if gain != nil {
			all[i].fresh = gain(p.doc)
			all[i].score += all[i].fresh
		}
	}
	if err := r.second(all[:min(read, len(all))], u.question, s); err != nil {
		return nil, err
	}
	by := make(map[uint32]ranked, len(all))
	for i, d := range all {
		by[d.doc] = d
		places[i] = place{at: byScore(d.score), doc: d.doc}
	}
	if places, err = r.sort(places, n); err != nil {
		return nil, err
	}
	all = all[:0]
	for _, p := range places {
		all = append(all, by[p.doc])
	}
	return all, nil
}

// first returns the first n documents of a set in an order.
func (r *reader) first(set docSet, n int, at func(doc uint32) int64) ([]place, error) {
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

// choose returns the first n places in no order.
func (r *reader) choose(all []place, n int) ([]place, error) {
	if len(all) <= n {
		return all, nil
	}
	slices.SortFunc(all, byPlace)
	from, to := equals(all, n-1)
	if to > n {
		if err := r.sortEqual(all[from:to]); err != nil {
			return nil, err
		}
	}
	return all[:n], nil
}

// sort returns the first n places in order; equals are ordered by key, which is read only for those
// that matter.
func (r *reader) sort(all []place, n int) ([]place, error) {
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
func (r *reader) sortEqual(equal []place) error {
	if len(equal) == 1 {
		return nil
	}
	keyed := make([]stands, len(equal))
	for i, p := range equal {
		key, err := r.key(p.doc)
		if err != nil {
			return err
		}
		keyed[i] = stands{key, p.doc}
	}
	slices.SortFunc(keyed, func(a, b stands) int { return strings.Compare(a.key, b.key) })
	for i, k := range keyed {
		equal[i].doc = k.doc
	}
	return nil
}
