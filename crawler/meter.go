package crawler

import (
	"strings"
	"time"

	"cundang/crawler/frontier"
)

// Meter is told what a crawl does, for metrics. Its methods are called from several goroutines
// and must not block.
type Meter interface {
	// Exchange is a response of a site, or none (status 0). requisite: a picture or style sheet.
	Exchange(site string, status int, requisite bool, bytes int64, took time.Duration)
	// Event is something that happened to a URL or host of a site: an outcome of the report
	// ("new", "denied", "failed", …), or "backoff", "breaker", "retry-after".
	Event(site, what string)
	// Commit is a group of captures made durable; sync is the time the archive's fsync took.
	Commit(captures int, sync time.Duration)
}

// silent is the Meter of a crawl that nobody measures.
type silent struct{}

func (silent) Exchange(string, int, bool, int64, time.Duration) {}
func (silent) Event(string, string)                             {}
func (silent) Commit(int, time.Duration)                        {}

// exchanged tells the meter what a fetch brought, and why its host is left alone for longer
// than usual.
func (c *crawl) exchanged(p *page, hold string) {
	var size int64
	var took time.Duration
	if p.x != nil {
		size, took = p.x.Size(), p.x.Took
	}
	c.opts.Meter.Exchange(p.entry.Site, status(p.x), p.entry.Kind == frontier.Requisite, size, took)
	for mark, what := range map[string]string{"backoff": "backoff", "breaker": "breaker", "Retry-After": "retry-after"} {
		if strings.HasPrefix(hold, mark) {
			c.opts.Meter.Event(p.entry.Site, what)
		}
	}
}
