package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"cundang/internal/fakesite"
)

var (
	fakeSites = flag.Int("fakesites", 11, "made-up sites that sites add is tried on")
	fakeSeed  = flag.Uint64("fakeseed", 5, "seed of those sites")
)

// TestSitesAddReadsRight proposes a profile for a list of each made-up site; what it reads
// from the five articles is what the truth says.
func TestSitesAddReadsRight(t *testing.T) {
	w := fakesite.New(fakesite.Options{Seed: *fakeSeed, Sites: *fakeSites})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range w.Truth().Sites {
		t.Run(s.CMS+" "+s.Site, func(t *testing.T) {
			truth := map[string]fakesite.TruthArticle{}
			for _, x := range s.Articles {
				truth[x.URL] = x
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"sites", "add", "--json", "--data", t.TempDir(), s.Lists[0]},
				stdio{strings.NewReader(""), &out, &errs}, func(string) string { return "" })
			if code != 0 {
				t.Errorf("exit status %d: %s", code, errs.String())
			}
			var p struct {
				File     string
				Articles []proposedRead
			}
			if err := json.Unmarshal(out.Bytes(), &p); err != nil {
				t.Fatalf("%v: %s %s", err, out.String(), errs.String())
			}
			if len(p.Articles) != 5 || p.File == "" {
				t.Errorf("%d articles read, written to %q", len(p.Articles), p.File)
			}
			for _, got := range p.Articles {
				want, ok := truth[got.URL]
				if !ok {
					t.Errorf("%s is no article", got.URL)
					continue
				}
				if got.Title != want.Title || got.Source != want.Source || got.Author != want.Author || got.Published != want.Published {
					t.Errorf("%s\n got %q %q %q %s\nwant %q %q %q %s", got.URL, got.Title, got.Source, got.Author, got.Published,
						want.Title, want.Source, want.Author, want.Published)
				}
				if len(got.Doubts) > 0 || got.Characters == 0 {
					t.Errorf("%s: %d characters read, confidence %.2f, %v", got.URL, got.Characters, got.Confidence, got.Doubts)
				}
			}
		})
	}
}
