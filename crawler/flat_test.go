package crawler_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/site"
)

var flatPages = flag.Int("flat", 20_000, "pages that BenchmarkFlat crawls; docs/performance.md has 100,000")

// BenchmarkFlat crawls many pages of 8 hosts and reports the live heap after a tenth of
// them and at the end: a crawl's memory does not grow with it.
func BenchmarkFlat(b *testing.B) {
	const hosts = 8
	per := *flatPages / hosts
	var served atomic.Int64
	var early atomic.Uint64
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		served.Store(0)
		early.Store(0)
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if served.Add(1) == int64(*flatPages/10) {
				early.Store(live())
			}
			n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
			if err != nil && r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			var links strings.Builder
			for i := n*10 + 1; i <= n*10+10 && i < per; i++ {
				fmt.Fprintf(&links, `<a href="/%d">另见</a>`, i)
			}
			page(w, "<h1>%c%c</h1><p>%s</p>%s", '一'+rune(n%20000), '一'+rune(n/20000), strings.Repeat("推动各项工作落到实处。", 20), links.String())
		})
		var profiles []*site.Profile
		for i := range hosts {
			srv := httptest.NewServer(h)
			b.Cleanup(srv.Close)
			profiles = append(profiles, hostProfile("flat-"+strconv.Itoa(i), srv.URL+"/"))
		}
		r := newRig(b)
		start := time.Now()
		fetched := 0
		for _, s := range r.crawl(profiles, func(o *crawler.Options) { o.Workers = hosts }).Sites {
			fetched += s.Fetched
		}
		if fetched < hosts*per {
			b.Fatalf("%d fetched, want %d", fetched, hosts*per)
		}
		b.ReportMetric(float64(fetched)/time.Since(start).Seconds(), "pages/s")
		b.ReportMetric(float64(early.Load())/(1<<20), "MB-early")
		b.ReportMetric(float64(live())/(1<<20), "MB-end")
		r.close()
	}
}
