package index

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"cundang/extract"
)

// relevanceFloor is how many of testdata/queries must have the right article first. Raising it
// is a commit, lowering it needs its reason.
const relevanceFloor = 25

// TestRelevance asks testdata/queries: queries as data, independent of fields and mapping.
func TestRelevance(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	var docs []extract.Article
	for _, d := range jsonLines[struct{ ID, Title, Text string }](t, "docs.jsonl") {
		docs = append(docs, article(d.ID, d.Title, d.Text, 1))
	}
	if err := x.Put(t.Context(), "", docs...); err != nil {
		t.Fatal(err)
	}
	queries := jsonLines[struct{ Query, First, Comment string }](t, "queries.jsonl")
	right := 0
	for _, q := range queries {
		got := ids(search(t, x, Query{Text: q.Query}))
		if len(got) > 0 && got[0] == q.First {
			right++
			continue
		}
		t.Logf("%s: %v, %s should be first (%s)", q.Query, got, q.First, q.Comment)
	}
	if right < relevanceFloor {
		t.Errorf("%d of %d right, the floor is %d", right, len(queries), relevanceFloor)
	}
}

func jsonLines[T any](t *testing.T, name string) (out []T) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "queries", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, v)
	}
	return out
}
