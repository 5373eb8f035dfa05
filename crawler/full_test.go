package crawler_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"cundang/crawler"
	"cundang/site"
)

// TestDiskFull fills the archive's disk in mid-crawl: the crawl says so and waits, and when
// there is space it goes on and has everything once.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "archive")
	if err := os.Mkdir(full, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", full, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small disk here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(full, syscall.MNT_DETACH) })
	ballast := filepath.Join(full, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 900<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 64<<10)
	for i := range noise { // does not compress
		noise[i] = byte((i * i * 2654435761) >> 13)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			page(w, `<a href="/1.pdf">1</a><a href="/2.pdf">2</a><a href="/3.pdf">3</a><a href="/4.pdf">4</a>`)
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		w.Write([]byte(r.URL.Path))
		w.Write(noise)
	}))
	defer srv.Close()
	r := &rig{t: t, dir: dir}
	r.open()
	t.Cleanup(func() { r.close() })
	log := &watch{on: "disk full", do: func() { os.Remove(ballast) }}
	rep, err := r.tryCrawl(context.Background(), []*site.Profile{hostProfile("full", srv.URL+"/")}, func(o *crawler.Options) {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	if !log.seen {
		t.Error("the disk was never full, or nothing was said")
	}
	if n := len(rep.Sites["full"].New); n != 4 {
		t.Errorf("%d new: %+v", n, rep.Sites["full"])
	}
	for _, c := range r.captures() {
		if b, err := c.Body(); err != nil {
			t.Errorf("%s: %v", c.URL, err)
		} else {
			b.Close()
		}
	}
}

// watch is a log that acts when a line comes by.
type watch struct {
	mu   sync.Mutex
	on   string
	do   func()
	seen bool
}

func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.seen && bytes.Contains(p, []byte(w.on)) {
		w.seen = true
		w.do()
	}
	return len(p), nil
}
