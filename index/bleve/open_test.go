package bleve

import (
	"fmt"

	"cundang/index"
	"cundang/index/enginetest"

	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cundang/extract"

	"github.com/google/go-cmp/cmp"
)

func TestPositionAndReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index.bleve")
	x := openIndex(t, dir)
	if p, err := x.Position(t.Context()); err != nil || p != "" {
		t.Errorf("new index: %q, %v", p, err)
	}
	if err := x.Put(t.Context(), "here", enginetest.Corpus()...); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, index.Options{}); !errors.Is(err, index.ErrLocked) {
		t.Errorf("second writer: %v, want index.ErrLocked", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(context.Background(), index.Query{}); !errors.Is(err, index.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	y, err := Open(dir, index.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if p, err := y.Position(t.Context()); err != nil || p != "here" {
		t.Errorf("reopened: %q, %v", p, err)
	}
	if err := y.Put(t.Context(), "x"); !errors.Is(err, index.ErrReadOnly) {
		t.Errorf("Put on a reader: %v", err)
	}
	if r := find(t, y, index.Query{Text: "科普"}); r.Total == 0 {
		t.Error("nothing is found after reopening")
	}
}

func TestOpenProblems(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index.bleve")
	if _, err := Open(dir, index.Options{ReadOnly: true}); !errors.Is(err, index.ErrMissing) {
		t.Errorf("no index: %v, want index.ErrMissing", err)
	}
	x := openIndex(t, dir)
	if err := x.Put(t.Context(), "p", enginetest.Corpus()...); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, index.Options{Dictionary: []string{"宁夏科协 100 nt"}}); !errors.As(
		err, new(*index.StaleError)) {
		t.Errorf("another dictionary: %v, want index.StaleError", err)
	}
	if err := checkDir(t.Context(), dir, index.Options{}); err != nil {
		t.Errorf("a sound index: %v", err)
	}
	if err := checkDir(t.Context(), dir+"x", index.Options{}); !errors.Is(err, index.ErrMissing) {
		t.Errorf("check of none: %v", err)
	}
	flipped := filepath.Join(t.TempDir(), "flipped")
	err := os.CopyFS(flipped, os.DirFS(dir))
	if err == nil {
		err = eachZap(flipped, func(f string) error {
			b, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			b[len(b)/3] ^= 4
			return os.WriteFile(f, b, 0o600)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := checkDir(t.Context(), flipped, index.Options{}); !errors.As(err, new(*index.DamagedError)) {
		t.Errorf("one bit flipped: %v", err)
	}
	damage := map[string]func(dir string) error{
		"no meta":  func(d string) error { return os.Remove(filepath.Join(d, "index_meta.json")) },
		"meta cut": func(d string) error { return os.Truncate(filepath.Join(d, "index_meta.json"), 5) },
		"no bolt":  func(d string) error { return eachFile(d, "*.bolt", os.Remove) },
		"bolt empty": func(d string) error {
			return eachFile(d, "*.bolt",
				func(f string) error { return os.Truncate(f, 0) })
		},
		"bolt cut": func(d string) error {
			return eachFile(d, "*.bolt", func(f string) error { return os.Truncate(f, 5000) })
		},
		"bolt zeroes": func(d string) error {
			return eachFile(d, "*.bolt", func(f string) error { return os.WriteFile(f, make([]byte, 65536), 0o600) })
		},
		"zap cut": func(d string) error { return eachZap(d, func(f string) error { return os.Truncate(f, 300) }) },
		"zap zeroes": func(d string) error {
			return eachZap(d, func(f string) error { return os.WriteFile(f, make([]byte, 5000), 0o600) })
		},
		"zap gone": func(d string) error { return eachZap(d, os.Remove) },
		"a file": func(d string) error {
			return errors.Join(os.RemoveAll(d), os.MkdirAll(d, 0o755),
				os.WriteFile(filepath.Join(d, "notes.txt"), []byte("x"), 0o644))
		},
	}
	for name, break_ := range damage {
		copyDir := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(copyDir, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := break_(copyDir); err != nil {
			t.Fatal(err)
		}
		_, err := Open(copyDir, index.Options{})
		if !errors.As(err, new(*index.DamagedError)) || !strings.Contains(err.Error(), "cundang index rebuild") {
			t.Errorf("%s: %v, want a index.DamagedError that names the cure", name, err)
		}
		err = Rebuild(t.Context(), copyDir,
			index.Options{}, func(_ context.Context, put func(string, ...extract.Article) error) error {
				return put("anew", enginetest.Corpus()...)
			})
		if err != nil {
			t.Errorf("%s: rebuild: %v", name, err)
			continue
		}
		y, err := Open(copyDir, index.Options{})
		if err != nil {
			t.Errorf("%s: after rebuild: %v", name, err)
			continue
		}
		if r := find(t, y, index.Query{Text: "科普日"}); r.Total == 0 {
			t.Errorf("%s: nothing found after rebuild", name)
		}
		if err := y.Close(); err != nil {
			t.Error(err)
		}
	}
}

func eachZap(dir string, f func(string) error) error { return eachFile(dir, "*.zap", f) }

func eachFile(dir, pattern string, f func(string) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "store", pattern))
	if err == nil && len(files) == 0 {
		err = errors.New("no segments to break")
	}
	for _, name := range files {
		err = errors.Join(err, f(name))
	}
	return err
}

func TestRebuildInPlace(t *testing.T) {
	x := filled(t)
	stop := errors.New("stop")
	err := x.Rebuild(t.Context(), func(_ context.Context, put func(string, ...extract.Article) error) error {
		return errors.Join(put("half", enginetest.Corpus()[:2]...), stop)
	})
	if !errors.Is(err, stop) {
		t.Fatalf("a feed that fails: %v", err)
	}
	if r := find(t, x, index.Query{}); r.Total != 4 {
		t.Errorf("after a failed rebuild: %d articles", r.Total)
	}
	before := find(t, x, index.Query{Text: "科协"})
	err = x.Rebuild(t.Context(), func(_ context.Context, put func(string, ...extract.Article) error) error {
		if r := find(t, x, index.Query{}); r.Total != 4 {
			t.Errorf("during a rebuild: %d articles", r.Total)
		}
		for _, a := range enginetest.Corpus() {
			if err := put("end", a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	after := find(t, x, index.Query{Text: "科协"})
	before.Took, after.Took = 0, 0
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("another answer after rebuild: %s", d)
	}
	if p, err := x.Position(t.Context()); err != nil || p != "end" {
		t.Errorf("position %q, %v", p, err)
	}
}

// checkDir opens the index at dir for reading and checks it; a nil error says that it is whole. No writer may hold it.
func checkDir(ctx context.Context, dir string, opts index.Options) (err error) {
	opts.ReadOnly = true
	e, err := open(dir, opts)
	if err != nil {
		return fmt.Errorf("check index: %w", err)
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := e.Check(ctx); err != nil {
		return fmt.Errorf("check index: %w", err)
	}
	return nil
}
