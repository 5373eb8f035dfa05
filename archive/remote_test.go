package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cundang/archive/blob"

	"github.com/google/go-cmp/cmp"
)

// moody is a store that fails from its n-th request on, and altogether while down.
type moody struct {
	blob.Store
	left atomic.Int64 // requests that succeed; below 0: all
	down atomic.Bool
	asks atomic.Int64
}

func newMoody(dir string) *moody {
	m := &moody{Store: blob.Dir(dir)}
	m.left.Store(-1)
	return m
}

var errDown = errors.New("the store does not answer")

func (m *moody) ask() error {
	m.asks.Add(1)
	if m.down.Load() {
		return errDown
	}
	if n := m.left.Load(); n >= 0 && m.left.Add(-1) < 0 {
		m.left.Store(0)
		return errDown
	}
	return nil
}

// PutNew implements blob.Store. A failed put may have taken place.
func (m *moody) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	err := m.ask()
	if err == nil || size%2 == 0 {
		err = errors.Join(m.Store.PutNew(ctx, name, content, size), err)
	}
	if errors.Is(err, errDown) {
		return errDown
	}
	return err
}

// ReadRange implements blob.Store.
func (m *moody) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := m.ask(); err != nil {
		return nil, err
	}
	return m.Store.ReadRange(ctx, name, offset, length)
}

// Stat implements blob.Store.
func (m *moody) Stat(ctx context.Context, name string) (blob.Info, error) {
	if err := m.ask(); err != nil {
		return blob.Info{}, err
	}
	return m.Store.Stat(ctx, name)
}

// fill archives pages of two sites over several WARCs, with revisits and companions.
func fill(t *testing.T, s *Store) {
	t.Helper()
	for i := range 40 {
		site := []string{"kx", "nx"}[i%2]
		x := exchange(site, fmt.Sprintf("http://%s.example.org/%d", site, i/4), i,
			fmt.Sprintf("第%d页 %s", i/4, strings.Repeat("科普 ", i)))
		if i%8 >= 4 {
			c, err := s.Closest(t.Context(), fmt.Sprintf("http://%s.example.org/%d", site, i/4-1), epoch)
			if err != nil {
				t.Fatal(err)
			}
			x.RefersTo = &c
			b := body(t, c)
			x.Response = exchange(site, x.URL, i, b).Response
		}
		if i%5 == 0 {
			x.Companions = []Companion{{Name: CompanionDOM, MediaType: "text/html; charset=utf-8", Content: []byte(x.URL)}}
		}
		mustAppend(t, s, x)
		if i%3 == 0 {
			mustCommit(t, s)
		}
	}
	mustCommit(t, s)
}

// state is all that an archive answers.
func state(t *testing.T, s *Store) (out []string) {
	t.Helper()
	for f, err := range s.Since(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Read(t.Context(), f.Capture.Ref)
		if err != nil {
			t.Fatal(err)
		}
		block, err := s.Block(t.Context(), c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(block)
		if err = errors.Join(err, block.Close()); err != nil {
			t.Fatal(err)
		}
		with, err := s.Companions(t.Context(), c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %v %q %q %v", c.Ref, c.Revisit, body(t, c), raw, with))
	}
	for r, err := range s.Rows(t.Context(), Lookup{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.String())
	}
	return out
}

func mustVerify(t *testing.T, s *Store) VerifyReport {
	t.Helper()
	r, err := s.Verify(t.Context(), VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func findingCodes(r VerifyReport) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

// warcs returns the WARCs and stubs that are here.
func warcs(t *testing.T, dir string) (files, stubs []string) {
	t.Helper()
	all, err := listFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Remote {
			stubs = append(stubs, f.File)
		} else {
			files = append(files, f.File)
		}
	}
	return files, stubs
}

// pushed makes an archive whose closed WARCs all lie in a store, and tells what it answered before.
func pushed(t *testing.T) (dir string, opts Options, store *moody, want []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "archive")
	store = newMoody(t.TempDir())
	opts = Options{MaxSize: 4 << 10, Remote: store, Cache: blob.NewCache(t.TempDir(), 1<<20), Software: "test"}
	s := mustOpen(t, dir, opts)
	fill(t, s)
	mustClose(t, s)
	s = mustOpen(t, dir, opts)
	want = state(t, s)
	r, err := s.Push(t.Context(), PushOptions{Drop: true})
	if err != nil || r.Pushed < 4 || r.Dropped != r.Pushed || len(r.Conflicts) > 0 || r.Manifest != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	mustClose(t, s)
	if files, stubs := warcs(t, dir); len(files) > 0 || len(stubs) != r.Pushed {
		t.Fatalf("here: %v, stubs of %v", files, stubs)
	}
	return dir, opts, store, want
}

func TestRemoteReads(t *testing.T) {
	dir, opts, store, want := pushed(t)
	for name, change := range map[string]func(*Options){
		"writer": func(*Options) {}, "reader": func(o *Options) { o.ReadOnly = true },
		"no cache": func(o *Options) { o.Cache = nil },
	} {
		o := opts
		change(&o)
		s := mustOpen(t, dir, o)
		if d := cmp.Diff(want, state(t, s)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if r := mustVerify(t, s); len(r.Findings) > 0 || r.Captures != 40 {
			t.Errorf("%s: %d captures, %v", name, r.Captures, r.Findings)
		}
		mustClose(t, s)
	}
	s := mustOpen(t, dir, opts)
	before := store.asks.Load()
	mustAppend(t, s, exchange("kx", "http://kx.example.org/new", 99, "新页")) // names still rise
	mustCommit(t, s)
	if store.asks.Load() != before {
		t.Error("writing asks the store")
	}
	mustClose(t, s)
	o := opts
	o.Remote = nil
	s = mustOpen(t, dir, o)
	_, err := s.Closest(t.Context(), "http://kx.example.org/0", epoch)
	if !errors.Is(err, ErrElsewhere) || !Unreachable(err) {
		t.Errorf("without its store: %v", err)
	}
	if _, err := s.Verify(t.Context(), VerifyOptions{}); !errors.Is(err, ErrElsewhere) {
		t.Errorf("verified without its store: %v", err)
	}
	mustClose(t, s)
}

// TestRemoteExports checks that packages of an archive are the same bytes wherever its WARCs lie, and that an
// import knows what is elsewhere.
func TestRemoteExports(t *testing.T) {
	dir, opts, _, _ := pushed(t)
	pack := func() (out bytes.Buffer) {
		s := mustOpen(t, dir, opts)
		defer mustClose(t, s)
		if err := s.ExportWACZ(t.Context(), &out, PackOptions{Title: "t", Created: epoch}); err != nil {
			t.Fatal(err)
		}
		if err := s.ExportBag(t.Context(), filepath.Join(t.TempDir(), "bag"), PackOptions{}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	remote := pack()
	s := mustOpen(t, dir, opts)
	file := filepath.Join(t.TempDir(), "a.wacz")
	if err := os.WriteFile(file, remote.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := s.Import(t.Context(), file, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range known {
		if i.Known == "" {
			t.Errorf("taken in again: %+v", i)
		}
	}
	r, err := s.Pull(t.Context(), PullOptions{})
	if err != nil || r.Pulled < 4 || len(r.Missing) > 0 {
		t.Fatalf("%+v %v", r, err)
	}
	mustClose(t, s)
	if local := pack(); !bytes.Equal(local.Bytes(), remote.Bytes()) {
		t.Error("the package differs from that of the same archive elsewhere")
	}
}

// TestRemoteDamage checks that what happens to files in a store is found, and that a store which does not answer is no
// damage.
func TestRemoteDamage(t *testing.T) {
	dir, opts, store, _ := pushed(t)
	_, stubs := warcs(t, dir)
	path := filepath.Join(string(store.Store.(blob.Dir)), "archive", filepath.FromSlash(stubs[1]))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	opts.ReadOnly = true
	for _, tt := range []struct {
		name    string
		content []byte
		want    string
	}{{"missing", nil, "file-missing"}, {"short", whole[:len(whole)-100], "file-size"},
		{"flipped", flipped, "file-hash"}, {"whole", whole, ""}} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if tt.content != nil {
			if err := os.WriteFile(path, tt.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := mustOpen(t, dir, opts)
		got := findingCodes(mustVerify(t, s))
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.name, got)
		}
		mustClose(t, s)
	}
	s := mustOpen(t, dir, opts)
	all := store.asks.Load()
	mustVerify(t, s)
	all = store.asks.Load() - all
	for n := range all {
		store.left.Store(n)
		r, err := s.Verify(t.Context(), VerifyOptions{})
		if !errors.Is(err, errDown) || len(r.Findings) > 0 {
			t.Fatalf("with a store that answers %d times of %d: %v, %v", n, all, r.Findings, err)
		}
	}
	store.left.Store(-1)
	mustClose(t, s)
}

// TestRemoteCDX makes the CDX anew of WARCs that are elsewhere, and not from half of them.
func TestRemoteCDX(t *testing.T) {
	dir, opts, store, want := pushed(t)
	for _, name := range []string{indexName, stateName, journalName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	var s *Store
	for n := int64(0); s == nil; n++ { // each attempt goes on where the one before was refused
		store.left.Store(n)
		var err error
		if s, err = Open(dir, opts); err != nil && !errors.Is(err, errDown) {
			t.Fatal(err)
		}
	}
	store.left.Store(-1)
	if d := cmp.Diff(want, state(t, s)); d != "" {
		t.Error(d)
	}
	mustClose(t, s)
}

// TestPushBrokenOff breaks pushes and pulls off at each request: at no time is a WARC nowhere.
func TestPushBrokenOff(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	store := newMoody(t.TempDir())
	opts := Options{MaxSize: 4 << 10, Remote: store}
	s := mustOpen(t, dir, opts)
	fill(t, s)
	mustClose(t, s)
	s = mustOpen(t, dir, opts)
	want := state(t, s)
	until := func(what string, do func() error) {
		t.Helper()
		for n := int64(0); ; n++ {
			store.left.Store(n % 12)
			err := do()
			store.left.Store(-1)
			if d := cmp.Diff(want, state(t, s)); d != "" {
				t.Fatalf("%s broken off at request %d: %s", what, n%12, d)
			}
			if err == nil {
				return
			}
			if !errors.Is(err, errDown) {
				t.Fatal(err)
			}
			if n > 500 {
				t.Fatalf("%s makes no progress", what)
			}
		}
	}
	until("push", func() error {
		r, err := s.Push(t.Context(), PushOptions{Drop: true})
		if len(r.Conflicts) > 0 {
			t.Fatal(r.Conflicts)
		}
		return err
	})
	if files, _ := warcs(t, dir); len(files) > 0 {
		t.Errorf("still here: %v", files)
	}
	if r := mustVerify(t, s); len(r.Findings) > 0 {
		t.Error(r.Findings)
	}
	until("pull", func() error {
		_, err := s.Pull(t.Context(), PullOptions{})
		return err
	})
	if _, stubs := warcs(t, dir); len(stubs) > 0 {
		t.Errorf("still elsewhere: %v", stubs)
	}
	if r := mustVerify(t, s); len(r.Findings) > 0 {
		t.Error(r.Findings)
	}
	mustClose(t, s)
}

// TestPushAgain pushes what has come since, one site alone, and never another archive's files.
func TestPushAgain(t *testing.T) {
	dir, opts, store, _ := pushed(t)
	s := mustOpen(t, dir, opts)
	if r, err := s.Push(t.Context(), PushOptions{}); err != nil || r.Pushed != 0 || r.Manifest != 1 {
		t.Errorf("nothing new: %+v %v", r, err)
	}
	mustAppend(t, s, exchange("kx", "http://kx.example.org/new", 99, "新页"))
	mustAppend(t, s, exchange("nx", "http://nx.example.org/new", 99, "新页"))
	mustCommit(t, s)
	if r, err := s.Push(t.Context(), PushOptions{}); err != nil || r.Pushed != 0 {
		t.Errorf("an open WARC was put: %+v %v", r, err)
	}
	mustClose(t, s)
	s = mustOpen(t, dir, opts)
	r, err := s.Push(t.Context(), PushOptions{Site: "kx", Drop: true})
	if err != nil || r.Pushed != 1 || r.Dropped != 1 || r.Manifest != 3 {
		t.Errorf("one site: %+v %v", r, err)
	}
	if files, _ := warcs(t, dir); len(files) != 1 || !strings.HasPrefix(files[0], "nx/") {
		t.Errorf("here: %v", files)
	}
	// The bytes of a WARC are changed in the store: it is not dropped here.
	if r, err = s.Push(t.Context(), PushOptions{}); err != nil || r.Pushed != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	files, _ := warcs(t, dir)
	path := filepath.Join(string(store.Store.(blob.Dir)), "archive", filepath.FromSlash(files[0]))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := errors.Join(os.Remove(path), os.WriteFile(path, b, 0o600)); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Push(t.Context(), PushOptions{Drop: true}); err != nil || r.Dropped != 0 || len(r.Conflicts) != 1 {
		t.Errorf("a file that differs in the store: %+v %v", r, err)
	}
	mustClose(t, s)

	other := mustOpen(t, filepath.Join(t.TempDir(), "archive"), opts)
	mustAppend(t, other, exchange("kx", "http://kx.example.org/", 1, "别的存档"))
	mustCommit(t, other)
	if _, err := other.Push(t.Context(), PushOptions{}); err == nil || !strings.Contains(err.Error(), "another archive") {
		t.Errorf("another archive was put beside this one: %v", err)
	}
	mustClose(t, other)
}

// TestRestore brings an archive back from the store alone.
func TestRestore(t *testing.T) {
	dir, opts, store, want := pushed(t)
	key, err := os.ReadFile(filepath.Join(dir, logDir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		b, err := blob.ReadAll(t.Context(), store, i.Name, 1<<30)
		if err != nil || bytes.Contains(b, bytes.TrimSpace(key)) {
			t.Errorf("%s: the private key of the log is in the store (%v)", i.Name, err)
		}
	}
	again := filepath.Join(t.TempDir(), "archive")
	for n := range int64(6) {
		store.left.Store(n)
		if err := Restore(t.Context(), again, "", store); err == nil {
			t.Fatal("restored from a store that does not answer")
		}
		if _, err := os.Stat(again); !errors.Is(err, fs.ErrNotExist) {
			t.Fatal("half an archive was left")
		}
	}
	store.left.Store(-1)
	if err := Restore(t.Context(), again, "", store); err != nil {
		t.Fatal(err)
	}
	reading := opts
	reading.ReadOnly = true
	s := mustOpen(t, again, reading)
	if d := cmp.Diff(want, state(t, s)); d != "" {
		t.Error(d)
	}
	if r := mustVerify(t, s); len(r.Findings) > 0 || r.LogSize != 40 {
		t.Errorf("%d log entries, %v", r.LogSize, r.Findings)
	}
	mustClose(t, s)
	if s, err := Open(again, opts); err == nil {
		mustClose(t, s)
		t.Error("the log goes on without its key")
	}
	if err := os.WriteFile(filepath.Join(again, logDir, "key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, again, opts)
	mustAppend(t, s, exchange("kx", "http://kx.example.org/new", 99, "新页"))
	mustCommit(t, s)
	if r := mustVerify(t, s); len(r.Findings) > 0 || r.LogSize != 41 {
		t.Errorf("%d log entries, %v", r.LogSize, r.Findings)
	}
	mustClose(t, s)
	if err := Restore(t.Context(), again, "", store); err == nil {
		t.Error("an archive was replaced")
	}
	// A stub that is gone or damaged is made again.
	_, stubs := warcs(t, again)
	if err := os.Remove(filepath.Join(again, filepath.FromSlash(stubs[0])) + remoteSuffix); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, again, opts)
	if r, err := s.Pull(t.Context(), PullOptions{Stubs: true}); err != nil || r.Stubs != 1 || r.Pulled != 0 {
		t.Errorf("%+v %v", r, err)
	}
	if r := mustVerify(t, s); len(r.Findings) > 0 {
		t.Error(r.Findings)
	}
	mustClose(t, s)
}

// TestPushState lets files go along that belong to the archive, only when all of it is in the store, and only those
// that are new.
func TestPushState(t *testing.T) {
	dir, opts, store, _ := pushed(t)
	s := mustOpen(t, dir, opts)
	files := map[string]string{"CURRENT": "1", "000001.sst": strings.Repeat("a", 1000), "marker": ""}
	calls := 0
	push := PushOptions{State: func(to string) error {
		calls++
		for name, text := range files {
			err := errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, name), []byte(text), 0o600))
			if err != nil {
				return err
			}
		}
		return nil
	}}
	put := func() (objects int) {
		t.Helper()
		if _, err := s.Push(t.Context(), push); err != nil {
			t.Fatal(err)
		}
		for _, err := range store.List(t.Context(), remoteState) {
			if err != nil {
				t.Fatal(err)
			}
			objects++
		}
		return objects
	}
	if n := put(); n != 2 || calls != 1 {
		t.Errorf("%d objects, %d calls", n, calls)
	}
	mustAppend(t, s, exchange("kx", "http://kx.example.org/new", 99, "新页"))
	mustCommit(t, s)
	if put(); calls != 1 {
		t.Error("a state was taken while a WARC is open")
	}
	mustClose(t, s)
	s = mustOpen(t, dir, opts)
	push.Site = "nx"
	if put(); calls != 1 {
		t.Error("a state was taken of an archive that is not all in the store")
	}
	push.Site = ""
	files["CURRENT"], files["000002.sst"] = "2", "b"
	if n := put(); n != 4 || calls != 2 {
		t.Errorf("%d objects, %d calls", n, calls)
	}
	var number int
	push.Always, push.Fence = true, func(_ context.Context, n int, raw []byte) error {
		number = n
		if !bytes.Contains(raw, []byte("000002.sst")) {
			t.Errorf("manifest %s", raw)
		}
		return errDown
	}
	if r, err := s.Push(t.Context(), push); !errors.Is(err, errDown) || number != r.Manifest+1 {
		t.Errorf("behind its fence: %+v %v", r, err)
	}
	mustClose(t, s)
	to := filepath.Join(t.TempDir(), "state")
	if err := Restore(t.Context(), filepath.Join(t.TempDir(), "archive"), to, store); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if b, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(b) != text {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
}
