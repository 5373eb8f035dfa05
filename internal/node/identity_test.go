package node

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// TestOwnerOfACopy: owner.json goes with a copy of DATA made while a process owns the original; that process is
// the owner of the original alone, by whatever path it is named.
func TestOwnerOfACopy(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "data")
	n, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Version: "test"}, true)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := n.AnswerOthers(t.Context(), func(context.Context, Request, io.Writer, io.Writer) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(stop(), n.Close()); err != nil {
			t.Error(err)
		}
	}()
	cp, link := filepath.Join(top, "copy"), filepath.Join(top, "link")
	if err := os.CopyFS(cp, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	t.Chdir(top)
	for _, path := range []string{dir, link, "data", "./link/", filepath.Join(top, "copy", "..", "data")} {
		if o, err := FindOwner(path); err != nil || o.PID != os.Getpid() {
			t.Errorf("%s: %+v, %v", path, o, err)
		}
	}
	if _, err := FindOwner(cp); !errors.Is(err, ErrNoOwner) {
		t.Errorf("the copy: %v", err)
	}
}
