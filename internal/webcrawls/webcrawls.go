// Package webcrawls tells the web pages about the crawls of a node in the terms of the pages.
package webcrawls

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"cundang/crawler"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/internal/node"
	"cundang/web"
)

// New returns crawls as the pages see them.
func New(n *node.Node, crawls *node.Crawls) web.Crawls { return adapter{crawls, n} }

// adapter translates between a node and the pages.
type adapter struct {
	crawls *node.Crawls
	node   *node.Node
}

// Start begins a crawl of the named sites.
func (w adapter) Start(ctx context.Context, sites []string) (string, error) {
	for _, id := range sites {
		if strings.Contains(id, "://") { // a page of ours names sites; addresses are for the command line
			return "", fmt.Errorf("%w: %s", web.ErrNoRun, id)
		}
	}
	id, err := w.crawls.Start(ctx, sites)
	var choice *node.ProfileError
	switch {
	case errors.As(err, &choice):
		return "", fmt.Errorf("%w: %w", web.ErrNoRun, err)
	case errors.Is(err, node.ErrRunning):
		return "", fmt.Errorf("%w: %w", web.ErrRunning, err)
	}
	return id, err
}

// Stop asks a crawl to end.
func (w adapter) Stop(_ context.Context, id string) error {
	err := w.crawls.Stop(id)
	if errors.Is(err, node.ErrNoRun) {
		return fmt.Errorf("%w: %s", web.ErrNoRun, id)
	}
	return err
}

// Run returns one crawl.
func (w adapter) Run(ctx context.Context, id string) (web.Run, error) {
	s, err := w.crawls.State(id)
	if errors.Is(err, node.ErrNoRun) {
		return web.Run{}, errors.Join(index.ErrNotFound, err)
	}
	if err != nil {
		return web.Run{}, err
	}
	return w.run(ctx, s), nil
}

// Runs returns the crawls, the newest first.
func (w adapter) Runs(ctx context.Context, limit int) ([]web.Run, error) {
	states, err := w.crawls.States(limit)
	var runs []web.Run
	for _, s := range states {
		runs = append(runs, w.run(ctx, s))
	}
	return runs, err
}

// Watch yields how a crawl stands until it or ctx ends.
func (w adapter) Watch(ctx context.Context, id string) iter.Seq[web.Run] {
	return func(yield func(web.Run) bool) {
		for s := range w.crawls.Watch(ctx, id) {
			if !yield(w.run(ctx, s)) {
				return
			}
		}
	}
}

// Alarms returns what looks wrong with sites.
func (w adapter) Alarms(ctx context.Context) ([]web.Alarm, error) {
	alarms, err := w.node.Alarms(false)
	var found []web.Alarm
	for _, a := range alarms {
		if !w.node.Curation.ShowsSite(ctx, a.Site) {
			continue
		}
		found = append(found, web.Alarm{Site: a.Site, Time: a.Time, Kind: a.Kind, Text: a.Text, Field: a.Field, Run: a.Run})
	}
	return found, err
}

// Sites returns every site and its schedule.
func (w adapter) Sites(ctx context.Context) ([]web.SiteStatus, error) {
	sites, err := w.crawls.Sites(ctx)
	var all []web.SiteStatus
	for _, s := range sites {
		if !w.node.Curation.ShowsSite(ctx, s.ID) {
			continue
		}
		x := web.SiteStatus{ID: s.ID, Name: s.Name, Home: s.Home, Columns: s.Columns, Schedule: s.Schedule, Last: s.Last,
			LastRun: s.LastRun, Next: s.Next, Running: s.Running, Articles: s.Articles, Queued: s.Queued}
		for _, f := range s.Fill {
			x.Fill = append(x.Fill, web.FieldFill(f))
		}
		all = append(all, x)
	}
	return all, err
}

// Review returns articles whose reading is in doubt.
func (w adapter) Review(ctx context.Context, offset, limit int) ([]web.Doubt, int, error) {
	doubts, total, err := w.node.Review(ctx, offset, limit)
	var found []web.Doubt
	for _, d := range doubts {
		found = append(found, web.Doubt(d))
	}
	return found, total, err
}

// Findings returns captures that could not be read as they should.
func (w adapter) Findings(ctx context.Context, offset, limit int) (found []web.Finding, total int, err error) {
	for f, err := range w.node.Findings() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, 0, err
		}
		if total >= offset && len(found) < limit {
			found = append(found, web.Finding{Ref: f.Ref, URL: f.URL, Site: f.Site, Time: f.Time, Code: f.Code,
				Reason: locale.Reason("finding." + f.Code), Detail: f.Detail, Origin: f.Origin, Cure: f.Cure})
		}
		total++
	}
	return found, total, nil
}

// run tells of a crawl what may be seen of it: no site that is closed and no address that is hidden.
func (w adapter) run(ctx context.Context, s node.CrawlState) web.Run {
	r := webRun(s)
	r.Sites = slices.DeleteFunc(r.Sites, func(x web.SiteRun) bool { return !w.node.Curation.ShowsSite(ctx, x.Site) })
	for i := range r.Sites {
		x := &r.Sites[i]
		if x.URL != "" && !w.node.Curation.Shows(ctx, x.URL, x.Site) {
			x.URL = ""
		}
		for kind, list := range x.Outcomes {
			x.Outcomes[kind] = slices.DeleteFunc(list, func(o web.Outcome) bool {
				return !w.node.Curation.Shows(ctx, o.URL,
					x.Site)
			})
		}
	}
	return r
}

func webRun(s node.CrawlState) web.Run {
	w := web.Run{ID: s.ID, Running: s.Running, Started: s.Started}
	for _, p := range s.Progress.Sites {
		w.Sites = append(w.Sites, web.SiteRun{Site: p.Site, Fetched: p.Fetched, Queued: p.Queued, Failed: p.Failed,
			Rate: p.Rate, ETA: p.ETA, URL: p.URL})
	}
	if s.Run == nil {
		return w
	}
	w.Finished, w.Error, w.Sites = s.Run.Finished, s.Run.Error, nil
	for _, name := range node.SiteNames(s.Run.Report) {
		w.Sites = append(w.Sites, webSiteRun(name, s.Run.Sites[name]))
	}
	return w
}

func webSiteRun(name string, s *crawler.SiteReport) web.SiteRun {
	lists := map[string][]crawler.Outcome{"new": s.New, "changed": s.Changed, "reappeared": s.Reappeared, "moved": s.Moved,
		"gone": s.Gone, "missing": s.Missing, "blocked": s.Blocked, "soft-404": s.Soft404, "failed": s.Failed,
		"denied": s.Denied, "skipped": s.Skipped, "quarantined": s.Quarantined, "held": s.Held}
	sr := web.SiteRun{Site: name, Fetched: s.Fetched, Failed: len(s.Failed), Bytes: s.Bytes, Status: s.Status,
		Types:  s.Types,
		Counts: map[string]int{"unchanged": s.Unchanged}, Outcomes: map[string][]web.Outcome{}}
	for kind, list := range lists {
		sr.Counts[kind] = len(list)
		for _, o := range list {
			sr.Outcomes[kind] = append(sr.Outcomes[kind], web.Outcome{URL: o.URL, Reason: o.Reason})
		}
	}
	return sr
}
