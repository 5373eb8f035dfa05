package crawler_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/locale"
	"cundang/site"
)

func TestWhy(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			w.Write([]byte("User-agent: *\nDisallow: /neibu/\n"))
		case "/gone":
			http.NotFound(w, r)
		case "/zz-busy":
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			page(w, `<a href="/neibu/a.html">a</a><a href="/gone">b</a><a href="/b.html">c</a><a href="/admin/x">d</a><a href="/%s">e</a><a href="/zz-busy">f</a>`, strings.Repeat("x/", 5))
		}
	}))
	defer srv.Close()
	p := hostProfile("why", srv.URL+"/")
	p.Scope = []site.Rule{{Deny: "/admin/"}}
	profiles := []*site.Profile{p}
	r := newRig(t)
	rep := r.crawl(profiles, func(o *crawler.Options) { o.Wait = time.Millisecond })
	if len(rep.Sites["why"].Denied) != 1 {
		t.Errorf("denied: %v", rep.Sites["why"].Denied)
	}
	for _, c := range []struct{ target, gate, rule string }{
		{srv.URL + "/neibu/a.html", "robots", "line 2: Disallow: /neibu/"},
		{srv.URL + "/admin/x", "scope", "deny /admin/"},
		{srv.URL + "/x/x/x/x/x/", "trap", "path repeats x"},
		{srv.URL + "/never", "queue", "never found"},
		{srv.URL + "/", "queue", "next visit 6h0m0s after the last"},
		{srv.URL + "/", "host", "Retry-After of status 503"},
		{strings.TrimPrefix(srv.URL, "http://"), "host", "Retry-After of status 503"},
		{srv.URL + "/gone", "history", "status 404"},
		{"http://other.example/", "profile", "no profile"},
	} {
		x, err := crawler.Why(r.front, profiles, c.target, time.Now())
		if err != nil {
			t.Errorf("%s: %v", c.target, err)
			continue
		}
		found := false
		for _, g := range x.Gates {
			found = found || g.Name == c.gate && strings.Contains(locale.Say("en", g.Rule), c.rule)
		}
		if !found || x.Open {
			t.Errorf("%s: open %v, %+v; want %s: %s", c.target, x.Open, x.Gates, c.gate, c.rule)
		}
	}
	x, err := crawler.Why(r.front, profiles, srv.URL+"/b.html", time.Now().Add(8*24*time.Hour))
	if err != nil || !x.Open {
		t.Errorf("b.html after a week: %+v, %v", x, err)
	}
}
