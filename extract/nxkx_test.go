package extract

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStandardPage reads one article in the manner of eight templates; every reading must be
// the same, field by field.
func TestStandardPage(t *testing.T) {
	raw, err := os.ReadFile("../testdata/sites/nxkx/article.json")
	if err != nil {
		t.Fatal(err)
	}
	var want Article
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../testdata/sites/nxkx/*.html")
	if err != nil || len(pages) < 8 {
		t.Fatalf("found %d pages: %v", len(pages), err)
	}
	for _, f := range pages {
		t.Run(filepath.Base(f), func(t *testing.T) {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			a, err := (&Reader{}).
				Read(context.Background(), Page{URL: "http://www.nxkx.example/kxsz/nxkxyq/202210/t20221027_1.html", Body: body})
			if err != nil {
				t.Fatal(err)
			}
			got := Article{Title: a.Title, Source: a.Source, Author: a.Author, Editor: a.Editor, Contributor: a.Contributor,
				Published: a.Published, PublishedText: a.PublishedText, Column: a.Column, Paragraphs: a.Paragraphs}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if a.Kind != KindArticle {
				t.Errorf("kind %q", a.Kind)
			}
		})
	}
}
