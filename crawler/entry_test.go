package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/locale"
	"cundang/site"
)

// served is a small site that counts what it is asked.
type served struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, h http.HandlerFunc) *served {
	t.Helper()
	s := &served{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *served) times(uri string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.asked {
		if u == uri {
			n++
		}
	}
	return n
}

// TestEntryPage: an entry page that leads on without a link is followed, one that leads nowhere is told.
func TestEntryPage(t *testing.T) {
	list := `<ul><li><a href="/n1.html">学会召开年会的通知</a><span>2024-03-01</span></li></ul>`
	for name, c := range map[string]struct {
		header, body string
		followed     bool
	}{
		"refresh header":       {"0;url=/menu.html", "<p>ok</p>", true},
		"refresh without url=": {"2; /menu.html", "<p>ok</p>", true},
		"refresh quoted":       {"0; URL = '/menu.html'", "<p>ok</p>", true},
		"script":               {"", `<script>window.location.href = "/menu.html";</script>`, true},
		"script, replace":      {"", `<script>setTimeout(function(){ top.location.replace('/menu.html') }, 10)</script>`, true},
		"called function":      {"", `<script>function go(){ location="/menu.html" } go();</script>`, true},
		"on load":              {"", `<body onload="go()"><script>function go(){ location="/menu.html" }</script>`, true},
		"button":               {"", `<button onclick="location.href='/menu.html'">进入</button>`, false},
		"button's function":    {"", `<script>function go(){ if (1) { location.href="/menu.html" } }</script><button onclick="go()">进入</button>`, false},
		"handler":              {"", `<script>b.onclick = function(){ location.href="/menu.html" }</script>`, false},
		"nothing":              {"", "<p>建设中</p>", false},
		"another site":         {"", `<a href="http://elsewhere.invalid/">x</a>`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					if c.header != "" {
						w.Header().Set("Refresh", c.header)
					}
					page(w, "%s", c.body)
				case "/menu.html":
					page(w, "%s", list)
				case "/n1.html":
					page(w, "<h1>通知</h1>")
				default:
					http.NotFound(w, r)
				}
			})
			rep := newRig(t).crawl([]*site.Profile{hostProfile("t", s.URL+"/")}, nil).Sites["t"]
			if got := s.times("/n1.html") == 1; got != c.followed {
				t.Errorf("followed: %v; asked for %v", got, s.asked)
			}
			told := slices.ContainsFunc(rep.Failed, func(o crawler.Outcome) bool { return locale.Code(o.Reason) == "fetch.nowhere" })
			if told == c.followed {
				t.Errorf("told: %v; failed %v", told, rep.Failed)
			}
		})
	}
}

// TestCookieWall: an address that redirects to itself with a cookie is asked again with it, a few times.
func TestCookieWall(t *testing.T) {
	has := func(r *http.Request, name string) bool { _, err := r.Cookie(name); return err == nil }
	set := func(w http.ResponseWriter, name, to string) {
		w.Header().Set("Set-Cookie", name+"=1; Path=/")
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
	n := 0
	for name, c := range map[string]struct {
		wall http.HandlerFunc
		most int
		live bool
	}{
		"direct": {func(w http.ResponseWriter, r *http.Request) {
			if !has(r, "k") {
				set(w, "k", "/wall.html")
				return
			}
			page(w, "<h1>年会</h1>")
		}, 2, true},
		"two steps": {func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !has(r, "a"):
				set(w, "a", "/wall.html")
			case !has(r, "b"):
				set(w, "b", "/wall.html")
			default:
				page(w, "<h1>年会</h1>")
			}
		}, 3, true},
		"another address": {func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/check":
				set(w, "k", "/wall.html")
			case !has(r, "k"):
				http.Redirect(w, r, "/check", http.StatusFound)
			default:
				page(w, "<h1>年会</h1>")
			}
		}, 2, true},
		"cookie first": {func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/check":
				http.Redirect(w, r, "/wall.html", http.StatusFound)
			case !has(r, "k"):
				set(w, "k", "/check")
			default:
				page(w, "<h1>年会</h1>")
			}
		}, 2, true},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			n++
			set(w, fmt.Sprint("k", n), "/wall.html")
		}, 5, false}, // the last is the second try that every failure gets
		"no cookie": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/wall.html", http.StatusFound) }, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					page(w, `<a href="/wall.html">年会</a>`)
					return
				}
				c.wall(w, r)
			})
			r := newRig(t)
			rep := r.crawl([]*site.Profile{hostProfile("t", s.URL+"/")}, nil).Sites["t"]
			if got := s.times("/wall.html"); got > c.most || got == 0 {
				t.Errorf("asked %d times: %v", got, s.asked)
			}
			live := false
			for _, o := range rep.New {
				live = live || strings.HasSuffix(o.URL, "/wall.html")
			}
			if live != c.live {
				t.Errorf("live %v, want %v: %+v", live, c.live, rep)
			}
		})
	}
}

// TestOnce: what comes due again while a crawl goes on is left to the next one.
func TestOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			var rows strings.Builder
			for i := range 30 {
				fmt.Fprintf(&rows, `<li><a href="/n%d.html">第%d号通知</a><span>2024-03-%02d</span></li>`, i, i, i%28+1)
			}
			page(w, "<ul>%s</ul><p>%d</p>", rows.String(), time.Now().UnixNano())
		case r.URL.Path == "/n3.html":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			page(w, "<h1>%s</h1><p>%d</p>", r.URL.Path, time.Now().UnixNano())
		}
	})
	p := hostProfile("t", s.URL+"/")
	short := site.Interval{Min: time.Millisecond, First: time.Millisecond, Max: time.Millisecond}
	p.Revisit = site.Revisit{List: short, Article: short}
	r := newRig(t)
	for run := 1; run <= 2; run++ {
		r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Wait = time.Millisecond })
		for _, uri := range []string{"/", "/n1.html", "/n29.html"} {
			if n := s.times(uri); n != run {
				t.Errorf("run %d: %s was asked for %d times", run, uri, n)
			}
		}
		if n := s.times("/n3.html"); n > 4*run {
			t.Errorf("run %d: a page that fails was asked for %d times", run, n)
		}
	}
}
