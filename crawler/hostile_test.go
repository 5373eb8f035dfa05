package crawler_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/crawler/wire"
	"cundang/internal/locale"
	"cundang/site"
)

// hostile is a server that wears a crawler out, and what must come of it.
type hostile struct {
	name  string
	serve http.HandlerFunc
	max   int // requests at most
	check func(t *testing.T, s *crawler.SiteReport, r *rig)
}

func page(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<html><head><title>页</title></head><body>"+format+"</body></html>", args...)
}

// raw takes the connection over and writes whatever f writes, until the peer is gone.
func raw(f func(c net.Conn) error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		for f(c) == nil {
		}
	}
}

func write(s string) func(c net.Conn) error {
	return func(c net.Conn) error { _, err := c.Write([]byte(s)); return err }
}

// once is a raw answer whose head goes first and whose rest repeats.
func once(head, rest string, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		first := true
		raw(func(c net.Conn) error {
			if first {
				first = false
				return write(head)(c)
			}
			if pause > 0 {
				select {
				case <-time.After(pause):
				case <-r.Context().Done():
					return r.Context().Err()
				}
			}
			return write(rest)(c)
		})(w, r)
	}
}

func quarantined(n int) func(*testing.T, *crawler.SiteReport, *rig) {
	return func(t *testing.T, s *crawler.SiteReport, _ *rig) {
		if len(s.Quarantined) < n {
			t.Errorf("%d quarantined: %v", len(s.Quarantined), s.Quarantined)
		}
	}
}

func truncated(t *testing.T, s *crawler.SiteReport, _ *rig) {
	for _, f := range s.Failed {
		if locale.Code(f.Reason) == "fetch.truncated" {
			return
		}
	}
	t.Errorf("no truncated page: failed %v", s.Failed)
}

func hostiles() []hostile {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 256 {
		z.Write(zeros)
	}
	z.Close()
	var million strings.Builder
	for i := range 1000000 {
		fmt.Fprintf(&million, `<a href="/%d">a</a>`, i)
	}
	links := million.String()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
	return []hostile{
		{"redirect loop", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, map[string]string{"/": "/a", "/a": "/b", "/b": "/a"}[r.URL.Path], http.StatusFound)
		}, 5, func(t *testing.T, s *crawler.SiteReport, _ *rig) {
			if len(s.Moved) != 3 {
				t.Errorf("moved: %v", s.Moved)
			}
		}},
		{"redirect to itself",
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, 4, nil},
		{"redirects without end", func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Path[1:])
			http.Redirect(w, r, "/"+strconv.Itoa(n+1), http.StatusFound)
		}, 20, quarantined(1)},
		{"calendar", func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("month"))
			page(w, `<h1>%d年%d月</h1><table>一 二 三 四 五 六 日</table><a href="/?month=%d">上月</a> <a href="/?month=%d">下月</a>`, 2000+n/12, n%12+1, n-1, n+1)
		}, 130, quarantined(1)},
		{"session ids", func(w http.ResponseWriter, r *http.Request) {
			var id [16]byte
			rand.Read(id[:])
			page(w, `<p>本会简介：成立于1958年。</p><a href="/view?k=%s&p=1">一</a> <a href="/view?k=%[1]s&p=2">二</a>`, hex.EncodeToString(id[:]))
		}, 200, quarantined(1)},
		{"%25 growth", func(w http.ResponseWriter, r *http.Request) {
			n := strings.Count(r.RequestURI, "25")
			page(w, `<p>页面 %s</p><a href="/?u=%%%s20x">x</a>`, strings.Repeat("深", n), strings.Repeat("25", n+1))
		}, 10, quarantined(1)},
		{"ever deeper", func(w http.ResponseWriter, r *http.Request) {
			var id [4]byte
			rand.Read(id[:])
			page(w, `<p>%x</p><a href="news/index/">x</a>`, id)
		}, 12, quarantined(1)},
		{"gzip bomb", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		}, 3, nil},
		{"endless header", once("HTTP/1.1 200 OK\r\n", "X-Long: "+strings.Repeat("x", 1000)+"\r\n", 0), 3, truncated},
		{"endless header line", once("HTTP/1.1 200 OK\r\nX: ", strings.Repeat("x", 1000), 0), 3, truncated},
		{"endless status", once("HTTP/1.1 ", "200 ", 0), 3, nil},
		{"endless 100", once("", "HTTP/1.1 100 Continue\r\n\r\n", 0), 3, nil},
		{"endless body", once(head, strings.Repeat("x", 4096), 0), 3, truncated},
		{"endless chunks", once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n",
			"200\r\n"+strings.Repeat("x", 512)+"\r\n", 0), 3, truncated},
		{"endless trailer", once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n", 0), 3, truncated},
		{"reset", raw(func(c net.Conn) error { c.(*net.TCPConn).SetLinger(0); return net.ErrClosed }), 3, nil},
		{"nothing", raw(func(net.Conn) error { return net.ErrClosed }), 3, nil},
		{"NUL bytes", func(w http.ResponseWriter, r *http.Request) {
			page(w, "a\x00b<a hr\x00ef=\"/\x00x\">\x00</a><a href=\"/ok\">ok</a>")
		}, 4, nil},
		{"a million links", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(links))
		}, 200, quarantined(1)},
		{"links that are none", func(w http.ResponseWriter, r *http.Request) {
			page(w, `<a href="javascript:alert(1)">a</a><a href=" JavaScript:x">b</a><a href="java
script:x">c</a><a href="data:text/html,x">d</a><a href="mailto:a@b">e</a><a href="tel:1">f</a><a href="file:///etc/passwd">g</a>
<a href="ftp://h/x">h</a><a href="#x">i</a><a href="">j</a><a href="http://">k</a><a href="http://[::1">l</a><a href="//">m</a><a href="about:blank">n</a><a href="\\">o</a>
<iframe src="javascript:void(0)"></iframe><iframe src="about:blank"></iframe><a href="http://127.0.0.1:1/other">p</a>`)
		}, 2, nil},
		{"deep nesting", func(w http.ResponseWriter, r *http.Request) {
			page(w, "%s", strings.Repeat("<div><span>", 20000)+`<a href="/ok">x</a>`)
		}, 4, nil},
		{"endless pager", func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			var rows strings.Builder
			for i := range 10 {
				fmt.Fprintf(&rows,
					`<li><a href="/a/%d.html">关于开展第%d次活动的通知</a><span>2024-01-%02d</span></li>`, i, i, i+1)
			}
			page(w, `<ul>%s</ul><div class="page"><a href="/?page=%d">下一页</a></div>`, rows.String(), max(n, 1)+1)
		}, 20, nil},
	}
}

// TestHostile crawls all hostile servers and a sound one at once: every one of them ends, memory stays bounded, and the
// sound one does not notice. Nothing is ended by the clock, so that a slow machine changes nothing: what sends without
// end meets a bound of size.
func TestHostile(t *testing.T) {
	hs := hostiles()
	var profiles []*site.Profile
	requests := make([]int, len(hs))
	var mu sync.Mutex
	for i, h := range hs {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			mu.Lock()
			requests[i]++
			n := requests[i]
			mu.Unlock()
			if n > 2*h.max {
				http.Error(w, "enough", http.StatusTeapot)
				return
			}
			h.serve(w, r)
		}))
		t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
		profiles = append(profiles, hostProfile("hostile-"+strconv.Itoa(i), srv.URL+"/"))
		profiles[i].Limits.Pages = 3 * h.max
	}
	const sound = 200
	soundProfile, _ := soundSite(t, sound)
	profiles = append(profiles, soundProfile)

	peak := make(chan uint64)
	done := make(chan struct{})
	go func() {
		var top uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapInuse)
			select {
			case <-done:
				peak <- top
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	r := newRig(t)
	rep := r.crawl(profiles, func(o *crawler.Options) {
		o.Wait = time.Second
		o.Limits = patient(wire.Limits{Header: 64 << 10, Body: 32 << 20})
	})
	close(done)
	if top := int64(<-peak) - int64(before.HeapInuse); top > 700<<20 {
		t.Errorf("heap grew by %d MB", top>>20)
	} else {
		t.Logf("heap grew by %d MB, %s", top>>20, time.Since(start).Round(time.Millisecond))
	}
	if n := len(rep.Sites["sound"].New); n != sound {
		t.Errorf("%d new pages of the sound site, want %d", n, sound)
	}
	for i, h := range hs {
		t.Run(h.name, func(t *testing.T) {
			s := rep.Sites["hostile-"+strconv.Itoa(i)]
			if requests[i] > h.max || requests[i] == 0 {
				t.Errorf("%d requests, want at most %d", requests[i], h.max)
			}
			if h.check != nil {
				h.check(t, s, r)
			}
		})
	}
	for _, c := range r.captures() {
		b, err := c.Body()
		if err != nil {
			t.Errorf("%s: %v", c.URL, err)
			continue
		}
		b.Close()
	}
}

// patient returns limits that no clock ends.
func patient(l wire.Limits) wire.Limits {
	l.FirstByte, l.Idle, l.Total, l.Grace = time.Hour, time.Hour, time.Hour, time.Hour
	return l
}

// TestSlowServers meets servers that only the clock ends. Each crawl waits for one clock alone: on a slow machine that
// ends the exchange all the sooner.
func TestSlowServers(t *testing.T) {
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		limit  func(*wire.Limits)
		reason string
	}{
		"drips": {
			once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "x", 20*time.Millisecond),
			func(l *wire.Limits) { l.MinRate, l.Grace = 1000, 100*time.Millisecond }, "fetch.truncated",
		},
		"stops": {
			func(w http.ResponseWriter, r *http.Request) {
				page(w, "half a page")
				http.NewResponseController(w).Flush()
				<-r.Context().Done()
			},
			func(l *wire.Limits) { l.Idle = 100 * time.Millisecond }, "fetch.truncated",
		},
		"drips for ever": {
			once("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "x", 20*time.Millisecond),
			func(l *wire.Limits) { l.MinRate, l.Total = 1, time.Second }, "",
		},
		"never answers": {
			func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			func(l *wire.Limits) { l.FirstByte = 100 * time.Millisecond }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(w, r)
					return
				}
				c.serve(w, r)
			}))
			t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
			limits := patient(wire.Limits{})
			c.limit(&limits)
			rep := newRig(t).crawl([]*site.Profile{hostProfile("slow", srv.URL+"/")}, func(o *crawler.Options) {
				o.Wait, o.Limits = time.Millisecond, limits
			})
			failed := rep.Sites["slow"].Failed
			if len(failed) != 1 || c.reason != "" && locale.Code(failed[0].Reason) != c.reason {
				t.Errorf("failed %v, want one %s", failed, c.reason)
			}
		})
	}
}

// hostProfile is a site on loopback without delay.
func hostProfile(id, seed string) *site.Profile {
	return &site.Profile{ID: id, Seeds: []site.Seed{{URL: seed}},
		Politeness: site.Politeness{MinDelay: 1, MaxDelay: 1, Private: true}}
}

// TestPrivateAddress: a public name that resolves to a private address is not connected to,
// at the first look-up or at any later one.
func TestPrivateAddress(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++ }))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []string{"127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
		"::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"} {
		p := hostProfile("rebound", "http://evil.example:"+port+"/")
		p.Politeness.Private = false
		r := newRig(t)
		rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) {
			o.Wait = time.Millisecond
			o.Resolve = func(context.Context, string) ([]net.IP, error) { return []net.IP{net.ParseIP(ip)}, nil }
		})
		if asked > 0 {
			t.Fatalf("%s was connected to", ip)
		}
		if len(rep.Sites["rebound"].Failed)+len(rep.Sites["rebound"].Denied) == 0 {
			t.Errorf("%s: nothing is said: %+v", ip, rep.Sites["rebound"])
		}
		if len(r.captures()) != 0 {
			t.Errorf("%s: something was archived", ip)
		}
		r.close()
	}
}
