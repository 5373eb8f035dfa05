package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"
	"cundang/internal/zone"
)

// madeUpSites are 20 made-up sites with 1000 articles each, others for each seed.
func madeUpSites(seed uint64) []fakesite.TruthSite {
	return fakesite.New(fakesite.Options{Seed: seed, Sites: 20, Articles: 1000}).Truth().Sites
}

// madeUp turns the articles of a made-up web into articles as the index takes them, published over 14 years.
func madeUp(seed uint64, sites []fakesite.TruthSite) []extract.Article {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []extract.Article
	for _, s := range sites {
		for i, t := range s.Articles {
			u := fmt.Sprintf("http://%s-%d.example/art/%d.html", s.Site, seed, i)
			day := time.Date(2012, 1, 1, 0, 0, 0, 0, zone.China).AddDate(0, 0, rng.IntN(5000))
			out = append(out, extract.Article{ID: urlkey.ID(u), URL: u, Site: extract.Text(fmt.Sprintf("%s-%d", s.Site, seed)),
				Kind: extract.KindArticle, State: extract.StateLive, Title: extract.Text(t.Title), Source: extract.Text(t.Source),
				Author: extract.Text(t.Author), Column: t.Column, Published: extract.Date{Time: day}, Fetched: day.AddDate(0, 0, 1),
				Paragraphs: paragraphs(t.Body...)})
		}
	}
	return out
}

// benchIndex opens a copy of an index of n made-up articles. The index itself is built once and kept in bin/.
func benchIndex(b *testing.B, n int) *index.Index {
	b.Helper()
	kept := filepath.Join("..", "bin", "bench", fmt.Sprintf("articles-%d", n))
	if stale(kept) {
		if err := buildIndex(b.Context(), kept, n); err != nil {
			b.Fatal(err)
		}
	}
	dir := filepath.Join(b.TempDir(), "index")
	if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
		b.Fatal(err)
	}
	x, err := bleve.Open(dir, index.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := x.Close(); err != nil {
			b.Error(err)
		}
	})
	return x
}

// stale says whether an index has to be built (again).
func stale(dir string) bool {
	x, err := bleve.Open(dir, index.Options{ReadOnly: true})
	if err != nil {
		return true
	}
	return x.Close() != nil
}

func buildIndex(ctx context.Context, dir string, n int) error {
	if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	x, err := bleve.Open(dir+".new", index.Options{})
	if err != nil {
		return err
	}
	err = x.Rebuild(ctx, func(ctx context.Context, put func(string, ...extract.Article) error) error {
		for seed, left := uint64(1), n; left > 0; seed++ {
			list := madeUp(seed, madeUpSites(seed))
			list = list[:min(left, len(list))]
			left -= len(list)
			for batch := range slices.Chunk(list, 1000) {
				if err := put("", batch...); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err = errors.Join(err, x.Close()); err != nil {
		return err
	}
	return os.Rename(dir+".new", dir)
}

// asker makes up searches as people type them out of the words of articles; no two are alike for long.
type asker struct {
	rng      *rand.Rand
	articles []extract.Article
}

// ask returns the values of one search.
func (a *asker) ask() url.Values {
	art := a.articles[a.rng.IntN(len(a.articles))]
	piece := func(text string, least, most int) string { // a run of characters out of a text
		rs := []rune(strings.Trim(text, "。，"))
		n := min(least+a.rng.IntN(most-least+1), len(rs))
		at := a.rng.IntN(len(rs) - n + 1)
		return string(rs[at : at+n])
	}
	body := string(art.Paragraphs[a.rng.IntN(len(art.Paragraphs))].Text)
	other := a.articles[a.rng.IntN(len(a.articles))]
	topics := []string{"科普", "科学素质", "科技工作者", "学会", "培训", "志愿服务", "竞赛", "院士",
		"乡村振兴", "表彰", "公示", "党建"}
	topic := func() string { return topics[a.rng.IntN(len(topics))] }
	v := url.Values{}
	switch a.rng.IntN(8) {
	case 0:
		v.Set("q", topic()+" "+piece(string(art.Title), 2, 4))
	case 1:
		v.Set("q", piece(string(art.Title), 2, 6)+" "+piece(string(other.Title), 2, 4))
	case 2: // somebody
		v.Set("q", string(art.Source)+" "+string(art.Author))
	case 3:
		v.Set("q", `"`+strings.NewReplacer(`"`, "", "“", "", "”", "").Replace(piece(body, 4, 10))+`"`)
	case 4:
		v.Set("q", string(art.Source)+"什么时候举办"+topic()+"活动？")
	case 5:
		v.Set("q", topic())
		v.Set("site", string(art.Site))
	case 6:
		v.Set("q", "来源:"+string(art.Source)+" "+topic())
	case 7:
		v.Set("q", topic()+" "+topic())
		v.Set("from", strconv.Itoa(2012+a.rng.IntN(10)))
	}
	return v
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

// BenchmarkConcurrentSearches asks the search page, with its facets and timeline, or the API from 50 clients at
// once while a crawl puts 40 articles a second into the index. CUNDANG_BENCH_ARTICLES sets how many articles there
// are (100000). It reports p50, p95 and p99 of a request in ms, the CPU time of one in ms (server, client and the
// crawl's indexing together), the client's share of it (client-cpu-ms: the same requests answered with as many
// bytes by an empty handler) and the heap in use afterwards in MB.
func BenchmarkConcurrentSearches(b *testing.B) {
	n := 100_000
	if s := os.Getenv("CUNDANG_BENCH_ARTICLES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	w := newWorld(b)
	x := benchIndex(b, n)
	w.opts.Index = x
	w.opts.Log = nil
	h, err := New(w.opts)
	w.check(err)
	w.check(x.Warm(b.Context())) // as serve does
	defer debug.SetGCPercent(debug.SetGCPercent(200))
	sample, fresh := some(madeUp(1, madeUpSites(1)), 1000), some(madeUp(1000, madeUpSites(1000)), 4000)
	for _, path := range []string{"/?", "/api/v1/search?limit=20&facet=site&facet=source&facet=year&"} {
		name := "page"
		if strings.HasPrefix(path, "/api") {
			name = "api"
		}
		b.Run(name, func(b *testing.B) {
			stop := crawling50(b, x, &fresh)
			l := load(b, h, path, sample)
			stop()
			var mem runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&mem)
			empty := load(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(make([]byte, l.bytes/int64(len(l.times))))
			}), path, sample)
			for _, p := range []int{50, 95, 99} {
				b.ReportMetric(l.percentile(p), fmt.Sprintf("p%d-ms", p))
			}
			b.ReportMetric(l.cpuEach(), "cpu-ms/op")
			b.ReportMetric(empty.cpuEach(), "client-cpu-ms/op")
			b.ReportMetric(float64(mem.HeapInuse)/(1<<20), "heap-MB")
		})
	}
}

// some is n of many articles; the others would be so much memory of the asking side in which the garbage
// collector looks for that of the server.
func some(all []extract.Article, n int) []extract.Article {
	out := make([]extract.Article, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// crawling50 puts articles into the index as a crawl does, 20 every half second, until stop is called.
func crawling50(b *testing.B, x *index.Index, fresh *[]extract.Article) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var crawl sync.WaitGroup
	crawl.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for len(*fresh) >= 20 {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := x.Put(context.Background(), "", (*fresh)[:20]...); err != nil {
				b.Error(err)
				return
			}
			*fresh = (*fresh)[20:]
		}
	})
	return func() { cancel(); crawl.Wait() }
}

// loaded is what a load has measured.
type loaded struct {
	times []time.Duration // sorted
	cpu   time.Duration
	bytes int64
}

func (l loaded) percentile(p int) float64 {
	return float64(l.times[len(l.times)*p/100].Microseconds()) / 1000
}
func (l loaded) cpuEach() float64 {
	return float64(l.cpu.Microseconds()) / 1000 / float64(len(l.times))
}

// load asks b.N times from 50 clients at once.
func load(b *testing.B, h http.Handler, path string, sample []extract.Article) loaded {
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50, DisableCompression: true}}
	ask := make(chan url.Values, b.N)
	a := asker{rand.New(rand.NewPCG(uint64(b.N), 3)), sample}
	for range b.N {
		ask <- a.ask()
	}
	close(ask)
	var l loaded
	var mu sync.Mutex
	var clients sync.WaitGroup
	b.ResetTimer()
	cpu := cpuTime(b)
	for range 50 {
		clients.Go(func() {
			for v := range ask {
				start := time.Now()
				res, err := client.Get(srv.URL + path + v.Encode())
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, res.Body)
				if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
					b.Errorf("%s: status %d: %v", v.Encode(), res.StatusCode, err)
					return
				}
				took := time.Since(start)
				mu.Lock()
				l.times, l.bytes = append(l.times, took), l.bytes+n
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	b.StopTimer()
	l.cpu = cpuTime(b) - cpu
	slices.Sort(l.times)
	return l
}
