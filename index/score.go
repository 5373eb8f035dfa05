package index

import (
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

// scores is what the postings say about every document.
type scores struct {
	ranking      Ranking
	words, pairs []float32 // sums by document
	found        docSet    // documents with a word or a pair
	weight       []float32 // idf of the question's words
	pairWeight   []float32
	pairUsed     []bool  // not so common as to tell nothing
	average      float32 // length of a text, in words
	cover        []float32
	coverAll     float32 // cover of a document with all words
}

// score adds up BM25 over words, and the weights of pairs, for every document.
func (r *reader) score(q question, rk Ranking) (*scores, error) {
	sums, err := r.totals()
	if err != nil {
		return nil, err
	}
	lengths, err := r.lengths()
	if err != nil {
		return nil, err
	}
	n := max(sums.Docs, 1)
	s := &scores{
		ranking: rk,
		words:   make([]float32, r.total), pairs: make([]float32, r.total), found: newDocSet(r.total),
		weight: make([]float32, len(q.words)), pairWeight: make([]float32, len(q.pairs)),
		average: max(float32(sums.Words)/float32(n), 1), pairUsed: make([]bool, len(q.pairs)), cover: make([]float32, r.total),
	}
	common := int(rk.Common * float32(n))
	if n < 1000 {
		common = n // in a small collection every word may be what is asked for
	}
	flat, slope := rk.K1*(1-rk.B), rk.K1*rk.B
	per := slope / s.average
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
		if err := r.each(l, func(doc uint32, tf float32) {
			s.words[doc] += weight * tf / (tf + flat + per*lengths[doc])
			s.cover[doc] += cover
			s.found.add(doc)
		}); err != nil {
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
		weight := s.pairWeight[i]
		add := func(doc uint32) {
			s.pairs[doc] += weight
			s.found.add(doc)
		}
		if err := r.present(word, add); err != nil {
			return nil, err
		}
		if err := r.present(bucket, add); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// first is the score of the first pass.
func (s *scores) first(doc uint32) float32 { return s.words[doc] + s.ranking.Pairs*s.pairs[doc] }
