package frontier

import (
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
