package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/index"
)

// answers are what a search engine said to queries, in their order.
type answers struct {
	ids    [][]string
	scores [][]float64
	took   []time.Duration
}

// ask asks all queries, as many at a time as there are processors.
func ask(ctx context.Context, x *index.Index, queries []query, depth int, ranking *index.Ranking) (answers, error) {
	a := answers{make([][]string, len(queries)), make([][]float64, len(queries)), make([]time.Duration, len(queries))}
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(queries); i += workers {
				r, err := x.Search(ctx, index.Query{Text: queries[i].Text, Limit: depth, Bare: true, Ranking: ranking,
					Literal: literal})
				if err != nil {
					errs[w] = fmt.Errorf("query %s: %w", queries[i].QID, err)
					return
				}
				for _, h := range r.Hits {
					a.ids[i] = append(a.ids[i], h.Article.ID)
					a.scores[i] = append(a.scores[i], h.Score)
				}
				a.took[i] = r.Took
			}
		})
	}
	wg.Wait()
	return a, errors.Join(errs...)
}

// percentile of the times of answers, in milliseconds.
func (a answers) percentile(p int) float64 {
	if len(a.took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(a.took))
	return sorted[(len(sorted)-1)*p/100].Seconds() * 1e3
}

// trec writes the run as trec_eval reads it.
func (a answers) trec(queries []query) string {
	var b strings.Builder
	for i, q := range queries {
		for rank, id := range a.ids[i] {
			fmt.Fprintf(&b, "%s Q0 %s %d %g cundang\n", q.QID, id, rank+1, a.scores[i][rank])
		}
	}
	return b.String()
}
