package crawler

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/locale"
)

// A run may be a slice of a crawl: it ends after a time, a number of bytes or pages, or when it is stopped, and a
// later run goes on with the crawl under its name and with what is left of its budgets.

// ErrNoCrawl says that there is no unfinished crawl of a name.
var ErrNoCrawl = errors.New("no such unfinished crawl")

// unfinished names the stored values of crawls that have not ended.
const unfinished = "crawl/"

// Unfinished is a crawl that was stopped, killed or ended by a bound of its run.
type Unfinished struct {
	Crawl   string                `json:"crawl"`
	Started time.Time             `json:"started"`
	Used    time.Duration         `json:"used"`  // time its runs took
	Spent   map[string]*SiteSpent `json:"spent"` // of each of its sites
}

// SiteSpent is what a crawl has taken from a site, for its limits.
type SiteSpent struct {
	Pages int   `json:"pages"`
	Bytes int64 `json:"bytes"`
}

// Sites returns the names of the crawl's sites in order.
func (u Unfinished) Sites() []string { return slices.Sorted(maps.Keys(u.Spent)) }

// UnfinishedCrawls returns the crawls that a run may go on with, the oldest first.
func UnfinishedCrawls(f *frontier.Frontier) ([]Unfinished, error) {
	var all []Unfinished
	for name, v := range f.Values(unfinished) {
		var u Unfinished
		if err := json.Unmarshal(v, &u); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		all = append(all, u)
	}
	return all, nil
}

// resume takes over the crawl that is gone on with: its name, its beginning and what it has spent.
func (c *crawl) resume() error {
	v, err := c.opts.Frontier.Value(unfinished + c.opts.Resume)
	if err != nil {
		return err
	}
	if v == nil {
		return fmt.Errorf("%w: %s", ErrNoCrawl, c.opts.Resume)
	}
	var u Unfinished
	if err := json.Unmarshal(v, &u); err != nil {
		return fmt.Errorf("read crawl %s: %w", c.opts.Resume, err)
	}
	c.id, c.started, c.used = u.Crawl, u.Started, u.Used
	for id, s := range u.Spent {
		*c.budget.of(id) = spent{pages: s.Pages, bytes: s.Bytes}
	}
	return nil
}

// keep stores how far the crawl has come. Another unfinished crawl of one of its sites is given up: what it left in
// the queue is this one's now.
func (c *crawl) keep(now time.Time) error {
	u := Unfinished{Crawl: c.id, Started: c.started, Used: c.used + now.Sub(c.began), Spent: c.budget.all(c.sites)}
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	ch := frontier.Change{Values: map[string][]byte{unfinished + c.id: text}}
	others, err := UnfinishedCrawls(c.opts.Frontier)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Crawl != c.id && slices.ContainsFunc(o.Sites(), func(id string) bool { return c.sites[id] != nil }) {
			ch.Values[unfinished+o.Crawl] = nil
		}
	}
	_, err = c.opts.Frontier.Commit(ch)
	return err
}

// conclude stores that the crawl has ended, or how far it came.
func (c *crawl) conclude(now time.Time) error {
	if c.stopped != "" {
		return c.keep(now)
	}
	_, err := c.opts.Frontier.Commit(frontier.Change{Values: map[string][]byte{unfinished + c.id: nil}})
	return err
}

// keepEvery is how often a crawl under way stores how far it has come, which is what it may spend twice when it is
// killed.
const keepEvery = 5 * time.Second

// bound returns which bound of the run has been reached, "" if none has.
func (c *crawl) bound(pages int, now time.Time) string {
	switch o := c.opts; {
	case o.Limit > 0 && pages >= o.Limit:
		return locale.Reason("run.pages", o.Limit)
	case o.For > 0 && now.Sub(c.began) >= o.For:
		return locale.Reason("run.time", o.For)
	case o.Bytes > 0 && c.received.Load() >= o.Bytes:
		return locale.Reason("run.bytes", o.Bytes)
	}
	return ""
}

// snapshot hands a report of the crawl under way to who keeps it, so that one that is killed is in the records too. A
// report may be large: making it takes at most a hundredth of the time.
func (c *crawl) snapshot() (stop func() error) {
	quit, done := make(chan struct{}), make(chan error, 1)
	go func() {
		next := time.NewTimer(0)
		defer next.Stop()
		kept := time.Now()
		for {
			select {
			case <-quit:
				done <- nil
				return
			case <-next.C:
			}
			began := time.Now()
			if began.Sub(kept) >= keepEvery {
				if err := c.keep(c.now()); err != nil {
					done <- err
					return
				}
				kept = began
			}
			if c.opts.Snapshot != nil {
				c.opts.Snapshot(c.report.snapshot(c.now()))
			}
			next.Reset(max(keepEvery, 100*time.Since(began)))
		}
	}()
	return func() error { close(quit); return <-done }
}
