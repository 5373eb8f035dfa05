package index

import (
	"cundang/index/zh"
)

// Constants of the ranking, each from a sweep on a collection of 84,652 news texts (docs/adr).
const (
	bm25K1     = 0.9
	bm25B      = 0.4
	gramWeight = 0.5
	// A word or pair that more than this share of the documents have tells nothing.
	commonShare = 0.25
)

// question is the scoring side of a query: what to look for, and how much each find is worth.
type question struct {
	words []string // of cut query text, folded, sub-words included
	grams []string // buckets of pairs of adjacent characters
}

// ask cuts query text into a question.
func ask(c *zh.Cutter, text string) question {
	var q question
	seen := map[string]bool{}
	c.Words(text, true, func(w zh.Word) {
		if !seen[w.Text] {
			seen[w.Text] = true
			q.words = append(q.words, w.Text)
		}
	})
	seen = map[string]bool{}
	zh.Grams(text, func(b string) {
		if !seen[b] {
			seen[b] = true
			q.grams = append(q.grams, b)
		}
	})
	return q
}

// score adds up BM25 over words and the weight of bigram buckets for every document.
// It returns the scores by document and the documents with any.
func (r *reader) score(q question) ([]float32, docSet, error) {
	sums, err := r.totals()
	if err != nil {
		return nil, nil, err
	}
	scores := make([]float32, r.total)
	found := newDocSet(r.total)
	n := max(sums.Docs, 1)
	average := max(float32(sums.Words)/float32(n), 1)
	for _, w := range q.words {
		l, err := r.list(fWords, w)
		if err != nil {
			return nil, nil, err
		}
		if l.count == 0 || len(q.words) > 1 && float64(l.count) > commonShare*float64(n) && n > 1000 {
			continue
		}
		weight := idf(n, l.count)
		if err := r.each(l, func(doc uint32, tf, length float32) {
			scores[doc] += weight * tf * (bm25K1 + 1) / (tf + bm25K1*(1-bm25B+bm25B*length/average))
			found.add(doc)
		}); err != nil {
			return nil, nil, err
		}
	}
	for _, g := range q.grams {
		l, err := r.list(fGrams, g)
		if err != nil {
			return nil, nil, err
		}
		if l.count == 0 || float64(l.count) > commonShare*float64(n) && n > 1000 {
			continue
		}
		weight := gramWeight * idf(n, l.count)
		if err := r.present(l, func(doc uint32) { scores[doc] += weight }); err != nil {
			return nil, nil, err
		}
	}
	return scores, found, nil
}
