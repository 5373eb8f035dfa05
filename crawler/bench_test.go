package crawler_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/site"

	"github.com/gocolly/colly/v2"
)

const (
	benchHosts = 8
	benchPages = 1250 // a host, about 30 KB each
)

// TestMain serves the pages of BenchmarkPeers when it is asked to be their server.
func TestMain(m *testing.M) {
	if os.Getenv("CRAWL_SERVE") != "" {
		os.Exit(serveBench())
	}
	os.Exit(m.Run())
}

// serveBench serves the pages of BenchmarkPeers on benchHosts ports until stdin ends; the
// ports go to stdout. It runs in a process of its own, so that its CPU time is not counted.
func serveBench() int {
	var bodies [benchPages + 1][]byte
	for i := range bodies {
		var b strings.Builder
		fmt.Fprintf(&b, "<!DOCTYPE html><html><head><meta charset=utf-8><title>关于第%d号通知</title></head><body>", i)
		if i == 0 {
			for j := 1; j <= benchPages; j++ {
				fmt.Fprintf(&b, `<p><a href="/a/%d.html">关于第%d号通知</a></p>`, j, j)
			}
		} else {
			for j := range 60 {
				fmt.Fprintf(&b, `<a href="/a/%d.html">相关链接%d</a> `, (i*7+j*13)%benchPages+1, j)
			}
			for j := range 130 {
				fmt.Fprintf(&b, "<p class=\"para\">第%d段：为深入学习贯彻会议精神，推动第%d项工作落到实处，各单位要结合实际认真组织实施，并于%d日前报送总结材料。</p>\n", j, i*j%977, i*j%28+1)
			}
		}
		b.WriteString("</body></html>")
		bodies[i] = []byte(b.String())
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if r.URL.Path != "/" {
			var err error
			if n, err = strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/a/"), ".html")); err != nil || n > benchPages {
				http.NotFound(w, r)
				return
			}
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", strconv.Itoa(len(bodies[n])))
		w.Write(bodies[n])
	})
	for range benchHosts {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("http://" + l.Addr().String() + "/")
		go http.Serve(l, h)
	}
	os.Stdin.Read(make([]byte, 1))
	return 0
}

// cost is what a run took.
type cost struct{ wall, cpu time.Duration }

func cpuTime(b *testing.B, who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func measure(b *testing.B, f func()) cost {
	start, cpu := time.Now(), cpuTime(b, syscall.RUSAGE_SELF)
	f()
	return cost{time.Since(start), cpuTime(b, syscall.RUSAGE_SELF) - cpu}
}

// BenchmarkPeers crawls 10,000 pages on loopback without delays: our whole pipeline to the
// committed capture, a bare colly collector that keeps nothing, and wget --warc-file.
func BenchmarkPeers(b *testing.B) {
	srv := exec.Command(os.Args[0])
	srv.Env = append(os.Environ(), "CRAWL_SERVE=1")
	stdin, err := srv.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := srv.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := srv.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { stdin.Close(); srv.Wait() }()
	var seeds []string
	buf := make([]byte, 4096)
	for len(seeds) < benchHosts {
		n, err := stdout.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		seeds = append(seeds, strings.Fields(string(buf[:n]))...)
	}
	for b.Loop() {
		bare := cost{1, 1}
		if os.Getenv("NOPEER") == "" {
			bare = measure(b, func() { bareColly(b, seeds) })
		}
		var profiles []*site.Profile
		for i, s := range seeds {
			profiles = append(profiles, hostProfile("bench-"+strconv.Itoa(i), s))
		}
		r := newRig(b)
		ours := measure(b, func() {
			fetched := 0
			for _, s := range r.crawl(profiles, func(o *crawler.Options) { o.Workers = benchHosts }).Sites {
				fetched += s.Fetched
			}
			if want := benchHosts * (benchPages + 2); fetched != want { // with its seed and robots.txt
				b.Fatalf("%d fetched, want %d", fetched, want)
			}
		})
		r.close()
		const n = benchHosts * (benchPages + 1)
		b.ReportMetric(float64(n)/ours.wall.Seconds(), "pages/s")
		b.ReportMetric(float64(ours.cpu.Microseconds())/n, "cpu-µs/page")
		b.ReportMetric(float64(n)/bare.wall.Seconds(), "colly-pages/s")
		b.ReportMetric(float64(bare.cpu.Microseconds())/n, "colly-cpu-µs/page")
		b.ReportMetric(bare.wall.Seconds()/ours.wall.Seconds(), "×colly-wall")
		b.ReportMetric(bare.cpu.Seconds()/ours.cpu.Seconds(), "×colly-cpu")
		if os.Getenv("NOPEER") != "" {
		} else if w, ok := wget(b, seeds); ok {
			b.ReportMetric(float64(w.cpu.Microseconds())/n, "wget-cpu-µs/page")
			b.ReportMetric(w.cpu.Seconds()/ours.cpu.Seconds(), "×wget-cpu")
			b.ReportMetric(w.wall.Seconds()/ours.wall.Seconds(), "×wget-wall")
		}
	}
}

// bareColly follows the links of each host with one collector a host, as ours has one request a host.
func bareColly(b *testing.B, seeds []string) {
	done := make(chan int)
	for _, s := range seeds {
		go func() {
			n := 0
			c := colly.NewCollector()
			c.OnHTML("a[href]", func(e *colly.HTMLElement) {
				e.Request.Visit(e.Attr("href"))
			})
			c.OnResponse(func(*colly.Response) { n++ })
			c.Visit(s)
			done <- n
		}()
	}
	n := 0
	for range seeds {
		n += <-done
	}
	if n != benchHosts*(benchPages+1) {
		b.Errorf("colly fetched %d", n)
	}
}

// wget crawls the same with wget --warc-file, a process a host.
func wget(b *testing.B, seeds []string) (cost, bool) {
	path, err := exec.LookPath("wget")
	if err != nil {
		b.Log("wget is not installed: peer left out")
		return cost{}, false
	}
	start, cpu := time.Now(), cpuTime(b, syscall.RUSAGE_CHILDREN)
	errs := make(chan error)
	for i, s := range seeds {
		dir := b.TempDir()
		go func() {
			cmd := exec.Command(path, "-q", "-r", "-l", "inf", "--delete-after", "--no-directories", "--warc-file="+dir+"/w"+strconv.Itoa(i), "-P", dir, s)
			var out bytes.Buffer
			cmd.Stderr = &out
			err := cmd.Run()
			if x, ok := err.(*exec.ExitError); ok && x.ExitCode() == 8 { // robots.txt is a 404
				err = nil
			}
			if err != nil {
				err = fmt.Errorf("wget: %w: %s", err, out.String())
			}
			errs <- err
		}()
	}
	for range seeds {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return cost{time.Since(start), cpuTime(b, syscall.RUSAGE_CHILDREN) - cpu}, true
}
