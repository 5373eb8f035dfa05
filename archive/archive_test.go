package archive

import (
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
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/archive/warc"
)

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
