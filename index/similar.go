package index

import (
	"cmp"
	"context"
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
	r, done, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	if out, err = r.similar(ctx, a, q); err != nil {
		return nil, fmt.Errorf("similar to %s: %w", id, err)
	}
	return out, nil
}

func (r *reader) similar(ctx context.Context, a extract.Article, q Query) ([]Similar, error) {
	_, own := split(a)
	telling, err := r.telling(ctx, own)
	if err != nil {
		return nil, err
	}
	c := Compiled{All: q.filter(), Rank: telling, Ranked: true}
	found, err := r.Search(ctx, Request{Query: c, Size: similarRead, Read: similarRead})
	if err != nil {
		return nil, err
	}
	mine := signatureOf(own.Title + "\n" + own.Body)
	out := []Similar{}
	for _, d := range found.Hits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, t, err := r.stored(ctx, d.Place)
		if err != nil {
			return nil, err
		}
		if h.Article.ID == a.ID {
			continue
		}
		m := Similar{Article: join(h, t, false)}
		m.Shared, m.Overlap = mine.overlap(signatureOf(t.Title + "\n" + t.Body))
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
func (r *reader) telling(ctx context.Context, t Texts) (*Rank, error) {
	often := map[string]int{}
	c := zh.NewCutter(r.x.dict)
	c.Learn(t.Title, t.Body)
	c.Words(t.Title, true, func(w zh.Word) { often[w.Text] += TitleWeight })
	c.Words(t.Body, true, func(w zh.Word) { often[w.Text]++ })
	var words []string
	for w := range often {
		if len(w) >= 4 { // more than one character
			words = append(words, w)
		}
	}
	documents, having, err := r.Frequencies(ctx, words)
	if err != nil {
		return nil, err
	}
	type rated struct {
		word string
		rate float32
	}
	var all []rated
	for i, w := range words {
		if having[i] < 2 {
			continue // nobody else has it
		}
		n := float32(often[w])
		all = append(all, rated{w, IDF(documents, having[i]) * n / (n + 2)})
	}
	slices.SortFunc(all, func(a, b rated) int { return cmp.Or(cmp.Compare(b.rate, a.rate), strings.Compare(a.word, b.word)) })
	q := &Rank{Ranking: DefaultRanking()}
	for _, w := range all[:min(similarTerms, len(all))] {
		q.Words, q.Sub = append(q.Words, w.word), append(q.Sub, false)
	}
	return q, nil
}
