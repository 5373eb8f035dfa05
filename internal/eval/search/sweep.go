package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"

	"cundang/index"
)

// constants are the constants of the ranking with the values that a sweep tries, one at a
// time, the others at their defaults.
var constants = []struct {
	name   string
	values []float32
	set    func(*index.Ranking, float32)
}{
	{"k1", []float32{0.6, 0.75, 1.05, 1.2, 1.5}, func(r *index.Ranking, v float32) { r.K1 = v }},
	{"b", []float32{0.2, 0.3, 0.5, 0.6, 0.75}, func(r *index.Ranking, v float32) { r.B = v }},
	{"pairs", []float32{0.25, 0.35, 0.7, 1}, func(r *index.Ranking, v float32) { r.Pairs = v }},
	{"sub", []float32{0, 0.1, 0.3, 0.5}, func(r *index.Ranking, v float32) { r.Sub = v }},
	{"common", []float32{0.1, 0.15, 0.35, 0.5, 1}, func(r *index.Ranking, v float32) { r.Common = v }},
	{"read", []float32{100, 150, 300, 500}, func(r *index.Ranking, v float32) { r.Read = int(v) }},
	{"long", []float32{100, 200, 400, 500}, func(r *index.Ranking, v float32) { r.Long = int(v) }},
}

// half is which half of the queries one belongs to. Queries about one document stay together, or
// the halves would know each other's answers.
func half(q query) uint32 {
	h := fnv.New32a()
	io.WriteString(h, slices.Min(slices.Collect(maps.Keys(q.Relevant)))) // a hash never fails to be written to
	return h.Sum32() % 2
}

// sweep prints the mean of the sets of queries for each value of each constant, in two halves of the
// queries: a value is better only where both halves say so.
func sweep(ctx context.Context, w io.Writer, x *index.Index, queries []query, depth int) error {
	first := func(i int) bool { return half(queries[i]) == 0 }
	second := func(i int) bool { return half(queries[i]) == 1 }
	names := append(sets(queries), "mean", "first half", "second half")
	t := newTable(w, append([]string{"nDCG@10 (recall@100)"}, names...)...)
	try := func(name string, r index.Ranking) error {
		a, err := ask(ctx, x, queries, depth, &r)
		if err != nil {
			return err
		}
		row := line(name, queries, a.ids, all)
		for _, use := range []func(int) bool{first, second} {
			m := bySet(queries, a.ids, use)["mean"]
			row = append(row, fmt.Sprintf("%.4f (%.4f)", m.ndcg, m.recall))
		}
		t.row(row...)
		return nil
	}
	if err := try("defaults", index.DefaultRanking()); err != nil {
		return err
	}
	for _, c := range constants {
		for _, v := range c.values {
			r := index.DefaultRanking()
			c.set(&r, v)
			if err := try(fmt.Sprintf("%s %g", c.name, v), r); err != nil {
				return err
			}
		}
	}
	return nil
}
