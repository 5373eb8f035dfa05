package crawler_test

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cundang/site"
)

// Entry pages that show nothing themselves: what they lead on to is the site's list, and its
// articles are found, in this run already.
func TestEntryPagesLeadOn(t *testing.T) {
	for name, entry := range map[string]func(http.ResponseWriter){
		"header": func(w http.ResponseWriter) { w.Header().Set("Refresh", "0;url=/menu"); page(w, "ok") },
		"header, empty": func(w http.ResponseWriter) {
			w.Header().Set("Refresh", "1; /menu")
			w.Header().Set("Content-Type", "text/html")
		},
		"meta":           func(w http.ResponseWriter) { page(w, `<meta http-equiv="refresh" content="0;url=/menu">`) },
		"script":         func(w http.ResponseWriter) { page(w, `<script>window.location.href="/menu";</script>`) },
		"script of body": func(w http.ResponseWriter) { page(w, `<body onload="location.replace('menu')"></body>`) },
		"frameset": func(w http.ResponseWriter) {
			page(w, `<frameset rows="80,*"><frame src="/top"><frame src="/menu" name="main"></frameset>`)
		},
		"two steps": func(w http.ResponseWriter) { page(w, `<script>location="/second"</script>`) },
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var n int
				switch r.URL.Path {
				case "/":
					entry(w)
				case "/second":
					w.Header().Set("Refresh", "0; url=/menu")
					page(w, "ok")
				case "/top":
					page(w, `<p>欢迎</p>`)
				case "/menu":
					page(w, `<ul><li><a href="/n/1">关于举办气象科普讲解大赛的通知</a>2024-09-28</li><li><a href="/n/2">省气象学会召开常务理事会议</a>2024-09-27</li>`+
						`<li><a href="/n/3">台风路径预报技术研讨班开班</a>2024-09-26</li></ul>`)
				default:
					if _, err := fmt.Sscanf(r.URL.Path, "/n/%d", &n); err != nil {
						http.NotFound(w, r)
						return
					}
					page(w, `<h1>通知 %d</h1><p>各会员单位：现将有关事项通知如下。</p>`, n)
				}
			}))
			t.Cleanup(srv.Close)
			r := newRig(t)
			r.crawl([]*site.Profile{hostProfile("qixiang", srv.URL+"/")}, nil)
			kinds := map[string]string{}
			for _, c := range r.captures() {
				kinds[c.URL[len(srv.URL):]] = c.Fields["kind"]
			}
			if kinds["/menu"] != "list" || kinds["/n/1"] != "article" || kinds["/n/2"] != "article" || kinds["/n/3"] != "article" {
				t.Errorf("captured %v", kinds)
			}
		})
	}
}

// A sitemap is read whatever its prefix, coding and type; indexes that name one another end.
func TestSitemapKinds(t *testing.T) {
	for path, kind := range map[string]string{"/map.txt.gz": "application/gzip", "/map.txt": "text/plain", "/map.xml": "text/xml"} {
		t.Run(path, func(t *testing.T) {
			var asked []string
			srv := httptest.NewServer(nil)
			srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.URL.Path) // one request at a time
				switch r.URL.Path {
				case "/", "/n/1":
					page(w, `<p>欢迎</p>`)
				case path:
					w.Header().Set("Content-Type", kind)
					z := gzip.NewWriter(w)
					defer z.Close()
					if path == "/map.xml" {
						fmt.Fprintf(z, `<m:urlset xmlns:m="http://www.sitemaps.org/schemas/sitemap/0.9"><m:url><m:loc>%s/n/1</m:loc></m:url></m:urlset>`, srv.URL)
						return
					}
					fmt.Fprintf(z, "%s/n/1\n", srv.URL)
				default:
					http.NotFound(w, r)
				}
			})
			t.Cleanup(srv.Close)
			p := hostProfile("qixiang", srv.URL+"/")
			p.Sitemaps = []string{srv.URL + path}
			r := newRig(t)
			r.crawl([]*site.Profile{p}, nil)
			if !slices.Contains(asked, "/n/1") {
				t.Errorf("asked for %v", asked)
			}
		})
	}
}

func TestSitemapsWithoutEnd(t *testing.T) {
	n := 0
	srv := httptest.NewServer(nil)
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var at int
		if _, err := fmt.Sscanf(r.URL.Path, "/map%d.xml", &at); err != nil {
			page(w, `<p>欢迎</p>`)
			return
		}
		n++
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<sitemapindex><sitemap><loc>%s/map%d.xml</loc></sitemap></sitemapindex>`, srv.URL, at+1)
	})
	t.Cleanup(srv.Close)
	p := hostProfile("qixiang", srv.URL+"/")
	p.Sitemaps = []string{srv.URL + "/map1.xml"}
	r := newRig(t)
	r.crawl([]*site.Profile{p}, nil)
	if n < 2 || n > 6 {
		t.Errorf("%d sitemaps were asked for", n)
	}
}

// A list that a script asks for by POST is walked to its end.
func TestPostedList(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch r.URL.Path {
		case "/":
			page(w, `<ul id="list"></ul><script>$.post("/news/list", {columnId: 7, page: 1, rows: 5}, function(d){ show(d) })</script>`)
		case "/news/list":
			at, err := strconv.Atoi(r.PostFormValue("page"))
			if err != nil || r.Method != "POST" || r.PostFormValue("columnId") != "7" {
				http.Error(w, "which page?", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			var rows []string
			for i := 5 * (at - 1); i < min(5*at, 12); i++ {
				rows = append(rows, fmt.Sprintf(`{"title":"省气象学会通知第%d号","url":"/n/%d","time":"2024-09-%02d"}`, i, i, 28-i))
			}
			fmt.Fprintf(w, `{"total":12,"list":[%s]}`, strings.Join(rows, ","))
		default:
			if _, err := fmt.Sscanf(r.URL.Path, "/n/%d", &n); err != nil {
				http.NotFound(w, r)
				return
			}
			page(w, `<h1>省气象学会通知第%d号</h1><p>各会员单位：现将有关事项通知如下。</p>`, n)
		}
	}))
	t.Cleanup(srv.Close)
	r := newRig(t)
	r.crawl([]*site.Profile{hostProfile("qixiang", srv.URL+"/")}, nil)
	articles, lists := 0, 0
	for _, c := range r.captures() {
		switch c.Fields["kind"] {
		case "article":
			articles++
		case "list":
			lists++
		}
	}
	if articles != 12 || lists != 3 {
		t.Errorf("%d articles and %d pages of the list, want 12 and 3", articles, lists)
	}
}
