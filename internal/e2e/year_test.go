package e2e

import (
	"flag"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/fakesite"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/site"
)

// Of `make year`: how long the web is followed and how many sites it has.
var (
	yearDays  = flag.Int("year.days", 0, "days of TestYear, 0: leave it out")
	yearSites = flag.Int("year.sites", 4, "sites of TestYear")
)

// The days of a site's week on which it changes, and of the quiet end in which a crawl catches up with what happened.
const (
	agesEvery = 6
	quietEnd  = 14
)

// tally compares what a year of reports said with what happened, one kind of event at a time.
type tally struct{ happened, said map[string]int } // by address

func (c tally) score() (true_, happened, said int) {
	for url, n := range c.happened {
		happened += n
		true_ += min(n, c.said[url])
	}
	for _, n := range c.said {
		said += n
	}
	return true_, happened, said
}

// year is a web that is followed from day to day.
type year struct {
	t       *testing.T
	web     *fakesite.Web
	node    *node.Node
	kinds   map[string]tally
	known   map[string]bool // addresses that articles have or had
	day     int
	steps   int
	alarms  map[string]map[string]bool // kind → sites that raised it
	largest int                        // queue of a site
}

var yearKinds = []string{"new", "changed", "gone", "restored", "moved"}

// TestYear follows a made-up web day by day under a clock that is ahead: its templates play every trick, a wall
// stands before one site for a week, one becomes a shell of scripts, and one moves all its addresses. New, changed,
// gone, restored and moved are told with a precision and recall of 99 %, alarms are raised by the sites that fall ill
// and by no other, and what is asked for stays within bounds.
func TestYear(t *testing.T) {
	if *yearDays == 0 {
		t.Skip("`make year` follows a web for a year")
	}
	w := serve(t, fakesite.Options{Seed: 77, Sites: *yearSites, Articles: 20, PerPage: 8, Delay: time.Nanosecond,
		Tricks: true})
	var day atomic.Int64
	n, err := node.Open(t.Context(), node.Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Workers: 8,
		Now: func() time.Time { return time.Now().AddDate(0, 0, int(day.Load())) },
	}, true)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	y := &year{t: t, web: w, node: n, kinds: map[string]tally{}, known: map[string]bool{},
		alarms: map[string]map[string]bool{}}
	for _, k := range yearKinds {
		y.kinds[k] = tally{map[string]int{}, map[string]int{}}
	}
	profiles := w.Profiles()
	for _, p := range profiles {
		p.Revisit.Article = site.Interval{Min: 24 * time.Hour, First: 24 * time.Hour, Max: 72 * time.Hour}
		p.Requisites = site.RequisitesNone
	}
	sick := func(name string, s *fakesite.Site, f fakesite.Fault, from, days int) {
		switch y.day {
		case from:
			t.Logf("day %d: %s of %s", y.day, name, s.ID)
			s.SetFault(f)
		case from + days:
			s.SetFault(fakesite.Sound)
		}
	}
	walled, shelled, moving := w.Sites()[1], w.Sites()[2], w.Sites()[3]
	days := *yearDays
	for y.day = range days {
		day.Store(int64(y.day))
		sick("a wall", walled, fakesite.Jiasule, days*45/100, 5)
		sick("a redesign", shelled, fakesite.Redesigned, days*30/100, 4)
		if y.day > 0 && y.day < days-quietEnd {
			y.age()
		}
		if y.day == max(days*65/100, 1) && y.day < days-7 {
			moving.Redirects()
			moving.MoveAll()
			y.happened(moving)
		}
		run, err := n.Crawl(t.Context(), node.CrawlRequest{Profiles: profiles})
		if err != nil {
			t.Fatal(err)
		}
		y.told(run)
	}
	y.judge(walled.ID, shelled.ID)
}

// age lets those sites age whose day it is.
func (y *year) age() {
	for i, s := range y.web.Sites() {
		if (y.day+i)%agesEvery == 0 {
			y.steps++
			s.Age(y.steps)
			y.happened(s)
		}
	}
}

// happened takes note of what the last step did to a site.
func (y *year) happened(s *fakesite.Site) {
	note := func(kind, url string) {
		url = clean(y.t, url)
		y.kinds[kind].happened[url]++
	}
	for _, ts := range y.web.Truth().Sites {
		if ts.Site != s.ID {
			continue
		}
		for _, a := range ts.Articles {
			moved := a.State == fakesite.Moved
			switch last := len(a.MovedFrom) == 0; {
			case moved && a.Change == fakesite.MovedAway && y.known[clean(y.t, a.URL)]:
				if y.kinds["moved"].happened[clean(y.t, a.URL)]+y.kinds["gone"].happened[clean(y.t, a.URL)] > 0 {
					continue // an address before the last one
				}
				if a.Redirects {
					note("moved", a.URL)
				} else {
					note("gone", a.URL)
				}
			case moved:
			case a.Change == fakesite.Added, a.Change == fakesite.MovedAway && !last:
				note("new", a.URL)
			case a.Change == fakesite.Edited:
				note("changed", a.URL)
			case a.Change == fakesite.Deleted:
				note("gone", a.URL)
			case a.Change == fakesite.Reappeared:
				note("restored", a.URL)
			}
		}
	}
}

// told takes note of what a report says about articles.
func (y *year) told(run node.Run) {
	for _, ts := range y.web.Truth().Sites {
		for _, a := range ts.Articles {
			y.known[clean(y.t, a.URL)] = true
		}
	}
	gone := map[string]bool{} // missing first and gone later is one event
	for id, s := range run.Sites {
		for kind, list := range map[string][]crawler.Outcome{"new": s.New, "changed": s.Changed, "restored": s.Reappeared,
			"moved": s.Moved, "gone": slices.Concat(s.Missing, s.Gone)} {
			for _, o := range list {
				url := framed.ReplaceAllString(fakesite.Plain(o.URL), "/portal/article/$1.action")
				if y.day == 0 && kind == "new" || !y.known[url] && !o.Article {
					continue
				}
				c := y.kinds[kind]
				if kind == "gone" && (gone[url] || c.said[url] > y.kinds["restored"].said[url]) {
					continue
				}
				gone[url] = kind == "gone"
				c.said[url]++
				if c.said[url] > c.happened[url] {
					y.t.Logf("day %d %s: %s %s %s", y.day, id, kind, o.URL, o.Reason)
				}
			}
		}
		if _, all, err := y.node.Frontier.Queued(id, time.Now()); err == nil {
			y.largest = max(y.largest, all)
		}
	}
	for _, a := range run.Alarms {
		if y.alarms[a.Kind] == nil {
			y.alarms[a.Kind] = map[string]bool{}
		}
		if !y.alarms[a.Kind][a.Site] {
			y.t.Logf("day %d: alarm %s/%s %s", y.day, a.Site, a.Kind, a.Text)
		}
		y.alarms[a.Kind][a.Site] = true
	}
}

// judge prints the table of the year and fails where it is not good enough.
func (y *year) judge(walled, shelled string) {
	t := y.t
	for _, k := range yearKinds {
		c := y.kinds[k]
		found, happened, said := c.score()
		precision, recall := ratio(found, said), ratio(found, happened)
		t.Logf("%-9s happened %5d, told %5d, precision %.1f %%, recall %.1f %%", k, happened, said, 100*precision,
			100*recall)
		if precision < 0.99 || recall < 0.99 {
			t.Errorf("%s: precision %.3f, recall %.3f", k, precision, recall)
		}
		for url, n := range c.happened {
			if c.said[url] < n {
				t.Logf("not told: %s %s", k, url)
			}
		}
	}
	for kind, sites := range y.alarms {
		for id := range sites {
			if id != walled && id != shelled {
				t.Errorf("alarm %s of %s, where nothing is wrong", kind, id)
			}
		}
	}
	if !y.alarms["blocked"][walled] {
		t.Errorf("no alarm for the wall before %s", walled)
	}
	if !y.alarms["lists"][shelled] {
		t.Errorf("no alarm for the redesign of %s", shelled)
	}
	asked, needed, articles := y.requests()
	t.Logf("%d requests to pages that are none of the %d articles: %d needed, %.2f times as many", asked, articles,
		needed, ratio(asked, needed))
	if float64(asked) > 1.5*float64(needed) {
		t.Errorf("%d requests to pages that are no article, %d are needed", asked, needed)
	}
	t.Logf("largest queue of a site: %d", y.largest)
	if bound := 4*articles/len(y.web.Sites()) + 200; y.largest > bound {
		t.Errorf("a queue of %d URLs, more than %d", y.largest, bound)
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// requests counts what was asked for that is no article, its document or frame, and what was needed: robots.txt, the
// home page and the lists each day, and all pages of the lists at first.
func (y *year) requests() (asked, needed, articles int) {
	for i, ts := range y.web.Truth().Sites {
		content := map[string]bool{}
		for _, a := range ts.Articles {
			if a.State != fakesite.Moved {
				articles++
			}
			for _, url := range append([]string{a.URL}, a.Parts...) {
				content[clean(y.t, url)] = true
			}
			for _, f := range a.Attachments {
				content[clean(y.t, f.URL)] = true
			}
		}
		needed += (y.day+1)*(1+1+len(ts.Lists)) + len(ts.Articles)/8 + len(ts.Lists)
		for _, q := range y.web.Sites()[i].Requests() {
			url, err := urlkey.Clean(fakesite.Plain(ts.Origin + q.Path))
			if err == nil && !content[framed.ReplaceAllString(url, "/portal/article/$1.action")] && path.Ext(url) != ".png" &&
				!strings.Contains(url, "/api/") {
				asked++
			}
		}
	}
	return asked, needed, articles
}
