package crawler_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cundang/archive"
	"cundang/crawler"
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

// TestRenderedDocument: with fetch: browser the document that the scripts made is kept with
// the capture, and it is what says whether the page changed: its HTML never does.
func TestRenderedDocument(t *testing.T) {
	if _, err := browser.Find(); errors.Is(err, browser.ErrNone) {
		t.Skip("browser mode: no Chromium is installed")
	}
	var text atomic.Value
	text.Store("第一稿")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			http.NotFound(w, r)
		case "/api":
			io.WriteString(w, text.Load().(string))
		default:
			w.Header().Set("ETag", `"shell"`)
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			page(w, `<a href="/a.html">全文</a><p id="t"></p><script>fetch("/api").then(r=>r.text()).then(s=>document.getElementById("t").textContent=s)</script>`)
		}
	}))
	defer srv.Close()
	p := hostProfile("shown", srv.URL+"/")
	p.Fetch = "browser"
	r := newRig(t)
	options := func(o *crawler.Options) {
		o.Force = true
		o.Digest = func(_, _ string, body []byte) string { return strings.TrimSpace(string(body)) }
	}
	for i, step := range []struct{ text, outcome string }{{"第一稿", "new"}, {"第一稿", ""}, {"第二稿", "changed"}} {
		text.Store(step.text)
		rep := r.crawl([]*site.Profile{p}, options)
		if got := outcomes(rep)[srv.URL+"/a.html"]; got != step.outcome {
			t.Errorf("crawl %d: reported as %q, want %q", i, got, step.outcome)
		}
		n := 0
		for _, c := range r.captures() {
			if c.URL != srv.URL+"/a.html" || c.Fields[archive.FieldCrawl] != rep.Crawl {
				continue
			}
			n++
			all, err := r.store.Companions(t.Context(), c.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if c.Fields[archive.FieldRendered] != archive.CompanionDOM || len(all) != 1 || !strings.Contains(string(all[0].Content), `<p id="t">`+step.text) {
				t.Errorf("crawl %d: companions %v, fields %v", i, all, c.Fields)
			}
		}
		if n != 1 {
			t.Errorf("crawl %d: %d captures of the page", i, n)
		}
	}
	// Lost state: the links that only the shown document has are found again.
	dir := r.dir
	r.close()
	if err := os.RemoveAll(filepath.Join(dir, "state")); err != nil {
		t.Fatal(err)
	}
	r.open()
	if rep := r.crawl([]*site.Profile{p}, nil); len(rep.Sites["shown"].New) > 0 {
		t.Errorf("fetched as new after a rebuild: %v", rep.Sites["shown"].New)
	}
}
