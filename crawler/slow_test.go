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

// soundSite serves n pages that lead to each other and says when it was asked last.
func soundSite(t *testing.T, n int) (*site.Profile, func() time.Time) {
	var mu sync.Mutex
	var last time.Time
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		last = time.Now()
		mu.Unlock()
		at, _ := strconv.Atoi(r.URL.Path[1:])
		var links strings.Builder
		for i := range 10 {
			fmt.Fprintf(&links, `<a href="/%d">另见</a>`, (10*at+i)%n)
		}
		page(w, `<p>第%d号文件，内容各不相同：%s</p>%s`, at, strings.Repeat("文", at), links.String())
	}))
	t.Cleanup(srv.Close)
	return hostProfile("sound", srv.URL+"/"), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
}

// TestFrozenHosts: three times as many hosts as workers accept connections and never answer. A sound
// site beside them takes little longer than alone, though each request to the others takes
// longer than all of it.
func TestFrozenHosts(t *testing.T) {
	const pages, workers = 150, 4
	const patience = 12 * time.Second
	crawl := func(frozen int) time.Duration {
		sound, last := soundSite(t, pages)
		profiles := []*site.Profile{sound}
		for i := range frozen {
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
			t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
			profiles = append(profiles, hostProfile("frozen-"+strconv.Itoa(i), srv.URL+"/"))
		}
		r := newRig(t)
		start := time.Now()
		rep := r.crawl(profiles, func(o *crawler.Options) {
			o.Workers, o.Wait = workers, time.Millisecond
			o.Limits = wire.Limits{FirstByte: patience}
		})
		if n := len(rep.Sites["sound"].New); n != pages {
			t.Errorf("%d pages of the sound site, want %d", n, pages)
		}
		return last().Sub(start)
	}
	alone := crawl(0)
	beside := crawl(3 * workers)
	t.Logf("alone %s, beside frozen hosts %s", alone, beside)
	// Stand-ins come after a second, each round as many as there are workers.
	if beside > alone+patience/2 {
		t.Errorf("the sound site took %s alone and %s beside frozen hosts", alone, beside)
	}
}
