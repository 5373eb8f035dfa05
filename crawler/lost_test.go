package crawler_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/fakesite"
)

// TestStateLost deletes the frontier: the next crawl makes it again from the archive and
// fetches nothing twice but its seeds.
func TestStateLost(t *testing.T) {
	w := web(t, fakesite.Options{})
	r := newRig(t)
	r.crawl(w.Profiles(), nil)
	before := map[string]frontier.Entry{}
	for _, p := range w.Profiles() {
		for e, err := range r.front.All(p.ID) {
			if err != nil {
				t.Fatal(err)
			}
			before[e.URL] = e
		}
	}
	first := map[string]bool{} // pages that show new links every time may lead to new pages
	for _, c := range r.captures() {
		first[c.URL] = true
	}
	lost := time.Now()
	r.close()
	if err := os.RemoveAll(filepath.Join(r.dir, "state")); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.crawl(w.Profiles(), nil)
	for _, c := range r.captures() {
		if k := c.Fields["kind"]; c.Time.After(lost) && first[c.URL] && k != "seed" && k != "robots" {
			t.Errorf("fetched again: %s %s via %s", k, c.URL, c.Fields["via"])
		}
	}
	for _, p := range w.Profiles() {
		for e, err := range r.front.All(p.ID) {
			if err != nil {
				t.Fatal(err)
			}
			b := before[e.URL]
			if e.Kind == frontier.Seed || e.Kind == frontier.Robots || b.History.Visits == 0 {
				continue
			}
			if e.History.State != b.History.State || e.History.Ref != b.History.Ref || e.History.Answer != b.History.Answer || e.History.Interval != b.History.Interval || !e.Due.Equal(b.Due) {
				t.Errorf("%s is now %+v, was %+v", e.URL, e, b)
			}
			delete(before, e.URL)
		}
	}
}
