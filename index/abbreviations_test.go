package index_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"cundang/extract"
	"cundang/index"
	"cundang/index/enginetest"
)

// TestAbbreviationQueries asks for names by their abbreviations, which no article has. The mean reciprocal rank of the
// article with the full name has to be much better than without synonyms.
func TestAbbreviationQueries(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "testdata", "queries", "abbreviations.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type query struct{ QID, Text, Answer, Other string }
	var queries []query
	var articles []extract.Article
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var q query
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		queries = append(queries, q)
		articles = append(articles, enginetest.Article(q.QID+"a", q.Answer, q.Answer+"。有关安排另行通知。", 1),
			enginetest.Article(q.QID+"b", q.Other, q.Other+"。现场气氛热烈。", 1))
	}
	if len(queries) != 60 {
		t.Fatalf("%d queries", len(queries))
	}
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	if err := x.Put(t.Context(), "1", articles...); err != nil {
		t.Fatal(err)
	}
	mean := func(literal bool) float64 {
		sum := 0.0
		for _, q := range queries {
			rank := 0.0
			for i, id := range ids(search(t, x, index.Query{Text: q.Text, Literal: literal})) {
				if id == q.QID+"a" {
					rank = 1 / float64(i+1)
					break
				}
			}
			if rank < 1 && !literal {
				t.Logf("%s: %.2f", q.Text, rank)
			}
			sum += rank
		}
		return sum / float64(len(queries))
	}
	with, without := mean(false), mean(true)
	t.Logf("mean reciprocal rank %.3f, without synonyms %.3f", with, without)
	if with < 0.9 || with < without+0.2 {
		t.Errorf("mean reciprocal rank %.3f, without synonyms %.3f", with, without)
	}
}
