package node

import (
	"math"
	"strconv"

	"cundang/crawler"
	"cundang/extract"
	"cundang/internal/locale"
)

// A redesign is the usual silent death of a crawl: pages still come, but nothing is read out
// of them any more. So each crawl is compared with the site's earlier ones.
const (
	alarmRuns     = 5    // earlier crawls that are compared with
	alarmArticles = 5    // fewer articles than that on either side say nothing
	alarmFall     = 0.30 // fall of a field's share that raises an alarm
	alarmSure     = 0.15 // fall of the mean confidence that raises an alarm
	alarmRows     = 0.20 // rows a list page, as a share of the earlier ones, that raise an alarm
)

// watched are the fields whose share is compared.
var watched = []string{"title", "source", "author", "published", "column", "body"}

// add counts one article that a crawl brought.
func (f *Fill) add(x extract.Article) {
	f.Articles++
	f.Sure += x.Confidence
	if f.Fields == nil {
		f.Fields = map[string]int{}
	}
	for name, has := range map[string]bool{"title": x.Title != "", "source": x.Source != "", "author": x.Author != "",
		"published": !x.Published.Time.IsZero(), "column": len(x.Column) > 0, "body": x.Body != ""} {
		if has {
			f.Fields[name]++
		}
	}
}

// fills are the fills of the crawls that are being indexed: by crawl, then by site.
type fills map[string]map[string]*Fill

func (f fills) add(crawl string, x extract.Article) {
	sites := f[crawl]
	if sites == nil {
		sites = map[string]*Fill{}
		f[crawl] = sites
	}
	if sites[string(x.Site)] == nil {
		sites[string(x.Site)] = &Fill{}
	}
	sites[string(x.Site)].add(x)
}

// takeFills hands over what was read of a crawl that has ended.
func (n *Node) takeFills(crawl string) map[string]*Fill {
	n.indexing.Lock()
	defer n.indexing.Unlock()
	f := n.fills[crawl]
	delete(n.fills, crawl)
	return f
}

// mergeFills adds what earlier runs of a crawl read to what its last one did.
func mergeFills(now, earlier map[string]*Fill) map[string]*Fill {
	if len(earlier) == 0 {
		return now
	}
	sum := map[string]*Fill{}
	for _, fills := range []map[string]*Fill{earlier, now} {
		for site, f := range fills {
			if sum[site] == nil {
				sum[site] = &Fill{Fields: map[string]int{}}
			}
			s := sum[site]
			s.Articles += f.Articles
			s.Sure += f.Sure
			for name, n := range f.Fields {
				s.Fields[name] += n
			}
		}
	}
	return sum
}

// earlier sums the fills of a site over the last crawls that brought articles of it.
func earlier(site string, before []Run) (sum Fill, runs int) {
	sum.Fields = map[string]int{}
	for _, r := range before {
		f := r.Fill[site]
		if f == nil || f.Articles == 0 {
			continue
		}
		sum.Articles += f.Articles
		sum.Sure += f.Sure
		for name, n := range f.Fields {
			sum.Fields[name] += n
		}
		if runs++; runs == alarmRuns {
			break
		}
	}
	return sum, runs
}

// earlierLists sums the list pages of a site, and the rows on them, over the last crawls
// that read rows.
func earlierLists(site string, before []Run) (lists, rows int) {
	runs := 0
	for _, r := range before {
		s := r.Sites[site]
		if s == nil || s.Rows == 0 {
			continue
		}
		lists += s.Lists
		rows += s.Rows
		if runs++; runs == alarmRuns {
			break
		}
	}
	return lists, rows
}

// lastRun returns what the last crawl of a site did, nil if there was none.
func lastRun(site string, before []Run) *crawler.SiteReport {
	for _, r := range before {
		if s := r.Sites[site]; s != nil {
			return s
		}
	}
	return nil
}

// came reports whether a crawl got any page of a site.
func came(s *crawler.SiteReport) bool {
	return len(s.New)+len(s.Changed)+s.Unchanged+len(s.Reappeared)+len(s.Moved)+s.Lists > 0
}

// failing reports whether a crawl asked a site and got nothing but refusals and errors. One such crawl may be an
// outage; two are a site that is lost and nobody noticed.
func failing(s *crawler.SiteReport) bool {
	if s == nil {
		return false
	}
	return !came(s) && len(s.Failed)+len(s.Blocked)+len(s.Denied) > 0
}

// check is one thing that a crawl tells about a site. What it cannot tell is no check.
type check struct {
	kind, field string
	raised      bool
	text        string
	is, was     float64 // shares or ratios that are compared, was 0 when nothing is
	slack       float64 // below was that counts as back again
	origin      string  // of what a server shows of itself, with what it showed before and now
	before, now string
}

// compare compares a crawl of a site with its earlier ones, the newest first. articles is how many the index has of it.
func compare(site string, now Run, before []Run, articles int) (checks []check) {
	s := now.Sites[site]
	add := func(kind string, raised bool, code string, args ...any) {
		checks = append(checks, check{kind: kind, raised: raised, text: locale.Reason(code, args...)})
	}
	pages := s.Fetched - s.Requisites.Fetched
	if n := len(s.Blocked); pages > 0 {
		add("blocked", n > 0 && n >= pages/2, "alarm.blocked", n, s.Fetched)
	}
	if lists, rows := earlierLists(site, before); s.Lists > 0 && lists > 0 {
		is, was := float64(s.Rows)/float64(s.Lists), float64(rows)/float64(lists)
		checks = append(checks, check{kind: "lists", raised: is <= alarmRows*was, is: is, was: was, slack: was / 2,
			text: locale.Reason("alarm.lists", s.Lists, s.Rows, lists, rows)})
	}
	asked := len(s.Failed) + len(s.Blocked) + len(s.Denied)
	if came(s) || asked > 0 {
		add("failing", failing(s) && failing(lastRun(site, before)), "alarm.failing", asked)
	}
	is := now.Fill[site]
	if is == nil || is.Articles == 0 { // list pages are none, however many of them changed
		if pages := len(s.New) + len(s.Changed) - s.Lists; pages >= alarmArticles {
			add("no-articles", true, "alarm.unread", pages)
		}
		if now.Stopped == "" && articles == 0 && came(s) {
			add("barren", true, "alarm.barren", pages)
		}
		return checks
	}
	add("no-articles", false, "alarm.unread", 0)
	add("barren", false, "alarm.barren", 0)
	was, runs := earlier(site, before)
	if runs == 0 || was.Articles < alarmArticles || is.Articles < alarmArticles {
		return checks
	}
	for _, field := range watched {
		i, w := is.share(field), was.share(field)
		checks = append(checks, check{kind: "field-fill", field: field, raised: w-i >= alarmFall, is: i, was: w,
			slack: alarmFall / 2, text: locale.Reason("alarm.field", "name."+field, percent(i), percent(w))})
	}
	i, w := is.Sure/float64(is.Articles), was.Sure/float64(was.Articles)
	checks = append(checks, check{kind: "confidence", raised: w-i >= alarmSure, is: i, was: w, slack: alarmSure / 2,
		text: locale.Reason("alarm.sure", strconv.FormatFloat(w-i, 'f', 2, 64))})
	return checks
}

// percent is a share in whole percent.
func percent(share float64) int { return int(math.Round(100 * share)) }
