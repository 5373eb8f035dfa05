package index_test

import (
	"cundang/index"
	"cundang/index/enginetest"

	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cundang/extract"
)

// cutLines cuts the title and the lines of an article into words, as the command segment shows them.
func cutLines(t *testing.T, a extract.Article) (lines [][]string) {
	t.Helper()
	for _, line := range append([]string{string(a.Title)}, strings.Split(string(a.Body), "\n")...) {
		tokens, err := index.Segment(index.Options{}, line)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, w := range tokens {
			if !w.Sub {
				words = append(words, w.Term)
			}
		}
		lines = append(lines, words)
	}
	return lines
}

// TestWordsAreCounted compares frequencies, collocations and keyness with a plain reading of all texts.
func TestWordsAreCounted(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "x"))
	all := enginetest.MadeUp(80)
	if err := x.Put(t.Context(), "p", all...); err != nil {
		t.Fatal(err)
	}
	const word = "科普"
	query := index.Query{Text: `"全国科普日"`}
	wide := index.Counting{Limit: 100000, Least: 1, Window: 3}
	count, ref, articles, near := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	tokens, refTokens, matching, windows := 0, 0, 0, 0
	node := "学会"
	for _, a := range all {
		in := strings.Contains(string(a.Title+a.Body), "全国科普日")
		if in {
			matching++
		}
		seen := map[string]bool{}
		for _, line := range cutLines(t, a) {
			for i, w := range line {
				if !in {
					ref[w]++
					refTokens++
					continue
				}
				count[w]++
				tokens++
				if !seen[w] {
					articles[w]++
				}
				seen[w] = true
				if w != node && slices.Contains(line[max(0, i-3):min(len(line), i+4)], node) {
					near[w]++
					windows++
				}
			}
		}
	}
	l, err := x.Words(t.Context(), query, wide)
	if err != nil || l.Articles != matching || l.Tokens != tokens || l.Types != len(count) || len(l.Words) != len(count) {
		t.Fatalf("%d articles, %d tokens, %d types, %v; want %d, %d, %d", l.Articles, l.Tokens, l.Types, err, matching,
			tokens, len(count))
	}
	for i, w := range l.Words {
		if w.Count != count[w.Word] || w.Articles != articles[w.Word] ||
			math.Abs(w.PerMillion-float64(w.Count)*1e6/float64(tokens)) > 1e-6 ||
			i > 0 && w.Count > l.Words[i-1].Count {
			t.Errorf("%+v, want %d in %d", w, count[w.Word], articles[w.Word])
		}
	}
	c, err := x.Collocations(t.Context(), query, node, wide)
	if err != nil || c.Count != count[node] || len(c.Words) != len(near) || count[node] == 0 {
		t.Fatalf("%d times, %d words near, %v; want %d, %d", c.Count, len(c.Words), err, count[node], len(near))
	}
	for _, w := range c.Words {
		expected := float64(windows) * float64(count[w.Word]) / float64(tokens-count[node])
		if w.Near != near[w.Word] || w.Count != count[w.Word] || math.Abs(w.Expected-expected) > 1e-9 ||
			(w.LogLikelihood < 0) != (float64(w.Near) < expected) {
			t.Errorf("%+v, want %d near, %g expected", w, near[w.Word], expected)
		}
	}
	k, err := x.Keyness(t.Context(), query, wide)
	if err != nil || k.Tokens != tokens || k.ReferenceTokens != refTokens || k.ReferenceTotal != len(all)-matching {
		t.Fatalf("%d and %d tokens, %v; want %d and %d", k.Tokens, k.ReferenceTokens, err, tokens, refTokens)
	}
	for _, w := range k.Words {
		if w.Count != count[w.Word] || w.Reference != ref[w.Word] {
			t.Errorf("%+v, want %d and %d", w, count[w.Word], ref[w.Word])
		}
	}
	if !slices.ContainsFunc(k.Words[:5], func(w index.KeyWord) bool { return strings.Contains(w.Word, word) }) {
		t.Errorf("%+v", k.Words[:5])
	}
	if part, err := x.Words(t.Context(), query, index.Counting{Read: 3}); err != nil || part.Articles != 3 ||
		part.Notice == "" {
		t.Errorf("%+v, %v", part, err)
	}
}

// TestLogLikelihood holds the figure to that of a published table: 10 of 10,000 against 5 of 20,000 words.
func TestLogLikelihood(t *testing.T) {
	want := 2 * (10*math.Log(10/5.0) + 5*math.Log(5/10.0) + 9990*math.Log(9990/9995.0) + 19995*math.Log(19995/19990.0))
	if got := index.LogLikelihood(10, 10000, 5, 20000); math.Abs(got-want) > 1e-9 || got < 6 {
		t.Errorf("%g, want %g", got, want)
	}
	if got := index.LogLikelihood(5, 20000, 10, 10000); math.Abs(got+want) > 1e-9 {
		t.Errorf("%g, want %g", got, -want)
	}
}
