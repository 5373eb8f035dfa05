package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/internal/fakesite"
)

// nothing is the digest of an empty payload.
const nothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func force(o *crawler.Options) { o.Force = true }

// TestUnchangedRecrawl visits a web that did not change, with validators, a second time:
// next to nothing is transferred, and all that is archived are revisit records that replay.
func TestUnchangedRecrawl(t *testing.T) {
	if testing.Short() {
		t.Skip("crawls 2,000 pages twice")
	}
	w := serve(t, fakesite.Options{Seed: 31, Sites: 13, Articles: 100, PerPage: 15, Quiet: true, Delay: time.Nanosecond})
	l := newLab(t)
	bytesOf := func(r crawler.Report) (n int64, pages int) {
		for _, s := range r.Sites {
			n += s.Bytes
			pages += s.Fetched
		}
		return n, pages
	}
	first, pages := bytesOf(l.crawl(w.Profiles(), nil))
	if pages < 2000 {
		t.Errorf("a web of %d pages, want 2,000", pages)
	}
	bodies := map[string]string{}
	l.captures(func(_ *archive.Store, c archive.Capture) { bodies[c.URL] = c.Digest })

	second := l.crawl(w.Profiles(), force)
	again, visited := bytesOf(second)
	t.Logf("%d pages, %d bytes; again %d pages, %d bytes: %.1f %%", pages, first, visited, again,
		100*float64(again)/float64(first))
	if visited < pages*9/10 {
		t.Errorf("%d pages visited again of %d", visited, pages)
	}
	if again*20 > first {
		t.Errorf("%d bytes again, more than 5 %% of %d", again, first)
	}
	revisits := 0
	l.captures(func(_ *archive.Store, c archive.Capture) {
		if c.Fields[archive.FieldCrawl] != second.Crawl {
			return
		}
		if !c.Revisit && c.Digest != nothing { // an empty answer has no payload to refer to
			t.Errorf("%s is archived in full again, status %d", c.URL, c.Status)
			return
		}
		revisits++
		r, err := c.Body()
		if err != nil {
			t.Errorf("%s does not replay: %v", c.URL, err)
			return
		}
		if b, err := readAll(r); err != nil || len(b) == 0 && c.Digest != nothing || c.Digest != bodies[c.URL] {
			t.Errorf("%s replays as %d bytes with digest %s, want %s: %v", c.URL, len(b), c.Digest, bodies[c.URL], err)
		}
	})
	if revisits < pages*9/10 {
		t.Errorf("%d revisit records for %d pages", revisits, pages)
	}
	for id, s := range second.Sites {
		if n := len(s.New) + len(s.Changed) + len(s.Reappeared); n > 0 {
			t.Errorf("%s: %d pages reported as news, nothing changed", id, n)
		}
	}
}

// framed are the addresses of bodies in frames: what happens to them happens to their articles.
var framed = regexp.MustCompile(`/portal/content/(\d+)\.html$`)

// told returns what a report says about articles: "changed URL", sorted. What it says about
// documents and other pages is left out.
func told(t *testing.T, tr fakesite.Truth, r crawler.Report) []string {
	t.Helper()
	articles := map[string]bool{}
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			articles[clean(t, a.URL)] = true
		}
	}
	var out []string
	for _, s := range r.Sites {
		for what, list := range map[string][]crawler.Outcome{"new": s.New, "changed": s.Changed, "missing": s.Missing,
			"gone":  s.Gone,
			"moved": s.Moved, "reappeared": s.Reappeared, "soft-404": s.Soft404} {
			for _, o := range list {
				if url := framed.ReplaceAllString(o.URL, "/portal/article/$1.action"); articles[url] {
					out = append(out, what+" "+url)
				}
			}
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// happened is what a report must say after the last step of aging.
func happened(t *testing.T, tr fakesite.Truth, w *fakesite.Web) []string {
	t.Helper()
	var out []string
	say := func(what, url string) { out = append(out, what+" "+clean(t, url)) }
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			switch {
			case a.State == fakesite.Moved && a.Change == fakesite.MovedAway:
				if a.Redirects {
					say("moved", a.URL)
				} else {
					say("missing", a.URL)
				}
			case a.State == fakesite.Moved:
			case a.Change == fakesite.Added, a.Change == fakesite.MovedAway:
				say("new", a.URL)
			case a.Change == fakesite.Edited:
				say("changed", a.URL)
			case a.Change == fakesite.Reappeared:
				say("reappeared", a.URL)
			case a.Change == fakesite.Deleted:
				say("missing", a.URL)
			}
		}
	}
	sort.Strings(out)
	return out
}

// TestAgedWeb lets the web age and crawls it after each step: every edit, deletion, move
// and reappearance is reported as what it is. Then every site falls ill for a day and
// recovers: nothing of that is news about an article.
func TestAgedWeb(t *testing.T) {
	if testing.Short() {
		t.Skip("crawls 13 sites eight times")
	}
	w := serve(t, fakesite.Options{Seed: 41, Sites: 13, Articles: 20, PerPage: 3, Delay: time.Nanosecond})
	l := newLab(t)
	l.crawl(w.Profiles(), nil)
	for step := 1; step <= 3; step++ {
		w.Age()
		tr := w.Truth()
		said := told(t, tr, l.crawl(w.Profiles(), force))
		want := happened(t, tr, w)
		// What was deleted earlier is missing still.
		said = slices.DeleteFunc(said, func(s string) bool { return !slices.Contains(want, s) && isGone(t, tr, s) })
		compare(t, fmt.Sprintf("step %d", step), said, want)
	}
	faults := []fakesite.Fault{fakesite.Jiasule, fakesite.Ruishu, fakesite.Down, fakesite.SoftNotFound, fakesite.Parked}
	for day := range 2 {
		for i, s := range w.Sites() {
			s.SetFault(faults[(i+day)%len(faults)])
		}
		r := l.crawl(w.Profiles(), force)
		said := slices.DeleteFunc(told(t, w.Truth(), r), func(s string) bool { return strings.HasPrefix(s, "soft-404 ") })
		compare(t, fmt.Sprintf("day %d of faults", day), said, nil)
		for _, s := range w.Sites() {
			s.SetFault(fakesite.Sound)
		}
		said = told(t, w.Truth(), l.crawl(w.Profiles(), force))
		// What was deleted before is missing still, and may be given up now.
		said = slices.DeleteFunc(said, func(s string) bool { return isGone(t, w.Truth(), s) })
		compare(t, fmt.Sprintf("after day %d of faults", day), said, nil)
	}
	d := w.Truth().Check(l.articles(), fakesite.All...)
	if len(d) > 0 {
		t.Errorf("in the end %d differences: %q", len(d), d)
	}
}

func compare(t *testing.T, when string, said, want []string) {
	t.Helper()
	for _, s := range said {
		if !slices.Contains(want, s) {
			t.Errorf("%s: the report says %q, it did not happen", when, s)
		}
	}
	for _, s := range want {
		if !slices.Contains(said, s) {
			t.Errorf("%s: %q is not in the report", when, s)
		}
	}
}

// isGone says that a line is about an article that is not there.
func isGone(t *testing.T, tr fakesite.Truth, line string) bool {
	t.Helper()
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			if a.State != fakesite.Live && strings.HasSuffix(line, " "+clean(t, a.URL)) {
				return true
			}
		}
	}
	return false
}
