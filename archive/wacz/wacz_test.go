package wacz

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func of[T any](xs ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, x := range xs {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func sample(lines int) Package {
	p := Package{Title: "学会网站", Created: time.Date(2026, 11, 22, 8, 0, 1, 0, time.UTC)}
	for _, name := range []string{"a.warc.gz", "b.warc.gz"} {
		p.Files = append(p.Files, File{Name: name, Size: 5, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("\x1f\x8b" + name)), nil
		}})
	}
	var all []string
	for i := range lines {
		all = append(all, fmt.Sprintf(`org,example)/%06d 20261122080000 {"url": "http://example.org/%d", "length": "1", "offset": "%d", "filename": "a.warc.gz"}`, i, i, i))
	}
	p.Lines = of(all...)
	p.Pages = of(Page{URL: "http://example.org/0", Time: p.Created, Title: "首页 <新>"})
	return p
}

func TestPackage(t *testing.T) {
	for _, n := range []int{1, BlockLines, BlockLines + 1, 5*BlockLines - 1} {
		var a, b bytes.Buffer
		for _, w := range []io.Writer{&a, &b} {
			if err := Write(w, sample(n)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("two packages of the same differ")
		}
		r, err := NewReader(bytes.NewReader(a.Bytes()), int64(a.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if p := r.Check(); len(p) > 0 {
			t.Errorf("%d lines: %v", n, p)
		}
		if d := cmp.Diff([]string{"a.warc.gz", "b.warc.gz"}, r.WARCs()); d != "" || r.Title() != "学会网站" {
			t.Error(d)
		}
		var lines []string
		for l, err := range r.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
		if len(lines) != n || !slices.IsSorted(lines) {
			t.Errorf("%d lines of %d", len(lines), n)
		}
		idx, err := r.read(idxPath)
		if err != nil || strings.Count(string(idx), "\n") != 1+(n+BlockLines-1)/BlockLines {
			t.Errorf("%d lines: index of blocks %s, %v", n, idx, err)
		}
	}
}

func TestNoPackage(t *testing.T) {
	for _, s := range []string{"", "PK", "PK\x05\x06" + strings.Repeat("\x00", 18)} {
		if _, err := NewReader(strings.NewReader(s), int64(len(s))); err == nil {
			t.Errorf("%q is a package", s)
		}
	}
	p := sample(1)
	p.Files[0].Name = "../a.warc.gz"
	if err := Write(io.Discard, p); err == nil {
		t.Error("a file outside archive/ was packed")
	}
}

func FuzzPackage(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, sample(3)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		r.Check()
		for _, name := range r.WARCs() {
			rc, err := r.OpenWARC(name)
			if err != nil {
				continue
			}
			io.Copy(io.Discard, rc) // any bytes: an error is as good as none
			rc.Close()
		}
	})
}
