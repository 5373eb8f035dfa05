package zh_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/index/zh"

	"github.com/go-ego/gse"
)

// TestGseCuts lets gse fail, in three ways, and wants indexing and search to fail with it: what they find
// is what gse cut, and nothing goes round it.
func TestGseCuts(t *testing.T) {
	ctx := t.Context()
	x, err := bleve.Open(filepath.Join(t.TempDir(), "index.bleve"), index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	article := func(id string) extract.Article {
		return extract.Article{ID: id, URL: "https://kx.example/" + id, Kind: extract.KindArticle, State: extract.StateLive,
			Title: "科普大篷车进校园", Body: "流动科技馆与科普大篷车来到山区学校。",
			Fetched: time.Date(2022, 11, 1, 12, 0, 0, 0, time.UTC)}
	}
	if err := x.Put(ctx, "1", article("a")); err != nil {
		t.Fatal(err)
	}
	whole := func(s *gse.Segmenter, b []byte) []gse.Segment { return s.Segment(b) }
	for _, tc := range []struct {
		name, want string
		cut        func(*gse.Segmenter, []byte) []gse.Segment
	}{
		{"panics", "gse is broken", func(*gse.Segmenter, []byte) []gse.Segment { panic("gse is broken") }},
		{"finds nothing", "no segments", func(*gse.Segmenter, []byte) []gse.Segment { return nil }},
		{"loses the beginning", "follows one that ends",
			func(s *gse.Segmenter, b []byte) []gse.Segment { return whole(s, b)[1:] }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			restore := zh.ReplaceSegment(tc.cut)
			defer restore()
			if err := x.Put(ctx, "2", article("b")); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("put: %v", err)
			}
			if _, err := x.Search(ctx, index.Query{Text: "科普大篷车来到学校"}); err == nil ||
				!strings.Contains(err.Error(), tc.want) {
				t.Errorf("search: %v", err)
			}
		})
	}
	res, err := x.Search(ctx, index.Query{Text: "科普大篷车"})
	if err != nil || res.Total != 1 {
		t.Errorf("afterwards %d found, %v", res.Total, err)
	}
}
