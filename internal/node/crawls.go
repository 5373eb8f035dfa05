package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"cundang/crawler"
	"cundang/site"
)

// Crawls runs crawls in the background of a serving process and tells how they stand. It is
// safe for concurrent use.
type Crawls struct {
	node *Node
	ctx  context.Context // of the serving process: crawls outlive the request that starts them

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

// NewCrawls returns a Crawls whose crawls end with ctx.
func NewCrawls(ctx context.Context, n *Node) *Crawls {
	return &Crawls{node: n, ctx: ctx, live: map[string]*liveCrawl{}}
}

// Wait stops all crawls and waits until what they fetched is committed.
func (c *Crawls) Wait() {
	c.mu.Lock()
	for _, l := range c.live {
		l.cancel()
	}
	c.mu.Unlock()
	c.wg.Wait()
}

// Start begins a crawl of the named sites, of all the operator's sites if none is named, and returns
// its ID without waiting for it. Errors: *ProfileError, ErrRunning.
func (c *Crawls) Start(ctx context.Context, sites []string) (string, error) {
	profiles, err := c.node.ChooseProfiles(sites...)
	if err != nil {
		return "", err
	}
	l, err := c.begin(profiles, false)
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
		return "", cmp.Or(l.err, errors.New("the crawl ended before it began"))
	}
	return l.id, nil
}

// begin starts the goroutine of a crawl unless one of its sites is being crawled. A fresh one goes on with none.
func (c *Crawls) begin(profiles []*site.Profile, fresh bool) (*liveCrawl, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, p := range profiles {
		for _, l := range c.live {
			if slices.Contains(l.sites, p.ID) {
				return nil, fmt.Errorf("%s: %w", p.ID, ErrRunning)
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
		run, err := c.node.Crawl(ctx, CrawlRequest{Profiles: profiles, Progress: l.update, Fresh: fresh})
		if err != nil && !errors.Is(err, context.Canceled) {
			c.node.Log.Error("crawl ended", "crawl", run.Crawl, "err", err)
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

// CrawlState is how a crawl stands: what its progress is while it runs, its Run once it has ended.
type CrawlState struct {
	ID       string
	Running  bool
	Started  time.Time
	Progress crawler.Progress
	Run      *Run
}

// state returns how the crawl stands and a channel that is closed at its next change.
func (l *liveCrawl) state() (CrawlState, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return CrawlState{ID: l.id, Running: !l.ended, Started: l.started, Progress: l.now}, l.changed
}

func (c *Crawls) find(id string) *liveCrawl {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.live {
		if r, _ := l.state(); r.ID == id {
			return l
		}
	}
	return nil
}

// Stop asks a crawl to end after what is on the wire; ErrNoRun if there was never one of that ID.
func (c *Crawls) Stop(id string) error {
	if l := c.find(id); l != nil {
		l.cancel()
		return nil
	}
	_, err := c.node.Run(id) // one that has ended needs no stopping
	return err
}

// State returns how one crawl stands; ErrNoRun if there is none of that ID.
func (c *Crawls) State(id string) (CrawlState, error) {
	if l := c.find(id); l != nil {
		s, _ := l.state()
		return s, nil
	}
	r, err := c.node.Run(id)
	return ended(r), err
}

func ended(r Run) CrawlState { return CrawlState{ID: r.Crawl, Started: r.Started, Run: &r} }

// States returns the crawls, the newest first; limit 0 is all.
func (c *Crawls) States(limit int) ([]CrawlState, error) {
	var all []CrawlState
	c.mu.Lock()
	for _, l := range c.live {
		if s, _ := l.state(); s.Running && s.ID != "" {
			all = append(all, s)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(all, func(x, y CrawlState) int { return y.Started.Compare(x.Started) })
	kept, err := c.node.Runs(limit)
	if err != nil {
		return nil, err
	}
	live := len(all)
	for _, r := range kept {
		running := func(s CrawlState) bool { return s.ID == r.Crawl } // is kept from its beginning on
		if !slices.ContainsFunc(all[:live], running) {
			all = append(all, ended(r))
		}
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

// Watch yields how a crawl stands until it or ctx ends.
func (c *Crawls) Watch(ctx context.Context, id string) iter.Seq[CrawlState] {
	return func(yield func(CrawlState) bool) {
		l := c.find(id)
		for l != nil {
			s, changed := l.state()
			if !s.Running {
				break
			}
			if !yield(s) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
		if s, err := c.State(id); err == nil {
			s.Running = false
			yield(s)
		}
	}
}
