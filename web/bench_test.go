package web

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"
)

// madeUpTexts are the texts of a made-up web.
func madeUpTexts() (texts []fakesite.TruthArticle) {
	for _, site := range fakesite.New(fakesite.Options{Sites: 8, Articles: 250}).Truth().Sites {
		texts = append(texts, site.Articles...)
	}
	return texts
}

// madeUp yields n articles with these texts, each with words of its own.
func madeUp(truth []fakesite.TruthArticle, n int) iter.Seq[extract.Article] {
	return func(yield func(extract.Article) bool) {
		for i := range n {
			t := truth[i%len(truth)]
			u := fmt.Sprintf("http://kx%d.example/art/%d.html", i%97, i)
			body := append([]string{fmt.Sprintf("第%d号。", i)}, t.Body...)
			day := time.Date(2012, 1, 1, 0, 0, 0, 0, cst).AddDate(0, 0, i%5000)
			a := extract.Article{ID: urlkey.ID(u), URL: u, Site: extract.Text("kx" + strconv.Itoa(i%97)), Kind: extract.KindArticle, State: extract.StateLive,
				Title: extract.Text(t.Title), Source: extract.Text(t.Source), Author: extract.Text(t.Author), Column: t.Column,
				Published: extract.Date{Time: day}, Fetched: day.AddDate(0, 0, 1), Paragraphs: paragraphs(body...)}
			if !yield(a) {
				return
			}
		}
	}
}

// cpuTime is what the process has used, client and server together.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkConcurrentSearches asks the search page from 50 clients at once while articles
// are put into the index. CUNDANG_BENCH_ARTICLES sets how many articles there are (20000);
// it reports the p50 and p95 of a request in ms, the CPU time of one (client and
// server, and the writer) and the heap in use afterwards in MB.
func BenchmarkConcurrentSearches(b *testing.B) {
	n := 20_000
	if s := os.Getenv("CUNDANG_BENCH_ARTICLES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	w, texts := newWorld(b), madeUpTexts()
	err := w.index.Rebuild(context.Background(), func(ctx context.Context, put func(string, ...extract.Article) error) error {
		for a := range madeUp(texts, n) {
			if err := put("", a); err != nil {
				return err
			}
		}
		return nil
	})
	w.check(err)
	h, err := New(w.opts)
	w.check(err)
	srv := httptest.NewServer(h)
	defer srv.Close()
	queries := []string{"科普", "科技工作者 服务", "全国科普日活动", "农业技术培训", "院士 报告", "来源:科协 竞赛", "\"科学素质\"", "学会 学术会议", "志愿服务", "青少年科技创新大赛"}
	ctx, stop := context.WithCancel(context.Background())
	var crawl sync.WaitGroup
	crawl.Go(func() { // a crawl that commits twice a second
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var batch []extract.Article
			for a := range madeUp(texts, 20) {
				a.URL += fmt.Sprintf("?new=%d", i)
				a.ID = urlkey.ID(a.URL)
				batch = append(batch, a)
			}
			if err := w.index.Put(context.Background(), "", batch...); err != nil {
				b.Error(err)
				return
			}
		}
	})
	var mu sync.Mutex
	var times []time.Duration
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	b.SetParallelism(max(1, 50/runtime.GOMAXPROCS(0)))
	cpu := cpuTime(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			start := time.Now()
			res, err := client.Get(srv.URL + "/api/v1/search?limit=20&facet=site&facet=source&facet=year&q=" + url.QueryEscape(queries[i%len(queries)]))
			if err != nil {
				b.Error(err)
				return
			}
			var got index.Result
			err = json.NewDecoder(res.Body).Decode(&got)
			if cerr := res.Body.Close(); err != nil || cerr != nil || res.StatusCode != http.StatusOK {
				b.Errorf("status %d: %v %v", res.StatusCode, err, cerr)
				return
			}
			mu.Lock()
			times = append(times, time.Since(start))
			mu.Unlock()
		}
	})
	b.StopTimer()
	cpu = cpuTime(b) - cpu
	stop()
	crawl.Wait()
	slices.Sort(times)
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(cpu.Microseconds())/1000/float64(len(times)), "cpu-ms/op")
	b.ReportMetric(float64(mem.HeapInuse)/(1<<20), "heap-MB")
}
