package crawler_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cundang/crawler/browser"
	"cundang/site"
)

// TestBrowserMode: with fetch: auto an empty list is shown in a browser; what its script
// asks for is archived, its rows are found, and robots.txt holds for scripts too.
func TestBrowserMode(t *testing.T) {
	if _, err := browser.Find(); errors.Is(err, browser.ErrNone) {
		t.Skip("browser mode: no Chromium is installed")
	}
	var forbidden, outside atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { outside.Add(1) }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			io.WriteString(w, "User-agent: *\nDisallow: /secret\n")
		case strings.HasPrefix(r.URL.Path, "/secret"):
			forbidden.Add(1)
		case r.URL.Path == "/":
			page(w, `<div id="l"></div><script>
				fetch("/secret").catch(()=>0); fetch("%s/track").catch(()=>0);
				var k = "ro" + "ws"; // an address that cannot be read out of the script
				fetch("/api/" + k, {headers: {"X-Requested-With": "XMLHttpRequest"}}).then(r=>r.text()).then(s=>document.getElementById("l").innerHTML=s)</script>`, other.URL)
		case r.URL.Path == "/api/rows":
			if r.Header.Get("X-Requested-With") != "XMLHttpRequest" {
				http.NotFound(w, r)
				return
			}
			io.WriteString(w, `<ul><li><a href="/a/1.html">关于召开年会的通知</a><span>2024-01-02</span></li><li><a href="/a/2.html">关于表彰先进的决定</a><span>2024-01-01</span></li></ul>`)
		default:
			page(w, "<p>%s</p>", r.URL.Path)
		}
	}))
	defer srv.Close()
	p := hostProfile("shown", srv.URL+"/")
	p.Fetch = "auto"
	r := newRig(t)
	rep := r.crawl([]*site.Profile{p}, nil)
	got := map[string]bool{}
	for _, c := range r.captures() {
		got[strings.TrimPrefix(c.URL, srv.URL)] = true
	}
	for _, want := range []string{"/", "/api/rows", "/a/1.html", "/a/2.html"} {
		if !got[want] {
			t.Errorf("%s is not archived: %v; %+v", want, got, rep.Sites["shown"].Held)
		}
	}
	if forbidden.Load()+outside.Load() > 0 {
		t.Errorf("the browser asked %d times for what robots.txt forbids, %d times another host", forbidden.Load(), outside.Load())
	}
}
