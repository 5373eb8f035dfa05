package bleve

import (
	"math/bits"
	"sync"

	"cundang/index"
)

// sums is what the postings say about a document.
type sums struct {
	words, pairs float32
	cover        float32 // weight of the words it has
}

// found says whether a document has a word or a pair.
func (s sums) found() bool { return s.words > 0 || s.pairs > 0 }

// scores is what the postings say about every document.
type scores struct {
	rank       *index.Rank
	stats      index.Stats
	of         []sums
	weight     []float32 // idf of the words
	pairWeight []float32
	pairUsed   []bool  // not so common as to tell nothing
	average    float32 // length of a text, in words
	coverAll   float32 // cover of a document with all words
}

// tables are used again: one is a megabyte for 84,652 documents.
var tables sync.Pool

func newSums(n int) []sums {
	if t, ok := tables.Get().(*[]sums); ok && cap(*t) >= n {
		out := (*t)[:n]
		clear(out)
		return out
	}
	return make([]sums, n)
}

// release gives back the memory of scores that are needed no more.
func (s *scores) release() {
	if s != nil {
		of := s.of
		s.of = nil
		tables.Put(&of)
	}
}

// score adds up BM25 over words, and the weights of pairs, for every document.
func (r *view) score(rk *index.Rank) (*scores, error) {
	totals, err := r.totals()
	if err != nil {
		return nil, err
	}
	n := max(totals.Docs, 1)
	s := &scores{
		rank: rk, of: newSums(r.total),
		weight: make([]float32, len(rk.Words)), pairWeight: make([]float32, len(rk.Pairs)), pairUsed: make([]bool, len(rk.Pairs)),
		average: max(float32(totals.Words)/float32(n), 1),
	}
	s.stats = index.Stats{Documents: n, Length: s.average, Words: make([]int, len(rk.Words)), Pairs: make([]int, len(rk.Pairs))}
	common := int(rk.Common * float32(n))
	if n < 1000 {
		common = n // in a small collection every word may be what is asked for
	}
	for i, w := range rk.Words {
		l, err := r.list(fWords, w)
		if err != nil {
			return nil, err
		}
		s.stats.Words[i] = l.count
		s.weight[i] = index.IDF(n, l.count)
		if l.count == 0 && !rk.Sub[i] {
			s.coverAll += s.weight[i]
		}
		if l.count == 0 || len(rk.Words) > 1 && l.count > common {
			continue
		}
		weight, cover := s.weight[i]*(rk.K1+1), s.weight[i]
		if rk.Sub[i] {
			weight, cover = weight*rk.Ranking.Sub, 0
		}
		s.coverAll += cover
		if err := r.addWord(s, l, weight, cover); err != nil {
			return nil, err
		}
	}
	for i, p := range rk.Pairs {
		word, bucket, err := r.pair(p)
		if err != nil {
			return nil, err
		}
		df := word.count + bucket.count
		s.stats.Pairs[i] = df
		s.pairWeight[i] = index.IDF(n, df)
		if df == 0 || len(rk.Pairs) > 1 && df > common {
			continue
		}
		s.pairUsed[i] = true
		for _, l := range [...]list{word, bucket} {
			for j, p := range l.parts {
				of := s.of[r.segs[j].base:]
				for _, doc := range p.docs {
					of[doc].pairs += s.pairWeight[i]
				}
			}
		}
	}
	return s, nil
}

// addWord adds BM25 of a word, and what it covers.
func (r *view) addWord(s *scores, l list, weight, cover float32) error {
	flat, per := s.rank.K1*(1-s.rank.B), s.rank.K1*s.rank.B/s.average
	for j, p := range l.parts {
		if len(p.docs) == 0 {
			continue
		}
		lengths, err := r.lengths(j)
		if err != nil {
			return err
		}
		of := s.of[r.segs[j].base:]
		for k, doc := range p.docs {
			tf := p.tf(k)
			of[doc].words += weight * tf / (tf + flat + per*lengths[doc])
			of[doc].cover += cover
		}
	}
	return nil
}

// first is the score of the first pass.
func (s *scores) first(doc uint32) float32 {
	of := s.of[doc]
	return of.words + s.rank.Ranking.Pairs*of.pairs
}

// best is the first n places of a set by the score of the first pass and, unless it is nil, what a document
// gains. It looks at every match, so the loop stands here without a call for each.
func (s *scores) best(set docSet, n int, gain func(doc uint32) float32) []place {
	best := newFirst(n, set.count())
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			doc := uint32(i*64 + bits.TrailingZeros64(w))
			of := &s.of[doc]
			score := of.words + s.rank.Ranking.Pairs*of.pairs
			if gain != nil {
				score += gain(doc)
			}
			if at := byScore(score); at <= best.last {
				best.add(place{at: at, doc: doc})
			}
		}
	}
	return best.places
}

// some is the documents of a set that have a share of what ranks.
func (r *view) some(s *scores, within docSet, share float32) docSet {
	var pairs float32
	for i, w := range s.pairWeight {
		if s.pairUsed[i] {
			pairs += w
		}
	}
	out := r.newSet()
	words := share * s.coverAll
	pairs *= share
	for i, w := range within {
		var have uint64
		for ; w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			if of := &s.of[i*64+bit]; of.cover >= words && of.cover > 0 || of.pairs >= pairs && of.pairs > 0 {
				have |= 1 << bit
			}
		}
		out[i] = have
	}
	return out
}

// fresh is how much documents are lifted for their dates, nil for not at all.
func (r *view) fresh(s *scores) (func(doc uint32) float32, error) {
	if s.rank.HalfLife <= 0 {
		return nil, nil
	}
	published, err := r.times(index.TimePub)
	if err != nil {
		return nil, err
	}
	return func(doc uint32) float32 { return s.coverAll * s.rank.Fresh(published.of(doc)) }, nil
}
