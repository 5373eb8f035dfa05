package crawler_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cundang/archive"
	"cundang/crawler"
	"cundang/internal/fakesite"
	"cundang/site"

	"github.com/google/go-cmp/cmp"
)

// shownWeb serves three hosts on one port: a site, its picture host and a stranger.
type shownWeb struct {
	port string
	mu   sync.Mutex
	log  []string // host and path of what was asked for, robots.txt aside
}

const shownPage = `<html><head><title>页</title>
<link rel="stylesheet" href="/css/a.css"><link rel="shortcut icon" href="/i.ico"><link rel="alternate" href="/feed">
<style>.x{background:url('/img/inline.png')}</style></head><body background="/img/bg.gif">
<img src="/img/1.png" onerror="x"><img src="data:image/png;base64,AAAA"><img src="/loading.gif" data-original="/img/lazy.jpg">
<img srcset="/img/s1.png 1x, /img/s2.png 2x"><picture><source srcset="/img/p.webp"><img src="/img/p.jpg"></picture>
<div style="background: url(&quot;/img/style.png&quot;)"></div><input type="image" src="/img/go.gif">
<img src="http://img.kx.test:PORT/2.png"><img src="http://cdn.other.test:PORT/3.png"><img src="http://cdn.other.test:PORT/4.png">
<img src="/private/4.png"><img src="/missing.png"><img src="/a.html"><script src="/s.js"></script>
<video poster="/img/poster.jpg" src="/film.mp4"></video></body></html>`

func (s *shownWeb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	if r.URL.Path != "/robots.txt" {
		s.mu.Lock()
		s.log = append(s.log, host+r.URL.Path)
		s.mu.Unlock()
	}
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, strings.ReplaceAll(shownPage, "PORT", s.port))
	case "/robots.txt":
		io.WriteString(w, "User-agent: *\nDisallow: /private/\n")
	case "/css/a.css":
		w.Header().Set("Content-Type", "text/css")
		io.WriteString(w, `@import "b.css"; h1{background:url(../img/h1.png)} /* url(no.png) */ @font-face{src:url(f.eot);src:url(f.eot?#iefix),url(f.woff)}`)
	case "/css/b.css":
		w.Header().Set("Content-Type", "text/css")
		io.WriteString(w, `@import "a.css"; p{list-style-image:url("/img/li.png")}`)
	case "/missing.png":
		http.NotFound(w, r)
	default:
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, strings.Repeat(r.URL.Path, 10))
	}
}

// TestRequisites: what a page is shown with is fetched once, from where the profile says, as
// robots.txt allows; it is no article, and comes back as revisit records.
func TestRequisites(t *testing.T) {
	own := []string{
		"/css/a.css", "/css/b.css", "/css/f.woff", "/i.ico", "/img/1.png", "/img/bg.gif", "/img/go.gif", "/img/h1.png", "/img/inline.png",
		"/img/lazy.jpg", "/img/li.png", "/img/p.jpg", "/img/p.webp", "/img/poster.jpg", "/img/s1.png", "/img/s2.png", "/img/style.png",
		"/loading.gif", "/missing.png",
	}
	for mode, more := range map[string][]string{
		site.RequisitesNone:     nil,
		site.RequisitesSameSite: {"img.kx.test/2.png"},
		site.RequisitesAll:      {"img.kx.test/2.png", "cdn.other.test/3.png", "cdn.other.test/4.png"},
	} {
		t.Run(mode, func(t *testing.T) {
			s := &shownWeb{}
			srv := httptest.NewServer(s)
			defer srv.Close()
			_, s.port, _ = net.SplitHostPort(srv.Listener.Addr().String())
			p := hostProfile("shown", "http://www.kx.test:"+s.port+"/")
			p.Requisites, p.Limits.Hops, p.Limits.Pages = mode, 1, 2
			resolve := func(o *crawler.Options) {
				o.Resolve = func(context.Context, string) ([]net.IP, error) { return []net.IP{net.IPv4(127, 0, 0, 1)}, nil }
			}
			r := newRig(t)
			rep := r.crawl([]*site.Profile{p}, resolve).Sites["shown"]
			want := append([]string{"www.kx.test/"}, more...)
			if mode != site.RequisitesNone {
				for _, path := range own {
					want = append(want, "www.kx.test"+path)
				}
			}
			slices.Sort(want)
			slices.Sort(s.log)
			if d := cmp.Diff(want, s.log); d != "" {
				t.Errorf("requested: %s", d)
			}
			if mode == site.RequisitesNone {
				return
			}
			if n := len(want) - 1; rep.Requisites.Fetched != n {
				t.Errorf("%d requisites counted, want %d", rep.Requisites.Fetched, n)
			}
			if len(rep.New)+len(rep.Missing)+len(rep.Denied) > 0 {
				t.Errorf("requisites stand among the pages: %+v", rep)
			}
			if lost := len(rep.Requisites.Lost); lost != 2 {
				t.Errorf("%d lost, want the missing and the forbidden one: %v", lost, rep.Requisites.Lost)
			}
			skipped := 0
			for _, o := range rep.Skipped {
				if strings.Contains(o.URL, "cdn.other.test") {
					skipped++
				}
			}
			if want := map[string]int{site.RequisitesSameSite: 1}[mode]; skipped != want {
				t.Errorf("%d lines about the strange host, want %d", skipped, want)
			}
			again := r.crawl([]*site.Profile{p}, func(o *crawler.Options) { resolve(o); o.Force = true })
			for _, c := range r.captures() {
				if c.Fields[archive.FieldCrawl] == again.Crawl && c.Fields[archive.FieldKind] == archive.KindRequisite && !c.Revisit && c.Status != 404 {
					t.Errorf("%s is archived in full again", c.URL)
				}
			}
		})
	}
}

// TestFakesiteRequisites: the made-up pages can be shown: style sheets, banners and the
// pictures of every article are captured once.
func TestFakesiteRequisites(t *testing.T) {
	w := web(t, fakesite.Options{Articles: 12})
	r := newRig(t)
	r.crawl(w.Profiles(), nil)
	times := map[string]int{}
	for _, c := range r.captures() {
		if c.Status == 200 && c.Fields[archive.FieldKind] == archive.KindRequisite {
			times[c.URL]++
		}
	}
	n := 0
	for _, s := range w.Truth().Sites {
		want := s.Requisites
		for _, a := range s.Articles {
			want = append(want, a.Images...)
		}
		for _, u := range want {
			if n++; times[u] != 1 {
				t.Errorf("%s: %d captures of %s", s.CMS, times[u], u)
			}
		}
	}
	if n != len(times) {
		t.Errorf("%d requisites captured, the truth names %d", len(times), n)
	}
}
