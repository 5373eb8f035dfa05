package ocfl

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/archive/disk"

	"github.com/google/go-cmp/cmp"
)

type tree map[string]string

// put makes a version of a tree.
func put(ctx context.Context, dir string, files disk.FileSystem, t tree) (name string, err error) {
	s, err := Begin(dir, "urn:test", files)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for p, text := range t {
		open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
		if held, err := s.Holds(sum([]byte(text)), int64(len(text))); err != nil {
			return "", err
		} else if held {
			s.Refer(p, sum([]byte(text)))
			continue
		}
		if _, err := s.Add(ctx, p, sum([]byte(text)), open); err != nil {
			return "", err
		}
	}
	return s.Commit(ctx, Version{Created: time.Unix(1.8e9, 0).UTC(), Message: "a version"})
}

// get returns the tree of a version.
func get(t *testing.T, dir, version string) tree {
	t.Helper()
	o, err := Open(dir, version)
	if err != nil {
		t.Fatal(err)
	}
	out := tree{}
	for _, f := range o.Files() {
		text, err := os.ReadFile(o.Path(f))
		if err != nil {
			t.Fatal(err)
		}
		if sum(text) != f.SHA256 {
			t.Errorf("%s is not what its digest says", f.Path)
		}
		out[f.Path] = string(text)
	}
	return out
}

func verify(t *testing.T, dir string) []string {
	t.Helper()
	bad, err := Verify(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range bad {
		out = append(out, b.Error())
	}
	return out
}

var first = tree{"a/one": "1", "a/two": "22", "b": "1"}
var second = tree{"a/one": "1", "c/d/e": "333", "b": "4"}

func TestVersions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "object")
	for i, want := range []tree{first, second, second} {
		name, err := put(t.Context(), dir, nil, want)
		if err != nil || name != versionName(i+1) {
			t.Fatalf("%q, %v", name, err)
		}
		if diff := cmp.Diff(want, get(t, dir, "")); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(first, get(t, dir, "v1")); diff != "" {
		t.Error("the first version has changed:", diff)
	}
	if bad := verify(t, dir); bad != nil {
		t.Error(bad)
	}
	for _, absent := range []string{"v3/content", "v2/content/a", extensions} {
		if _, err := os.Stat(filepath.Join(dir, absent)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there although all of it was there already: %v", absent, err)
		}
	}
}

// TestKilledAtEveryOperation: whatever write is the last that reaches the disk, the versions before are as they were,
// what is there is in order, and the next run makes the version.
func TestKilledAtEveryOperation(t *testing.T) {
	for n := 0; ; n++ {
		dir := filepath.Join(t.TempDir(), "object")
		if _, err := put(t.Context(), dir, nil, first); err != nil {
			t.Fatal(err)
		}
		files := &dying{left: n}
		_, err := put(t.Context(), dir, files, second)
		if err == nil {
			if n < 10 {
				t.Fatalf("only %d operations: too few to be true", n)
			}
			return
		}
		if !errors.Is(err, errDead) {
			t.Fatalf("after %d operations: %v", n, err)
		}
		now := get(t, dir, "")
		if !cmp.Equal(now, first) && !cmp.Equal(now, second) {
			t.Errorf("killed after %d operations: %v", n, now)
		}
		if diff := cmp.Diff(first, get(t, dir, "v1")); diff != "" {
			t.Errorf("killed after %d operations: %s", n, diff)
		}
		if _, err := put(t.Context(), dir, nil, second); err != nil {
			t.Fatalf("killed after %d operations, again: %v", n, err)
		}
		if diff := cmp.Diff(second, get(t, dir, "")); diff != "" {
			t.Errorf("killed after %d operations, again: %s", n, diff)
		}
		if bad := verify(t, dir); bad != nil {
			t.Errorf("killed after %d operations, again: %v", n, bad)
		}
	}
}

// TestKilledWhileMade is the same for an object that was not there.
func TestKilledWhileMade(t *testing.T) {
	for n := 0; ; n++ {
		dir := filepath.Join(t.TempDir(), "object")
		_, err := put(t.Context(), dir, &dying{left: n}, first)
		if err == nil {
			return
		}
		if _, err := put(t.Context(), dir, nil, first); err != nil {
			t.Fatalf("killed after %d operations, again: %v", n, err)
		}
		if bad := verify(t, dir); bad != nil || !cmp.Equal(get(t, dir, ""), first) {
			t.Errorf("killed after %d operations, again: %v", n, bad)
		}
	}
}

var errDead = errors.New("killed")

// dying is a disk on which nothing is done any more after some operations.
type dying struct {
	disk.Disk
	left int
}

func (d *dying) step() error {
	if d.left--; d.left < 0 {
		return errDead
	}
	return nil
}

func (d *dying) Create(path string) (disk.File, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := d.Disk.Create(path)
	return dyingFile{f, d}, err
}

func (d *dying) Rename(from, to string) error {
	return errors.Join(d.step(), ifAlive(d, func() error { return d.Disk.Rename(from, to) }))
}

func (d *dying) Remove(path string) error {
	return errors.Join(d.step(), ifAlive(d, func() error { return d.Disk.Remove(path) }))
}

func (d *dying) SyncDir(path string) error {
	return errors.Join(d.step(), ifAlive(d, func() error { return d.Disk.SyncDir(path) }))
}

func ifAlive(d *dying, do func() error) error {
	if d.left < 0 {
		return nil
	}
	return do()
}

type dyingFile struct {
	disk.File
	d *dying
}

// WriteAt writes half of what it is given when it is the last operation.
func (f dyingFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.d.step(); err != nil {
		n, werr := f.File.WriteAt(b[:len(b)/2], at)
		return n, errors.Join(err, werr)
	}
	return f.File.WriteAt(b, at)
}

func (f dyingFile) Sync() error { return errors.Join(f.d.step(), f.File.Sync()) }

// TestDamage: what is not as the inventory says is found, and nothing is built upon it.
func TestDamage(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, dir string)
		want string
		none bool // the object cannot be opened either
	}{
		{"a content changed", func(t *testing.T, dir string) { write(t, dir, "v1/content/a/two", "23") },
			"v1/content/a/two: differs", false},
		{"a content gone", func(t *testing.T, dir string) { remove(t, dir, "v1/content/a/two") },
			"v1/content/a/two: is missing", false},
		{"a file too many", func(t *testing.T, dir string) { write(t, dir, "v2/content/more", "") },
			"v2/content/more: is in no inventory", false},
		{"an inventory changed", func(t *testing.T, dir string) {
			edit(t, dir, "v2/inventory.json", `"a version"`, `"A version"`)
		},
			"v2/inventory.json: differs", true},
		{"the root's inventory changed", func(t *testing.T, dir string) {
			edit(t, dir, "inventory.json", `"a version"`, `"A version"`)
		},
			"inventory.json: differs", false},
		{"a sidecar gone", func(t *testing.T, dir string) { remove(t, dir, "v2/inventory.json.sha256") },
			"v2/inventory.json.sha256: is missing", true},
		{"a version gone", func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "v1")); err != nil {
				t.Fatal(err)
			}
		}, "v1: is missing", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "object")
			for _, v := range []tree{first, second} {
				if _, err := put(t.Context(), dir, nil, v); err != nil {
					t.Fatal(err)
				}
			}
			c.do(t, dir)
			if got := strings.Join(verify(t, dir), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			if _, err := Open(dir, ""); (err != nil) != c.none {
				t.Errorf("open: %v", err)
			}
			if c.none && !cmp.Equal(get(t, dir, "v1"), first) {
				t.Error("the version before it cannot be read")
			}
		})
	}
}

// TestContentsAreHeldTo: a version does not refer to a content that is not there any more.
func TestContentsAreHeldTo(t *testing.T) {
	dir := t.TempDir()
	if _, err := put(t.Context(), dir, nil, first); err != nil {
		t.Fatal(err)
	}
	remove(t, dir, "v1/content/a/two")
	var damage *DamagedError
	if _, err := put(t.Context(), dir, nil, first); !errors.As(err, &damage) {
		t.Errorf("a content is missing: %v", err)
	}
}

// TestPathsOut: no path of an inventory leads out of the tree.
func TestPathsOut(t *testing.T) {
	for _, p := range []string{"../x", "/x", "a/../../x", "a//b", "", ".", "a\\b"} {
		good := Inventory{ID: "urn:x", Type: objectType, Algorithm: "sha256", Head: "v1",
			Manifest: map[string][]string{sum(nil): {"v1/content/a"}},
			Versions: map[string]Version{"v1": {State: map[string][]string{sum(nil): {"a"}}}}}
		if err := good.check(); err != nil {
			t.Fatal(err)
		}
		state, manifest := good, good
		state.Versions = map[string]Version{"v1": {State: map[string][]string{sum(nil): {p}}}}
		manifest.Manifest = map[string][]string{sum(nil): {p}}
		if state.check() == nil || manifest.check() == nil {
			t.Errorf("%q is taken", p)
		}
	}
}

func TestOthers(t *testing.T) {
	dir := t.TempDir()
	s, err := Begin(dir, "urn:test", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(dir, "urn:test", nil); !errors.Is(err, ErrLocked) {
		t.Errorf("while another writes: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t.Context(), dir, nil, first); err != nil {
		t.Fatal(err)
	}
	var other *OtherIDError
	if _, err := Begin(dir, "urn:other", nil); !errors.As(err, &other) || other.ID != "urn:test" {
		t.Errorf("another object: %v", err)
	}
	write(t, dir, "x", "")
	if _, err := Begin(filepath.Join(dir, "v1"), "urn:test", nil); !errors.Is(err, ErrOther) {
		t.Errorf("a directory with other things: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nowhere"), ""); !errors.Is(err, ErrNone) {
		t.Errorf("nothing there: %v", err)
	}
	if _, err := Open(dir, "v7"); err == nil {
		t.Error("a version that is not there was opened")
	}
}

// TestOtherValidator asks ocfl-py (pip install ocfl-py; 2.1.0 was asked) where it is installed.
func TestOtherValidator(t *testing.T) {
	validate, err := exec.LookPath("ocfl-validate.py")
	if err != nil {
		t.Skip("ocfl-validate.py is not installed")
	}
	dir := filepath.Join(t.TempDir(), "object")
	for _, v := range []tree{first, second} {
		if _, err := put(t.Context(), dir, nil, v); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), validate, dir).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "is VALID") {
		t.Errorf("%v: %s", err, out)
	}
}

// FuzzInventory: whatever stands in an inventory, no path leads out of the object.
func FuzzInventory(f *testing.F) {
	f.Add([]byte(`{"id":"a","type":"https://ocfl.io/1.1/spec/#inventory","digestAlgorithm":"sha256","head":"v1",` +
		`"manifest":{},"versions":{"v1":{"state":{}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var inv Inventory
		if json.Unmarshal(text, &inv) != nil || inv.check() != nil {
			return
		}
		o := Object{Dir: "/o", Inventory: inv}
		for _, file := range o.Files() {
			if !strings.HasPrefix(o.Path(file), "/o/") || !filepath.IsLocal(file.Path) {
				t.Errorf("%q at %q", file.Path, o.Path(file))
			}
		}
	})
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, dir, name, from, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatal(err, string(text))
	}
	write(t, dir, name, strings.ReplaceAll(string(text), from, to))
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
