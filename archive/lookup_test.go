package archive

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRowsByURLPrefixHostDomainAndTime(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	urls := []string{
		"http://example.org/", "http://example.org/a/", "http://example.org/a/1.html", "http://example.org/ab",
		"http://news.example.org/a/1.html", "http://example.org:8080/a/1.html", "http://example.organic/a/1.html",
		"http://example.org/a/?q=1", "http://example.org/a?q=2", "http://example.org/a-b",
	}
	for i, u := range urls {
		mustAppend(t, s, exchange("x", u, i*3600, "text"))
	}
	mustCommit(t, s)
	at := func(hour int) time.Time { return epoch.Truncate(time.Second).Add(time.Duration(hour) * time.Hour) }
	for round := range 2 { // rows in memory, then on disk
		for _, c := range []struct {
			q    Lookup
			want []int
		}{
			{Lookup{URL: "http://example.org/a/1.html"}, []int{2}},
			{Lookup{URL: "https://www.example.org/A/1.html"}, []int{2}}, // the SURT of the same page
			{Lookup{URL: "http://example.org/none"}, nil},
			{Lookup{Prefix: "http://example.org/a/"}, []int{1, 2, 7}}, // the page itself too
			{Lookup{Prefix: "http://example.org/a"}, []int{1, 2, 3, 7, 8, 9}},
			{Lookup{Prefix: "http://example.org/"}, []int{0, 1, 2, 3, 7, 8, 9}},
			{Lookup{Prefix: "http://example.org/a/", From: at(2)}, []int{2, 7}},
			{Lookup{Host: "example.org"}, []int{0, 1, 2, 3, 7, 8, 9}},
			{Lookup{Host: "news.example.org"}, []int{4}},
			{Lookup{Domain: "example.org"}, []int{0, 1, 2, 3, 4, 7, 8, 9}},
			{Lookup{From: at(2), To: at(4)}, []int{2, 3}},
			{Lookup{Host: "example.org", From: at(1)}, []int{1, 2, 3, 7, 8, 9}},
			{Lookup{}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		} {
			want := map[string]bool{}
			for _, i := range c.want {
				want[urls[i]] = true
			}
			got := map[string]bool{}
			last := ""
			for r, err := range s.Rows(t.Context(), c.q) {
				if err != nil {
					t.Fatal(err)
				}
				if line := r.String(); line < last {
					t.Errorf("%+v: not in order", c.q)
				} else {
					last = line
				}
				got[r.URL] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("round %d, %+v: %s", round, c.q, d)
			}
		}
		mustClose(t, s)
		s = mustOpen(t, dir, Options{ReadOnly: true})
	}
	for _, err := range s.Rows(t.Context(), Lookup{URL: "http://a/", Host: "a"}) {
		if err == nil {
			t.Error("URL and host at once")
		}
	}
	mustClose(t, s)
}

// Captures of one URL in one second are told apart by the rest of their lines, in memory as on disk.
func TestRowsOfOneSecondAreInByteOrder(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	for i := range 8 {
		x := exchange("x", "http://example.org/", 0, fmt.Sprint("text ", i))
		x.Time = x.Time.Add(time.Duration(i) * time.Millisecond)
		mustAppend(t, s, x)
	}
	mustCommit(t, s)
	rows := func(s *Store) (lines []string) {
		for r, err := range s.Rows(t.Context(), Lookup{}) {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, r.String())
		}
		return lines
	}
	if lines := rows(s); len(lines) != 8 || !slices.IsSorted(lines) {
		t.Errorf("in memory: %q", lines)
	}
	if r := verify(t, dir, VerifyOptions{}); len(r.Findings) > 0 {
		t.Errorf("verify: %+v", r)
	}
	mustClose(t, s)
	ro := mustOpen(t, dir, Options{ReadOnly: true})
	if lines := rows(ro); len(lines) != 8 || !slices.IsSorted(lines) {
		t.Errorf("on disk: %q", lines)
	}
	mustClose(t, ro)
}

// The CDX is merged in parts as it grows; lookups see rows on disk and in memory as one.
func TestIndexMergesWhileItGrows(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	for i := range 30 {
		mustAppend(t, s, exchange("x", fmt.Sprintf("http://example.org/%d", i%10), i, fmt.Sprint(i)))
		mustCommit(t, s)
		if i%7 == 6 {
			if err := s.index.flush(true); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 10 {
		var got []string
		for c, err := range s.Versions(t.Context(), fmt.Sprintf("http://example.org/%d", i)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, body(t, c))
		}
		if d := cmp.Diff([]string{fmt.Sprint(i), fmt.Sprint(i + 10), fmt.Sprint(i + 20)}, got); d != "" {
			t.Error(d)
		}
	}
	mustClose(t, s)
	if r := verify(t, dir, VerifyOptions{}); len(r.Findings) != 0 || r.Rows != 30 {
		t.Errorf("verify: %+v", r)
	}
}
