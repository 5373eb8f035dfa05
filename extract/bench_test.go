package extract

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/net/html"

	"cundang/internal/charset"
)

// benchPages are the labelled real pages when they are here, our own otherwise.
func benchPages(tb testing.TB) []Page {
	tb.Helper()
	for _, dir := range []string{"../../shared/eval/extract/pages", "../testdata/eval/extract/pages"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.html"))
		if err != nil {
			tb.Fatal(err)
		}
		var ps []Page
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				tb.Fatal(err)
			}
			ps = append(ps, Page{URL: "http://bench.example/2024/0102/c1.html", Body: b})
		}
		if len(ps) > 0 {
			return ps
		}
	}
	tb.Fatal("no pages")
	return nil
}

// BenchmarkPage reads every page once an iteration (read), and does with the same pages
// what no reader can do without: decode and parse them (parse). One run gives the ratio.
func BenchmarkPage(b *testing.B) {
	ps := benchPages(b)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range ps {
				if _, err := html.Parse(bytes.NewReader(charset.Decode(ps[i].Body, "").Text)); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(ps)), "µs/page")
	})
	b.Run("read", func(b *testing.B) {
		var r Reader
		b.ReportAllocs()
		for b.Loop() {
			for i := range ps {
				if _, err := r.Read(context.Background(), ps[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(ps)), "µs/page")
	})
}
