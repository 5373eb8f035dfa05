package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index/zh"
)

// Similar is an article that resembles another.
type Similar struct {
	Article extract.Article `json:"article"` // without body and paragraphs
	// Shared is how much of the shorter text stands in the longer one, Overlap how much both have
	// in common of all they have: shares of their strings of shingle characters, from 0 to 1.
	Shared  float64 `json:"shared"`
	Overlap float64 `json:"overlap"`
	Reprint bool    `json:"reprint"` // Shared is at least ReprintShare
}

// ReprintShare is how much of the shorter text a reprint has in common with the longer one.
const ReprintShare = 0.6

const (
	shingle      = 5  // characters
	similarTerms = 25 // of an article, to look for others with
	similarRead  = 60 // candidates that are compared
)

// Similar finds articles that resemble one, the most alike first: reprints under another source,
// earlier and later news of the same event. Candidates share the article's most telling words;
// how alike they are is counted on the texts. Filters of q narrow the candidates; q.Limit 0 is 10.
func (x *Index) Similar(ctx context.Context, id string, q Query) (out []Similar, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, err := x.Article(ctx, id, time.Time{})
	if err != nil {
		return nil, err
	}
	r, done, err := x.read()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer r.damage(&err)
	if out, err = r.similar(ctx, a, q); err != nil {
		return nil, fmt.Errorf("similar to %s: %w", id, err)
	}
	return out, nil
}

func (r *reader) similar(ctx context.Context, a extract.Article, q Query) ([]Similar, error) {
	_, own := split(a)
	telling, err := r.telling(own)
	if err != nil {
		return nil, err
	}
	s, err := r.score(telling, DefaultRanking())
	if err != nil {
		return nil, err
	}
	q.Text = ""
	matches, err := r.filter(q)
	if err != nil {
		return nil, err
	}
	matches.each(func(doc uint32) {
		if !s.of[doc].found() {
			matches.remove(doc)
		}
	})
	u := &understood{matches: matches, question: question{}, scores: s}
	order, err := r.rank(Query{}, u, similarRead)
	if err != nil {
		return nil, err
	}
	mine := shingles(own)
	out := []Similar{}
	for _, d := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, t, err := r.stored(d.doc, true, true)
		if err != nil {
			return nil, err
		}
		if h.Article.ID == a.ID {
			continue
		}
		theirs := shingles(t)
		common := 0
		for s := range theirs {
			if mine[s] {
				common++
			}
		}
		shorter := max(1, min(len(mine), len(theirs)))
		m := Similar{
			Article: join(h, t, false),
			Shared:  float64(common) / float64(shorter),
			Overlap: float64(common) / float64(max(1, len(mine)+len(theirs)-common)),
		}
		m.Reprint = m.Shared >= ReprintShare
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Similar) int { return cmp.Compare(b.Shared, a.Shared) })
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	return out[:min(limit, len(out))], nil
}

// telling is the words of a text that say most about it: frequent here, rare elsewhere.
func (r *reader) telling(t texts) (question, error) {
	sums, err := r.totals()
	if err != nil {
		return question{}, err
	}
	words, _, _ := wordFields(zh.NewCutter(r.x.dict), t)
	type rated struct {
		word string
		rate float32
	}
	var all []rated
	for w, tf := range words.terms {
		if len(w) < 4 { // one character
			continue
		}
		l, err := r.list(fWords, w)
		if err != nil {
			return question{}, err
		}
		if l.count < 2 {
			continue // nobody else has it
		}
		n := float32(tf.Frequency())
		all = append(all, rated{w, idf(sums.Docs, l.count) * n / (n + 2)})
	}
	slices.SortFunc(all, func(a, b rated) int { return cmp.Or(cmp.Compare(b.rate, a.rate), strings.Compare(a.word, b.word)) })
	var q question
	for _, w := range all[:min(similarTerms, len(all))] {
		q.words, q.sub = append(q.words, w.word), append(q.sub, false)
	}
	return q, nil
}

// shingles is the strings of shingle characters of a text, punctuation and white space left out.
func shingles(t texts) map[string]bool {
	var runes []rune
	for _, r := range zh.FoldRunes(nil, t.title+"\n"+t.body) {
		if zh.Content(r) {
			runes = append(runes, r)
		}
	}
	out := make(map[string]bool, len(runes))
	for i := 0; i+shingle <= len(runes); i++ {
		out[string(runes[i:i+shingle])] = true
	}
	return out
}
