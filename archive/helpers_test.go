package archive

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 22, 8, 0, 0, 123456000, time.UTC)

// exchange makes an exchange whose body is text, the n-th second after epoch.
func exchange(site, url string, n int, text string) Exchange {
	return Exchange{
		URL: url, Site: site, Time: epoch.Add(time.Duration(n) * time.Second), IP: "127.0.0.1",
		Request:  strings.NewReader("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: strings.NewReader(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(text), text)),
		Fields:   Fields{FieldVia: "http://example.org/list", FieldHops: "LL", FieldTitle: "关于举办培训班的通知"},
	}
}

func mustAppend(t testing.TB, s *Store, x Exchange) Ref {
	t.Helper()
	ref, err := s.Append(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func mustCommit(t testing.TB, s *Store) map[string]int64 {
	t.Helper()
	ends, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ends); err != nil {
		t.Fatal(err)
	}
	return ends
}

func mustOpen(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func body(t testing.TB, c Capture) string {
	t.Helper()
	r, err := c.Body()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// follow returns "url body" of everything after pos, and the last position.
func follow(t testing.TB, s *Store, pos Position) ([]string, Position) {
	t.Helper()
	var out []string
	for f, err := range s.Since(t.Context(), pos) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f.Capture.URL+" "+body(t, f.Capture))
		pos = f.Position
	}
	return out, pos
}

func gunzip(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("gunzip %s: %v", path, err)
	}
	return b
}
