package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"cundang/index"
	"cundang/site"
	"cundang/web"
)

// Alarms returns what looks wrong with sites: the alarms of each site's last crawl.
func (c *crawls) Alarms(context.Context) ([]web.Alarm, error) {
	runs, err := loadRuns(c.lib.frontier, 0)
	if err != nil {
		return nil, err
	}
	var found []web.Alarm
	seen := map[string]bool{}
	for _, r := range runs {
		for _, al := range r.Alarms {
			if !seen[al.Site] {
				found = append(found, web.Alarm{Site: al.Site, Time: al.Time, Kind: al.Kind, Text: al.Text, Field: al.Field, Run: r.Crawl})
			}
		}
		for name := range r.Report.Sites {
			seen[name] = true
		}
	}
	return found, nil
}

// Sites returns the operator's sites and those ever crawled.
func (c *crawls) Sites(ctx context.Context) ([]web.SiteStatus, error) {
	runs, err := loadRuns(c.lib.frontier, 0)
	if err != nil {
		return nil, err
	}
	counts, err := c.lib.index.Search(ctx, index.Query{Limit: 1, Facets: []string{"site"}})
	if err != nil {
		return nil, err
	}
	articles := map[string]int{}
	for _, v := range counts.Facets["site"].Values {
		articles[v.Value] = v.Count
	}
	known, err := c.known(runs)
	if err != nil {
		return nil, err
	}
	var out []web.SiteStatus
	for _, id := range slices.Sorted(maps.Keys(known)) {
		s, err := c.siteStatus(id, known[id], runs)
		if err != nil {
			return nil, err
		}
		s.Articles = articles[id]
		out = append(out, s)
	}
	return out, nil
}

// known are the operator's profiles and the profiles of all sites that were ever crawled.
func (c *crawls) known(runs []crawlRun) (map[string]*site.Profile, error) {
	known := map[string]*site.Profile{}
	own, err := c.a.ownProfiles()
	if err != nil {
		return nil, err
	}
	for _, p := range own {
		known[p.ID] = p
	}
	for _, r := range runs {
		for id := range r.Report.Sites {
			if known[id] == nil {
				known[id] = c.lib.profiles.get(id)
			}
		}
	}
	return known, nil
}

func (c *crawls) siteStatus(id string, p *site.Profile, runs []crawlRun) (web.SiteStatus, error) {
	s := web.SiteStatus{ID: id, Name: id}
	if p != nil {
		s.Name, s.Home = p.Name, p.Home
		for _, seed := range p.Seeds {
			if seed.Column != "" {
				s.Columns = append(s.Columns, seed.Column)
			}
		}
		if s.Schedule = p.Schedule.Cron; s.Schedule != "" {
			s.Next = p.Next(time.Now())
		}
	}
	var before []crawlRun
	for _, r := range runs {
		if r.Report.Sites[id] == nil {
			continue
		}
		if s.LastRun == "" {
			s.LastRun, s.Last = r.Crawl, r.Started
		}
		before = append(before, r)
	}
	s.Fill = fieldFills(id, before)
	c.mu.Lock()
	for _, l := range c.live {
		if r, _ := l.state(); r.Running && slices.Contains(l.sites, id) {
			s.Running = r.ID
		}
	}
	c.mu.Unlock()
	var err error
	s.Queued, _, err = c.lib.frontier.Queued(id, time.Now())
	return s, err
}

// fieldFills is the share of articles with each field in the last crawl that brought any,
// beside the same of the crawls before.
func fieldFills(id string, runs []crawlRun) []web.FieldFill {
	for i, r := range runs {
		is := r.Fill[id]
		if is == nil || is.Articles == 0 {
			continue
		}
		was, _ := earlier(id, runs[i+1:])
		var out []web.FieldFill
		for _, f := range watched {
			out = append(out, web.FieldFill{Field: f, Share: is.share(f), Was: was.share(f)})
		}
		return out
	}
	return nil
}

var _ web.Crawls = (*crawls)(nil)
