package index

import (
	"math/bits"
	"sync"

	"cundang/index/zh"
)

// question is the scoring side of a query: what to look for, and how much each find is worth.
type question struct {
	words []string // of cut query text, folded, sub-words included
	sub   []bool   // the word is one only inside a longer one
	pairs []zh.Pair
}

// ask cuts query text into a question.
func ask(c *zh.Cutter, text string) question {
	var q question
	seen := map[string]int{}
	c.Words(text, true, func(w zh.Word) {
		if i, ok := seen[w.Text]; ok {
			q.sub[i] = q.sub[i] && w.Sub
			return
		}
		seen[w.Text] = len(q.words)
		q.words = append(q.words, w.Text)
		q.sub = append(q.sub, w.Sub)
	})
	pairs := map[[2]rune]bool{}
	c.Pairs(text, func(p zh.Pair) {
		if k := [2]rune{p.A, p.B}; !pairs[k] && p.Word != "" {
			pairs[k] = true
			q.pairs = append(q.pairs, p)
		}
	})
	return q
}

// sums is what the postings say about a document.
type sums struct {
	words, pairs float32
	cover        float32 // weight of the words it has
}

// found says whether a document has a word or a pair.
func (s sums) found() bool { return s.words > 0 || s.pairs > 0 }

// scores is what the postings say about every document.
type scores struct {
	ranking    Ranking
	of         []sums
	weight     []float32 // idf of the question's words
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
func (r *reader) score(q question, rk Ranking) (*scores, error) {
	totals, err := r.totals()
	if err != nil {
		return nil, err
	}
	n := max(totals.Docs, 1)
	s := &scores{
		ranking: rk, of: newSums(r.total),
		weight: make([]float32, len(q.words)), pairWeight: make([]float32, len(q.pairs)), pairUsed: make([]bool, len(q.pairs)),
		average: max(float32(totals.Words)/float32(n), 1),
	}
	common := int(rk.Common * float32(n))
	if n < 1000 {
		common = n // in a small collection every word may be what is asked for
	}
	for i, w := range q.words {
		l, err := r.list(fWords, w)
		if err != nil {
			return nil, err
		}
		s.weight[i] = idf(n, l.count)
		if l.count == 0 && !q.sub[i] {
			s.coverAll += s.weight[i]
		}
		if l.count == 0 || len(q.words) > 1 && l.count > common {
			continue
		}
		weight, cover := s.weight[i]*(rk.K1+1), s.weight[i]
		if q.sub[i] {
			weight, cover = weight*rk.Sub, 0
		}
		s.coverAll += cover
		if err := r.addWord(s, l, weight, cover); err != nil {
			return nil, err
		}
	}
	for i, p := range q.pairs {
		word, bucket, err := r.pair(p)
		if err != nil {
			return nil, err
		}
		df := word.count + bucket.count
		s.pairWeight[i] = idf(n, df)
		if df == 0 || len(q.pairs) > 1 && df > common {
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
func (r *reader) addWord(s *scores, l list, weight, cover float32) error {
	flat, per := s.ranking.K1*(1-s.ranking.B), s.ranking.K1*s.ranking.B/s.average
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
	return of.words + s.ranking.Pairs*of.pairs
}

// best is the first n places of a set by the score of the first pass and, unless it is nil, what a document
// gains. It looks at every match, so the loop stands here without a call for each.
func (s *scores) best(set docSet, n int, gain func(doc uint32) float32) []place {
	best := newFirst(n, set.count())
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			doc := uint32(i*64 + bits.TrailingZeros64(w))
			of := &s.of[doc]
			score := of.words + s.ranking.Pairs*of.pairs
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
