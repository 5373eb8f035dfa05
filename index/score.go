package index

import (
	"cundang/index/zh"
)

// Constants of the ranking, each from a sweep on a collection of 84,652 news texts (docs/adr).
const (
	bm25K1     = 0.9
	bm25B      = 0.4
	gramWeight = 0.5
	subWeight  = 0.2
	// A word or pair that more than this share of the documents have tells nothing.
	commonShare = 0.25
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

// score adds up BM25 over words and the weight of pairs for every document.
// It returns the scores by document and the documents with any.
func (r *reader) score(q question) ([]float32, docSet, error) {
	sums, err := r.totals()
	if err != nil {
		return nil, nil, err
	}
	lengths, err := r.lengths()
	if err != nil {
		return nil, nil, err
	}
	scores := make([]float32, r.total)
	found := newDocSet(r.total)
	n := max(sums.Docs, 1)
	average := max(float32(sums.Words)/float32(n), 1)
	for i, w := range q.words {
		l, err := r.list(fWords, w)
		if err != nil {
			return nil, nil, err
		}
		if l.count == 0 || len(q.words) > 1 && float64(l.count) > commonShare*float64(n) && n > 1000 {
			continue
		}
		weight := idf(n, l.count) * (bm25K1 + 1)
		if q.sub[i] {
			weight *= subWeight
		}
		const flat, slope = bm25K1 * (1 - bm25B), bm25K1 * bm25B
		per := slope / average
		if err := r.each(l, func(doc uint32, tf float32) {
			scores[doc] += weight * tf / (tf + flat + per*lengths[doc])
			found.add(doc)
		}); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range q.pairs {
		word, bucket, err := r.pair(p)
		if err != nil {
			return nil, nil, err
		}
		df := word.count + bucket.count
		if df == 0 || float64(df) > commonShare*float64(n) && n > 1000 {
			continue
		}
		weight := gramWeight * idf(n, df)
		add := func(doc uint32) { scores[doc] += weight }
		if err := r.present(word, add); err != nil {
			return nil, nil, err
		}
		if err := r.present(bucket, add); err != nil {
			return nil, nil, err
		}
	}
	return scores, found, nil
}
