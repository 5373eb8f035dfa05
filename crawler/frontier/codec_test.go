package frontier

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cundang/archive"

	"github.com/google/go-cmp/cmp"
)

// FuzzRecord reads any bytes as a record: it is refused or means the same when written again.
func FuzzRecord(f *testing.F) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Add([]byte{})
	f.Add(encode(Entry{Kind: Article, Priority: Fresh, Found: at, Due: at, Via: "http://h/", Hops: "LL", Title: "题",
		History: History{
			State: "live", Status: 200, Fetched: at,
			Ref:    archive.Ref{File: "a/b", Offset: 1, Length: 2, Digest: "sha256:" + strings.Repeat("0f", 32)},
			Answer: archive.Ref{File: "a/c", Offset: 3, Length: 4, Digest: "sha1:x"}, Interval: time.Hour, Visits: 3,
		}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := Entry{URL: "http://h/"}
		if decode(b, &e) != nil {
			return
		}
		again := Entry{URL: e.URL}
		if err := decode(encode(e), &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzKey takes any URL apart and any key: what has a key is found under it again, in the
// order of its priority and due time.
func FuzzKey(f *testing.F) {
	f.Add("http://h/a?b", uint8(2), int64(1767323045000), []byte("qa\x00h\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05h/"))
	f.Add("https://h", uint8(0), int64(0), []byte("qa\x00"))
	f.Fuzz(func(t *testing.T, url string, priority uint8, due int64, key []byte) {
		if h, err := parseHead(key); err == nil && h.key != string(key) {
			t.Errorf("%q was read as %q", key, h.key)
		}
		if len(key) > 0 {
			_, _, _ = queueOf(key) // must not panic
		}
		host, rest, err := apart(url)
		if err != nil {
			return
		}
		if got := join(host, rest); got != url {
			t.Errorf("%q came back as %q", url, got)
		}
		at := time.UnixMilli(due)
		k := queueKey("site", host, rest, priority, at)
		h, err := parseHead(k)
		if err != nil || h.due != milli(at) || h.priority("site", host) != priority || h.rest("site", host) != rest ||
			h.url("site", host) != string(urlKey("site", host, rest)) {
			t.Errorf("%q reads as %+v, %v", k, h, err)
		}
		if site, at, err := queueOf(k); err != nil || site != "site" || at != host {
			t.Errorf("%q is of %q on %q: %v", k, site, at, err)
		}
	})
}

// TestRecords: what a record holds comes back as it was, a SHA-256 takes its 32 bytes, and what was not written
// here is refused.
func TestRecords(t *testing.T) {
	sum := strings.Repeat("0f", 32)
	for digest, most := range map[string]int{
		"": 0, "sha256:" + sum: 34, "sha256:" + strings.ToUpper(sum): 80, "sha256:" + sum[2:]: 80, "sha256:" + sum + "00": 80,
		"sha256:" + sum[1:] + "x": 80, "sha1:" + sum: 80, sum: 80, "sha256:": 80, "md5:0": 80,
	} {
		for _, e := range []Entry{
			{URL: "http://h/", History: History{Ref: archive.Ref{Digest: digest}}},
			{URL: "http://h/", History: History{Answer: archive.Ref{Digest: digest}}},
			{URL: "http://h/", History: History{
				Ref: archive.Ref{Digest: digest}, Answer: archive.Ref{Digest: digest}, Visits: 1,
			}},
		} {
			bare := e
			bare.History.Ref.Digest, bare.History.Answer.Digest = "", ""
			b, n := encode(e), 1
			if e.History.Visits == 1 {
				n = 2
			}
			if got := len(b) - len(encode(bare)); got > n*most {
				t.Errorf("%q takes %d bytes", digest, got)
			}
			back := Entry{URL: e.URL}
			if err := decode(b, &back); err != nil || back != e {
				t.Errorf("%q came back as %+v, %v", digest, back, err)
			}
		}
	}
	for _, p := range []uint8{0, levels - 1} {
		e, back := Entry{URL: "http://h/", Priority: p}, Entry{URL: "http://h/"}
		if err := decode(encode(e), &back); err != nil || back != e {
			t.Errorf("priority %d came back as %+v, %v", p, back, err)
		}
	}
	for name, b := range map[string][]byte{
		"no such priority": {tagPriority, levels}, "cut behind a tag": {tagKind}, "cut within a number": {tagFound, 0x80},
		"cut within a text": {tagVia, 2, 'h'}, "a number too long": append([]byte{tagFound}, strings.Repeat("\xff", 11)...),
		"a kind beyond a byte": {tagKind, 0x80, 2},
		"a time beyond all":    {tagFound, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		if err := decode(b, &Entry{URL: "http://h/"}); !errors.Is(err, errRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := decode([]byte{251, 7, tagKind, byte(Article)}, &Entry{}); err != nil {
		t.Errorf("a field of a later version: %v", err)
	}
}

// TestApart: a key has a host, and a host has no NUL, which ends it there.
func TestApart(t *testing.T) {
	for url, want := range map[string][2]string{
		"http://h": {"h", "h"}, "https://h/": {"h", "s/"}, "http://h:8080/a?b": {"h:8080", "h/a?b"}, "http://h?q/r": {"h",
			"h?q/r"},
		"http://h#f/g": {"h", "h#f/g"}, "http://h/a\x00b": {"h", "h/a\x00b"},
	} {
		host, rest, err := apart(url)
		if err != nil || host != want[0] || rest != want[1] || join(host, rest) != url {
			t.Errorf("%q: %q, %q, %v", url, host, rest, err)
		}
	}
	for _, url := range []string{
		"", "h", "ftp://h/", "http:/h", "http://", "http:///a", "https://?q", "http://\x00h/", "http://h\x00/",
	} {
		if host, rest, err := apart(url); err == nil {
			t.Errorf("%q: %q, %q", url, host, rest)
		}
	}
}
