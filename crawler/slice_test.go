package crawler_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/fakesite"
	"cundang/site"
)

// lastUnfinished returns the crawl that a run may go on with, "" if there is none.
func lastUnfinished(t *testing.T, r *rig) string {
	t.Helper()
	all, err := crawler.UnfinishedCrawls(r.front)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].Crawl
}

// TestSlices: a crawl in slices of a few pages, across processes, is one crawl: one name, no list asked twice, each
// page once, one report, and its limits hold over all of them.
func TestSlices(t *testing.T) {
	w := web(t, fakesite.Options{Sites: 2, Articles: 14})
	r := newRig(t)
	var rep *crawler.Report
	names := map[string]bool{}
	runs := 0
	for {
		one := r.crawl(w.Profiles(), func(o *crawler.Options) {
			o.Limit, o.Workers = 9, 2
			if rep != nil {
				o.Resume, o.Earlier = rep.Crawl, rep
			}
		})
		rep = &one
		names[rep.Crawl] = true
		if runs++; rep.Stopped == "" || runs > 100 {
			break
		}
		if !strings.HasPrefix(rep.Stopped, "run.pages") || lastUnfinished(t, r) != rep.Crawl {
			t.Fatalf("stopped %q, unfinished %q", rep.Stopped, lastUnfinished(t, r))
		}
		r.close()
		r.open()
	}
	if len(names) != 1 || runs < 4 || lastUnfinished(t, r) != "" {
		t.Errorf("%d runs of crawls %v, unfinished %q", runs, names, lastUnfinished(t, r))
	}
	times := map[string]int{}
	for _, c := range r.captures() {
		times[c.URL]++
	}
	for url, n := range times {
		if n != 1 {
			t.Errorf("%d captures of %s", n, url)
		}
	}
	whole := newRig(t).crawl(w.Profiles(), nil)
	for id, want := range whole.Sites {
		got := rep.Sites[id]
		if got.Fetched != want.Fetched || len(got.New) != len(want.New) || got.Lists != want.Lists || got.Rows != want.Rows {
			t.Errorf("%s in slices: %d fetched, %d new, %d lists, %d rows; at once %d, %d, %d, %d", id,
				got.Fetched, len(got.New), got.Lists, got.Rows, want.Fetched, len(want.New), want.Lists, want.Rows)
		}
	}
	_, err := r.tryCrawl(t.Context(), w.Profiles(), func(o *crawler.Options) { o.Resume = rep.Crawl })
	if !errors.Is(err, crawler.ErrNoCrawl) {
		t.Errorf("going on with a crawl that has ended: %v", err)
	}
}

// TestSliceBounds: time and bytes end a run, a site's limits count over all runs of a crawl, and a crawl that
// begins anew gives up the unfinished one.
func TestSliceBounds(t *testing.T) {
	w := web(t, fakesite.Options{Sites: 1, Articles: 14})
	r := newRig(t)
	p := w.Profiles()
	p[0].Limits = site.Limits{Pages: 6}
	fetched := func() (n int) {
		for _, q := range w.Sites()[0].Requests() {
			if q.Path != "/robots.txt" {
				n++
			}
		}
		return n
	}
	first := r.crawl(p, func(o *crawler.Options) { o.Bytes = 1 })
	if !strings.HasPrefix(first.Stopped, "run.bytes") {
		t.Errorf("a run of one byte: stopped %q", first.Stopped)
	}
	second := r.crawl(p, func(o *crawler.Options) { o.Resume, o.For = first.Crawl, time.Nanosecond })
	if !strings.HasPrefix(second.Stopped, "run.time") {
		t.Errorf("a run of a nanosecond: stopped %q", second.Stopped)
	}
	last := r.crawl(p, func(o *crawler.Options) { o.Resume = first.Crawl })
	if n := fetched(); last.Stopped != "" || n > 6+1 { // a requisite or robots.txt is no page
		t.Errorf("%d pages fetched by a crawl of at most 6, stopped %q", n, last.Stopped)
	}
	third := r.crawl(p, func(o *crawler.Options) { o.Limit = 1 })
	fourth := r.crawl(p, func(o *crawler.Options) { o.Limit = 1 })
	all, err := crawler.UnfinishedCrawls(r.front)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Crawl != fourth.Crawl || third.Crawl == fourth.Crawl ||
		!slices.Equal(all[0].Sites(), []string{p[0].ID}) {
		t.Errorf("unfinished: %+v", all)
	}
}
