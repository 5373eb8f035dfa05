package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecoveryCutsToCommitted(t *testing.T) {
	for _, c := range []struct {
		name      string
		committed func(map[string]int64) map[string]int64
		drop      []string // derived files lost
		want      int
	}{
		{"frontier knows", func(m map[string]int64) map[string]int64 { return m }, nil, 2},
		{"frontier knows, note lost", func(m map[string]int64) map[string]int64 { return m }, []string{committedName}, 2},
		{"frontier lost, note there", func(map[string]int64) map[string]int64 { return map[string]int64{} }, nil, 2},
		{"no frontier", func(map[string]int64) map[string]int64 { return nil }, nil, 3},
		{"both lost", func(map[string]int64) map[string]int64 { return map[string]int64{} }, []string{committedName}, 3},
	} {
		for _, torn := range []string{"", "cut", "garbage", "zeros"} {
			t.Run(c.name+" "+torn, func(t *testing.T) {
				dir := t.TempDir()
				s := mustOpen(t, dir, Options{})
				mustAppend(t, s, exchange("x", "http://example.org/0", 0, "zero"))
				mustAppend(t, s, exchange("x", "http://example.org/1", 1, "one"))
				ends := mustCommit(t, s)
				third := mustAppend(t, s, exchange("x", "http://example.org/2", 2, "two"))
				want := c.want
				tear(t, filepath.Join(dir, third.File+openSuffix), torn)
				if torn == "cut" && want == 3 {
					want = 2
				}
				abandon(t, s)
				for _, d := range c.drop {
					if err := os.Remove(filepath.Join(dir, d)); err != nil {
						t.Fatal(err)
					}
				}
				s = mustOpen(t, dir, Options{Committed: c.committed(ends)})
				got, _ := follow(t, s, "")
				if len(got) != want {
					t.Errorf("recovered %q, want %d", got, want)
				}
				gunzip(t, filepath.Join(dir, third.File))
				entries, err := s.Journal()
				if err != nil || len(entries) != 1 || entries[0].Captures != want || entries[0].Records != 1+3*want {
					t.Errorf("journal %+v, %v", entries, err)
				}
				mustClose(t, s)
			})
		}
	}
}

func TestNeverCommittedFileIsDropped(t *testing.T) {
	for _, committed := range []map[string]int64{{}, nil, {"y/other.warc.gz": 5}} {
		dir := t.TempDir()
		s := mustOpen(t, dir, Options{})
		mustAppend(t, s, exchange("x", "http://example.org/0", 0, "zero"))
		if _, err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		abandon(t, s)
		s = mustOpen(t, dir, Options{Committed: committed})
		if got, _ := follow(t, s, ""); len(got) != 0 {
			t.Errorf("%q was never acknowledged", got)
		}
		files, err := s.Files()
		if err != nil || len(files) != 0 {
			t.Errorf("files %v, %v", files, err)
		}
		mustClose(t, s)
	}
}

// abandon lets go of a store as a killed process does: nothing is written any more.
func abandon(t testing.TB, s *Store) {
	t.Helper()
	for _, g := range s.open {
		if err := g.f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.journal.close(), s.index.close(), s.unlock()); err != nil {
		t.Fatal(err)
	}
}

// tear damages the end of a file as a power failure may.
func tear(t testing.TB, path, how string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch how {
	case "cut":
		b = b[:len(b)-40]
	case "garbage":
		b = append(b, bytes.Repeat([]byte("\x1f\x8bgarbage"), 50)...)
	case "zeros":
		b = append(b, make([]byte, 4096)...)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// failingFS fails where a test wants it to.
type failingFS struct {
	Disk
	write func(at int64, n int) (allow int, err error)
	sync  func() error
}

type failingFile struct {
	File
	fs *failingFS
}

func (f *failingFS) Create(path string) (File, error) {
	g, err := f.Disk.Create(path)
	return &failingFile{g, f}, err
}

func (f *failingFile) WriteAt(b []byte, at int64) (int, error) {
	if f.fs.write != nil {
		if n, err := f.fs.write(at, len(b)); err != nil {
			m, werr := f.File.WriteAt(b[:n], at)
			return m, errors.Join(err, werr)
		}
	}
	return f.File.WriteAt(b, at)
}

func (f *failingFile) Sync() error {
	if f.fs.sync != nil {
		if err := f.fs.sync(); err != nil {
			return err
		}
	}
	return f.File.Sync()
}

func TestFullDiskTruncatesBackAndGoesOn(t *testing.T) {
	disk := &failingFS{}
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{FS: disk})
	big := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB that do not compress to nothing
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = byte(i*i>>3 ^ i>>7)
	}
	mustAppend(t, s, exchange("x", "http://example.org/0", 0, "zero"))
	for _, text := range []string{"short", big, string(noise)} {
		n := 0
		disk.write = func(_ int64, size int) (int, error) {
			if n++; n > 1 || len(text) < 100 {
				return size / 2, syscall.ENOSPC
			}
			return size, nil
		}
		if len(text) == len(big) {
			disk.write = func(_ int64, size int) (int, error) { return size / 2, syscall.ENOSPC }
		}
		_, err := s.Append(t.Context(), exchange("x", "http://example.org/full", 1, text))
		if !errors.Is(err, ErrNoSpace) || !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrBroken) {
			t.Fatalf("full disk: %v", err)
		}
	}
	disk.write = nil
	ref := mustAppend(t, s, exchange("x", "http://example.org/1", 2, "one"))
	mustCommit(t, s)
	mustClose(t, s)
	gunzip(t, filepath.Join(dir, ref.File))
	s = mustOpen(t, dir, Options{})
	defer s.Close()
	got, _ := follow(t, s, "")
	if d := cmp.Diff([]string{"http://example.org/0 zero", "http://example.org/1 one"}, got); d != "" {
		t.Error(d)
	}
	entries, err := s.Journal()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := hashFile(context.Background(), filepath.Join(dir, ref.File))
	if err != nil || entries[0].SHA256 != fmt.Sprintf("%x", sum) {
		t.Errorf("journal has hash %s, file has %x, %v", entries[0].SHA256, sum, err)
	}
}

func TestFailedSyncIsFatalAndNotRetried(t *testing.T) {
	disk := &failingFS{}
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{FS: disk})
	mustAppend(t, s, exchange("x", "http://example.org/0", 0, "zero"))
	ends := mustCommit(t, s)
	mustAppend(t, s, exchange("x", "http://example.org/1", 1, "one"))
	syncs := 0
	disk.sync = func() error { syncs++; return syscall.EIO }
	for range 3 {
		if _, err := s.Sync(t.Context()); !errors.Is(err, ErrBroken) || !errors.Is(err, syscall.EIO) {
			t.Fatalf("failed fsync: %v", err)
		}
	}
	if syncs != 1 {
		t.Errorf("fsync was tried %d times", syncs)
	}
	if _, err := s.Append(t.Context(), exchange("x", "http://example.org/2", 2, "two")); !errors.Is(err, ErrBroken) {
		t.Errorf("append after it: %v", err)
	}
	if err := s.Commit(ends); !errors.Is(err, ErrBroken) {
		t.Errorf("commit after it: %v", err)
	}
	mustClose(t, s)
	s = mustOpen(t, dir, Options{Committed: ends})
	defer s.Close()
	if got, _ := follow(t, s, ""); len(got) != 1 {
		t.Errorf("recovered %q", got)
	}
}
