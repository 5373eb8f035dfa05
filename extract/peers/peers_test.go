// Package peers measures the extraction of articles against another library, in one run
// and on the same pages. It is a module of its own, so that nothing of the peer gets into
// the binary:
//
//	cd extract/peers && go test -bench . -benchtime 3x
package peers

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	trafilatura "github.com/markusmobius/go-trafilatura"

	"cundang/extract"
)

// pages are the real labelled pages when they are here, our own otherwise.
func pages(tb testing.TB) [][]byte {
	tb.Helper()
	for _, dir := range []string{"../../../shared/eval/extract/pages", "../../testdata/eval/extract/pages"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.html"))
		if err != nil {
			tb.Fatal(err)
		}
		var out [][]byte
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				tb.Fatal(err)
			}
			out = append(out, b)
		}
		if len(out) > 0 {
			return out
		}
	}
	tb.Fatal("no pages")
	return nil
}

// BenchmarkPeers reads every page once an iteration with each reader.
func BenchmarkPeers(b *testing.B) {
	ps := pages(b)
	b.Run("cundang", func(b *testing.B) {
		var r extract.Reader
		for b.Loop() {
			for _, p := range ps {
				if _, err := r.Read(context.Background(), extract.Page{Body: p}); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(ps)), "µs/page")
	})
	b.Run("trafilatura", func(b *testing.B) {
		opts := trafilatura.Options{EnableFallback: true}
		for b.Loop() {
			for _, p := range ps {
				// it refuses pages without text: that is its answer, not a failure
				if res, err := trafilatura.Extract(bytes.NewReader(p), opts); err == nil && res == nil {
					b.Fatal("neither result nor error")
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(ps)), "µs/page")
	})
}
