// Package blobtest is the contract of blob.Store.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cundang/archive/blob"

	"github.com/google/go-cmp/cmp"
)

// Run holds a kind of store to the contract; open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, test := range map[string]func(*testing.T, blob.Store){
		"PutNew": putNew, "Names": names, "Ranges": ranges, "List": list, "Race": race, "Cancelled": cancelled, "Put": put,
		"CreateOnly": createOnly,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Content returns n bytes that differ from place to place.
func Content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func mustPut(t *testing.T, s blob.Store, name string, content []byte) {
	t.Helper()
	if err := s.PutNew(t.Context(), name, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s blob.Store, name string, offset, length int64) []byte {
	t.Helper()
	r, err := s.ReadRange(t.Context(), name, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func putNew(t *testing.T, s blob.Store) {
	if _, err := s.Stat(t.Context(), "a/b.warc.gz"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("stat of nothing: %v", err)
	}
	if _, err := s.ReadRange(t.Context(), "a/b.warc.gz", 0, 5); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("read of nothing: %v", err)
	}
	want := Content(300_000)
	mustPut(t, s, "a/b.warc.gz", want)
	err := s.PutNew(t.Context(), "a/b.warc.gz", strings.NewReader("other"), 5)
	if !errors.Is(err, blob.ErrExists) {
		t.Errorf("second put: %v", err)
	}
	if got := read(t, s, "a/b.warc.gz", 0, -1); !bytes.Equal(got, want) {
		t.Errorf("%d bytes read back, not those put", len(got))
	}
	if i, err := s.Stat(t.Context(), "a/b.warc.gz"); err != nil || i.Size != int64(len(want)) || i.Name != "a/b.warc.gz" {
		t.Errorf("stat: %v %v", i, err)
	}
	if err := s.PutNew(t.Context(), "empty", strings.NewReader(""), 0); !errors.Is(err, blob.ErrEmpty) {
		t.Errorf("empty file: %v", err)
	}
	if s.String() == "" {
		t.Error("the store has no name")
	}
}

func names(t *testing.T, s blob.Store) {
	for _, bad := range []string{"", "/a", "a/", "../a", "a/../b", "a//b", "./a", `a\b`, "a\x00b"} {
		if err := s.PutNew(t.Context(), bad, strings.NewReader("x"), 1); err == nil {
			t.Errorf("%q was taken for a name", bad)
		}
	}
	for _, good := range []string{"a", "a b", "科协/年报 2026+1.warc.gz", "d/b/c/d.e", "x%2fy"} {
		mustPut(t, s, good, []byte(good))
		if got := read(t, s, good, 0, -1); string(got) != good {
			t.Errorf("%q holds %q", good, got)
		}
	}
}

func ranges(t *testing.T, s blob.Store) {
	want := Content(10_000)
	mustPut(t, s, "f", want)
	for _, c := range [][2]int64{{0, 1}, {0, 10_000}, {0, 20_000}, {5, 100},
		{9_999, 1}, {9_990, 100}, {10_000, 5}, {20_000, 5},
		{0, -1}, {3, -1}, {10_000, -1}, {7, 0}} {
		from := min(c[0], 10_000)
		to := int64(10_000)
		if c[1] >= 0 {
			to = min(from+c[1], 10_000)
		}
		if got := read(t, s, "f", c[0], c[1]); !bytes.Equal(got, want[from:to]) {
			t.Errorf("range %v: %d bytes, not those of %d to %d", c, len(got), from, to)
		}
	}
	if _, err := s.ReadRange(t.Context(), "f", -1, 5); err == nil {
		t.Error("a negative offset was taken")
	}
}

func list(t *testing.T, s blob.Store) {
	all := []string{"a.b", "a/b", "a/b.c", "a/c/d", "b", "log/1", "log/10", "log/2", "logs"}
	for i, name := range all {
		mustPut(t, s, name, Content(i+1))
	}
	for prefix, want := range map[string][]string{"": all, "a/": {"a/b", "a/b.c", "a/c/d"}, "a/b": {"a/b", "a/b.c"},
		"a/c/": {"a/c/d"},
		"log":  {"log/1", "log/10", "log/2", "logs"}, "log/1": {"log/1", "log/10"}, "none/": nil, "b": {"b"}} {
		var got []string
		for i, err := range s.List(t.Context(), prefix) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, i.Name)
			if i.Size == 0 {
				t.Errorf("%s has no size", i.Name)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("list of %q: %s", prefix, d)
		}
	}
	for range s.List(t.Context(), "") { // a caller may stop
		break
	}
}

// race lets many put one name: just one of them succeeds, and its bytes are there.
func race(t *testing.T, s blob.Store) {
	for round := range 5 {
		name := fmt.Sprintf("m/%05d", round)
		var wins atomic.Int32
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				content := bytes.Repeat([]byte{byte('a' + i)}, 1000+i)
				err := s.PutNew(t.Context(), name, bytes.NewReader(content), int64(len(content)))
				switch {
				case err == nil:
					wins.Add(1)
					winner.Store(content)
				case !errors.Is(err, blob.ErrExists):
					t.Errorf("put: %v", err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d puts of one name succeeded", wins.Load())
		}
		if got := read(t, s, name, 0, -1); !bytes.Equal(got, winner.Load().([]byte)) {
			t.Error("the bytes are not the winner's")
		}
	}
}

func cancelled(t *testing.T, s blob.Store) {
	mustPut(t, s, "f", Content(100))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.PutNew(ctx, "g", strings.NewReader("x"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.ReadRange(ctx, "f", 0, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if _, err := s.Stat(ctx, "f"); !errors.Is(err, context.Canceled) {
		t.Errorf("stat: %v", err)
	}
	var last error
	for _, err := range s.List(ctx, "") {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("list: %v", last)
	}
	if _, err := s.Stat(t.Context(), "g"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a cancelled put: %v", err)
	}
}

// put can be repeated with the same bytes and with no others.
func put(t *testing.T, s blob.Store) {
	const sum = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" // of "foo"
	for range 2 {
		if err := blob.Put(t.Context(), s, "f", strings.NewReader("foo"), 3, sum); err != nil {
			t.Fatal(err)
		}
	}
	if err := blob.Verify(t.Context(), s, "f", 3, sum); err != nil {
		t.Error(err)
	}
	var got strings.Builder
	if err := blob.Fetch(t.Context(), s, "f", &got, 3, sum); err != nil || got.String() != "foo" {
		t.Errorf("fetch: %q %v", got.String(), err)
	}
	other := strings.Replace(sum, "2c", "2d", 1)
	if err := blob.Put(t.Context(), s, "f", strings.NewReader("fop"), 3, other); !errors.Is(err, blob.ErrExists) {
		t.Errorf("put of other bytes: %v", err)
	}
	if err := blob.Fetch(t.Context(), s, "f", io.Discard, 3, other); err == nil {
		t.Error("other bytes were fetched")
	}
	if _, err := blob.ReadAll(t.Context(), s, "f", 2); err == nil {
		t.Error("a bound was not kept")
	}
	if b, err := blob.ReadAll(t.Context(), s, "f", 3); err != nil || string(b) != "foo" {
		t.Errorf("read all: %q %v", b, err)
	}
}

func createOnly(t *testing.T, s blob.Store) {
	for range 2 {
		if err := blob.CheckCreateOnly(t.Context(), s, "probe"); err != nil {
			t.Fatal(err)
		}
	}
	if err := blob.CheckCreateOnly(t.Context(), overwriting{s}, "probe"); !errors.Is(err, blob.ErrOverwrites) {
		t.Errorf("a store that overwrites: %v", err)
	}
}

// overwriting takes every put.
type overwriting struct{ blob.Store }

// PutNew implements blob.Store.
func (overwriting) PutNew(context.Context, string, io.ReadSeeker, int64) error { return nil }
