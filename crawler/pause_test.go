package crawler_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/site"
)

// TestPauseAcrossCrawls: one crawl after another keeps the pause between two requests as the server
// sees it, also after one that was killed and could not say when it ended; a pause long over is not waited for.
func TestPauseAcrossCrawls(t *testing.T) {
	const delay = 400 * time.Millisecond
	var mu sync.Mutex
	var asked []time.Time
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, time.Now())
		mu.Unlock()
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		page(w, "<p>简介</p>")
	}))
	t.Cleanup(srv.Close)
	p := hostProfile("a", srv.URL+"/")
	p.Politeness.MinDelay, p.Politeness.MaxDelay = delay, delay
	r := newRig(t)
	crawl := func() time.Duration {
		start := time.Now()
		r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Force = true })
		mu.Lock()
		defer mu.Unlock()
		return asked[len(asked)-1].Sub(start)
	}
	crawl()
	crawl() // at once
	if _, err := r.front.Commit(frontier.Change{Values: map[string][]byte{"ended/a": nil}}); err != nil {
		t.Fatal(err)
	}
	r.close() // as a process would begin anew
	r.open()
	crawl()
	for i := 1; i < len(asked); i++ {
		if d := asked[i].Sub(asked[i-1]); d < delay-5*time.Millisecond {
			t.Errorf("request %d came %s after the one before", i, d)
		}
	}
	long := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339Nano)
	if _, err := r.front.Commit(frontier.Change{Values: map[string][]byte{"ended/a": []byte(long)}}); err != nil {
		t.Fatal(err)
	}
	r.close()
	r.open()
	p.Politeness.MinDelay, p.Politeness.MaxDelay = time.Minute, time.Minute
	if d := crawl(); d > 30*time.Second {
		t.Errorf("waited %s for a pause that was over", d)
	}
}
