package e2e

import (
	"flag"
	"io"
	"net/http"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/internal/demo"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"
)

var (
	seed     = flag.Uint64("seed", 11, "of the made-up web to read")
	sites    = flag.Int("sites", 15, "made-up sites to read")
	articles = flag.Int("articles", 60, "articles of each site to read")
)

// serve serves a made-up web for the length of the test.
func serve(t testing.TB, opts fakesite.Options) *fakesite.Web {
	t.Helper()
	w := fakesite.New(opts)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// TestGenericReading reads the pages of the web as served, without profiles.
func TestGenericReading(t *testing.T) {
	w := serve(t, fakesite.Options{Seed: *seed, Articles: *articles, Sites: *sites})
	tr := w.Truth()
	var got []fakesite.Found
	for i, s := range tr.Sites {
		var whole []fakesite.TruthArticle
		for _, a := range s.Articles {
			if len(a.Parts) > 0 || s.CMS == "frame" || s.CMS == "spa" {
				continue // needs an archive, see the crawls
			}
			whole = append(whole, a)
			art := read(t, s.Site, a.URL)
			if art.Kind != extract.KindArticle {
				t.Errorf("%s is read as %s", a.URL, art.Kind)
				continue
			}
			got = append(got, demo.Found(art))
		}
		tr.Sites[i].Articles = whole
	}
	t.Logf("%d articles read", len(got))
	if d := tr.Check(got, fakesite.All...); len(d) > 0 {
		t.Errorf("%d differences:\n%s", len(d), strings.Join(d, "\n"))
	}
}

// read fetches a page and reads it generically.
func read(t *testing.T, site, addr string) extract.Article {
	t.Helper()
	resp, err := http.Get(addr)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	url, err := urlkey.Clean(addr)
	if err != nil {
		t.Fatal(err)
	}
	var r extract.Reader
	art, err := r.Read(t.Context(), extract.Page{URL: url, ContentType: resp.Header.Get("Content-Type"), Body: body,
		Site: site})
	if err != nil {
		t.Fatal(err)
	}
	return art
}

// TestOtherPagesAreNoArticles reads home pages and lists.
func TestOtherPagesAreNoArticles(t *testing.T) {
	w := serve(t, fakesite.Options{Seed: *seed, Sites: *sites, Articles: *articles})
	for _, s := range w.Truth().Sites {
		for _, url := range append(s.Lists, s.Origin+"/", s.Origin+s.Disallowed[0]) {
			if a := read(t, s.Site, url); a.Kind == extract.KindArticle {
				t.Errorf("%s (%s, %s) is read as an article: %q of %s: %.90s", url, s.CMS, s.Charset, a.Title, a.Published, a.Body)
			}
		}
	}
}
