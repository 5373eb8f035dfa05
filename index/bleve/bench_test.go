package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"cundang/extract"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk"
)

// benchDocs is the collection of the benchmarks: CUNDANG_BENCH_DOCS, JSON lines like those of
// internal/eval/search, or texts made up here. CUNDANG_BENCH_N limits it.
func benchDocs(tb testing.TB) []extract.Article {
	tb.Helper()
	limit := 5000
	if s := os.Getenv("CUNDANG_BENCH_N"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			tb.Fatal(err)
		}
		limit = n
	}
	name := os.Getenv("CUNDANG_BENCH_DOCS")
	if name == "" {
		return enginetest.MadeUp(limit)
	}
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		tb.Fatal(err)
	}
	var out []extract.Article
	for d := json.NewDecoder(z); len(out) < limit; {
		var doc struct{ ID, Text string }
		if err := d.Decode(&doc); err != nil {
			break
		}
		out = append(out, enginetest.Article(doc.ID, "", doc.Text, 1))
	}
	return out
}

func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIndexing measures documents per processor second, and the size of the index, beside bleve
// with its built-in cjk analyzer and default settings, in one run.
func BenchmarkIndexing(b *testing.B) {
	docs := benchDocs(b)
	bytes := 0
	for _, d := range docs {
		bytes += len(d.Body) + len(d.Title)
	}
	for b.Loop() {
		dir := b.TempDir()
		began := cpu(b)
		x, err := Open(filepath.Join(dir, "ours"), index.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; i < len(docs); i += 1000 {
			if err := x.Put(b.Context(), fmt.Sprint(i), docs[i:min(i+1000, len(docs))]...); err != nil {
				b.Fatal(err)
			}
		}
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
		ours := cpu(b) - began
		began = cpu(b)
		m := bleve.NewIndexMapping()
		m.DefaultAnalyzer = "cjk"
		peer, err := bleve.New(filepath.Join(dir, "bleve"), m)
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; i < len(docs); i += 1000 {
			batch := peer.NewBatch()
			for _, d := range docs[i:min(i+1000, len(docs))] {
				if err := batch.Index(d.ID, map[string]any{"title": string(d.Title), "body": string(d.Body)}); err != nil {
					b.Fatal(err)
				}
			}
			if err := peer.Batch(batch); err != nil {
				b.Fatal(err)
			}
		}
		if err := peer.Close(); err != nil {
			b.Fatal(err)
		}
		theirs := cpu(b) - began
		if x, err = Open(filepath.Join(dir, "ours"), index.Options{}); err != nil { // merged files would be there or not
			b.Fatal(err)
		}
		if err := errors.Join(x.Settle(b.Context()), x.Close()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(docs))/ours.Seconds(), "docs/cpu-s")
		b.ReportMetric(float64(len(docs))/theirs.Seconds(), "bleve-docs/cpu-s")
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
		b.ReportMetric(float64(size(b, filepath.Join(dir, "ours")))/float64(bytes), "size/text")
		b.ReportMetric(float64(size(b, filepath.Join(dir, "bleve")))/float64(bytes), "bleve-size/text")
	}
}

func size(tb testing.TB, dir string) (n int64) {
	files, err := filepath.Glob(filepath.Join(dir, "store", "*"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			tb.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

func BenchmarkSearch(b *testing.B) {
	x, err := Open(filepath.Join(b.TempDir(), "x"), index.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	docs := benchDocs(b)
	for i := 0; i < len(docs); i += 1000 {
		if err := x.Put(b.Context(), fmt.Sprint(i), docs[i:min(i+1000, len(docs))]...); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Optimize(b.Context()); err != nil {
		b.Fatal(err)
	}
	queries := map[string]index.Query{
		"words":    {Text: "全民科学素质 科技馆"},
		"question": {Text: "青少年科技创新大赛的推进会是什么时候召开的"},
		"phrase":   {Text: `"服务大局的重要抓手"`},
		"facets":   {Facets: []string{"source", "year", "people", "orgs"}},
	}
	for name, q := range queries {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
