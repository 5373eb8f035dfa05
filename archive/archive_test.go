package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/archive/warc"
)

var epoch = time.Date(2026, 11, 22, 8, 0, 0, 123456000, time.UTC)

// exchange makes an exchange whose body is text, the n-th second after epoch.
func exchange(site, url string, n int, text string) Exchange {
	return Exchange{
		URL: url, Site: site, Time: epoch.Add(time.Duration(n) * time.Second), IP: "127.0.0.1",
		Request:  strings.NewReader("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: strings.NewReader(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(text), text)),
		Fields:   Fields{FieldVia: "http://example.org/list", FieldHops: "LL", FieldTitle: "关于举办培训班的通知"},
	}
}

func mustAppend(t testing.TB, s *Store, x Exchange) Ref {
	t.Helper()
	ref, err := s.Append(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func mustCommit(t testing.TB, s *Store) map[string]int64 {
	t.Helper()
	ends, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ends); err != nil {
		t.Fatal(err)
	}
	return ends
}

func mustOpen(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func body(t testing.TB, c Capture) string {
	t.Helper()
	r, err := c.Body()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// follow returns "url body" of everything after pos, and the last position.
func follow(t testing.TB, s *Store, pos Position) ([]string, Position) {
	t.Helper()
	var out []string
	for f, err := range s.Since(t.Context(), pos) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f.Capture.URL+" "+body(t, f.Capture))
		pos = f.Position
	}
	return out, pos
}

func TestCaptureComesBackAsItWas(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{Operator: "学会秘书处"})
	x := exchange("nxkx", "http://example.org/a.html", 0, "<p>正文</p>")
	ref := mustAppend(t, s, x)
	mustCommit(t, s)
	c, err := s.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if c.URL != x.URL || c.Site != "nxkx" || !c.Time.Equal(x.Time) || c.Status != 200 || c.Ref != ref || c.Revisit {
		t.Errorf("capture is %+v", c)
	}
	want := Fields{FieldSite: "nxkx", FieldVia: x.Fields[FieldVia], FieldHops: "LL", FieldTitle: x.Fields[FieldTitle]}
	if d := cmp.Diff(want, c.Fields); d != "" {
		t.Error(d)
	}
	if got := body(t, c); got != "<p>正文</p>" {
		t.Errorf("body is %q", got)
	}
	back, err := ParseRef(ref.String())
	if err != nil || back.File != ref.File || back.Offset != ref.Offset || back.Length != ref.Length {
		t.Errorf("ParseRef(%s) = %+v, %v", ref, back, err)
	}
	mustClose(t, s)
}

func TestRecordsOfACapture(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	ref := mustAppend(t, s, exchange("x", "http://example.org/", 0, "hello"))
	mustCommit(t, s)
	mustClose(t, s)
	f, err := os.Open(filepath.Join(dir, ref.File))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := warc.NewReader(f, ref.File, 0, warc.Strict)
	var types []string
	var response string
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		typ := rec.Header.Value(warc.Type)
		types = append(types, typ)
		switch typ {
		case warc.Response:
			response = rec.Header.Value(warc.RecordID)
			// printf hello | sha256sum
			if d := rec.Header.Value(warc.PayloadDigest); d != "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" {
				t.Errorf("payload digest %s", d)
			}
		case warc.Metadata:
			if rec.Header.Value(warc.ConcurrentTo) != response {
				t.Error("metadata is not concurrent to the response")
			}
		}
	}
	if d := cmp.Diff([]string{warc.Warcinfo, warc.Request, warc.Response, warc.Metadata}, types); d != "" {
		t.Error(d)
	}
}

func TestOnlyCommittedIsVisible(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	defer s.Close()
	r := mustOpen(t, dir, Options{ReadOnly: true})
	defer r.Close()
	url := "http://example.org/a"
	mustAppend(t, s, exchange("x", url, 0, "one"))
	check := func(want int) {
		t.Helper()
		for _, store := range []*Store{s, r} {
			got, _ := follow(t, store, "")
			n := 0
			for _, err := range store.Versions(t.Context(), url) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if len(got) != want || n != want {
				t.Errorf("read-only %v: %d captures followed, %d versions, want %d", store == r, len(got), n, want)
			}
		}
	}
	check(0)
	ends, err := s.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(0)
	mustAppend(t, s, exchange("x", url, 1, "two"))
	if err := s.Commit(ends); err != nil {
		t.Fatal(err)
	}
	check(1)
	mustCommit(t, s)
	check(2)
}

func TestSecondWriterIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second writer: %v", err)
	}
	mustClose(t, s)
	mustClose(t, mustOpen(t, dir, Options{}))
	if _, err := Open(filepath.Join(dir, "nothing"), Options{ReadOnly: true}); !errors.Is(err, ErrNoArchive) {
		t.Errorf("reading nothing: %v", err)
	}
}

func TestFollowerSeesTheSameAfterEverythingDerivedIsGone(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxSize: 2000})
	var pos Position
	var live []string
	for i := range 40 {
		site := []string{"b", "a", "c"}[i%3]
		mustAppend(t, s, exchange(site, fmt.Sprintf("http://%s.example.org/%d", site, i), i, fmt.Sprint("text ", i)))
		if i%4 == 3 {
			mustCommit(t, s)
			var got []string
			got, pos = follow(t, s, pos)
			live = append(live, got...)
		}
	}
	all, end := follow(t, s, "")
	if end != pos {
		t.Errorf("two ways to the end: %q, %q", pos, end)
	}
	mustClose(t, s)
	if len(live) != 40 {
		t.Fatalf("followed %d of 40", len(live))
	}
	for _, name := range []string{indexName, stateName, committedName, journalName, lockName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s = mustOpen(t, dir, Options{})
	defer s.Close()
	again, end2 := follow(t, s, "")
	if d := cmp.Diff(all, again); d != "" {
		t.Error(d)
	}
	if end2 != end {
		t.Errorf("position %q, then %q", end, end2)
	}
	slices.Sort(live)
	slices.Sort(again)
	if d := cmp.Diff(live, again); d != "" {
		t.Error(d)
	}
	if rest, _ := follow(t, s, pos); len(rest) != 0 {
		t.Errorf("a follower at the end got %q", rest)
	}
}

func TestVersionsAndClosest(t *testing.T) {
	dir := t.TempDir()
	url := "http://www.example.org/a?b=1"
	s := mustOpen(t, dir, Options{})
	for i := range 3 {
		x := exchange("x", url, i*100, fmt.Sprint("v", i))
		mustAppend(t, s, x)
		x = exchange("x", "https://example.org/a?b=1", i*100, "other scheme")
		mustAppend(t, s, x)
	}
	x := exchange("x", url, 100, "same second, later")
	x.Time = x.Time.Add(time.Millisecond)
	mustAppend(t, s, x)
	mustCommit(t, s)
	for round := range 2 {
		var got []string
		for c, err := range s.Versions(t.Context(), url) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, body(t, c))
		}
		if d := cmp.Diff([]string{"v0", "v1", "same second, later", "v2"}, got); d != "" {
			t.Errorf("round %d: %s", round, d)
		}
		for _, x := range []struct {
			at   time.Time
			want string
		}{
			{time.Time{}, "v2"}, {epoch.Add(-time.Hour), "v0"}, {epoch.Add(49 * time.Second), "v0"},
			{epoch.Add(51 * time.Second), "v1"}, {epoch.Add(100*time.Second + time.Millisecond), "same second, later"},
			{epoch.Add(time.Hour), "v2"},
		} {
			c, err := s.Closest(t.Context(), url, x.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, c); got != x.want {
				t.Errorf("closest to %v is %q, want %q", x.at, got, x.want)
			}
		}
		if _, err := s.Closest(t.Context(), "http://example.org/none", time.Time{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown URL: %v", err)
		}
		mustClose(t, s)
		s = mustOpen(t, dir, Options{ReadOnly: round == 0})
	}
	mustClose(t, s)
}

func TestRevisits(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	first := exchange("x", "http://example.org/a", 0, "the payload")
	ref := mustAppend(t, s, first)
	mustCommit(t, s)
	x := exchange("x", "http://example.org/a", 10, "the payload")
	x.RefersTo = &Capture{Ref: ref}
	ref2 := mustAppend(t, s, x)
	mustCommit(t, s)
	x = exchange("x", "http://example.org/a", 20, "")
	x.Response = strings.NewReader("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n")
	c2, err := s.Read(t.Context(), ref2)
	if err != nil {
		t.Fatal(err)
	}
	x.RefersTo, x.NotModified = &c2, true
	ref3 := mustAppend(t, s, x)
	mustCommit(t, s)
	for i, r := range []Ref{ref2, ref3} {
		c, err := s.Read(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if !c.Revisit || body(t, c) != "the payload" || c.Digest != ref.Digest {
			t.Errorf("revisit %d: %+v", i, c)
		}
		if c.Status != []int{200, 304}[i] {
			t.Errorf("revisit %d has status %d", i, c.Status)
		}
		if c.origin.url != first.URL || c.origin.date != "2026-11-22T08:00:00.123456Z" {
			t.Errorf("revisit %d refers to %+v", i, c.origin)
		}
	}
}

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

func gunzip(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("gunzip %s: %v", path, err)
	}
	return b
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

func TestInterimResponsesAreKeptBesideTheFinalOne(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
	const final = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	x := exchange("x", "http://example.org/a", 0, "")
	x.Response = strings.NewReader(interim + final)
	ref := mustAppend(t, s, x)
	mustCommit(t, s)
	c, err := s.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := base64.StdEncoding.DecodeString(c.Fields[FieldInterim])
	if err != nil || string(kept) != interim || c.Status != 200 || body(t, c) != "hello" {
		t.Errorf("capture %+v, interim %q, %v", c, kept, err)
	}
	r, err := s.Block(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(b) != final {
		t.Errorf("block %q, %v", b, err)
	}
}

// A body of 64 MiB goes through the archive in bounded memory.
func TestLargeBodyInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 64 MiB")
	}
	const size = 64 << 20
	spool, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	if _, err := fmt.Fprintf(spool, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(spool, rand.NewChaCha8([32]byte{1}), size); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, t.TempDir(), Options{})
	x := exchange("x", "http://example.org/big", 0, "")
	x.Response = spool
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ref := mustAppend(t, s, x)
	mustCommit(t, s)
	c, err := s.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Body()
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n != size || digest(h) != ref.Digest {
		t.Errorf("%d bytes with %s, want %s", n, digest(h), ref.Digest)
	}
	// Everything ever allocated on the way, freed or not: far less than the body.
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d MiB allocated for a body of 64 MiB", used>>20)
	}
	mustClose(t, s)
	if r := verify(t, s.Dir(), VerifyOptions{}); len(r.Findings) != 0 {
		t.Errorf("verify: %+v", r.Findings)
	}
}
