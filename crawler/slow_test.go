package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/crawler/wire"
	"cundang/site"
)

// soundSite serves n pages that lead to each other; all is closed when each of them has been asked for.
func soundSite(t *testing.T, n int) (p *site.Profile, all <-chan struct{}) {
	var mu sync.Mutex
	asked, done := map[int]bool{}, make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, _ := strconv.Atoi(r.URL.Path[1:])
		mu.Lock()
		if !asked[at] && r.URL.Path != "/robots.txt" {
			if asked[at] = true; len(asked) == n {
				close(done)
			}
		}
		mu.Unlock()
		var links strings.Builder
		for i := range 10 {
			fmt.Fprintf(&links, `<a href="/%d">另见</a>`, (10*at+i)%n)
		}
		page(w, `<p>第%d号文件，内容各不相同：%s</p>%s`, at, strings.Repeat("文", at), links.String())
	}))
	t.Cleanup(srv.Close)
	return hostProfile("sound", srv.URL+"/"), done
}

// TestFrozenHosts: three times as many hosts as workers accept connections and do not answer before a sound site beside
// them has been crawled to its end. It is.
func TestFrozenHosts(t *testing.T) {
	const pages, workers = 150, 4
	sound, all := soundSite(t, pages)
	profiles := []*site.Profile{sound}
	for i := range 3 * workers {
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-all:
			case <-r.Context().Done():
				t.Error("a frozen host is given up before the sound one is crawled")
			}
		}))
		t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
		profiles = append(profiles, hostProfile("frozen-"+strconv.Itoa(i), srv.URL+"/"))
	}
	rep := newRig(t).crawl(profiles, func(o *crawler.Options) {
		o.Workers, o.Wait = workers, time.Millisecond
		o.Limits = patient(wire.Limits{})
	})
	if n := len(rep.Sites["sound"].New); n != pages {
		t.Errorf("%d pages of the sound site, want %d", n, pages)
	}
}
