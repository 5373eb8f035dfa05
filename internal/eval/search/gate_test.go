package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestOwnQueriesHoldTheirFloor(t *testing.T) {
	var out bytes.Buffer
	if err := gate(t.Context(), &out, filepath.Join("..", "..", ".."), true, false); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestHoldFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "floors.json")
	if err := hold(file, floors{0.9, 1}, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		got  floors
		fell bool
	}{{floors{0.9, 1}, false}, {floors{0.95, 1}, false}, {floors{0.89, 1}, true}, {floors{0.9, 0.99}, true}} {
		if err := hold(file, c.got, false); (err != nil) != c.fell {
			t.Errorf("%+v: %v", c.got, err)
		}
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := hold(file, floors{1, 1}, false); err == nil {
		t.Error("a broken file of floors held")
	}
}

// TestScore works nDCG out by hand.
func TestScore(t *testing.T) {
	q := query{Relevant: map[string]int{"a": 2, "b": 1}}
	for _, c := range []struct {
		ids          []string
		ndcg, recall float64
	}{
		{[]string{"a", "b"}, 1, 1},
		{[]string{"b", "a"}, (1 + 3/math.Log2(3)) / (3 + 1/math.Log2(3)), 1},
		{[]string{"x", "a"}, (3 / math.Log2(3)) / (3 + 1/math.Log2(3)), 0.5},
		{nil, 0, 0},
	} {
		ndcg, recall := score(q, c.ids)
		if math.Abs(ndcg-c.ndcg) > 1e-9 || recall != c.recall {
			t.Errorf("%v: %v, %v, want %v, %v", c.ids, ndcg, recall, c.ndcg, c.recall)
		}
	}
}
