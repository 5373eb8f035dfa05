package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/crawler"
	"cundang/index"
	"cundang/site"
	"cundang/web"
)

// crawls runs crawls inside `serve` and tells the pages about them. It implements
// web.Crawls and is safe for concurrent use.
type crawls struct {
	a   *app
	lib *library
	ctx context.Context // of the serving process: crawls outlive the request that starts them

	mu   sync.Mutex
	live map[string]*liveCrawl
	wg   sync.WaitGroup
}

// liveCrawl is a crawl under way.
type liveCrawl struct {
	id      string
	sites   []string
	started time.Time
	cancel  context.CancelFunc
	begun   chan struct{} // closed once id is known or the crawl has ended

	mu      sync.Mutex
	now     crawler.Progress
	changed chan struct{} // closed and replaced at each change
	ended   bool
	err     error
}

func newCrawls(ctx context.Context, a *app, lib *library) *crawls {
	return &crawls{a: a, lib: lib, ctx: ctx, live: map[string]*liveCrawl{}}
}

// wait stops all crawls and waits until what they fetched is committed.
func (c *crawls) wait() {
	c.mu.Lock()
	for _, l := range c.live {
		l.cancel()
	}
	c.mu.Unlock()
	c.wg.Wait()
}

// Start begins a crawl of the named sites, of all the operator's sites if none is named.
func (c *crawls) Start(ctx context.Context, sites []string) (string, error) {
	for _, id := range sites {
		if strings.Contains(id, "://") { // a page of ours names sites; addresses are for the command line
			return "", fmt.Errorf("%w: %s", web.ErrNoRun, id)
		}
	}
	profiles, err := c.a.chosenProfiles(sites)
	var unknown *problem
	if errors.As(err, &unknown) && unknown.status == statusUsage {
		return "", fmt.Errorf("%w: %w", web.ErrNoRun, err)
	}
	if err != nil {
		return "", err
	}
	l, err := c.begin(profiles)
	if err != nil {
		return "", err
	}
	select {
	case <-l.begun:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.id == "" {
		return "", cmpErr(l.err, errors.New("the crawl ended before it began"))
	}
	return l.id, nil
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// begin starts the goroutine of a crawl unless one of its sites is being crawled.
func (c *crawls) begin(profiles []*site.Profile) (*liveCrawl, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, p := range profiles {
		for _, l := range c.live {
			if slices.Contains(l.sites, p.ID) {
				return nil, fmt.Errorf("%s: %w", p.ID, web.ErrRunning)
			}
		}
		names = append(names, p.ID)
	}
	ctx, cancel := context.WithCancel(c.ctx)
	l := &liveCrawl{sites: names, started: time.Now(), cancel: cancel, begun: make(chan struct{}), changed: make(chan struct{})}
	key := fmt.Sprintf("%p", l)
	c.live[key] = l
	c.wg.Go(func() {
		defer cancel()
		run, err := c.a.crawl(ctx, c.lib, crawlRequest{profiles: profiles, progress: l.update})
		if err != nil && !errors.Is(err, context.Canceled) {
			c.a.log.Error("crawl ended", "crawl", run.Crawl, "err", err)
		}
		l.end(run.Crawl, err)
		c.mu.Lock()
		delete(c.live, key)
		c.mu.Unlock()
	})
	return l, nil
}

func (l *liveCrawl) update(p crawler.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = p
	l.name(p.Crawl)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *liveCrawl) end(id string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended, l.err = true, err
	if id == "" && l.id == "" {
		close(l.begun)
	}
	l.name(id)
	close(l.changed)
	l.changed = make(chan struct{})
}

// name notes the crawl's ID when it is first told.
func (l *liveCrawl) name(id string) {
	if l.id == "" && id != "" {
		l.id = id
		close(l.begun)
	}
}

// state returns the crawl as the pages show it and a channel that is closed at its next change.
func (l *liveCrawl) state() (web.Run, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := web.Run{ID: l.id, Running: !l.ended, Started: l.started}
	for _, s := range l.now.Sites {
		r.Sites = append(r.Sites, web.SiteRun{Site: s.Site, Fetched: s.Fetched, Queued: s.Queued, Failed: s.Failed,
			Rate: s.Rate, ETA: s.ETA, URL: s.URL})
	}
	return r, l.changed
}

func (c *crawls) find(id string) *liveCrawl {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.live {
		if r, _ := l.state(); r.ID == id {
			return l
		}
	}
	return nil
}

// Stop asks a crawl to end after what is on the wire.
func (c *crawls) Stop(_ context.Context, id string) error {
	if l := c.find(id); l != nil {
		l.cancel()
		return nil
	}
	_, err := loadRun(c.lib.frontier, id) // one that has ended needs no stopping
	if errors.Is(err, errNoRun) {
		return fmt.Errorf("%w: %s", web.ErrNoRun, id)
	}
	return err
}

// Run returns one crawl.
func (c *crawls) Run(_ context.Context, id string) (web.Run, error) {
	if l := c.find(id); l != nil {
		r, _ := l.state()
		return r, nil
	}
	r, err := loadRun(c.lib.frontier, id)
	if errors.Is(err, errNoRun) {
		return web.Run{}, errors.Join(index.ErrNotFound, err)
	}
	if err != nil {
		return web.Run{}, err
	}
	return asWebRun(r), nil
}

// Runs returns the crawls, the newest first.
func (c *crawls) Runs(_ context.Context, limit int) ([]web.Run, error) {
	var runs []web.Run
	c.mu.Lock()
	for _, l := range c.live {
		if r, _ := l.state(); r.Running && r.ID != "" {
			runs = append(runs, r)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(runs, func(x, y web.Run) int { return y.Started.Compare(x.Started) })
	kept, err := loadRuns(c.lib.frontier, limit)
	if err != nil {
		return nil, err
	}
	for _, r := range kept {
		runs = append(runs, asWebRun(r))
	}
	if limit > 0 && len(runs) > limit {
		runs = runs[:limit]
	}
	return runs, nil
}

// Watch yields how a crawl stands until it or ctx ends.
func (c *crawls) Watch(ctx context.Context, id string) iter.Seq[web.Run] {
	return func(yield func(web.Run) bool) {
		l := c.find(id)
		for l != nil {
			r, changed := l.state()
			if !r.Running {
				break
			}
			if !yield(r) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
		if r, err := c.Run(ctx, id); err == nil {
			r.Running = false
			yield(r)
		}
	}
}

func asWebRun(r crawlRun) web.Run {
	w := web.Run{ID: r.Crawl, Started: r.Started, Finished: r.Finished, Error: r.Error}
	for _, name := range siteNames(r.Report) {
		s := r.Report.Sites[name]
		lists := map[string][]crawler.Outcome{"new": s.New, "changed": s.Changed, "reappeared": s.Reappeared, "moved": s.Moved,
			"gone": s.Gone, "missing": s.Missing, "blocked": s.Blocked, "soft-404": s.Soft404, "failed": s.Failed,
			"denied": s.Denied, "skipped": s.Skipped, "quarantined": s.Quarantined, "held": s.Held}
		sr := web.SiteRun{Site: name, Fetched: s.Fetched, Failed: len(s.Failed), Bytes: s.Bytes, Status: s.Status, Types: s.Types,
			Counts: map[string]int{"unchanged": s.Unchanged}, Outcomes: map[string][]web.Outcome{}}
		for kind, list := range lists {
			sr.Counts[kind] = len(list)
			for _, o := range list {
				sr.Outcomes[kind] = append(sr.Outcomes[kind], web.Outcome(o))
			}
		}
		w.Sites = append(w.Sites, sr)
	}
	return w
}
