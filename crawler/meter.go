package crawler

import (
	"strings"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/internal/urlkey"
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

// exchanged takes note of what a request brought: for the host's manners and for the meter. It returns
// until when the host is left alone, and why.
func (c *crawl) exchanged(v *visit, x *wire.Exchange, err error) (hold time.Time, why string) {
	e := v.entry
	hold, why = c.hosts.polite(urlkey.Host(e.URL), e.URL, v.place.profile.Pace(), x, err, c.now())
	var size int64
	var took time.Duration
	if x != nil {
		size, took = x.Size(), x.Took
	}
	c.opts.Meter.Exchange(e.Site, status(x), e.Kind == frontier.Requisite, size, took)
	for mark, what := range map[string]string{"backoff": "backoff", "breaker": "breaker", "Retry-After": "retry-after"} {
		if strings.HasPrefix(why, mark) {
			c.opts.Meter.Event(e.Site, what)
		}
	}
	return hold, why
}
