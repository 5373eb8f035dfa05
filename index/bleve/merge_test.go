package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSettle puts articles as a crawl does, few at a time, some of them anew.
func TestSettle(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index.bleve")
	e, x := engineOf(t, dir)
	docs := enginetest.MadeUp(400)
	put := func(from, to int) {
		t.Helper()
		for i := from; i < to; i += 10 {
			if err := x.Put(t.Context(), fmt.Sprint(i), docs[i:i+10]...); err != nil {
				t.Fatal(err)
			}
		}
	}
	count := func() (segs, largest, total int) {
		t.Helper()
		r, err := e.view()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.segs {
			largest = max(largest, int(s.LiveSize()))
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return len(r.segs), largest, r.total
	}
	put(0, 400)
	for i := range docs {
		if i%3 == 0 {
			docs[i].Body += "更正。"
			docs[i].Paragraphs = nil
			docs[i].Capture = nil
		}
	}
	put(0, 200)
	q := index.Query{Text: "科技馆 学术年会", Limit: 300, Facets: []string{"source", "orgs"}}
	want := find(t, x, q)
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, live, total := count()
	if float64(total-live) > settleShare*float64(live) {
		t.Errorf("%d documents, only %d of them live in the largest segment", total, live)
	}
	got := find(t, x, q)
	got.Took, want.Took = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if position, err := x.Position(t.Context()); err != nil || position != "190" {
		t.Errorf("position %q, %v", position, err)
	}
	if err := x.Put(t.Context(), "more", enginetest.MadeUp(1200)[400:]...); err != nil {
		t.Fatal(err)
	}
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if segs, largest, total := count(); segs != 1 || largest != total {
		t.Errorf("%d segments, %d documents, %d of them in the largest: twice as many articles are a reason to merge", segs, total, largest)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "store", "*.zap")); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v: one is enough", files, err)
	}
}

// TestOptimizeLeavesOneFile holds the state before the merge, as a merge of a large index does for a while after
// its end, and closes the index right after, which stops bleve from clearing up.
func TestOptimizeLeavesOneFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index.bleve")
	e, x := engineOf(t, dir)
	docs := enginetest.MadeUp(100)
	for i := 0; i < 100; i += 10 {
		if err := x.Put(t.Context(), "", docs[i:i+10]...); err != nil {
			t.Fatal(err)
		}
	}
	before, err := e.store.Reader()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Optimize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := before.Close(); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "store", "*.zap")); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v: one is enough", files, err)
	}
}
