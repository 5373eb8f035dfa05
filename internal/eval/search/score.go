package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// figures are what a run is worth on some queries: means over them.
type figures struct {
	queries      int
	ndcg, recall float64 // nDCG@10, recall@100
}

func (f figures) plus(ndcg, recall float64) figures {
	n := float64(f.queries)
	return figures{f.queries + 1, (f.ndcg*n + ndcg) / (n + 1), (f.recall*n + recall) / (n + 1)}
}

// score is what a ranked list is worth to a query: nDCG@10 with gains of 2^grade − 1, recall@100.
func score(q query, ids []string) (ndcg, recall float64) {
	gain := func(id string) float64 { return math.Exp2(float64(q.Relevant[id])) - 1 }
	var found, all int
	var ideal []float64
	for id, grade := range q.Relevant {
		if grade > 0 {
			all++
			ideal = append(ideal, gain(id))
		}
	}
	slices.SortFunc(ideal, func(a, b float64) int { return cmp.Compare(b, a) })
	var got, best float64
	for i := range 10 {
		if i < len(ids) {
			got += gain(ids[i]) / math.Log2(float64(i+2))
		}
		if i < len(ideal) {
			best += ideal[i] / math.Log2(float64(i+2))
		}
	}
	for _, id := range ids[:min(len(ids), 100)] {
		if q.Relevant[id] > 0 {
			found++
		}
	}
	if all == 0 {
		return 0, 0
	}
	return got / best, float64(found) / float64(all)
}

// bySet scores a run by the sets of its queries, and "mean", the mean of the sets.
func bySet(queries []query, run [][]string, use func(i int) bool) map[string]figures {
	out := map[string]figures{}
	for i, q := range queries {
		if len(q.Relevant) > 0 && use(i) {
			out[q.Set] = out[q.Set].plus(score(q, run[i]))
		}
	}
	var mean figures
	for _, f := range out {
		mean = mean.plus(f.ndcg, f.recall)
	}
	out["mean"] = mean
	return out
}

func all(int) bool { return true }

// sets are the names of the sets of queries, sorted.
func sets(queries []query) []string {
	names := map[string]bool{}
	for _, q := range queries {
		names[q.Set] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// table prints rows of a Markdown table.
type table struct {
	w io.Writer
}

func newTable(w io.Writer, columns ...string) *table {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	return &table{w}
}

func (t *table) row(cells ...string) { fmt.Fprintf(t.w, "| %s |\n", strings.Join(cells, " | ")) }
