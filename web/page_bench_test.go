package web

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"cundang/index"
)

// remembering keeps each answer of an index and gives it again.
type remembering struct {
	Index
	answers map[string]index.Result // by query text
}

func (r *remembering) Search(ctx context.Context, q index.Query) (res index.Result, err error) {
	res, ok := r.answers[q.Text]
	if !ok {
		res, err = r.Index.Search(ctx, q)
		r.answers[q.Text] = res
	}
	return res, err
}

// BenchmarkSearchPage is what a search page costs without the index: reading the question, facets, timeline, hits.
func BenchmarkSearchPage(b *testing.B) {
	w := newWorld(b)
	w.opts.Index = &remembering{benchIndex(b, 100_000), map[string]index.Result{}}
	w.opts.Log = nil
	h, err := New(w.opts)
	w.check(err)
	a := asker{rand.New(rand.NewPCG(1, 3)), madeUp(1, madeUpSites(1))}
	var asked []*http.Request
	ask := func(r *http.Request) {
		rec := httptest.NewRecorder()
		if h.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			b.Fatalf("%s: %d", r.URL, rec.Code)
		}
	}
	for range 20 {
		r := httptest.NewRequest("GET", "http://127.0.0.1/?"+a.ask().Encode(), nil)
		ask(r)
		asked = append(asked, r)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		ask(asked[i%len(asked)])
	}
}
