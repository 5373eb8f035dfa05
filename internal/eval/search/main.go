// Search answers the queries of a collection through the index with its default settings
// and writes a TREC run: qid Q0 docid rank score tag, at most 100 lines a query.
//
//	go run ./internal/eval/search -docs docs.jsonl.gz -queries queries.jsonl -run out.trec
//
// docs.jsonl.gz has a line {"id", "text", "source", "date", "title"} a document, title and date
// may be missing; queries.jsonl has {"qid", "text"}. The index is made in a temporary
// folder, or in -index DIR, where it is kept and used again.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/extract"
	"cundang/index"
)

func main() {
	docs := flag.String("docs", "", "documents, JSON lines, gzip by its name")
	queries := flag.String("queries", "", "queries, JSON lines")
	run := flag.String("run", "", "TREC run to write")
	dir := flag.String("index", "", "folder of the index, kept; default is a temporary one")
	depth := flag.Int("depth", 100, "hits a query")
	flag.Parse()
	if *docs == "" || *queries == "" || *run == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := evaluate(context.Background(), *docs, *queries, *run, *dir, *depth); err != nil {
		fmt.Fprintln(os.Stderr, "eval search:", err)
		os.Exit(1)
	}
}

func evaluate(ctx context.Context, docs, queries, run, dir string, depth int) (err error) {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "cundang-eval-search-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
		dir = filepath.Join(tmp, "index.bleve")
	}
	x, err := index.Open(dir, index.Options{ReadOnly: true})
	if errors.Is(err, index.ErrMissing) {
		if err := fill(ctx, dir, docs); err != nil {
			return err
		}
		x, err = index.Open(dir, index.Options{ReadOnly: true})
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return answer(ctx, x, queries, run, depth)
}

type document struct {
	ID, Text, Source, Date, Title string
}

func (d document) article() (extract.Article, error) {
	a := extract.Article{
		ID: d.ID, URL: "https://collection.example/" + d.ID, Kind: extract.KindArticle, State: extract.StateLive,
		Title: extract.Text(d.Title), Body: extract.Text(d.Text), Source: extract.Text(d.Source),
		Fetched: time.Unix(0, 0).UTC(),
	}
	if d.Date != "" {
		t, err := time.ParseInLocation(time.DateOnly, d.Date, time.FixedZone("", 8*3600))
		if err != nil {
			return a, fmt.Errorf("document %s: %w", d.ID, err)
		}
		a.Published.Time = t
	}
	for p := range strings.SplitSeq(d.Text, "\n") {
		a.Paragraphs = append(a.Paragraphs, extract.Paragraph{Kind: "p", Text: p})
	}
	return a, nil
}

// fill builds the index at dir as `cundang index rebuild` does.
func fill(ctx context.Context, dir, docs string) error {
	began := time.Now()
	n, size := 0, 0
	err := index.Rebuild(ctx, dir, index.Options{}, func(_ context.Context, put func(string, ...extract.Article) error) error {
		for d, err := range lines[document](docs) {
			if err != nil {
				return err
			}
			a, err := d.article()
			if err != nil {
				return err
			}
			n, size = n+1, size+len(d.Title)+len(d.Text)
			if err := put(d.ID, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	x, err := index.Open(dir, index.Options{}) // clears away what was merged
	if err != nil {
		return err
	}
	status, err := x.Status()
	if err = errors.Join(err, x.Close()); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d documents indexed in %.1f s, %.1f MB, %.2f of the text\n", n, time.Since(began).Seconds(),
		float64(status.Bytes)/1e6, float64(status.Bytes)/float64(size))
	return nil
}

type query struct{ QID, Text string }

func answer(ctx context.Context, x *index.Index, queries, run string, depth int) (err error) {
	var all []query
	for q, err := range lines[query](queries) {
		if err != nil {
			return err
		}
		all = append(all, q)
	}
	out := make([]string, len(all))
	took := make([]time.Duration, len(all))
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(all); i += workers {
				if out[i], took[i], errs[w] = one(ctx, x, all[i], depth); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		fmt.Fprintf(os.Stderr, "%d queries, p50 %.1f ms, p95 %.1f ms (%d at a time, %d hits each)\n", n,
			took[n/2].Seconds()*1e3, took[n*95/100].Seconds()*1e3, workers, depth)
	}
	return os.WriteFile(run, []byte(strings.Join(out, "")), 0o644)
}

func one(ctx context.Context, x *index.Index, q query, depth int) (string, time.Duration, error) {
	r, err := x.Search(ctx, index.Query{Text: q.Text, Limit: depth, Bare: true})
	if err != nil {
		return "", 0, fmt.Errorf("query %s: %w", q.QID, err)
	}
	var b strings.Builder
	for i, h := range r.Hits {
		fmt.Fprintf(&b, "%s Q0 %s %d %g cundang\n", q.QID, h.Article.ID, i+1, h.Score)
	}
	return b.String(), r.Took, nil
}

// lines reads a file of JSON lines, unpacked when its name ends in .gz.
func lines[T any](name string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		f, err := os.Open(name)
		if err != nil {
			yield(zero, err)
			return
		}
		defer f.Close()
		var r io.Reader = bufio.NewReaderSize(f, 1<<20)
		if strings.HasSuffix(name, ".gz") {
			z, err := gzip.NewReader(r)
			if err != nil {
				yield(zero, fmt.Errorf("%s: %w", name, err))
				return
			}
			r = z
		}
		for d := json.NewDecoder(r); ; {
			var v T
			err := d.Decode(&v)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(zero, fmt.Errorf("%s: %w", name, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}
