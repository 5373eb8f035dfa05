package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"cundang/extract"

	"github.com/google/go-cmp/cmp"
)

// TestWarm looks at what is kept: everything that searches read of every article, also after a merge.
func TestWarm(t *testing.T) {
	e, x := engineOf(t, filepath.Join(t.TempDir(), "index.bleve"))
	docs := enginetest.MadeUp(60)
	for i := 0; i < 60; i += 10 {
		if err := x.Put(t.Context(), "", docs[i:i+10]...); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (columns, times, lengths int) {
		for _, s := range e.warm.segments {
			columns += len(s.columns)
			times += len(s.times)
			if s.lengths != nil {
				lengths++
			}
		}
		return
	}
	if err := x.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, tm, l := kept(); c+tm+l != 0 {
		t.Errorf("%d columns, %d times, %d lengths: nobody has asked", c, tm, l)
	}
	if err := x.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	columns, times, lengths := kept()
	if columns != 13 || times != 2 || lengths != 1 {
		t.Errorf("%d columns, %d times, %d lengths", columns, times, lengths)
	}
	if err := x.Put(t.Context(), "", enginetest.MadeUp(120)[60:]...); err != nil {
		t.Fatal(err)
	}
	if err := x.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, tm, l := kept(); c != columns || tm != times || l != lengths {
		t.Errorf("after a merge: %d columns, %d times, %d lengths", c, tm, l)
	}
	for _, collapse := range []string{index.CollapseSite, index.CollapseAll} {
		if _, err := x.Search(t.Context(), index.Query{Collapse: collapse}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range warmFields[:11] { // a search with all facets reads nothing more
		if _, err := x.Search(t.Context(), index.Query{Text: "科技馆", Facets: []string{name}, Sort: "-published"}); err != nil {
			t.Fatal(err)
		}
	}
	if c, tm, l := kept(); c != columns || tm != times || l != lengths {
		t.Errorf("after searches: %d columns, %d times, %d lengths", c, tm, l)
	}
}

// TestSearchWhileWriting asks while articles are put, changed, merged and settled. Every answer must be
// of one state of the index, and the last ones those of an index that is made anew and has nothing kept.
func TestSearchWhileWriting(t *testing.T) {
	x := openIndex(t, filepath.Join(t.TempDir(), "index.bleve"))
	docs := enginetest.MadeUp(240)
	queries := []index.Query{
		{Text: "科技馆 学术年会", Limit: 50, Facets: []string{"source", "year", "orgs"}},
		{Text: `"服务大局"`, Limit: 20, Facets: []string{"author"}},
		{Sort: "-published", Limit: 30, Facets: []string{"source", "people"}},
		{Text: "青少年科技创新大赛推进会的进展", Limit: 20},
	}
	ctx, stop := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for w := range 3 {
		asking.Go(func() {
			for i := w; ctx.Err() == nil; i++ {
				q := queries[i%len(queries)]
				r, err := x.Search(context.Background(), q)
				if err != nil {
					t.Errorf("%+v: %v", q, err)
					return
				}
				for name, f := range r.Facets {
					n := f.Other
					for _, v := range f.Values {
						n += v.Count
					}
					if n != f.Total || name == "source" && f.Total != r.Total {
						t.Errorf("%+v: %d matches, facet %s of %d adds up to %d", q, r.Total, name, f.Total, n)
					}
				}
			}
		})
	}
	for i := 0; i < len(docs); i += 20 {
		if err := x.Put(t.Context(), fmt.Sprint(i), docs[i:i+20]...); err != nil {
			t.Fatal(err)
		}
		if i%60 == 40 { // what was read before is read otherwise now: documents are deleted
			for j := i - 40; j < i; j += 3 {
				docs[j].Body += "更正：全域科普。"
				docs[j].Paragraphs = nil
				if err := x.Put(t.Context(), "", docs[j]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if i == 120 {
			if err := x.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := make([]index.Result, len(queries))
	for i, q := range queries {
		got[i] = find(t, x, q)
	}
	stop()
	asking.Wait()
	var all []extract.Article
	for a, err := range x.All(t.Context(), index.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		versions, err := x.Versions(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, versions...)
	}
	fresh := openIndex(t, filepath.Join(t.TempDir(), "fresh.bleve"))
	if err := fresh.Put(t.Context(), "", all...); err != nil {
		t.Fatal(err)
	}
	for i, q := range queries {
		want := find(t, fresh, q)
		got[i].Took, want.Took = 0, 0
		if d := cmp.Diff(want, got[i]); d != "" {
			t.Errorf("%+v: %s", q, d[:min(len(d), 600)])
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	const most = 100 * (cacheEntry + 100)
	c := newCache[int, int](most)
	for i := range 1000 {
		c.put(i, i, 100)
		if _, ok := c.get(0); !ok { // used all the time, so never the one to go
			t.Fatalf("the first is gone after %d", i)
		}
	}
	if c.size > most || len(c.byKey) != 100 || c.order.Len() != 100 {
		t.Errorf("%d bytes in %d entries, %d is the most", c.size, len(c.byKey), most)
	}
	if _, ok := c.get(500); ok {
		t.Error("the oldest was not removed")
	}
	c.put(-1, 1, most/2)
	if _, ok := c.get(-1); ok {
		t.Error("one value takes half of the cache")
	}
	c.drop(func(k int) bool { return k%2 == 1 })
	if _, ok := c.get(999); ok || len(c.byKey) != 50 || c.size != 50*(cacheEntry+100) {
		t.Errorf("%d entries, %d bytes after dropping half", len(c.byKey), c.size)
	}
}

// TestPostingsAreBounded asks for more words than there is room for.
func TestPostingsAreBounded(t *testing.T) {
	e, x := engineOf(t, t.TempDir())
	docs := enginetest.MadeUp(300)
	if err := x.Put(t.Context(), "", docs...); err != nil {
		t.Fatal(err)
	}
	e.warm.postings.most = 1 << 16
	want := find(t, x, index.Query{Text: "科技馆"})
	for _, d := range docs {
		find(t, x, index.Query{Text: string(d.Title), Limit: 1})
	}
	if n := e.warm.postings.size; n > 1<<16 || n == 0 {
		t.Errorf("%d bytes are kept", n)
	}
	got := find(t, x, index.Query{Text: "科技馆"})
	got.Took, want.Took = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
