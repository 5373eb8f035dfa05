package arch

import (
	"io/fs"
	"testing"
)

// TestWalks holds the three walks of docs/architecture.md to functions that exist, at most twelve each.
func TestWalks(t *testing.T) {
	text, err := fs.ReadFile(top, "docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	walks := Walks(string(text))
	if len(walks) != 3 {
		t.Errorf("%d walks, want one URL, one capture and one query", len(walks))
	}
	for _, steps := range walks {
		if len(steps) > 12 {
			t.Errorf("%d functions from %s on, at most 12 are remembered", len(steps), steps[0].Func)
		}
		for _, s := range steps {
			if ok, err := Declares(top, s); err != nil || !ok {
				t.Errorf("%s declares no %s: %v", s.File, s.Func, err)
			}
		}
	}
	if ok, err := Declares(top, Step{"index/put.go", "NoSuchFunction"}); ok || err != nil {
		t.Errorf("a function that does not exist: %v, %v", ok, err)
	}
}
