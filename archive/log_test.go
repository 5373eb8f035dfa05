package archive

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cundang/archive/tlog"

	"github.com/google/go-cmp/cmp"
)

// logged returns the leaves of the log in dir, and those that its captures call for, both by Ref.
func logged(t testing.TB, dir string) (have, want map[string]tlog.Leaf) {
	t.Helper()
	have, want = map[string]tlog.Leaf{}, map[string]tlog.Leaf{}
	v, err := tlog.OpenView(filepath.Join(dir, logDir))
	if err != nil {
		t.Fatal(err)
	}
	for n := int64(0); n*tlog.BundleSize < v.Tree.Size; n++ {
		entries, err := v.Entries(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			l, err := tlog.ParseLeaf(e)
			if err != nil {
				t.Fatal(err)
			}
			if _, twice := have[l.Ref]; twice {
				t.Errorf("%s is in the log twice", l.Ref)
			}
			have[l.Ref] = l
		}
	}
	s := mustOpen(t, dir, Options{ReadOnly: true})
	defer mustClose(t, s)
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		fd, err := s.openRead(t.Context(), f.File)
		if err != nil {
			t.Fatal(err)
		}
		err = s.scanOpen(t.Context(), f.File, fd, 0, f.Size, false, func(x *found) bool {
			if x.beside {
				return true
			}
			l, err := x.leaf(fd)
			if err != nil {
				t.Fatal(err)
			}
			want[l.Ref] = l
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := fd.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return have, want
}

// TestLogHoldsEveryCapture holds the log to the captures: while files are open, over rotation, revisits and
// companions, after a kill between the frontier's batch and the commit, after an import.
func TestLogHoldsEveryCapture(t *testing.T) {
	dir, _ := sample(t)
	check := func(when string) {
		t.Helper()
		have, want := logged(t, dir)
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("%s: captures (-), log (+)\n%s", when, d)
		}
	}
	check("closed")
	s := mustOpen(t, dir, Options{MaxSize: 6000})
	for i := range 3 {
		x := exchange("y", fmt.Sprintf("http://example.org/y%d", i), 100+i, "page")
		x.Companions = []Companion{{Name: CompanionDOM, MediaType: "text/html", Content: []byte("<p>page")}}
		mustAppend(t, s, x)
	}
	mustCommit(t, s)
	check("open")
	mustAppend(t, s, exchange("z", "http://example.org/z", 200, "acknowledged, not committed here"))
	ends, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	abandon(t, s)
	s = mustOpen(t, dir, Options{Committed: ends})
	check("killed before the commit")

	foreign, _ := sample(t)
	files, err := filepath.Glob(filepath.Join(foreign, "x", "*.warc.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, err := s.Import(t.Context(), f, ImportOptions{Site: "foreign"}); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
	check("imported")
	if r := verify(t, dir, VerifyOptions{}); len(r.Findings) > 0 {
		t.Errorf("verify: %v", r.Findings)
	}
}

// TestInitLog makes the log of an archive that had none, also after an interrupted try.
func TestInitLog(t *testing.T) {
	dir, _ := sample(t)
	if err := os.RemoveAll(filepath.Join(dir, logDir)); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir, Options{})
	mustAppend(t, s, exchange("x", "http://example.org/without", 100, "without a log"))
	mustCommit(t, s)
	if tlog.Exists(s.LogDir()) {
		t.Error("an old archive is given a log without being asked")
	}
	if err := s.InitLog(t.Context(), "kx.example/log"); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, exchange("x", "http://example.org/with", 101, "with a log"))
	mustCommit(t, s)
	mustClose(t, s)
	have, want := logged(t, dir)
	if d := cmp.Diff(want, have); d != "" || len(have) != 20 {
		t.Errorf("captures (-), log (+) of %d\n%s", len(have), d)
	}
}

// forge writes the captures of an archive anew, as somebody with every right on the machine can: change decides what
// becomes of each. Journal, CDX, digests and tree are those of an honest archive; the key of the log is the old one.
func forge(t *testing.T, dir string, change func(i int, x Exchange) []Exchange) string {
	t.Helper()
	forged := t.TempDir()
	if err := os.MkdirAll(filepath.Join(forged, logDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"key", "keys.jsonl"} {
		b, err := os.ReadFile(filepath.Join(dir, logDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(forged, logDir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := mustOpen(t, dir, Options{ReadOnly: true})
	defer mustClose(t, old)
	s := mustOpen(t, forged, Options{MaxSize: 6000})
	i := 0
	for f, err := range old.Since(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		x := exchange(f.Capture.Site, f.Capture.URL, 0, body(t, f.Capture))
		x.Time = f.Capture.Time
		for _, x := range change(i, x) {
			mustAppend(t, s, x)
		}
		mustCommit(t, s)
		i++
	}
	mustClose(t, s)
	return forged
}

// TestForgeries shows what somebody who holds an earlier head finds in an archive that was written anew, whole and
// consistent in itself.
func TestForgeries(t *testing.T) {
	dir, _ := sample(t)
	kept, err := os.ReadFile(filepath.Join(dir, logDir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(int, Exchange) []Exchange{
		"altered": func(i int, x Exchange) []Exchange {
			if i == 4 {
				x = exchange(x.Site, x.URL, 4, "what it should have said")
			}
			return []Exchange{x}
		},
		"removed": func(i int, x Exchange) []Exchange {
			if i == 4 {
				return nil
			}
			return []Exchange{x}
		},
		"backdated": func(i int, x Exchange) []Exchange {
			if i == 4 {
				return []Exchange{exchange(x.Site, "http://example.org/notice", 3, "it was always there"), x}
			}
			return []Exchange{x}
		},
	} {
		t.Run(name, func(t *testing.T) {
			forged := forge(t, dir, change)
			if r := verify(t, forged, VerifyOptions{}); len(r.Findings) > 0 {
				t.Fatalf("the forgery is not consistent in itself: %v", r.Findings)
			}
			r := verify(t, forged, VerifyOptions{Against: [][]byte{kept}})
			if !slices.Contains(codes(r), "log-fork") {
				t.Errorf("held to an earlier head: %v", r.Findings)
			}
		})
	}
}

// TestVerifyLog damages log and archive in ways that are not consistent.
func TestVerifyLog(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string, refs []Ref)
		code   string
	}{
		"head signed by nobody": {func(t *testing.T, dir string, _ []Ref) {
			edit(t, filepath.Join(dir, logDir, "checkpoint"), func(b []byte) []byte { return bytes.Replace(b, []byte("\n18\n"), []byte("\n17\n"), 1) })
		}, "log-head"},
		"entry changed": {func(t *testing.T, dir string, _ []Ref) {
			edit(t, filepath.Join(dir, logDir, "tile/entries/000.p/18"), func(b []byte) []byte { return bytes.Replace(b, []byte("org/7"), []byte("org/9"), 1) })
		}, "log-tree"},
		"hash changed": {func(t *testing.T, dir string, _ []Ref) {
			edit(t, filepath.Join(dir, logDir, "tile/0/000.p/18"), func(b []byte) []byte { b[40] ^= 1; return b })
		}, "log-tree"},
		"WARC removed": {func(t *testing.T, dir string, refs []Ref) {
			if err := os.Remove(filepath.Join(dir, refs[0].File)); err != nil {
				t.Fatal(err)
			}
		}, "log-entry"},
		"captures behind the log's back": {func(t *testing.T, dir string, refs []Ref) {
			aside := filepath.Join(t.TempDir(), "log")
			if err := os.Rename(filepath.Join(dir, logDir), aside); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, dir, Options{})
			mustAppend(t, s, exchange("w", "http://example.org/w", 300, "unlogged"))
			mustCommit(t, s)
			mustClose(t, s)
			if err := os.Rename(aside, filepath.Join(dir, logDir)); err != nil {
				t.Fatal(err)
			}
		}, "log-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, refs := sample(t)
			c.damage(t, dir, refs)
			if r := verify(t, dir, VerifyOptions{}); !slices.Contains(codes(r), c.code) {
				t.Errorf("no %s among %v", c.code, r.Findings)
			}
		})
	}
}
