package arch

import (
	"io/fs"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocumentsNameFilesThatExist(t *testing.T) {
	docs, err := Documents(top)
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) == 0 {
		t.Fatal("no documents found")
	}
	for _, doc := range docs {
		text, err := fs.ReadFile(top, doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range Paths(string(text), path.Dir(doc)) {
			if _, err := fs.Stat(top, p); err != nil {
				t.Errorf("%s names %s, which does not exist", doc, p)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	text := "see `internal/arch/arch.go`, `go test ./...`, `archive/`, `DATA/archive/x`, [adr](adr/0001-x.md#why), " +
		"[web](https://example.org)"
	want := []string{"internal/arch/arch.go", "archive", "docs/adr/0001-x.md"}
	if diff := cmp.Diff(want, Paths(text, "docs")); diff != "" {
		t.Error(diff)
	}
}
