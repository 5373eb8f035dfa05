package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"cundang/crawler/listing"
	"cundang/internal/charset"
	"cundang/internal/fakesite"
)

// TestListsWithoutLinks walks the lists of the web by what listing reads out of them, and
// nothing else, from the seeds that an operator names: each article is on some list, also
// where the last page has a single row.
func TestListsWithoutLinks(t *testing.T) {
	for _, rows := range []int{1, 2, 5, 7} {
		t.Run(strconv.Itoa(rows), func(t *testing.T) { listsOf(t, rows) })
	}
}

func listsOf(t *testing.T, rows int) {
	w := serve(t, fakesite.Options{Seed: *seed, Articles: *articles + 4, PerPage: rows, Sites: *sites})
	listed := map[string]listing.Row{}
	for _, p := range w.Profiles() {
		for _, s := range p.Seeds {
			walkList(t, listing.Page{URL: s.URL, Column: s.Column, Listed: true}, listed)
		}
	}
	if len(listed) < *articles {
		t.Fatalf("%d rows on the lists of a web of %d articles a site", len(listed), *articles)
	}
	for _, s := range w.Truth().Sites {
		if s.CMS == "sitemap" {
			continue // its lists show their first page only
		}
		for _, a := range s.Articles {
			row, ok := listed[a.URL]
			if !ok {
				t.Errorf("%s: no list names %s %q", s.CMS, a.URL, a.Title)
				continue
			}
			if row.Title != a.Title {
				t.Errorf("%s: title %q of %s, want %q", s.CMS, row.Title, a.URL, a.Title)
			}
			if day(row.Date) != a.Published[:10] {
				t.Errorf("%s: date %q of %s, want %s", s.CMS, row.Date, a.URL, a.Published)
			}
		}
	}
}

func walkList(t *testing.T, p listing.Page, rows map[string]listing.Row) {
	t.Helper()
	seen := map[string]bool{p.URL: true}
	type asked struct {
		listing.Page
		by listing.Request
	}
	for pages := []asked{{Page: p, by: listing.Request{Method: "GET", URL: p.URL}}}; len(pages) > 0; pages = pages[1:] {
		p, by := pages[0].Page, pages[0].by
		req, err := http.NewRequestWithContext(t.Context(), by.Method, by.URL, strings.NewReader(by.Body))
		if err != nil {
			t.Fatal(err)
		}
		if by.ContentType != "" {
			req.Header.Set("Content-Type", by.ContentType)
		}
		resp, err := http.DefaultClient.Do(req)
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
		p.ContentType = resp.Header.Get("Content-Type")
		d := charset.Decode(body, p.ContentType)
		p.Body, p.Charset = d.Text, d.Name
		l, err := listing.Expand(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range l.Rows {
			rows[r.URL] = r
		}
		for _, n := range l.Next {
			if key := n.Key(); !seen[key] {
				seen[key] = true
				pages = append(pages, asked{listing.Page{URL: n.URL, Base: p.URL, Column: p.Column, Listed: true}, n})
			}
		}
	}
}

// day writes the day of a list row in the form of the truth, whatever its separators.
func day(date string) string {
	date, _, _ = strings.Cut(date, " ")
	parts := strings.FieldsFunc(date, func(r rune) bool { return r < '0' || r > '9' })
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	return strings.Join(parts, "-")
}
