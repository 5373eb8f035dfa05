package crawler_test

import (
	"strings"
	"testing"
	"time"

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
