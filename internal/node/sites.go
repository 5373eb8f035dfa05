package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"cundang/index"
	"cundang/site"
)

// SiteStatus is one site and its schedule.
type SiteStatus struct {
	ID, Name, Home string
	Columns        []string
	Schedule       string // cron expression or words
	Last           time.Time
	LastRun        string
	Next           time.Time
	Running        string // ID of the crawl under way
	Articles       int
	Queued         int
	Fill           []FieldFill
}

// FieldFill is the share of articles with a field in the last crawl that brought any, and before.
type FieldFill struct {
	Field      string
	Share, Was float64
}

// Sites returns the operator's sites and those ever crawled.
func (c *Crawls) Sites(ctx context.Context) ([]SiteStatus, error) {
	runs, err := c.node.Runs(0)
	if err != nil {
		return nil, err
	}
	articles, err := articleCounts(ctx, c.node.Articles)
	if err != nil {
		return nil, err
	}
	known, err := c.known(runs)
	if err != nil {
		return nil, err
	}
	var out []SiteStatus
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

// searcher is the index, or what somebody may see of it.
type searcher interface {
	Search(ctx context.Context, q index.Query) (index.Result, error)
}

// articleCounts returns how many articles the index has of each site.
func articleCounts(ctx context.Context, x searcher) (map[string]int, error) {
	found, err := x.Search(ctx, index.Query{Limit: 1, Facets: []string{"site"}})
	if err != nil {
		return nil, err
	}
	articles := map[string]int{}
	for _, v := range found.Facets["site"].Values {
		articles[v.Value] = v.Count
	}
	return articles, nil
}

// known are the operator's profiles and the profiles of all sites that were ever crawled.
func (c *Crawls) known(runs []Run) (map[string]*site.Profile, error) {
	known := map[string]*site.Profile{}
	own, err := c.node.OwnProfiles()
	if err != nil {
		return nil, err
	}
	for _, p := range own {
		known[p.ID] = p
	}
	for _, r := range runs {
		for id := range r.Report.Sites {
			if known[id] == nil {
				known[id] = c.node.profiles.get(id)
			}
		}
	}
	return known, nil
}

func (c *Crawls) siteStatus(id string, p *site.Profile, runs []Run) (SiteStatus, error) {
	s := SiteStatus{ID: id, Name: id}
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
	var before []Run
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
	s.Queued, _, err = c.node.Frontier.Queued(id, time.Now())
	return s, err
}

// fieldFills is the share of articles with each field in the last crawl that brought any,
// beside the same of the crawls before.
func fieldFills(id string, runs []Run) []FieldFill {
	for i, r := range runs {
		is := r.Fill[id]
		if is == nil || is.Articles == 0 {
			continue
		}
		was, _ := earlier(id, runs[i+1:])
		var out []FieldFill
		for _, f := range watched {
			out = append(out, FieldFill{Field: f, Share: is.share(f), Was: was.share(f)})
		}
		return out
	}
	return nil
}
