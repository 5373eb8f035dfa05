package bleve

import (
	"errors"
	"path/filepath"
	"testing"

	"cundang/index"
	"cundang/index/enginetest"
)

func openIndex(t *testing.T, dir string) *index.Index {
	t.Helper()
	x, err := Open(dir, index.Options{})
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
	x := openIndex(t, filepath.Join(t.TempDir(), "index.bleve"))
	if err := x.Put(t.Context(), "p1", enginetest.Corpus()...); err != nil {
		t.Fatal(err)
	}
	return x
}

// engineOf opens an engine and the index on it.
func engineOf(t *testing.T, dir string) (*Engine, *index.Index) {
	t.Helper()
	e, err := open(dir, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := index.New(e, e.dict, index.Options{})
	t.Cleanup(func() {
		if err := x.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
			t.Error(err)
		}
	})
	return e, x
}

// viewOf opens a view for the rest of a test that writes no more.
func viewOf(t *testing.T, e *Engine) *view {
	t.Helper()
	r, err := e.view()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func find(t *testing.T, x *index.Index, q index.Query) index.Result {
	t.Helper()
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
