package crawler_test

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/charset"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"
)

var noise = regexp.MustCompile(`id="hits">\d+|第 \d+ 位访问者|今天是[^<]*|（?阅读[^<]*|浏览[^<]*`)

// content is the digest of a page without what changes on each visit.
func content(_, _ string, body []byte) string {
	sum := sha256.Sum256(noise.ReplaceAll(charset.Decode(body, "").Text, nil))
	return hex.EncodeToString(sum[:8])
}

// outcomes maps each listed URL to its list.
func outcomes(rep crawler.Report) map[string]string {
	m := map[string]string{}
	for _, s := range rep.Sites {
		for name, list := range map[string][]crawler.Outcome{
			"new": s.New, "changed": s.Changed, "reappeared": s.Reappeared, "moved": s.Moved, "gone": s.Gone, "missing": s.Missing,
			"blocked": s.Blocked, "soft-404": s.Soft404, "failed": s.Failed, "denied": s.Denied, "quarantined": s.Quarantined,
		} {
			for _, o := range list {
				m[o.URL] = name
			}
		}
	}
	return m
}

// TestAged lets the web grow older and crawls again: every edit, deletion, move,
// reappearance and new article is reported as what it is, and nothing else is.
func TestAged(t *testing.T) {
	w := web(t, fakesite.Options{Sites: 3, Articles: 60})
	r := newRig(t)
	profiles := w.Profiles()
	for _, p := range profiles {
		p.Gone.Misses, p.Gone.After = 1, time.Nanosecond
	}
	force := func(o *crawler.Options) { o.Force, o.Digest = true, content }
	r.crawl(profiles, nil)
	left := map[string]bool{} // old addresses
	for step := range 3 {
		w.Age()
		got := outcomes(r.crawl(profiles, force))
		for _, s := range w.Truth().Sites {
			for _, a := range s.Articles {
				u, err := urlkey.Clean(a.URL)
				if err != nil {
					t.Fatal(err)
				}
				want := map[fakesite.Change]string{
					fakesite.Added: "new", fakesite.Edited: "changed", fakesite.Deleted: "gone", fakesite.Reappeared: "reappeared",
				}[a.Change]
				switch {
				case a.Change == fakesite.MovedAway && a.State == fakesite.Live:
					want = "new" // the new address
				case a.Change == fakesite.MovedAway && a.Redirects:
					want = "moved"
				case a.Change == fakesite.MovedAway:
					want = "gone"
				}
				if a.State == fakesite.Moved && left[u] {
					want = "" // told when it was left; what happens to the article since happens elsewhere
				}
				left[u] = left[u] || a.State == fakesite.Moved
				if got[u] != want {
					t.Errorf("step %d: %s: %s (%s, %s) is reported as %q, want %q", step, s.Site, u, a.Change, a.State, got[u], want)
				}
			}
		}
	}
}
