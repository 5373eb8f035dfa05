package crawler

import (
	"testing"

	"cundang/crawler/frontier"
	"cundang/site"
)

func TestRoleOf(t *testing.T) {
	p, err := site.New(site.Profile{ID: "t", Seeds: []site.Seed{{URL: "http://h.example/tz/"}},
		Lists: site.Lists{Pages: []string{`/col/`}, Articles: []string{`/art/`}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url  string
		kind frontier.Kind
		out  outlinks
		want string
	}{
		{"http://h.example/tz/", frontier.Seed, outlinks{}, "list"},
		{"http://h.example/tz/", frontier.Page, outlinks{}, "list"},
		{"http://h.example/art/1.html", frontier.Seed, outlinks{}, "article"},
		{"http://h.example/art/1.html", frontier.Page, outlinks{rows: 9, list: true}, "article"},
		{"http://h.example/col/7.html", frontier.Page, outlinks{}, "list"},
		{"http://h.example/", frontier.Page, outlinks{}, "list"},
		{"http://h.example/index.jsp", frontier.Article, outlinks{}, "list"},
		{"http://h.example/index.php?id=7", frontier.Article, outlinks{}, "article"},
		{"http://h.example/tz/2.html", frontier.Article, outlinks{rows: 8}, "article"},
		{"http://h.example/tz/2.html", frontier.Page, outlinks{rows: 8}, "page"},
		{"http://h.example/xh/", frontier.Page, outlinks{rows: 8}, "list"},
		{"http://h.example/xh/", frontier.Page, outlinks{}, "page"},
		{"http://h.example/xh/list.htm", frontier.Page, outlinks{rows: 4}, "list"},
		{"http://h.example/xh/a.htm", frontier.Page, outlinks{rows: 4, list: true}, "list"},
	} {
		if got := roleOf(p, frontier.Entry{URL: c.url, Kind: c.kind}, c.out); got != c.want {
			t.Errorf("%s as %s: %s, want %s", c.url, kindNames[c.kind], got, c.want)
		}
	}
}
