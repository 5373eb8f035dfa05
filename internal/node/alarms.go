package node

import (
	"math"
	"slices"
	"strconv"
	"time"

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

// failing reports whether a crawl asked a site and got nothing but refusals and errors. One such crawl may be an
// outage; two are a site that is lost and nobody noticed.
func failing(s *crawler.SiteReport) bool {
	if s == nil {
		return false
	}
	came := len(s.New) + len(s.Changed) + s.Unchanged + len(s.Reappeared) + len(s.Moved)
	return came == 0 && len(s.Failed)+len(s.Blocked)+len(s.Denied) > 0
}

// alarms compares a crawl with the earlier ones, the newest first.
func alarms(now Run, before []Run, at time.Time) []Alarm {
	var found []Alarm
	for _, site := range SiteNames(now.Report) {
		s := now.Sites[site]
		raise := func(kind, field, code string, args ...any) {
			found = append(found, Alarm{Site: site, Time: at, Kind: kind, Field: field, Text: locale.Reason(code, args...)})
		}
		if n := len(s.Blocked); n > 0 && n >= (s.Fetched-s.Requisites.Fetched)/2 {
			raise("blocked", "", "alarm.blocked", n, s.Fetched)
		}
		if lists, rows := earlierLists(site, before); s.Lists > 0 && lists > 0 && float64(s.Rows)/float64(s.Lists) <= alarmRows*float64(rows)/float64(lists) {
			raise("lists", "", "alarm.lists", s.Lists, s.Rows, lists, rows)
		}
		if last := lastRun(site, before); failing(s) && failing(last) {
			raise("failing", "", "alarm.failing", len(s.Failed)+len(s.Blocked)+len(s.Denied))
		}
		is := now.Fill[site]
		if is == nil || is.Articles == 0 { // list pages are none, however many of them changed
			if pages := len(s.New) + len(s.Changed) - s.Lists; pages >= alarmArticles {
				raise("no-articles", "", "alarm.unread", pages)
			}
			continue
		}
		was, runs := earlier(site, before)
		if runs == 0 || was.Articles < alarmArticles || is.Articles < alarmArticles {
			continue
		}
		for _, field := range watched {
			if fell := was.share(field) - is.share(field); fell >= alarmFall {
				raise("field-fill", field, "alarm.field", "name."+field, percent(is.share(field)), percent(was.share(field)))
			}
		}
		if fell := was.Sure/float64(was.Articles) - is.Sure/float64(is.Articles); fell >= alarmSure {
			raise("confidence", "", "alarm.sure", strconv.FormatFloat(fell, 'f', 2, 64))
		}
	}
	return slices.Clip(found)
}

// percent is a share in whole percent.
func percent(share float64) int { return int(math.Round(100 * share)) }
