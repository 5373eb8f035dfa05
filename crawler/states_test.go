package crawler_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/site"
)

// TestNoJudgement: a challenge, a bad day, a soft 404, a parked domain and a broken
// connection say nothing about a page. None counts as content, as a change or as deletion,
// and when the page is back it is unchanged.
func TestNoJudgement(t *testing.T) {
	article := func(w http.ResponseWriter) {
		page(w, "<h1>关于召开年会的通知</h1><p>%s</p>", strings.Repeat("各有关单位：现将有关事项通知如下。", 30))
	}
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		list  string
		state string
	}{
		{"加速乐", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "__jsl_clearance_s=1; path=/")
			w.WriteHeader(521)
			io.WriteString(w, "<script>document.cookie=1</script>")
		}, "blocked", crawler.StateBlocked},
		{"瑞数 412", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(412)
			io.WriteString(w, "<html><script>$_ts=window['$_ts']</script></html>")
		}, "blocked", crawler.StateBlocked},
		{"瑞数 202", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(202)
			io.WriteString(w, "<html><script>$_ts=window['$_ts']</script></html>")
		}, "blocked", crawler.StateBlocked},
		{"wall", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(403)
			io.WriteString(w, `<a href="http://www.safedog.cn/">网站防火墙</a>`)
		}, "blocked", crawler.StateBlocked},
		{"500", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "ADODB.Connection 错误", 500) }, "failed", crawler.StateError},
		{"502", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(502) }, "failed", crawler.StateError},
		{"403", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "Forbidden", http.StatusForbidden) }, "failed", crawler.StateError},
		{"broken off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Length", "10000")
			io.WriteString(w, "<html>关于召")
		}, "failed", crawler.StateError},
		{"no answer", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "failed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var bad atomic.Bool
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/":
					page(w, `<a href="/news/1.html">一</a>`)
				case r.URL.Path != "/news/1.html":
					http.NotFound(w, r)
				case bad.Load():
					c.serve(w, r)
				default:
					article(w)
				}
			}))
			srv.Config.ErrorLog = nil
			defer srv.Close()
			p := hostProfile("state", srv.URL+"/")
			p.Gone.Misses = 1
			r := newRig(t)
			force := func(o *crawler.Options) { o.Force, o.Wait = true, time.Millisecond }
			url := srv.URL + "/news/1.html"
			if got := outcomes(r.crawl([]*site.Profile{p}, force)); got[url] != "new" {
				t.Fatalf("first: %v", got)
			}
			bad.Store(true)
			if got := outcomes(r.crawl([]*site.Profile{p}, force)); got[url] != c.list {
				t.Errorf("bad day: %q, want %q", got[url], c.list)
			}
			var last archive.Capture
			for _, x := range r.captures() {
				if x.URL == url {
					last = x
				}
			}
			if c.state != "" && last.Fields[archive.FieldState] != c.state {
				t.Errorf("state %q, want %q", last.Fields[archive.FieldState], c.state)
			}
			bad.Store(false)
			rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Force = true })
			if got := outcomes(rep); got[url] != "" || rep.Sites["state"].Unchanged == 0 {
				t.Errorf("back again: %q", got[url])
			}
		})
	}
}

// TestMissing follows a page from live over missing to gone and back; a page is gone only
// after enough misses over enough time.
func TestMissing(t *testing.T) {
	var status atomic.Int64
	status.Store(200)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			page(w, `<a href="/1.html">一</a>`)
		case r.URL.Path != "/1.html" || status.Load() == 404:
			http.NotFound(w, r)
		case status.Load() == 410:
			w.WriteHeader(410)
		default:
			page(w, "<p>内容</p>")
		}
	}))
	defer srv.Close()
	force := func(o *crawler.Options) { o.Force, o.Wait = true, time.Millisecond }
	for _, c := range []struct {
		name  string
		gone  site.Gone
		steps []int
		want  []string
	}{
		{"three misses", site.Gone{Misses: 3, After: time.Nanosecond}, []int{200, 404, 404, 404, 404, 200}, []string{"new", "missing", "missing", "gone", "", "reappeared"}},
		{"not for long enough", site.Gone{Misses: 2, After: time.Hour}, []int{200, 404, 404, 404, 200}, []string{"new", "missing", "missing", "missing", "reappeared"}},
		{"410 counts twice", site.Gone{Misses: 3, After: time.Hour}, []int{200, 410, 410, 200}, []string{"new", "missing", "gone", "reappeared"}},
		{"one miss is enough", site.Gone{Misses: 1}, []int{200, 404, 404, 200}, []string{"new", "gone", "", "reappeared"}},
		{"never there", site.Gone{Misses: 1}, []int{404, 404, 200}, []string{"missing", "", "reappeared"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := hostProfile("missing", srv.URL+"/")
			p.Gone = c.gone
			r := newRig(t)
			for i, s := range c.steps {
				status.Store(int64(s))
				want := c.want[i]
				if c.name == "never there" && s == 200 {
					want = "new"
				}
				if got := outcomes(r.crawl([]*site.Profile{p}, force))[srv.URL+"/1.html"]; got != want {
					t.Errorf("step %d (%d): %q, want %q", i, s, got, want)
				}
			}
		})
	}
}

// TestRecrawl crawls 2,000 unchanged pages twice: the second time transfers at most 5 % of the bytes,
// adds only revisit records, and all of them replay.
func TestRecrawl(t *testing.T) {
	const pages, hosts = 2000, 4
	var sent atomic.Int64
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		var b strings.Builder
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if r.URL.Path == "/" {
			for i := 1; i < pages/hosts; i++ {
				fmt.Fprintf(&b, `<a href="/%d">%d</a>`, i, i)
			}
		}
		fmt.Fprintf(&b, "<h1>%d %c</h1>%s", n, '一'+rune(n), strings.Repeat("<p>为深入学习贯彻会议精神，推动各项工作落到实处。</p>", 100))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var modified time.Time
		if n%3 != 1 {
			w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(b.String()))))
		}
		if n%3 != 0 {
			modified = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		http.ServeContent(counted{w, &sent}, r, "", modified, strings.NewReader(b.String()))
	})
	var profiles []*site.Profile
	for i := range hosts {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		profiles = append(profiles, hostProfile("same-"+strconv.Itoa(i), srv.URL+"/"))
	}
	r := newRig(t)
	r.crawl(profiles, nil)
	first, when := sent.Load(), time.Now()
	rep := r.crawl(profiles, func(o *crawler.Options) { o.Force = true })
	second := sent.Load() - first
	if second*20 > first {
		t.Errorf("%d bytes sent the second time, %d the first", second, first)
	}
	unchanged := 0
	for _, s := range rep.Sites {
		unchanged += s.Unchanged
		if len(s.New)+len(s.Changed) > 0 {
			t.Errorf("new %v, changed %v", s.New, s.Changed)
		}
	}
	if unchanged != pages-hosts {
		t.Errorf("%d unchanged, want %d", unchanged, pages-hosts)
	}
	bodies := map[string]string{}
	revisits := 0
	for _, c := range r.captures() {
		b, err := c.Body()
		if err != nil {
			t.Fatalf("%s: %v", c.URL, err)
		}
		body, err := io.ReadAll(b)
		b.Close()
		if err != nil {
			t.Fatalf("%s: %v", c.URL, err)
		}
		if c.Time.Before(when) {
			bodies[c.URL] = string(body)
			continue
		}
		revisits++
		if !c.Revisit || string(body) != bodies[c.URL] {
			t.Errorf("%s: revisit %v, status %d, %d bytes, were %d", c.URL, c.Revisit, c.Status, len(body), len(bodies[c.URL]))
		}
	}
	if revisits != pages {
		t.Errorf("%d revisits, want %d", revisits, pages)
	}
}

// counted counts the bytes of bodies.
type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

// TestPolite measures on the server's side: one request at a time, the pauses that profile,
// Crawl-delay and Retry-After ask for, and who we say we are.
func TestPolite(t *testing.T) {
	for _, c := range []struct {
		name   string
		robots string
		min    time.Duration
		retry  bool
		want   time.Duration
	}{
		{"profile", "", 60 * time.Millisecond, false, 60 * time.Millisecond},
		{"Crawl-delay", "User-agent: *\nCrawl-delay: 0.1\n", time.Nanosecond, false, 100 * time.Millisecond},
		{"Retry-After", "", time.Nanosecond, true, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var ends []time.Time
			var gaps []time.Duration
			flying, most := 0, 0
			agents := map[string]bool{}
			refused := false
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				if flying++; flying > most {
					most = flying
				}
				if n := len(ends); n > 0 {
					gaps = append(gaps, time.Since(ends[n-1]))
				}
				agents[r.UserAgent()] = true
				refuse := c.retry && !refused && r.URL.Path == "/3"
				refused = refused || refuse
				mu.Unlock()
				switch {
				case r.URL.Path == "/robots.txt":
					io.WriteString(w, c.robots)
				case refuse:
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(http.StatusTooManyRequests)
				default:
					page(w, `<a href="/1">a</a><a href="/2">b</a><a href="/3">c</a><a href="/4">d</a>`)
				}
				mu.Lock()
				flying--
				ends = append(ends, time.Now())
				mu.Unlock()
			}))
			defer srv.Close()
			p := hostProfile("polite", srv.URL+"/")
			p.Politeness.MinDelay, p.Politeness.MaxDelay = c.min, c.min
			r := newRig(t)
			rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Contact, o.Version = "https://example.org/bot", "1.2" })
			if n := len(rep.Sites["polite"].New); n != 4 {
				t.Errorf("%d new pages", n)
			}
			if most != 1 {
				t.Errorf("%d requests at once", most)
			}
			longest := time.Duration(0)
			for i, g := range gaps {
				longest = max(longest, g)
				if !c.retry && i > 0 && g < c.want-2*time.Millisecond {
					t.Errorf("pause of %s, want %s", g, c.want)
				}
			}
			if longest < c.want-2*time.Millisecond {
				t.Errorf("longest pause %s, want %s", longest, c.want)
			}
			if !agents["cundang/1.2 (+https://example.org/bot)"] || len(agents) != 1 {
				t.Errorf("agents %v", agents)
			}
		})
	}
}
