package tlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// leafAt is the n-th made-up capture of a WARC.
func leafAt(file string, n int) Leaf {
	return Leaf{
		URL:     fmt.Sprintf("http://kx.example/%s/%d.html", file, n),
		Time:    time.Date(2026, 3, 4, 5, 6, n%60, n, time.UTC),
		Payload: fmt.Sprintf("sha256:%064x", n), Record: fmt.Sprintf("sha256:%064x", n+1),
		Ref: fmt.Sprintf("%s:%d:%d", file, n*100, 99),
	}
}

// filesFrom makes an append of n captures of one WARC that begin with capture first.
func filesFrom(file string, first, n int) []File {
	f := File{Name: file, End: int64(first+n) * 100}
	for i := range n {
		f.Leaves = append(f.Leaves, leafAt(file, first+i))
	}
	return []File{f}
}

// reference is the tree that the library makes of entries kept in memory.
type reference struct{ hashes []tlog.Hash }

func (r *reference) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = r.hashes[x]
	}
	return out, nil
}

func (r *reference) add(t *testing.T, n int64, entry []byte) {
	t.Helper()
	hs, err := tlog.StoredHashes(n, entry, r)
	if err != nil {
		t.Fatal(err)
	}
	r.hashes = append(r.hashes, hs...)
}

func open(t *testing.T, dir string) *Log {
	t.Helper()
	l, err := Open(dir, Options{Origin: "log.kx.example"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLogIsTheTree compares heads, entries and proofs with a tree kept in memory, over appends that cross bundles and
// tiles and over openings in between.
func TestLogIsTheTree(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	ref, n := &reference{}, 0
	for i, size := range []int{1, 3, 252, 256, 1, 600, 0, 5, 65536, 300} {
		if err := l.Append(filesFrom("s/a.warc.gz", n, size)); err != nil {
			t.Fatal(err)
		}
		for k := range size {
			ref.add(t, int64(n+k), leafAt("s/a.warc.gz", n+k).Marshal())
		}
		n += size
		if i%3 == 0 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, dir)
		}
		want, err := tlog.TreeHash(int64(n), ref)
		if err != nil {
			t.Fatal(err)
		}
		v, err := OpenView(dir)
		if err != nil {
			t.Fatal(err)
		}
		if v.Tree.Size != int64(n) || v.Tree.Root != want {
			t.Fatalf("after %d entries the head is %d %v, want %v", n, v.Tree.Size, v.Tree.Root, want)
		}
	}
	defer l.Close()
	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 255, 256, 1000, 65535, 65536, n - 1} {
		leaf := leafAt("s/a.warc.gz", i)
		index, got, err := v.Find("s/a.warc.gz", int64(i*100), leaf.Ref)
		if err != nil || index != int64(i) || got != leaf {
			t.Fatalf("find %d: entry %d, %+v, %v", i, index, got, err)
		}
		text, err := v.Proof(index)
		if err != nil {
			t.Fatal(err)
		}
		if at, head, err := CheckProof(text, leaf.Marshal(), v.Keys); err != nil || at != index || head.Size != int64(n) {
			t.Fatalf("proof of %d: %d, %v", i, at, err)
		}
		other := leaf
		other.Payload = "sha256:" + strings.Repeat("f", 64)
		if _, _, err := CheckProof(text, other.Marshal(), v.Keys); err == nil {
			t.Fatalf("the proof of %d holds for another capture", i)
		}
	}
	if _, _, err := v.Find("s/a.warc.gz", 50, "s/a.warc.gz:50:1"); !errors.Is(err, ErrNotLogged) {
		t.Fatalf("a record that is no capture: %v", err)
	}
}

// TestKilledAnywhere cuts the write-ahead log at every byte of its last append, and damages it there: the log opens
// with the state before or after that append, goes on, and continues every head signed before.
func TestKilledAnywhere(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Append(filesFrom("s/a.warc.gz", 0, 250)); err != nil {
		t.Fatal(err)
	}
	before := l.walEnd
	if err := l.Append(filesFrom("s/a.warc.gz", 250, 4)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, walName))
	if err != nil {
		t.Fatal(err)
	}
	for end := before; end <= int64(len(whole)); end += 61 {
		for _, torn := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00", "{\"first\":"} {
			killed := filepath.Join(t.TempDir(), "log")
			if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			cut := append(append([]byte{}, whole[:end]...), torn...)
			if err := os.WriteFile(filepath.Join(killed, walName), cut, 0o644); err != nil {
				t.Fatal(err)
			}
			l := open(t, killed)
			size := l.Size()
			if size != 250 && size != 254 {
				t.Fatalf("cut at %d: %d entries", end, size)
			}
			covered, err := l.Covered("s/a.warc.gz")
			if err != nil || covered != size*100 {
				t.Fatalf("cut at %d: %d entries, but captures up to %d: %v", end, size, covered, err)
			}
			if err := l.Append(filesFrom("s/a.warc.gz", int(size), 10)); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			v, err := OpenView(killed)
			if err != nil {
				t.Fatal(err)
			}
			for i := range v.Tree.Size {
				if _, _, err := v.Find("s/a.warc.gz", i*100, leafAt("s/a.warc.gz", int(i)).Ref); err != nil {
					t.Fatalf("cut at %d: entry %d: %v", end, i, err)
				}
			}
			if size == 250 {
				continue // the head of 254 was signed but, here, not durable: the disk of this test forgot it
			}
			heads, err := History(killed)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range heads {
				c, err := ParseCheckpoint(h, v.Keys)
				if err != nil {
					t.Fatal(err)
				}
				if err := v.Continues(c); err != nil {
					t.Fatalf("cut at %d: %v", end, err)
				}
			}
		}
	}
}

// TestRotatedKeys follows a log over two new keys.
func TestRotatedKeys(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Append(filesFrom("s/a.warc.gz", 0, 3)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := l.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, keyName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode of the private key: %v, %v", info.Mode(), err)
	}
	v, err := OpenView(dir)
	if err != nil || len(v.Keys) != 3 {
		t.Fatalf("%d keys, %v", len(v.Keys), err)
	}
	if _, err := ParseCheckpoint(v.Signed, v.Keys[:2]); err == nil {
		t.Error("the head is signed by an old key")
	}
	text, err := os.ReadFile(filepath.Join(dir, keysName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if _, err := ParseKeys([]byte(lines[0] + lines[2])); err == nil {
		t.Error("a key that the one before it does not vouch for is believed")
	}
}

// TestForksAreFound shows that a log written anew does not continue the heads of the old one.
func TestForksAreFound(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Append(filesFrom("s/a.warc.gz", 0, 300)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	old, _, err := Latest(Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string][]File{
		"removed":   filesFrom("s/a.warc.gz", 1, 400),
		"backdated": append(filesFrom("s/b.warc.gz", 0, 1), filesFrom("s/a.warc.gz", 0, 400)...),
		"cut":       filesFrom("s/a.warc.gz", 0, 299),
	} {
		other := t.TempDir()
		for _, f := range []string{keyName, keysName} {
			b, err := os.ReadFile(filepath.Join(dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(other, f), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		forged, err := Open(other, Options{Origin: "log.kx.example"})
		if err != nil {
			t.Fatal(err)
		}
		if err := forged.Append(files); err != nil {
			t.Fatal(err)
		}
		if err := forged.Close(); err != nil {
			t.Fatal(err)
		}
		v, err := OpenView(other)
		if err != nil {
			t.Fatal(err)
		}
		var fork *ForkError
		if err := v.Continues(old); !errors.As(err, &fork) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTamperedTiles shows that no changed byte of a tile or bundle is believed.
func TestTamperedTiles(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Append(filesFrom("s/a.warc.gz", 0, 600)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
		"tile/entries/002.p/88"} {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := OpenView(dir)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for n := range int64(3) {
			if _, err := v.Entries(n); err != nil {
				found = true
			}
		}
		if !found {
			t.Errorf("a flipped bit of %s is not found", name)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzReadGroups(f *testing.F) {
	g := group{First: 7, Count: 1, data: appendEntry(nil, []byte("x"))}
	b, err := g.marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		groups, end, err := readGroups(strings.NewReader(string(b)))
		if err != nil || end > int64(len(b)) {
			t.Fatalf("end %d of %d, %v", end, len(b), err)
		}
		again, end2, err := readGroups(strings.NewReader(string(b[:end])))
		if err != nil || end2 != end || len(again) != len(groups) {
			t.Fatalf("the whole groups alone: %d of %d, end %d of %d, %v", len(again), len(groups), end2, end, err)
		}
	})
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(leafAt("s/a.warc.gz", 3).Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := ParseLeaf(b); err == nil && string(l.Marshal()) != string(b) {
			t.Fatalf("%q is read as %+v", b, l)
		}
	})
}

// BenchmarkAppend appends groups of 64 captures, as a commit of the archive does.
func BenchmarkAppend(b *testing.B) {
	l, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	n := 0
	for b.Loop() {
		if err := l.Append(filesFrom("s/a.warc.gz", n, 64)); err != nil {
			b.Fatal(err)
		}
		n += 64
	}
}
