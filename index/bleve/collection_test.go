package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cundang/extract"
)

// A collection to measure on: CUNDANG_COLLECTION is a folder with docs.jsonl.gz and queries.jsonl as
// internal/eval/search reads them. The index is made once and kept where CUNDANG_COLLECTION_INDEX says, as
// internal/eval/search -index leaves it; without that it is made for each run.

type collectionDoc struct{ ID, Text, Source, Date string }

// collectionFile opens a file of the collection, unpacked; the test is skipped without a collection.
func collectionFile(tb testing.TB, name string) io.Reader {
	tb.Helper()
	dir := os.Getenv("CUNDANG_COLLECTION")
	if dir == "" {
		tb.Skip("CUNDANG_COLLECTION names no collection to measure on")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	if filepath.Ext(name) != ".gz" {
		return bufio.NewReader(f)
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func readLines[T any](tb testing.TB, r io.Reader) (out []T) {
	tb.Helper()
	for d := json.NewDecoder(r); ; {
		var v T
		switch err := d.Decode(&v); err {
		case nil:
			out = append(out, v)
		case io.EOF:
			return out
		default:
			tb.Fatal(err)
		}
	}
}

// collectionIndex opens the index of the collection.
func collectionIndex(tb testing.TB) (*Engine, *index.Index) {
	tb.Helper()
	dir := os.Getenv("CUNDANG_COLLECTION_INDEX")
	if dir == "" {
		dir = filepath.Join(tb.TempDir(), "index.bleve")
	}
	e, err := open(dir, index.Options{ReadOnly: true})
	if err != nil {
		docs := readLines[collectionDoc](tb, collectionFile(tb, "docs.jsonl.gz"))
		err := Rebuild(tb.Context(), dir, index.Options{}, func(_ context.Context, put func(string, ...extract.Article) error) error {
			for _, d := range docs {
				a := enginetest.Article(d.ID, "", d.Text, 1)
				a.Source = extract.Text(d.Source)
				a.Published.Time, _ = time.ParseInLocation(time.DateOnly, d.Date, enginetest.China)
				if err := put("", a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
		if e, err = open(dir, index.Options{ReadOnly: true}); err != nil {
			tb.Fatal(err)
		}
	}
	x := index.New(e, e.dict, index.Options{ReadOnly: true})
	tb.Cleanup(func() {
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e, x
}

// TestPhrasesOfCollection asks for 1,000 random substrings of the collection, 2 to 20 characters long,
// wherever they lie: across words, digits, punctuation and lines. What is found is compared with what
// a plain reading of all texts finds. It prints recall, precision and the time of a search.
//
//	CUNDANG_COLLECTION=DIR go test ./index -run TestPhrasesOfCollection -v -timeout 30m
func TestPhrasesOfCollection(t *testing.T) {
	docs := readLines[collectionDoc](t, collectionFile(t, "docs.jsonl.gz"))
	_, x := collectionIndex(t)
	rng := rand.New(rand.NewPCG(11, 11))
	var phrases []string
	for len(phrases) < 1000 {
		text := []rune(docs[rng.IntN(len(docs))].Text)
		size := 2 + rng.IntN(19)
		if len(text) < size {
			continue
		}
		from := rng.IntN(len(text) - size + 1)
		p := string(text[from : from+size])
		if strings.TrimSpace(p) == "" || strings.ContainsAny(p, "\"“”\\") { // what ends a phrase in the query language
			continue
		}
		phrases = append(phrases, p)
	}
	want := occurrences(docs, phrases)
	took := make([]time.Duration, 0, len(phrases))
	found, right, wanted := 0, 0, 0
	for i, p := range phrases {
		q := index.Query{Text: `"` + p + `"`}
		began := time.Now()
		if _, err := x.Search(t.Context(), q); err != nil {
			t.Fatalf("%q: %v", p, err)
		}
		took = append(took, time.Since(began))
		got := matching(t, x, q)
		n := 0
		for _, id := range got {
			if want[i][id] {
				n++
			}
		}
		found, right, wanted = found+len(got), right+n, wanted+len(want[i])
		if n != len(got) || n != len(want[i]) {
			t.Errorf("%q: %d found, %d of them have it, %d have it", p, len(got), n, len(want[i]))
		}
	}
	slices.Sort(took)
	t.Logf("%d phrases in %d texts: recall %.4f, precision %.4f; p50 %.1f ms, p95 %.1f ms, longest %.1f ms", len(phrases), len(docs),
		float64(right)/float64(wanted), float64(right)/float64(found), ms(took[len(took)/2]), ms(took[len(took)*95/100]), ms(took[len(took)-1]))
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }

// matching lists the IDs of all matches of a query.
func matching(t *testing.T, x *index.Index, q index.Query) (ids []string) {
	t.Helper()
	q.Limit, q.Bare = 1<<20, true
	for _, h := range find(t, x, q).Hits {
		ids = append(ids, h.Article.ID)
	}
	return ids
}

// occurrences finds by plain reading which texts have each phrase.
func occurrences(docs []collectionDoc, phrases []string) []map[string]bool {
	out := make([]map[string]bool, len(phrases))
	begin := map[string][]int{} // phrases by their first two characters
	for i, p := range phrases {
		out[i] = map[string]bool{}
		k := p[:pairEnd(p)]
		begin[k] = append(begin[k], i)
	}
	for _, d := range docs {
		for at := 0; at < len(d.Text); {
			rest := d.Text[at:]
			for _, i := range begin[rest[:pairEnd(rest)]] {
				if strings.HasPrefix(rest, phrases[i]) {
					out[i][d.ID] = true
				}
			}
			_, n := utf8.DecodeRuneInString(rest)
			at += n
		}
	}
	return out
}

// pairEnd is the bytes of the first two characters.
func pairEnd(s string) int {
	_, a := utf8.DecodeRuneInString(s)
	_, b := utf8.DecodeRuneInString(s[a:])
	return a + b
}
