package index_test

import (
	"cundang/index"
	"cundang/index/bleve"
	"cundang/index/enginetest"
	"cundang/index/opensearch"

	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/extract"

	"github.com/google/go-cmp/cmp"
)

// open opens the embedded index at dir, or where there is a cluster to test with one there, by a name of its own.
func open(t *testing.T, dir string) *index.Index {
	t.Helper()
	var x *index.Index
	var err error
	if addresses, name := enginetest.Cluster(t, dir); addresses != nil {
		x, err = opensearch.Open(t.Context(), opensearch.Options{Addresses: addresses, Name: name})
	} else {
		x, err = bleve.Open(dir, index.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
			t.Error(err)
		}
	})
	return x
}

func filled(t *testing.T) *index.Index {
	t.Helper()
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	if err := x.Put(t.Context(), "p1", enginetest.Corpus()...); err != nil {
		t.Fatal(err)
	}
	return x
}

func ids(r index.Result) (out []string) {
	for _, h := range r.Hits {
		out = append(out, h.Article.ID)
	}
	return out
}

func search(t *testing.T, x *index.Index, q index.Query) index.Result {
	t.Helper()
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSearchFinds(t *testing.T) {
	x := filled(t)
	for _, c := range []struct{ query, first string }{
		{"党的二十大", "a1"},
		{"科技工作者之家", "a1"},
		{"全国科普日", "a2"},
		{"青少年科技创新大赛获奖名单", "a3"}, // simplified finds traditional
		{"ｃ９１９", "a3"},          // full width finds ASCII
		{"三长制", "a4"},
	} {
		r := search(t, x, index.Query{Text: c.query})
		if len(r.Hits) == 0 || r.Hits[0].Article.ID != c.first {
			t.Errorf("%s: %v, want %s first", c.query, ids(r), c.first)
			continue
		}
		h := r.Hits[0]
		if !strings.Contains(h.Title+strings.Join(h.Fragments, ""), "<mark>") {
			t.Errorf("%s: nothing is marked in %q %q", c.query, h.Title, h.Fragments)
		}
	}
}

func TestArticleComesBackWhole(t *testing.T) {
	x := filled(t)
	want := enginetest.Corpus()[0]
	want.Attachments = nil
	got, err := x.Article(t.Context(), "a1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want.Version, want.Versions, want.Since = 1, 1, want.Fetched
	if d := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".People" || p.Last().String() == ".Places" || p.Last().String() == ".Organizations"
	}, cmp.Ignore())); d != "" {
		t.Error(d)
	}
	if _, err := x.Article(t.Context(), "nobody", time.Time{}); !errors.Is(err, index.ErrNotFound) {
		t.Errorf("unknown ID: %v, want index.ErrNotFound", err)
	}
}

// TestVersionsWhateverTheOrder puts the captures of one page in every order, in one Put or
// in many, and wants the same versions.
func TestVersionsWhateverTheOrder(t *testing.T) {
	at := func(d int, body string) extract.Article {
		a := enginetest.Article("v", "名单", body, 1)
		a.Fetched = enginetest.Day(d)
		a.Capture = &extract.CaptureRef{Ref: fmt.Sprintf("kx.warc.gz:%d:9", d), Digest: "sha256:" + body}
		return a
	}
	gone := extract.Article{ID: "v", URL: "https://kx.example/v", Fetched: enginetest.Day(6), State: extract.StateGone}
	captures := []extract.Article{at(1, "初稿"), at(2, "初稿"), at(3, "改稿"), at(4, "初稿"), at(5, "初稿"), gone}
	type seen struct {
		Body, Ref string
		Version   int
		State     extract.State
	}
	want := []seen{
		{"初稿", "kx.warc.gz:2:9", 1, extract.StateLive},
		{"改稿", "kx.warc.gz:3:9", 2, extract.StateLive},
		{"初稿", "kx.warc.gz:5:9", 3, extract.StateGone},
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 25 {
		x := open(t, filepath.Join(t.TempDir(), "x"))
		order := rng.Perm(len(captures))
		for i := 0; i < len(order); {
			n := 1 + rng.IntN(len(order)-i)
			var batch []extract.Article
			for _, j := range order[i : i+n] {
				batch = append(batch, captures[j])
			}
			if err := x.Put(t.Context(), "", batch...); err != nil {
				t.Fatal(err)
			}
			i += n
		}
		all, err := x.Versions(t.Context(), "v")
		if err != nil {
			t.Fatal(err)
		}
		var got []seen
		for _, a := range all {
			got = append(got, seen{string(a.Body), a.Capture.Ref, a.Version, a.State})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("round %d, order %v: %s", round, order, d)
		}
		if r := search(t, x, index.Query{Text: "名单"}); r.Total != 1 || r.Hits[0].Article.Version != 3 || r.Hits[0].Article.State != extract.StateGone {
			t.Fatalf("search finds %d, %+v", r.Total, r.Hits)
		}
		if r := search(t, x, index.Query{Text: "改稿"}); r.Total != 0 {
			t.Fatalf("the old version is found: %v", ids(r))
		}
		r := search(t, x, index.Query{Text: "改稿", AsOf: enginetest.Day(3)})
		if r.Total != 1 || r.Hits[0].Article.Version != 2 || r.Hits[0].Article.State != extract.StateLive {
			t.Fatalf("as of the third: %+v", r)
		}
		if _, err := x.Article(t.Context(), "v", enginetest.Day(0)); !errors.Is(err, index.ErrNotFound) {
			t.Fatalf("before the first capture: %v", err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyArticlesUnlessAsked(t *testing.T) {
	x := filled(t)
	l := enginetest.Article("list", "科普日活动列表", "全国科普日", 1)
	l.Kind = extract.KindList
	if err := x.Put(t.Context(), "p2", l); err != nil {
		t.Fatal(err)
	}
	if got := ids(search(t, x, index.Query{Text: "全国科普日"})); len(got) == 0 || got[0] != "a2" || strings.Contains(strings.Join(got, " "), "list") {
		t.Errorf("default: %v", got)
	}
	if got := ids(search(t, x, index.Query{Kinds: []string{"list"}})); !cmp.Equal(got, []string{"list"}) {
		t.Errorf("lists: %v", got)
	}
	if r := search(t, x, index.Query{Kinds: []string{"any"}}); r.Total != 5 {
		t.Errorf("any: %d", r.Total)
	}
}

func TestFiltersSortsFacets(t *testing.T) {
	x := filled(t)
	if got := ids(search(t, x, index.Query{})); !cmp.Equal(got, []string{"a1", "a2", "a3", "a4"}) {
		t.Errorf("no words: %v, want the newest first", got)
	}
	if got := ids(search(t, x, index.Query{Sort: "published"})); !cmp.Equal(got, []string{"a4", "a3", "a2", "a1"}) {
		t.Errorf("oldest first: %v", got)
	}
	q := index.Query{From: time.Date(2022, 10, 9, 0, 0, 0, 0, enginetest.China), To: time.Date(2022, 10, 15, 0, 0, 0, 0, enginetest.China)}
	if got := ids(search(t, x, q)); !cmp.Equal(got, []string{"a2", "a3"}) {
		t.Errorf("9 to 15 October: %v", got)
	}
	if got := ids(search(t, x, index.Query{Sites: []string{"elsewhere"}})); len(got) != 0 {
		t.Errorf("another site: %v", got)
	}
	r := search(t, x, index.Query{Facets: []string{"source", "month", "column"}})
	want := map[string]index.Facet{
		"source": {Total: 4, Values: []index.FacetTerm{{Value: "示例科协", Count: 4}}},
		"month":  {Total: 4, Values: []index.FacetTerm{{Value: "2022-10", Count: 4}}},
		"column": {Total: 8, Values: []index.FacetTerm{{Value: "科协要闻", Count: 4}, {Value: "首页", Count: 4}}},
	}
	if d := cmp.Diff(want, r.Facets); d != "" {
		t.Error(d)
	}
	if _, err := x.Search(t.Context(), index.Query{Facets: []string{"colour"}}); err == nil {
		t.Error("an unknown facet is not refused")
	}
	if got := ids(search(t, x, index.Query{Offset: 2, Limit: 1})); !cmp.Equal(got, []string{"a3"}) {
		t.Errorf("third: %v", got)
	}
}
