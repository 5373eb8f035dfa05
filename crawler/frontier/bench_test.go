package frontier_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cundang/crawler/frontier"
)

var benchURLs = flag.Int("urls", 500_000,
	"URLs that BenchmarkGrow adds; docs/performance.md has 5,000,000 and 20,000,000")

// benchURL is the nth address, in the manner of association sites, on 200 hosts. The numbers of
// articles grow with gaps, as where a CMS counts pictures and drafts too.
func benchURL(n int) (site, url string) {
	host := n % 200
	m := n / 200
	return "site-" + strconv.Itoa(host), fmt.Sprintf("http://www.kx%03d.org.cn/kxyw/%d%02d/t%d%02d%02d_%d.html", host,
		2000+m/400%25, m/30%12+1, 2000+m/400%25, m/30%12+1, m%28+1, m*23+m*7919%23)
}

// resident returns the resident memory of this process in bytes.
func resident(b *testing.B) float64 {
	s, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("no /proc:", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(s))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(pages * os.Getpagesize())
}

// cpu returns the processor time this process has taken.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// curve are the sizes at which BenchmarkGrow says how it stands.
var curve = []int{500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000}

// BenchmarkGrow fills a frontier as crawls do: groups of 64 pages that each name 40 new
// URLs, 20 found lately and 20 found long ago, synced. The rate is that of the last tenth; on the
// way the curve is logged, its rates since the point before, its bytes as they stand before the tables settle.
func BenchmarkGrow(b *testing.B) {
	for b.Loop() {
		f, err := frontier.Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		var peak float64
		n, fresh := 0, 0
		var tail time.Time
		var tailFrom int
		var tailCPU time.Duration
		since, sinceN, sinceCPU := time.Now(), 0, cpu(b)
		for n < *benchURLs {
			if tail.IsZero() && n >= *benchURLs*9/10 {
				tail, tailFrom, tailCPU = time.Now(), n, cpu(b)
			}
			var c frontier.Change
			var now time.Time // links are found when their page comes
			add := func(i int) {
				site, url := benchURL(i)
				c.Found = append(c.Found, frontier.Entry{
					URL: url, Site: site, Via: fmt.Sprintf("http://www.kx%03d.org.cn/kxyw/index_%d.html", i%200, i/8000), Hops: "LL",
					Priority: frontier.Ordinary, Found: now, Due: now,
				})
			}
			for range 64 {
				now = t0.Add(time.Duration(n) * time.Millisecond)
				for range 40 {
					add(n)
					n++
				}
				for j := range 20 {
					add(max(0, n-100-j*37))
					add((n*7919 + j*104729) % n)
				}
			}
			added, err := f.Commit(c)
			if err != nil {
				b.Fatal(err)
			}
			fresh += added
			if n/2560%100 == 0 {
				peak = max(peak, resident(b))
			}
			if i := slices.IndexFunc(curve, func(at int) bool { return n >= at && n < at+2560 }); i >= 0 {
				b.Logf("%d URLs: %.0f urls/s, %.1f cpu-µs/url, %.1f B/url, %.0f MB resident", n,
					float64(n-sinceN)/time.Since(since).Seconds(),
					float64((cpu(b)-sinceCPU).Microseconds())/float64(n-sinceN), float64(f.Size())/float64(n), resident(b)/(1<<20))
				since, sinceN, sinceCPU = time.Now(), n, cpu(b)
			}
		}
		rate := float64(n-tailFrom) / time.Since(tail).Seconds()
		perURL := float64((cpu(b) - tailCPU).Nanoseconds()) / 1000 / float64(n-tailFrom)
		if fresh != n {
			b.Fatalf("%d were new, want %d", fresh, n)
		}
		peak = max(peak, resident(b))
		// What counts is what stays: the same after the log is flushed into tables.
		if err := f.Settle(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(rate, "urls/s")
		b.ReportMetric(perURL, "cpu-µs/url")
		b.ReportMetric(float64(f.Size())/float64(n), "B/url")
		b.ReportMetric(peak/(1<<20), "MB-resident")
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNext leases and finishes URLs of 100 hosts, a group of 64 at a time.
func BenchmarkNext(b *testing.B) {
	f, err := frontier.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var c frontier.Change
	for i := range max(b.N, 1) {
		c.Found = append(c.Found, frontier.Entry{URL: fmt.Sprintf("http://h%d/%d", i%100, i), Site: "a",
			Priority: frontier.Ordinary, Found: t0, Due: t0})
		if len(c.Found) == 10000 || i == b.N-1 {
			if _, err := f.Commit(c); err != nil {
				b.Fatal(err)
			}
			c.Found = c.Found[:0]
		}
	}
	s, err := f.Begin([]string{"a"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.End()
	b.ResetTimer()
	var done frontier.Change
	for i := range b.N {
		e, _, ok, err := s.Next(t0)
		if err != nil || !ok {
			b.Fatal(ok, err)
		}
		e.Due = t0.Add(time.Hour)
		e.History.Visits++
		done.Done = append(done.Done, e)
		h, _, _ := strings.Cut(strings.TrimPrefix(e.URL, "http://"), "/")
		if err := s.Free(h, time.Time{}, time.Time{}); err != nil {
			b.Fatal(err)
		}
		if len(done.Done) == 64 || i == b.N-1 {
			if _, err := f.Commit(done); err != nil {
				b.Fatal(err)
			}
			done.Done = done.Done[:0]
		}
	}
}
