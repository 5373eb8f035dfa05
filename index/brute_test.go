package index_test

import (
	"cundang/index"
	"cundang/index/bleve"
	"cundang/index/enginetest"

	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/extract"
	"cundang/index/zh"

	"github.com/google/go-cmp/cmp"
)

// The answers of the index against a plain reading of all texts.

func collection(t *testing.T, n int) (*index.Index, []extract.Article) {
	t.Helper()
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	docs := enginetest.MadeUp(n)
	rng := rand.New(rand.NewPCG(3, 3))
	for i := range docs {
		docs[i].Published.Time = time.Date(2015+rng.IntN(8), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, enginetest.China)
		if rng.IntN(20) == 0 {
			docs[i].Published = extract.Date{}
		}
	}
	for i := 0; i < n; i += 300 { // several segments
		if err := x.Put(t.Context(), "", docs[i:min(n, i+300)]...); err != nil {
			t.Fatal(err)
		}
	}
	return x, docs
}

func text(a extract.Article) []string { return []string{string(a.Title), string(a.Body)} }

func TestExactPhrasesAreSubstrings(t *testing.T) {
	x, docs := collection(t, 900)
	rng := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		body := []rune(string(docs[rng.IntN(len(docs))].Body))
		from := rng.IntN(len(body) - 2)
		phrase := string(body[from:min(len(body), from+2+rng.IntN(19))])
		if strings.TrimSpace(phrase) == "" || strings.ContainsAny(phrase, `"“”`) {
			continue
		}
		want := []string{}
		for _, d := range docs {
			if slices.ContainsFunc(text(d), func(s string) bool { return strings.Contains(s, phrase) }) {
				want = append(want, d.ID)
			}
		}
		r := search(t, x, index.Query{Text: `"` + phrase + `"`, Limit: len(docs), Bare: true})
		got := ids(r)
		if !sameSet(got, want) || r.Total != len(want) {
			t.Errorf("%q: %d found, %d have it", phrase, len(got), len(want))
		}
	}
}

func TestTrendIsACount(t *testing.T) {
	x, docs := collection(t, 700)
	terms := []string{`"科普日"`, "科技馆 OR 学会", `"没有这个词"`}
	has := []func(string) bool{
		func(s string) bool { return strings.Contains(s, "科普日") },
		nil,
		func(string) bool { return false },
	}
	got, err := x.Trend(t.Context(), index.Query{}, "month", terms...)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range got.Labels {
		all, found := 0, 0
		for _, d := range docs {
			if d.Published.Time.IsZero() || d.Published.Time.Format("2006-01") != l {
				continue
			}
			all++
			if slices.ContainsFunc(text(d), has[0]) {
				found++
			}
		}
		if got.Articles[i] != all || got.Series[0].Articles[i] != found || got.Series[2].Articles[i] != 0 {
			t.Errorf("%s: %d of %d, want %d of %d", l, got.Series[0].Articles[i], got.Articles[i], found, all)
		}
		if want := float64(found) * 10000 / float64(max(all, 1)); got.Series[0].Per10000[i] != want {
			t.Errorf("%s: %g per 10,000, want %g", l, got.Series[0].Per10000[i], want)
		}
	}
	if first, last := got.Labels[0], got.Labels[len(got.Labels)-1]; first[:4] != "2015" || last[:4] != "2022" || len(got.Labels) < 90 {
		t.Errorf("from %s to %s, %d months", first, last, len(got.Labels))
	}
	if _, err := x.Trend(t.Context(), index.Query{}, "fortnight"); err == nil {
		t.Error("an unknown interval is not refused")
	}
	if got, err := x.Trend(t.Context(), index.Query{Sites: []string{"none"}}, "year", "科普"); err != nil || len(got.Labels) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
}

func TestFacetsAreCounts(t *testing.T) {
	x, docs := collection(t, 500)
	want := map[string]int{}
	for _, d := range docs {
		if slices.ContainsFunc(text(d), func(s string) bool { return strings.Contains(s, "院士专家工作站") }) {
			want[string(d.Source)]++
		}
	}
	r := search(t, x, index.Query{Text: `"院士专家工作站"`, Facets: []string{"source", "year", "author"}})
	f := r.Facets["source"]
	sum := f.Other
	for _, v := range f.Values {
		sum += v.Count
		if want[v.Value] != v.Count {
			t.Errorf("%s: %d, want %d", v.Value, v.Count, want[v.Value])
		}
	}
	if sum != f.Total || f.Total != r.Total {
		t.Errorf("values and the rest make %d, total %d, %d articles", sum, f.Total, r.Total)
	}
	years := 0
	for _, v := range r.Facets["year"].Values {
		years += v.Count
	}
	if years != r.Facets["year"].Total {
		t.Errorf("years make %d of %d", years, r.Facets["year"].Total)
	}
}

func TestConcordanceIsComplete(t *testing.T) {
	x, docs := collection(t, 400)
	want := 0
	for _, d := range docs {
		for _, s := range text(d) {
			want += strings.Count(s, "学术年会")
		}
	}
	c, err := x.KWIC(t.Context(), index.Query{Limit: 100000}, "学术年会", false, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lines) != want || want == 0 {
		t.Errorf("%d lines, want %d", len(c.Lines), want)
	}
	for _, l := range c.Lines {
		if l.Match != "学术年会" || len([]rune(l.Left)) > 10 || len([]rune(l.Right)) > 10 {
			t.Errorf("%+v", l)
		}
	}
	page, err := x.KWIC(t.Context(), index.Query{Limit: 5, Offset: 3}, "学术年会", true, 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c.Lines[3:8], page.Lines); d != "" {
		t.Error(d)
	}
	if c, err := x.KWIC(t.Context(), index.Query{}, "学術年會", false, 5); err != nil || len(c.Lines) == 0 {
		t.Errorf("traditional: %d lines, %v", len(c.Lines), err)
	}
	if _, err := x.KWIC(t.Context(), index.Query{}, " ", false, 5); err == nil {
		t.Error("an empty term is not refused")
	}
}

// shingles are the strings of five characters of a text, punctuation and white space left out.
func shingles(t index.Texts) map[string]bool {
	var runes []rune
	for _, r := range zh.FoldRunes(nil, t.Title+"\n"+t.Body) {
		if zh.Content(r) {
			runes = append(runes, r)
		}
	}
	out := map[string]bool{}
	for i := 0; i+5 <= len(runes); i++ {
		out[string(runes[i:i+5])] = true
	}
	return out
}

func TestSimilarFindsReprints(t *testing.T) {
	x, docs := collection(t, 300)
	reprint := docs[17]
	reprint.ID, reprint.Source = "reprint", "某某日报"
	reprint.Body = "本报讯 " + reprint.Body + "（通讯员供稿）"
	reprint.Paragraphs = nil
	if err := x.Put(t.Context(), "", reprint); err != nil {
		t.Fatal(err)
	}
	got, err := x.Similar(t.Context(), docs[17].ID, index.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 || got[0].Article.ID != "reprint" || !got[0].Reprint || got[0].Shared < 0.95 {
		t.Fatalf("%+v", got[:min(len(got), 1)])
	}
	for i, s := range got {
		_, a := index.Split(mustArticle(t, x, docs[17].ID))
		_, b := index.Split(mustArticle(t, x, s.Article.ID))
		mine, theirs, common := shingles(a), shingles(b), 0
		for k := range mine {
			if theirs[k] {
				common++
			}
		}
		if want := float64(common) / float64(min(len(mine), len(theirs))); s.Shared != want {
			t.Errorf("%s shares %g, counted %g", s.Article.ID, s.Shared, want)
		}
		if i > 0 && s.Shared > got[i-1].Shared {
			t.Error("not in order")
		}
	}
}

func mustArticle(t *testing.T, x *index.Index, id string) extract.Article {
	t.Helper()
	a, err := x.Article(t.Context(), id, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSuggest(t *testing.T) {
	x, _ := collection(t, 200)
	for _, c := range []struct{ prefix, has string }{{"青少年", "青少年"}, {"qingshaonian", "青少年"}, {"qsn", "青少年"}, {"科协", "科协"}, {"學術", "学术"}} {
		got, err := x.Suggest(t.Context(), c.prefix, index.Query{Limit: 20})
		if err != nil || !slices.ContainsFunc(got, func(s index.Suggestion) bool { return strings.HasPrefix(s.Text, c.has) }) {
			t.Errorf("%s: %v, %v, want %s", c.prefix, got, err, c.has)
		}
	}
	if got, err := x.Suggest(t.Context(), "  ", index.Query{Limit: 5}); err != nil || len(got) != 0 {
		t.Errorf("nothing typed: %v, %v", got, err)
	}
}

// TestRebuildGivesTheSameAnswers puts the same articles in another order and in other batches.
func TestRebuildGivesTheSameAnswers(t *testing.T) {
	x, docs := collection(t, 600)
	y := filepath.Join(t.TempDir(), "other")
	err := bleve.Rebuild(t.Context(), y, index.Options{}, func(_ context.Context, put func(string, ...extract.Article) error) error {
		for _, i := range rand.New(rand.NewPCG(9, 9)).Perm(len(docs)) {
			if err := put("", docs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, y)
	for _, q := range []index.Query{
		{Text: "科技馆 学术年会", Limit: 300}, {Text: "青少年科技创新大赛推进会的进展"}, {Text: `"服务大局"`, Limit: 50},
		{Sort: "-published", Limit: 100}, {Text: "科协", Sort: "published", Facets: []string{"source", "year", "orgs"}},
	} {
		a, b := search(t, x, q), search(t, other, q)
		a.Took, b.Took = 0, 0
		if d := cmp.Diff(a, b); d != "" {
			t.Errorf("%+v: %s", q, d[:min(len(d), 600)])
		}
	}
}

func TestFragmentsAreWholeWordsAndSentences(t *testing.T) {
	x, docs := collection(t, 200)
	byID := map[string]extract.Article{}
	for _, d := range docs {
		byID[d.ID] = d
	}
	d, err := zh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	cut := zh.NewCutter(d)
	for _, q := range []string{"科技工作者之家 推进会", "学术年会", "青少年科技"} {
		for _, h := range search(t, x, index.Query{Text: q}).Hits {
			body := string(byID[h.Article.ID].Body)
			for _, f := range h.Fragments {
				plain := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(f)
				at := strings.Index(body, plain)
				if at < 0 {
					t.Fatalf("%s: %q is not in the text", q, plain)
				}
				if end := at + len(plain); at > 0 && !strings.HasSuffix(body[:at], "。") && !strings.HasSuffix(body[:at], "\n") || end < len(body) && !strings.HasSuffix(plain, "。") {
					t.Errorf("%s: %q is not whole sentences", q, plain)
				}
				borders := map[int]bool{}
				cut.Words(plain, true, func(w zh.Word) { borders[w.Start], borders[w.End] = true, true })
				n := 0
				for _, piece := range strings.SplitAfter(strings.ReplaceAll(f, "</mark>", "<mark>"), "<mark>") {
					n += len([]rune(strings.TrimSuffix(piece, "<mark>")))
					if strings.HasSuffix(piece, "<mark>") && !borders[n] && n > 0 {
						t.Errorf("%s: a mark cuts a word at %d of %q", q, n, f)
					}
				}
			}
		}
	}
}

func TestLongQueriesAreAnsweredInPart(t *testing.T) {
	x := filled(t)
	r := search(t, x, index.Query{Text: "请问自治区科协什么时候召开会议学习党的二十大精神"})
	if len(r.Hits) == 0 || r.Hits[0].Article.ID != "a1" || r.Notice == "" {
		t.Errorf("%v, %q", ids(r), r.Notice)
	}
	if r := search(t, x, index.Query{Text: "科协 会议"}); r.Total != 1 {
		t.Errorf("two words: %d", r.Total)
	}
}

func TestExplainAddsUp(t *testing.T) {
	x, _ := collection(t, 50)
	for _, h := range search(t, x, index.Query{Text: "学术年会 推进会", Explain: true}).Hits {
		if !strings.Contains(h.Explain, "words") || !strings.Contains(h.Explain, "read") {
			t.Errorf("%q", h.Explain)
		}
	}
}
