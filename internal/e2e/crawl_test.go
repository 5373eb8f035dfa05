package e2e

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/internal/fakesite"
)

func readAll(r io.ReadCloser) ([]byte, error) {
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

// TestThirtySites crawls every CMS with eight workers, a frozen and a slow host among
// them: each article is fetched once and read as it is, nothing forbidden is asked for,
// one request at a time with the delay between.
func TestThirtySites(t *testing.T) {
	if testing.Short() {
		t.Skip("crawls 30 sites")
	}
	const delay = 10 * time.Millisecond
	w := serve(t, fakesite.Options{Seed: 21, Sites: 30, Articles: 30, PerPage: 3, Delay: delay})
	frozen, slow := w.Sites()[28], w.Sites()[29]
	frozen.SetFault(fakesite.Frozen)
	slow.SetFault(fakesite.Slow)
	l := newLab(t)
	start := time.Now()
	l.crawl(w.Profiles(), nil)
	t.Logf("crawled in %s", time.Since(start))

	tr := w.Truth()
	tr.Sites = append(tr.Sites[:28:28], tr.Sites[29]) // of the frozen one nothing can be known
	var got []fakesite.Found
	for _, f := range l.articles() {
		if f.Site != frozen.ID {
			got = append(got, f)
		}
	}
	if d := tr.Check(got, fakesite.All...); len(d) > 0 {
		t.Errorf("%d differences:\n%s", len(d), strings.Join(d, "\n"))
	}
	for _, s := range tr.Sites {
		checkManners(t, w.Site(s.Site), s, delay)
	}
	captures := map[string]int{}
	l.captures(func(_ *archive.Store, c archive.Capture) { captures[c.URL]++ })
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			if n := captures[clean(t, a.URL)]; n != 1 {
				t.Errorf("%s: %d captures of %s", s.CMS, n, a.URL)
			}
		}
	}
}

// checkManners looks at a crawl with the eyes of the server.
func checkManners(t *testing.T, s *fakesite.Site, tr fakesite.TruthSite, delay time.Duration) {
	t.Helper()
	asked := map[string]int{}
	var last time.Time
	for _, r := range s.Requests() {
		asked[r.Path]++
		for _, d := range tr.Disallowed {
			if strings.HasPrefix(r.Path, d) {
				t.Errorf("%s: forbidden by robots.txt, yet requested: %s", s.ID, r.Path)
			}
		}
		if r.Flying > 1 {
			t.Errorf("%s: %d requests at once", s.ID, r.Flying)
		}
		if pause := r.Start.Sub(last); !last.IsZero() && pause < delay {
			t.Errorf("%s: %s before %s, want at least %s", s.ID, pause, r.Path, delay)
		}
		last = r.End
		if !strings.HasPrefix(r.UserAgent, "cundang/") {
			t.Errorf("%s: user agent %q", s.ID, r.UserAgent)
		}
	}
	for _, a := range tr.Articles {
		u, err := url.Parse(a.URL)
		if err != nil {
			t.Fatal(err)
		}
		if n := asked[u.RequestURI()]; n != 1 {
			t.Errorf("%s: %s requested %d times", s.CMS, a.URL, n)
		}
	}
}
