package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// floors are what the answers to our own queries must reach: means of the sets, nDCG@10 and recall@100.
// Raising them is a commit, lowering them needs its reason in it.
type floors struct {
	NDCG   float64 `json:"ndcg@10"`
	Recall float64 `json:"recall@100"`
}

// gate asks testdata/queries, queries as data: what a researcher types and which of our made-up articles
// should answer, whatever the fields and analyzers are. verbose lists the queries that are not answered best.
func gate(ctx context.Context, w io.Writer, root string, verbose, update bool) (err error) {
	dir := filepath.Join(root, "testdata", "queries")
	queries, err := readQueries(filepath.Join(dir, "queries.jsonl"), "")
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "cundang-eval-search-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	x, err := openFilled(ctx, filepath.Join(tmp, "index.bleve"), filepath.Join(dir, "docs.jsonl"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	a, err := ask(ctx, x, queries, 100, nil)
	if err != nil {
		return err
	}
	t := newTable(w, append([]string{"nDCG@10 (recall@100)"}, append(sets(queries), "mean")...)...)
	t.row(line(fmt.Sprintf("%d own queries", len(queries)), queries, a.ids, all)...)
	if verbose {
		for i, q := range queries {
			if ndcg, _ := score(q, a.ids[i]); ndcg < 1 {
				fmt.Fprintf(w, "%s %.2f %s: %v, wanted %v (%s)\n", q.QID, ndcg, q.Text, a.ids[i][:min(5, len(a.ids[i]))],
					q.Relevant, q.Comment)
			}
		}
	}
	got := bySet(queries, a.ids, all)["mean"]
	return hold(filepath.Join(dir, "floors.json"), floors{got.ndcg, got.recall}, update)
}

// hold compares figures with the floors in a file, or writes them there.
func hold(file string, got floors, update bool) error {
	if update {
		raw, err := json.Marshal(got)
		if err != nil {
			return err
		}
		return os.WriteFile(file, append(raw, '\n'), 0o644)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var floor floors
	if err := json.Unmarshal(raw, &floor); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	const rounding = 1e-6 // sums in another order
	if got.NDCG < floor.NDCG-rounding || got.Recall < floor.Recall-rounding {
		return fmt.Errorf("nDCG@10 %.4f, recall@100 %.4f; the floors are %.4f and %.4f (-v lists the queries)", got.NDCG,
			got.Recall, floor.NDCG, floor.Recall)
	}
	return nil
}
