package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/internal/zone"
)

// A collection is files: documents and queries as JSON lines, qrels as trec_eval reads them. The
// queries of our own carry their judgements with them.

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
		t, err := time.ParseInLocation(time.DateOnly, d.Date, zone.China)
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

// query is a question of a collection.
type query struct {
	QID, Set, Text, Comment string
	Relevant                map[string]int // by document; 1 answers, 2 answers best
}

// readQueries reads queries, and their judgements from qrels unless that is "".
func readQueries(queries, qrels string) ([]query, error) {
	var all []query
	at := map[string]int{}
	for q, err := range lines[query](queries) {
		if err != nil {
			return nil, err
		}
		at[q.QID] = len(all)
		all = append(all, q)
	}
	if qrels == "" {
		return all, nil
	}
	raw, err := os.ReadFile(qrels)
	if err != nil {
		return nil, err
	}
	for n, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		f := strings.Fields(line)
		if len(f) != 4 {
			return nil, fmt.Errorf("%s:%d: %d columns, a judgement has 4", qrels, n+1, len(f))
		}
		grade, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", qrels, n+1, err)
		}
		i, ok := at[f[0]]
		if !ok {
			continue // of a query of the held-back half
		}
		if all[i].Relevant == nil {
			all[i].Relevant = map[string]int{}
		}
		all[i].Relevant[f[2]] = grade
	}
	return all, nil
}

// feed hands the documents of a collection to a rebuild, and counts them and the bytes of their text.
func feed(docs iter.Seq2[document, error], n *int, text *int64) index.Feed {
	return func(_ context.Context, put func(string, ...extract.Article) error) error {
		for d, err := range docs {
			if err != nil {
				return err
			}
			a, err := d.article()
			if err != nil {
				return err
			}
			*n, *text = *n+1, *text+int64(len(d.Title)+len(d.Text))
			if err := put("", a); err != nil {
				return err
			}
		}
		return nil
	}
}

// fill builds the index at dir as `cundang index rebuild` does and returns how many bytes of text went in.
func fill(ctx context.Context, dir string, docs iter.Seq2[document, error]) (text int64, err error) {
	began := time.Now()
	n := 0
	err = bleve.Rebuild(ctx, dir, index.Options{}, feed(docs, &n, &text))
	if err != nil {
		return text, err
	}
	size, err := folderBytes(dir)
	if err != nil {
		return text, err
	}
	fmt.Fprintf(os.Stderr, "%d documents indexed in %.1f s, %.1f MB, %.2f of the text\n", n, time.Since(began).Seconds(),
		float64(size)/1e6, float64(size)/float64(text))
	return text, nil
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
