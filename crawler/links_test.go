package crawler

import (
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
