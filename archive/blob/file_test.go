package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"cundang/archive/blob"
	"cundang/archive/blob/blobtest"
)

// counting counts requests and the bytes that they ask for, and breaks off every n-th transfer.
type counting struct {
	blob.Store
	requests, bytes, breakEach atomic.Int64
}

// ReadRange implements blob.Store.
func (c *counting) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	n := c.requests.Add(1)
	c.bytes.Add(length)
	r, err := c.Store.ReadRange(ctx, name, offset, length)
	if each := c.breakEach.Load(); err != nil || each == 0 || n%each != 0 {
		return r, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(r, length/2), iotest.ErrReader(io.ErrUnexpectedEOF)), r}, nil
}

var sum = strings.Repeat("5a", 32)

func stored(t *testing.T, size int) (*counting, blob.Source, []byte) {
	t.Helper()
	want := blobtest.Content(size)
	dir := blob.Dir(t.TempDir())
	if err := dir.PutNew(t.Context(), "f", bytes.NewReader(want), int64(size)); err != nil {
		t.Fatal(err)
	}
	return &counting{Store: dir}, blob.Source{Name: "f", Size: int64(size), SHA256: sum}, want
}

func TestFileReads(t *testing.T) {
	const size = 3<<20 + 123
	store, src, want := stored(t, size)
	for name, cache := range map[string]*blob.Cache{"without": nil, "with": blob.NewCache(t.TempDir(), 1<<20)} {
		f := blob.Open(t.Context(), store, src, cache)
		rng := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			off := rng.Int64N(size + 10)
			p := make([]byte, rng.IntN(700_000))
			n, err := f.ReadAt(p, off)
			end := min(off+int64(len(p)), size)
			if int64(n) != max(0, end-off) || !bytes.Equal(p[:n], want[min(off, size):max(end, min(off, size))]) {
				t.Fatalf("%s cache: %d bytes from %d: %d read", name, len(p), off, n)
			}
			if short := n < len(p); short != (err == io.EOF) || err != nil && err != io.EOF {
				t.Fatalf("%s cache: %d of %d bytes and %v", name, n, len(p), err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileInSequence checks that a whole file costs few requests and each byte once.
func TestFileInSequence(t *testing.T) {
	const size = 20 << 20
	store, src, want := stored(t, size)
	cache := t.TempDir()
	f := blob.Open(t.Context(), store, src, blob.NewCache(cache, 1<<30))
	got := make([]byte, 0, size)
	buf := make([]byte, 64<<10)
	r := io.NewSectionReader(f, 0, size)
	for {
		n, err := r.Read(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Error("not the bytes that were put")
	}
	if n := store.requests.Load(); n > 10 {
		t.Errorf("%d requests", n)
	}
	if n := store.bytes.Load(); n != size {
		t.Errorf("%d bytes asked for", n)
	}
	if n := kept(t, cache); n > 512<<10 {
		t.Errorf("%d bytes of a read in sequence were kept", n)
	}
}

func kept(t *testing.T, dir string) (total int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		total += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// TestCache checks that blocks are read again without the store, within the bound, and that torn blocks are not
// believed.
func TestCache(t *testing.T) {
	const size = 8 << 20
	store, src, want := stored(t, size)
	dir := t.TempDir()
	read := func(off int64) {
		t.Helper()
		f := blob.Open(t.Context(), store, src, blob.NewCache(dir, 2<<20))
		p := make([]byte, 1000)
		if _, err := f.ReadAt(p, off); err != nil || !bytes.Equal(p, want[off:off+1000]) {
			t.Fatalf("read at %d: %v", off, err)
		}
	}
	read(5 << 20)
	read(5<<20 + 2000)
	if n := store.requests.Load(); n != 1 {
		t.Errorf("%d requests for one block", n)
	}
	blocks, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(blocks) != 1 {
		t.Fatalf("%v %v", blocks, err)
	}
	b, err := os.ReadFile(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, torn := range map[string][]byte{"zeroed": make([]byte, len(b)), "cut": b[:1000], "empty": nil} {
		before := store.requests.Load()
		if err := os.WriteFile(blocks[0], torn, 0o600); err != nil {
			t.Fatal(err)
		}
		read(5 << 20)
		if store.requests.Load() != before+1 {
			t.Errorf("a %s block was believed", name)
		}
	}
	for off := int64(0); off < size; off += 256 << 10 {
		read(off)
	}
	if n := kept(t, dir); n > 2<<20 {
		t.Errorf("%d bytes are kept, more than 2 MiB", n)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	read(0)
}

// TestFileBreaks checks that a transfer that breaks off is taken up again, and that one that cannot be is a
// TransferError.
func TestFileBreaks(t *testing.T) {
	const size = 2 << 20
	store, src, want := stored(t, size)
	store.breakEach.Store(2)
	f := blob.Open(t.Context(), store, src, nil)
	got, err := io.ReadAll(io.NewSectionReader(f, 0, size))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	var broken *blob.TransferError
	store.breakEach.Store(1)
	if _, err = blob.Open(t.Context(), store, src, nil).ReadAt(make([]byte, size), 0); !errors.As(err, &broken) {
		t.Errorf("a store that always breaks off: %v", err)
	}
	store.breakEach.Store(0)
	long := src
	long.Size++
	p := make([]byte, 10)
	_, err = blob.Open(t.Context(), store, long, nil).ReadAt(p, size-5)
	if err == nil || err == io.EOF || errors.As(err, &broken) {
		t.Errorf("a file that is too short: %v", err)
	}
	gone := src
	gone.Name = "g"
	_, err = blob.Open(t.Context(), store, gone, nil).ReadAt(p, 0)
	if !errors.As(err, &broken) || !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
}
