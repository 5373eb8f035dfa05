package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkHotSearch asks distinct queries one after the other and reports the p50 and p95 of a search and
// its processor time, in ms: those of the collection (see collectionFile), or headlines and clauses of made-up texts,
// CUNDANG_BENCH_N of them (20,000).
func BenchmarkHotSearch(b *testing.B) {
	_, x, queries := hot(b)
	for _, c := range []struct {
		name string
		q    index.Query
	}{
		{"bare", index.Query{Limit: 100, Bare: true}},
		{"page", index.Query{Limit: 10}},
		{"facets", index.Query{Limit: 20, Facets: []string{"site", "source", "year"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			began := cpu(b)
			for b.Loop() {
				q := c.q
				q.Text = queries[len(took)*7919%len(queries)]
				start := time.Now()
				if _, err := x.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			used := cpu(b) - began
			b.ReportMetric(ms(used)/float64(len(took)), "cpu-ms/op")
			slices.Sort(took)
			b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
			b.ReportMetric(ms(took[len(took)*95/100]), "p95-ms")
		})
	}
}

// BenchmarkFacetsFirst counts facets over all articles with nothing kept: what a field costs at its first use.
func BenchmarkFacetsFirst(b *testing.B) {
	e, x, _ := hot(b)
	for _, name := range []string{"site", "source", "day", "people", "places", "orgs"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e.warm = newWarm()
				if _, err := x.Search(b.Context(), index.Query{Limit: 1, Bare: true, Facets: []string{name}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// hot opens the index of the collection, or makes one of made-up texts, and lists what to ask.
func hot(b *testing.B) (e *Engine, x *index.Index, queries []string) {
	if os.Getenv("CUNDANG_COLLECTION") != "" {
		for _, q := range readLines[struct{ Text string }](b, collectionFile(b, "queries.jsonl")) {
			queries = append(queries, q.Text)
		}
		e, x = collectionIndex(b)
		return e, x, queries
	}
	n := 20_000
	if s := os.Getenv("CUNDANG_BENCH_N"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	e, err := open(filepath.Join(b.TempDir(), "x"), index.Options{})
	if err != nil {
		b.Fatal(err)
	}
	x = index.New(e, e.dict, index.Options{})
	b.Cleanup(func() {
		if err := x.Close(); err != nil {
			b.Error(err)
		}
	})
	docs := enginetest.MadeUp(n)
	for i := 0; i < n; i += 1000 {
		if err := x.Put(b.Context(), "", docs[i:min(n, i+1000)]...); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Optimize(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i := range min(n, 4000) {
		title := []rune(string(docs[i].Title))
		queries = append(queries, string(title), string(title[:len(title)/2]))
	}
	return e, x, queries
}
