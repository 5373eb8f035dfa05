package crawler

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/listing"
	"cundang/site"
)

// TestPanicInOnHTML: lists are read within colly's OnHTML. What panics there ends the crawl with an
// error that shows it, and what was archived before stays.
func TestPanicInOnHTML(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<ul><li><a href="/1.html">学会年会召开</a><span>2024-03-01</span></li></ul>`)
	}))
	defer srv.Close()
	dir := t.TempDir()
	front, err := frontier.Open(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	store, err := archive.Open(filepath.Join(dir, "archive"), archive.Options{Committed: front.Committed()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c, err := newCrawl(Options{Store: store, Frontier: front, Profiles: []*site.Profile{{
		ID: "t", Seeds: []site.Seed{{URL: srv.URL + "/"}}, Politeness: site.Politeness{MinDelay: 1, MaxDelay: 1, Private: true},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	c.expand = func(p listing.Page) (listing.Listing, error) {
		if doc, err := p.Tree(); err != nil || doc.Find("li a").Length() != 1 {
			t.Errorf("the list's document: %v, %v", doc, err)
		}
		panic("no such list")
	}
	_, err = c.run(context.Background())
	if err == nil {
		t.Fatal("the crawl went on")
	}
	for _, want := range []string{"panic: no such list", "colly/v2.(*Collector).handleOnHTML"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not show %q: %v", want, err)
		}
	}
	if errors.Is(err, context.Canceled) {
		t.Error("the crawl was cut off")
	}
	n := 0
	for _, err := range store.Since(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d captures, want the robots.txt that came before", n)
	}
}
