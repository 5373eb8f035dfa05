package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"cundang/archive"
	"cundang/crawler"
	"cundang/site"
)

// TestProbe: a site that answers for what is not there with words that no rule knows, in its full template with a
// clock and with the address repeated, is asked once for what cannot exist. The answer is archived; articles that come
// to look like it are missing, those that stay are not, and a site whose pages are all one shell loses none.
func TestProbe(t *testing.T) {
	var mu sync.Mutex
	gone, shell := false, false
	probes, errors := 0, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/a/"), ".html")
		if strings.Contains(r.URL.Path, "no-such-page") {
			probes++
		}
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case r.URL.Path == "/":
			var b strings.Builder
			for i := range 6 {
				fmt.Fprintf(&b, `<li><a href="/a/%d.html">关于召开第%d次理事会的通知</a> 2026-03-0%d</li>`, i, i, i+1)
			}
			page(w, "<ul>"+b.String()+"</ul>")
		case shell:
			page(w, "<p>欢迎光临本站，请稍候，内容正在载入中。</p><div id=app></div>")
		case len(n) == 1 && !(gone && n > "3"):
			story(w, n, "")
		default:
			errors++
			day := []rune("一二三四五六")[errors%6]
			page(w, fmt.Sprintf("<p>今天是2026年11月%d日 星期%c 农历十月初%[2]c</p>", errors, day)+
				fmt.Sprintf(`<p>缘分未到，您要看的东西在路上走丢了，请从首页重新出发：%s</p>
<p>%d</p>`, r.URL.Path, probes))
		}
	}))
	t.Cleanup(srv.Close)
	r := newRig(t)
	run := func(id string) *crawler.SiteReport {
		p := hostProfile(id, srv.URL+"/")
		return r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Digest, o.Force = contentDigest, true }).Sites[id]
	}
	run("a")
	mu.Lock()
	gone = true
	mu.Unlock()
	s := run("a")
	if len(s.Missing) != 2 || !strings.HasPrefix(s.Missing[0].Reason, "soft.probe") || len(s.Changed) > 0 {
		t.Errorf("missing %v, changed %v", s.Missing, s.Changed)
	}
	if probes < 1 || probes > 2 {
		t.Errorf("%d requests for what cannot exist", probes)
	}
	archived := 0
	for _, c := range r.captures() {
		if c.Fields[archive.FieldKind] == archive.KindProbe {
			archived++
		}
	}
	if archived != probes {
		t.Errorf("%d of %d probes are archived", archived, probes)
	}
	mu.Lock()
	shell = true
	mu.Unlock()
	run("b")
	if s := run("b"); len(s.Missing)+len(s.Gone)+len(s.Soft404) > 0 {
		t.Errorf("a shell that scripts fill is missing: %v %v", s.Missing, s.Soft404)
	}
}
