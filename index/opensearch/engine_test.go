package opensearch

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/index"
	"cundang/index/enginetest"
)

// cluster returns the options of an index of the cluster to test with, empty and for this test alone; without a cluster
// the test is skipped.
func cluster(t *testing.T, dir string) Options {
	t.Helper()
	addresses, name := enginetest.Cluster(t, dir)
	if addresses == nil {
		t.Skipf("%s names no cluster; `make cluster` starts one", enginetest.ClusterEnv)
	}
	return Options{Addresses: addresses, Name: name, Shards: 2}
}

func openEngine(t *testing.T, o Options) *Engine {
	t.Helper()
	e, err := open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
			t.Error(err)
		}
	})
	return e
}

// TestEngine holds this engine to the contract.
func TestEngine(t *testing.T) {
	options := map[string]Options{}
	enginetest.Run(t, func(t *testing.T, dir string) index.Engine {
		o, known := options[dir]
		if !known {
			o = cluster(t, dir)
			options[dir] = o
		}
		return openEngine(t, o)
	})
}

// TestStale refuses an index that was built with another dictionary, until it is rebuilt.
func TestStale(t *testing.T) {
	o := cluster(t, t.TempDir())
	feed := func(_ context.Context, put func(string, ...extract.Article) error) error {
		return put("p", enginetest.Corpus()...)
	}
	missing := o
	missing.ReadOnly = true
	if _, err := Open(t.Context(), missing); !errors.Is(err, index.ErrMissing) {
		t.Errorf("no index: %v", err)
	}
	if err := Rebuild(t.Context(), o, feed); err != nil {
		t.Fatal(err)
	}
	other := o
	other.Dictionary = []string{"科技工作者之家 1000 n"}
	var stale *index.StaleError
	if _, err := Open(t.Context(), other); !errors.As(err, &stale) || stale.What != "dictionary" ||
		!strings.Contains(err.Error(), "cundang index rebuild") {
		t.Fatalf("another dictionary: %v", err)
	}
	if err := Rebuild(t.Context(), other, feed); err != nil {
		t.Fatal(err)
	}
	x, err := Open(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if p, err := x.Position(t.Context()); err != nil || p != "p" {
		t.Errorf("position %q, %v", p, err)
	}
}

// TestTwoWriters tells a writer that another has written since it looked.
func TestTwoWriters(t *testing.T) {
	o := cluster(t, t.TempDir())
	a, b := openEngine(t, o), openEngine(t, o)
	before, err := a.state(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Write(t.Context(), index.Batch{Position: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := a.remember(t.Context(), "a", before); !errors.Is(err, index.ErrLocked) {
		t.Errorf("both wrote: %v", err)
	}
}

// TestLostView opens a view again whose point in time the cluster has forgotten, but not when the index has changed.
func TestLostView(t *testing.T) {
	e := openEngine(t, cluster(t, t.TempDir()))
	doc := index.Document{Key: "a v", Head: []byte("{}"), Texts: index.Texts{Body: "科普日"}}
	if err := e.Write(t.Context(), index.Batch{Put: []index.Document{doc}, Position: "1"}); err != nil {
		t.Fatal(err)
	}
	forget := func(v *view) {
		t.Helper()
		pit := object{"pit_id": []string{v.snap.pit}}
		if err := e.c.call(t.Context(), "DELETE", "/_search/point_in_time", pit, nil); err != nil {
			t.Fatal(err)
		}
	}
	v, err := e.view(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	forget(v)
	if f, err := v.Search(t.Context(), index.Request{Size: 1}); err != nil || f.Total != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := e.Write(t.Context(), index.Batch{Delete: []string{"a v"}, Position: "2"}); err != nil {
		t.Fatal(err)
	}
	forget(v)
	if f, err := v.Search(t.Context(), index.Request{Size: 1}); !errors.Is(err, errChanged) {
		t.Errorf("%+v, %v", f, err)
	}
}
