package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"cundang/internal/fakesite"
)

// TestSitesAdd proposes a profile for each made-up site from one of its lists: the five
// articles it shows are read as they are, and it has no doubts.
func TestSitesAdd(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	w := serve(t, fakesite.Options{Seed: 71, Sites: 30, Articles: 30})
	run := program(t, w)
	for _, s := range w.Truth().Sites {
		truth := map[string]fakesite.TruthArticle{}
		for _, a := range s.Articles {
			truth[clean(t, a.URL)] = a
		}
		out, status := run("sites", "add", "--json", "--dry-run", s.Lists[2])
		var got struct {
			List struct {
				Rows int
			}
			Articles []struct {
				URL, Title, Source, Author, Published string
				Column                                []string
			}
		}
		if err := json.Unmarshal(out, &got); err != nil || status != 0 {
			t.Errorf("%s: status %d: %v: %.300s", s.CMS, status, err, out)
			continue
		}
		if len(got.Articles) != 5 {
			t.Errorf("%s: %d articles shown, want 5 of %d rows", s.CMS, len(got.Articles), got.List.Rows)
		}
		for _, a := range got.Articles {
			want, ok := truth[a.URL]
			if !ok {
				t.Errorf("%s: %s is no article", s.CMS, a.URL)
				continue
			}
			if s.CMS == "spa" {
				want.Column = nil // its answers do not name it; a crawl knows it from the list that is a profile's
			}
			if a.Title != want.Title || a.Source != want.Source || a.Author != want.Author || a.Published != want.Published ||
				!slices.Equal(a.Column, want.Column) {
				t.Errorf("%s: %+v, the truth is %q %q %q %q %q", s.CMS, a, want.Title, want.Source, want.Author, want.Published,
					want.Column)
			}
		}
	}
}
