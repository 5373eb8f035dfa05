package crawler

import (
	"slices"
	"strings"
	"testing"

	"cundang/crawler/frontier"
)

// TestDocumentLinks: what extract lists as an attachment is fetched as one.
func TestDocumentLinks(t *testing.T) {
	names := []string{"a.pdf", "b.WPS", "c.dps", "d.docm", "e.xlsm", "f.txt", "g.et", "h.odt"}
	html := `<a href="` + strings.Join(names, `">x</a><a href="`) + `">x</a><a href="x.mp4">film</a>`
	links, _ := discover(fromHTML(frontier.Entry{URL: "http://kx.invalid/tz/1.html"}, html, ""), nil)
	if len(links) != len(names) {
		t.Errorf("%d links, want %d: %v", len(links), len(names), links)
	}
	for _, l := range links {
		if l.kind != frontier.File {
			t.Errorf("%s is kind %d, no file", l.url, l.kind)
		}
	}
}

// What a page calls its own address is visited; its print view is not.
func TestOwnAddresses(t *testing.T) {
	html := `<link rel=canonical href="/tz/1.html"><a href="?id=1&print=1">打印</a><a href="?id=2&print=1">另一页</a><a href="/m/tz/show?id=1">手机版</a>`
	links, _ := discover(fromHTML(frontier.Entry{URL: "http://kx.invalid/tz/show?id=1"}, html, ""), nil)
	var got []string
	for _, l := range links {
		got = append(got, l.url)
	}
	if want := []string{"http://kx.invalid/tz/show?id=2&print=1", "http://kx.invalid/tz/1.html"}; !slices.Equal(got, want) {
		t.Errorf("links %v, want %v", got, want)
	}
}
