package crawler_test

import (
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/wire"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"
)

func web(t testing.TB, o fakesite.Options) *fakesite.Web {
	t.Helper()
	if o.Delay == 0 {
		o.Delay = time.Nanosecond
	}
	w := fakesite.New(o)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestFakesite(t *testing.T) {
	w := web(t, fakesite.Options{})
	r := newRig(t)
	r.crawl(w.Profiles(), nil)
	times := map[string]int{}
	for _, c := range r.captures() {
		if !strings.HasSuffix(c.URL, "/robots.txt") {
			times[c.URL]++
		}
	}
	for url, n := range times {
		if n != 1 {
			t.Errorf("%d captures of %s", n, url)
		}
	}
	for _, s := range w.Truth().Sites {
		missing := 0
		for _, a := range s.Articles {
			u, err := urlkey.Clean(a.URL)
			if err != nil {
				t.Fatal(err)
			}
			if times[u] == 0 {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("%s: %d of %d articles not captured", s.CMS, missing, len(s.Articles))
		}
		for _, q := range w.Site(s.Site).Requests() {
			for _, d := range s.Disallowed {
				if strings.HasPrefix(q.Path, d) {
					t.Errorf("%s: forbidden by robots.txt, yet requested: %s", s.Site, q.Path)
				}
			}
			if q.Flying > 1 {
				t.Errorf("%s: %d requests at once", s.Site, q.Flying)
			}
		}
	}
}

// TestManySites crawls thirty sites, one of them frozen: every article of
// the truth is captured exactly once, nothing that robots.txt forbids is requested, and the
// pauses are kept as the sites saw them.
func TestManySites(t *testing.T) {
	if testing.Short() {
		t.Skip("thirty sites")
	}
	const delay = 3 * time.Millisecond
	w := web(t, fakesite.Options{Sites: 30, Articles: 20, Delay: delay})
	frozen := w.Sites()[7]
	frozen.SetFault(fakesite.Frozen)
	profiles := w.Profiles()
	for _, p := range profiles {
		p.Politeness.MaxDelay = delay
	}
	r := newRig(t)
	start := time.Now()
	rep := r.crawl(profiles, func(o *crawler.Options) {
		o.Workers = 8
		o.Wait = 10 * time.Second
		o.Limits = wire.Limits{FirstByte: time.Second, Idle: time.Second}
	})
	t.Logf("%s", time.Since(start).Round(time.Millisecond))
	times := map[string]int{}
	for _, c := range r.captures() {
		if c.Status == 200 && c.Fields[archive.FieldState] == crawler.StateLive {
			times[c.URL]++
		}
	}
	if s := rep.Sites[frozen.ID]; s.Fetched != 0 || len(s.Denied)+len(s.Failed)+len(s.Held) == 0 {
		t.Errorf("frozen site: %+v", s)
	}
	for _, s := range w.Truth().Sites {
		if s.Site == frozen.ID {
			continue
		}
		lost := 0
		for _, a := range s.Articles {
			u, err := urlkey.Clean(a.URL)
			if err != nil {
				t.Fatal(err)
			}
			if n := times[u]; n != 1 && a.State == fakesite.Live {
				if n > 1 {
					t.Errorf("%s %s: %d captures of %s", s.Site, s.CMS, n, u)
				}
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("%s (%s): %d of %d articles are not captured once", s.Site, s.CMS, lost, len(s.Articles))
		}
		var last time.Time
		for _, q := range w.Site(s.Site).Requests() {
			for _, d := range s.Disallowed {
				if strings.HasPrefix(q.Path, d) {
					t.Errorf("%s: forbidden by robots.txt, yet requested: %s", s.Site, q.Path)
				}
			}
			if q.Flying > 1 {
				t.Errorf("%s: %d requests at once", s.Site, q.Flying)
			}
			// From start to start: on a busy machine a handler may note its end late.
			if !last.IsZero() && q.Start.Sub(last) < delay-time.Millisecond {
				t.Errorf("%s: %s after the request before: %s", s.Site, q.Start.Sub(last), q.Path)
			}
			last = q.Start
		}
	}
}
