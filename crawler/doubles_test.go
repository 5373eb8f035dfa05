package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/site"
)

// contentDigest is the text of a story, as its digest.
func contentDigest(_, _ string, body []byte) string {
	_, text, found := strings.Cut(string(body), "<h1>")
	text, _, whole := strings.Cut(text, "</div>\n<!-- end -->")
	if !found || !whole {
		return ""
	}
	return text
}

// story is a page with the text of one article, in the full template.
func story(w http.ResponseWriter, n, extra string) {
	page(w, fmt.Sprintf(`<h1>关于召开第%s次理事会的通知</h1><div>发布时间：2026-03-01</div><div>
<p>各分会：第%s次理事会定于下月在市科技馆召开，请于月底之前将回执报送秘书处。</p>
<p>会议审议第%s次工作报告、通过财务报告以及选举新一届常务理事。</p></div>
<!-- end -->%s`, n, n, n, extra))
}

// TestDoubles: a site whose articles come under any value of a parameter of its own, with print views under another
// path and reply links, each linked anew on every page. What they return tells that they are doubles, a real
// parameter stays, and what is asked for stays within bounds however many addresses there are.
func TestDoubles(t *testing.T) {
	const articles = 12
	var mu sync.Mutex
	asked := map[string]int{}
	views := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		views++
		asked[r.URL.RequestURI()]++
		id := r.URL.Query().Get("id")
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case r.URL.Path == "/":
			var b strings.Builder
			for i := range articles {
				fmt.Fprintf(&b, `<li><a href="/show.asp?id=%d&amp;zz=%d">第%d次理事会的通知</a> 2026-03-0%d</li>`,
					i, views, i, i%9+1)
			}
			page(w, "<ul>"+b.String()+"</ul>")
		case r.URL.Path == "/show.asp" && id != "":
			next := (int(id[0]) + 1) % articles
			story(w, id, fmt.Sprintf(`<a href="/show.asp?id=%s&amp;zz=%d">刷新</a>
<a href="/show.asp?id=%d&amp;zz=%d">下一篇</a><a href="/p/%s">打印</a>`, id, 1000+views, next, 2000+views, id))
		case strings.HasPrefix(r.URL.Path, "/p/"):
			story(w, r.URL.Path[3:], "")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	p := hostProfile("a", srv.URL+"/")
	r := newRig(t)
	run := func() crawler.Report {
		return r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Digest, o.Workers = contentDigest, 1 })
	}
	first := run()
	drops, err := crawler.LearntDrops(r.front, "a")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(drops, []string{"zz"}) {
		t.Errorf("learnt %v, want zz", drops)
	}
	if s := first.Sites["a"]; len(s.New) > articles+4 {
		t.Errorf("%d new of %d articles: %v", len(s.New), articles, s.New)
	}
	count := func(prefix string) (n int) {
		mu.Lock()
		defer mu.Unlock()
		for uri := range asked {
			if strings.HasPrefix(uri, prefix) {
				n++
			}
		}
		return n
	}
	if n := count("/p/"); n > 5 {
		t.Errorf("%d print views asked for", n)
	}
	was := count("/show.asp")
	if was > 4*articles {
		t.Errorf("%d addresses asked for, of %d articles", was, articles)
	}
	second := run()
	if n := count("/show.asp") - was; n > articles {
		t.Errorf("the second crawl asked for %d more addresses", n)
	}
	if s := second.Sites["a"]; len(s.Changed) > 0 {
		t.Errorf("changed: %v", s.Changed)
	}
}

// TestCanonical: a page that calls another its canonical address is that page where the contents agree, and one of
// its own where they do not.
func TestCanonical(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		canonical := func(url string) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<link rel=canonical href="%s">`, url)
		}
		switch r.URL.Path {
		case "/":
			page(w, `<ul><li><a href="/a/1.html">关于召开第1次理事会的通知</a> 2026-03-01
<li><a href="/a/2.html">关于召开第2次理事会的通知</a> 2026-03-02
<li><a href="/b/1.html">关于召开第1次理事会的通知</a> 2026-03-01
<li><a href="/b/2.html">关于召开第9次理事会的通知</a> 2026-03-02</ul>`)
		case "/a/1.html":
			story(w, "1", "")
		case "/a/2.html":
			story(w, "2", "")
		case "/b/1.html":
			canonical("/a/1.html")
			story(w, "1", "")
		case "/b/2.html":
			canonical("/a/2.html")
			story(w, "9", "")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	r := newRig(t)
	p := hostProfile("a", srv.URL+"/")
	p.Politeness.MinDelay = 150 * time.Millisecond // what came is committed by then
	p.Politeness.MaxDelay = p.Politeness.MinDelay
	rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) {
		o.Digest, o.Workers = contentDigest, 1
	})
	var got []string
	for _, o := range rep.Sites["a"].New {
		got = append(got, strings.TrimPrefix(o.URL, srv.URL))
	}
	slices.Sort(got)
	if want := []string{"/a/1.html", "/a/2.html", "/b/2.html"}; !slices.Equal(got, want) {
		t.Errorf("new: %v, want %v", got, want)
	}
}

// TestAliases: three hosts and two schemes of one site are one identity.
func TestAliases(t *testing.T) {
	p, err := site.New(site.Profile{ID: "a", Seeds: []site.Seed{{URL: "http://kx.example/"}},
		Aliases: []site.Alias{{To: "https://www.kx.example", From: []string{"kx.example", "m.kx.example"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, origin := range []string{"http://kx.example", "https://kx.example", "http://m.kx.example",
		"http://www.kx.example"} {
		url := origin + "/a?b=1"
		if id := p.Identity(url); id != "https://www.kx.example/a?b=1" {
			t.Errorf("%s is %s", url, id)
		}
		if ok, _ := p.InScope(url); !ok {
			t.Errorf("%s is out of scope", url)
		}
	}
	if id := p.Identity("http://other.example/"); id != "http://other.example/" {
		t.Errorf("another host became %s", id)
	}
}
