package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func exportWACZ(t testing.TB, dir string, opts PackOptions) string {
	t.Helper()
	s := mustOpen(t, dir, Options{ReadOnly: true, Software: "cundang test"})
	var b bytes.Buffer
	if err := s.ExportWACZ(t.Context(), &b, opts); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	path := filepath.Join(t.TempDir(), "x.wacz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func verifyWACZ(t testing.TB, path string) VerifyReport {
	t.Helper()
	r, err := VerifyWACZ(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWACZIsReproducibleAndComesBack(t *testing.T) {
	dir, refs := sample(t)
	opts := PackOptions{Title: "学会网站", PageTitle: func(u string, _ time.Time) string { return "题名 " + u }}
	a, b := exportWACZ(t, dir, opts), exportWACZ(t, dir, opts)
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Error("two exports differ")
	}
	if r := verifyWACZ(t, a); len(r.Findings) != 0 || r.Captures != int64(len(refs)) || r.Rows != r.Captures {
		t.Errorf("verify: %+v", r)
	}

	s := mustOpen(t, t.TempDir(), Options{})
	got, err := s.Import(t.Context(), a, ImportOptions{Site: "x"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range got {
		if g.Rewritten || g.Known != "" || len(g.Problems) > 0 {
			t.Errorf("import: %+v", g)
		}
		n += g.Captures
	}
	if n != len(refs) {
		t.Errorf("imported %d captures of %d", n, len(refs))
	}
	original := mustOpen(t, dir, Options{ReadOnly: true})
	want, _ := follow(t, original, "")
	have, _ := follow(t, s, "")
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	again, err := s.Import(t.Context(), a, ImportOptions{Site: "other"})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range again {
		if g.Known == "" {
			t.Errorf("imported twice: %+v", g)
		}
	}
	// A package of single captures holds the same captures in another WARC.
	some := exportWACZ(t, dir, PackOptions{Select: Lookup{URL: "http://example.org/0"}})
	if g, err := s.Import(t.Context(), some, ImportOptions{}); err != nil || g[0].Known == "" {
		t.Errorf("known captures imported: %+v, %v", g, err)
	}
	mustClose(t, s)
	mustClose(t, original)
	if r := verify(t, s.Dir(), VerifyOptions{}); len(r.Findings) != 0 {
		t.Errorf("after import: %+v", r)
	}
	home := mustOpen(t, dir, Options{})
	if g, err := home.Import(t.Context(), a, ImportOptions{}); err != nil || g[0].Known == "" {
		t.Errorf("own WARCs imported: %+v, %v", g, err)
	}
	mustClose(t, home)
}

func TestWACZOfSomeCaptures(t *testing.T) {
	dir, _ := sample(t)
	path := exportWACZ(t, dir, PackOptions{Select: Lookup{URL: "http://example.org/0", From: epoch.Add(5 * time.Second)}})
	r := verifyWACZ(t, path)
	if len(r.Findings) != 0 || r.Captures != 2 || r.Revisits != 1 {
		t.Errorf("a revisit and what it refers to: %+v", r)
	}
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	if _, err := s.Import(t.Context(), path, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	got, _ := follow(t, s, "")
	if d := cmp.Diff([]string{"http://example.org/0 page 0 ", "http://example.org/0 page 0 "}, got); d != "" {
		t.Error(d)
	}
	ro := mustOpen(t, dir, Options{ReadOnly: true})
	defer ro.Close()
	if err := ro.ExportWACZ(t.Context(), io.Discard, PackOptions{Select: Lookup{Host: "nowhere.example"}}); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing packed: %v", err)
	}
}

// rezip writes a package anew, with entries changed; a nil result leaves the entry out.
func rezip(t *testing.T, path string, change func(name string, data []byte) ([]byte, uint16)) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		data, method := change(f.Name, data)
		if data == nil {
			continue
		}
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method})
		if err == nil {
			_, err = e.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "y.wacz")
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}

func recompress(t *testing.T, gz []byte, change func(string) string) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, change(string(text))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestVerifyWACZFinds(t *testing.T) {
	dir, _ := sample(t)
	path := exportWACZ(t, dir, PackOptions{})
	if r := verifyWACZ(t, rezip(t, path, func(_ string, b []byte) ([]byte, uint16) { return b, zip.Store })); len(r.Findings) != 0 {
		t.Fatalf("the same entries: %+v", r)
	}
	for _, c := range []struct {
		name   string
		change func(name string, b []byte) ([]byte, uint16)
		want   []string
	}{
		{"wrong hash", func(n string, b []byte) ([]byte, uint16) {
			if n == "datapackage.json" {
				i := bytes.Index(b, []byte("sha256:")) + 7
				b[i] = "0123456789abcdef"[(bytes.IndexByte([]byte("0123456789abcdef"), b[i])+1)%16]
			}
			return b, zip.Store
		}, []string{"wacz-hash", "wacz-manifest"}},
		{"index row changed", func(n string, b []byte) ([]byte, uint16) {
			if n == "indexes/index.cdx.gz" {
				b = recompress(t, b, func(s string) string {
					return strings.Replace(s, `"http://example.org/3"`, `"http://example.org/4"`, 1)
				})
			}
			return b, zip.Store
		}, []string{"wacz-hash", "wacz-index", "wacz-row"}},
		{"index row removed", func(n string, b []byte) ([]byte, uint16) {
			if n == "indexes/index.cdx.gz" {
				b = recompress(t, b, func(s string) string { _, rest, _ := strings.Cut(s, "\n"); return rest })
			}
			return b, zip.Store
		}, []string{"wacz-hash", "wacz-index", "wacz-row"}},
		{"DEFLATEd WARC", func(n string, b []byte) ([]byte, uint16) {
			if strings.HasSuffix(n, ".warc.gz") {
				return b, zip.Deflate
			}
			return b, zip.Store
		}, []string{"wacz-deflated"}},
		{"truncated WARC", func(n string, b []byte) ([]byte, uint16) {
			if strings.HasSuffix(n, ".warc.gz") {
				b = b[:len(b)-9]
			}
			return b, zip.Store
		}, []string{"record-damaged", "wacz-hash", "wacz-size"}},
		{"no WARC", func(n string, b []byte) ([]byte, uint16) {
			if strings.HasSuffix(n, ".warc.gz") {
				return nil, 0
			}
			return b, zip.Store
		}, []string{"wacz-empty", "wacz-missing", "wacz-row"}},
		{"no index", func(n string, b []byte) ([]byte, uint16) {
			if strings.HasPrefix(n, "indexes/") {
				return nil, 0
			}
			return b, zip.Store
		}, []string{"wacz-index", "wacz-missing", "wacz-row"}},
		{"page outside", func(n string, b []byte) ([]byte, uint16) {
			if n == "pages/pages.jsonl" {
				b = append(b, []byte(`{"id":"1","url":"http://example.org/elsewhere","ts":"2026-11-22T08:00:00Z"}`+"\n")...)
			}
			return b, zip.Store
		}, []string{"wacz-hash", "wacz-pages"}},
		{"no pages", func(n string, b []byte) ([]byte, uint16) {
			if n == "pages/pages.jsonl" {
				return nil, 0
			}
			return b, zip.Store
		}, []string{"wacz-missing", "wacz-pages"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := verifyWACZ(t, rezip(t, path, c.change))
			got := codes(r)
			for _, code := range c.want {
				if !slices.Contains(got, code) {
					t.Errorf("no %s among %v", code, r.Findings)
				}
			}
		})
	}
}

func TestBagHolds(t *testing.T) {
	dir, _ := sample(t)
	s := mustOpen(t, dir, Options{ReadOnly: true, Operator: "学会秘书处"})
	defer s.Close()
	bag := filepath.Join(t.TempDir(), "bag")
	if err := s.ExportBag(t.Context(), bag, PackOptions{Title: "学会网站"}); err != nil {
		t.Fatal(err)
	}
	if err := s.ExportBag(t.Context(), bag, PackOptions{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("over an existing bag: %v", err)
	}
	for manifest, least := range map[string]int{"manifest-sha256.txt": 5, "tagmanifest-sha256.txt": 3} {
		b, err := os.ReadFile(filepath.Join(bag, manifest))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		if len(lines) < least {
			t.Errorf("%s: %q", manifest, lines)
		}
		for _, line := range lines {
			sum, name, _ := strings.Cut(line, "  ")
			data, err := os.ReadFile(filepath.Join(bag, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sum {
				t.Errorf("%s: %s is %s", manifest, name, got)
			}
		}
	}
	info, err := os.ReadFile(filepath.Join(bag, "bag-info.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Bagging-Date: 2026-11-22\n", "Payload-Oxum: ", "Source-Organization: 学会秘书处\n"} {
		if !strings.Contains(string(info), want) {
			t.Errorf("bag-info.txt lacks %q:\n%s", want, info)
		}
	}
}
