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

// place is a document and where it stands in an order: the smaller, the earlier.
type place struct {
	at  int64
	doc uint32
	key string // last resort: the order of equal documents must not depend on where they are stored
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
	score := s.first
	if gain != nil {
		score = func(doc uint32) float32 { return s.first(doc) + gain(doc) }
	}
	places, err := r.first(u.matches, max(n, s.ranking.Read), func(doc uint32) int64 { return byScore(score(doc)) })
	if err != nil {
		return nil, err
	}
	all := make([]ranked, len(places))
	for i, p := range places {
		all[i] = ranked{doc: p.doc, score: score(p.doc)}
		if gain != nil {
			all[i].fresh = gain(p.doc)
		}
	}
	if err := r.second(all[:min(s.ranking.Read, len(all))], u.question, s); err != nil {
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

// first returns the first n documents of a set in an order. Of many matches few are wanted: what
// stands behind the n-th seen so far is not kept.
func (r *reader) first(set docSet, n int, at func(doc uint32) int64) ([]place, error) {
	last := int64(math.MaxInt64)
	var best []int64
	if set.count() > n && n > 0 {
		best = make([]int64, 0, 2*n)
		cut := func() {
			slices.Sort(best)
			best = best[:n]
			last = best[n-1]
		}
		set.each(func(doc uint32) {
			if v := at(doc); v < last {
				if best = append(best, v); len(best) == cap(best) {
					cut()
				}
			}
		})
		if len(best) >= n {
			cut()
		}
	}
	places := make([]place, 0, min(2*n, set.count()))
	set.each(func(doc uint32) {
		if v := at(doc); v <= last {
			places = append(places, place{at: v, doc: doc})
		}
	})
	return r.sort(places, n)
}

// sort returns the first n places in order; equals are ordered by key, which is read only for those
// that matter.
func (r *reader) sort(all []place, n int) ([]place, error) {
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.at, b.at) })
	end := min(n, len(all))
	for end > 0 && end < len(all) && all[end-1].at == all[end].at {
		end++
	}
	all = all[:end]
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].at == all[from].at {
			to++
		}
		if equal := all[from:to]; len(equal) > 1 {
			for i := range equal {
				key, err := r.key(equal[i].doc)
				if err != nil {
					return nil, err
				}
				equal[i].key = key
			}
			slices.SortFunc(equal, func(a, b place) int { return strings.Compare(a.key, b.key) })
		}
		from = to
	}
	return all[:min(n, len(all))], nil
}
