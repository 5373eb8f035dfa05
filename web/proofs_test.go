package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cundang/archive/evidence"
	"cundang/archive/tlog"
	"cundang/internal/urlkey"
)

// served reads a log from a server, as a stranger does.
type served struct{ h http.Handler }

// ReadFile implements tlog.Source.
func (s served) ReadFile(name string) ([]byte, error) {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/log/"+name, nil)
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	switch w.Code {
	case http.StatusOK:
		return w.Body.Bytes(), nil
	case http.StatusNotFound:
		return nil, fs.ErrNotExist
	}
	return nil, fmt.Errorf("%s: status %d", name, w.Code)
}

// TestLogOverHTTP reads the log through its pages alone, checks it, and checks an evidence file against its key.
func TestLogOverHTTP(t *testing.T) {
	w := newWorld(t).furnish()
	h, err := New(w.opts)
	if err != nil {
		t.Fatal(err)
	}
	src := served{h}
	head, keys, err := tlog.Latest(src)
	if err != nil {
		t.Fatal(err)
	}
	tree := tlog.NewTree(src, head.Size, head.Root)
	entries, err := tree.Entries(0)
	if err != nil || int64(len(entries)) != head.Size {
		t.Fatalf("%d entries of %d: %v", len(entries), head.Size, err)
	}
	for _, secret := range []string{"key", "wal", "checkpoints.jsonl", "tile/../key", "runs/qingyuan", ""} {
		if b, err := src.ReadFile(secret); err == nil {
			t.Errorf("%q is handed out: %.40q", secret, b)
		}
	}
	page := httptest.NewRecorder()
	h.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/a/"+urlkey.ID(editedURL), nil))
	if !strings.Contains(page.Body.String(), "/evidence?v=") {
		t.Error("the page of an article does not lead to its proof")
	}
	file := httptest.NewRecorder()
	h.ServeHTTP(file, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/a/"+urlkey.ID(editedURL)+"/evidence?v=1", nil))
	r, err := evidence.Check(bytes.NewReader(file.Body.Bytes()), int64(file.Body.Len()), keys[0].Key)
	if err != nil || r.Captures[0].URL != editedURL {
		t.Errorf("status %d, %s: %v", file.Code, file.Header().Get("Content-Type"), err)
	}
}
