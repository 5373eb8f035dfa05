package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"cundang/index/zh"
)

// ParseSynonyms reads the operator's lines of names that stand for the same (see zh.ParseSynonyms), for Options.
func ParseSynonyms(lines []string) ([][]string, error) { return zh.ParseSynonyms(lines) }

// learned is the names that stand for the same: the operator's, those compiled in, and what the articles themselves
// say, as the index was in one state.
type learned struct {
	mu    sync.Mutex
	view  int
	names *zh.Synonyms
}

// abbreviationJoin stands between the short and the full name in FieldAbbreviation.
const abbreviationJoin = "="

// mostLearned bounds how many abbreviations of an archive are used, those of most articles first; clear is
// the share of the articles with an abbreviation that have to mean the same by it.
const (
	mostLearned = 50_000
	clearShare  = 0.7
)

// synonyms returns the names that stand for the same.
func (r *reader) synonyms(ctx context.Context) (*zh.Synonyms, error) {
	l := &r.x.names
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names != nil && l.view == r.Number() {
		return l.names, nil
	}
	builtin, err := zh.BuiltinSynonyms()
	if err != nil {
		return nil, err
	}
	archive, err := r.abbreviations(ctx)
	if err != nil {
		return nil, err
	}
	l.view, l.names = r.Number(), zh.NewSynonyms(r.x.opts.Synonyms, builtin, archive)
	return l.names, nil
}

// abbreviations lists those that the articles introduce and agree on.
func (r *reader) abbreviations(ctx context.Context) ([][]string, error) {
	type meaning struct {
		short, full string
		articles    int
	}
	var all []meaning
	of := map[string]int{}
	err := r.Terms(ctx, FieldAbbreviation, func(term string, articles int) {
		if short, full, ok := strings.Cut(term, abbreviationJoin); ok && articles > 0 {
			all = append(all, meaning{short, full, articles})
			of[short] += articles
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b meaning) int {
		return cmp.Or(cmp.Compare(b.articles, a.articles), strings.Compare(a.short, b.short), strings.Compare(a.full, b.full))
	})
	var out [][]string
	for _, m := range all[:min(len(all), mostLearned)] {
		if float64(m.articles) >= clearShare*float64(of[m.short]) {
			out = append(out, []string{m.full, m.short})
		}
	}
	return out, nil
}

// abbreviationsIn are the values of FieldAbbreviation of a text.
func abbreviationsIn(c *zh.Cutter, t Texts) []string {
	var out []string
	for _, a := range c.Abbreviations(t.Body) {
		if v := zh.Fold(a.Short) + abbreviationJoin + zh.Fold(a.Full); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
