package crawler

import (
	"sync"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/locale"
	"cundang/site"
)

// budget watches what one crawl may take from each site (site.Limits).
type budget struct {
	mu    sync.Mutex
	spent map[string]*spent
}

// all returns what was taken from the sites of a crawl.
func (b *budget) all(sites map[string]*place) map[string]*SiteSpent {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string]*SiteSpent{}
	for id := range sites {
		s := b.of(id)
		all[id] = &SiteSpent{Pages: s.pages, Bytes: s.bytes}
	}
	return all
}

type spent struct {
	pages int
	bytes int64
	over  string // which limit was reached
}

func newBudget() *budget { return &budget{spent: map[string]*spent{}} }

// take counts a page that is about to be fetched. The answer is the limit that stands
// against it, "" if none does.
func (b *budget) take(id string, k frontier.Kind, l site.Limits, used time.Duration) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(id)
	switch {
	case s.over != "":
	case l.Pages > 0 && s.pages >= l.Pages && k != frontier.Requisite:
		s.over = locale.Reason("limit.pages", l.Pages)
	case l.Bytes > 0 && s.bytes >= l.Bytes:
		s.over = locale.Reason("limit.bytes", l.Bytes)
	case l.Time > 0 && used >= l.Time:
		s.over = locale.Reason("limit.time", l.Time)
	case k != frontier.Requisite:
		s.pages++
	}
	return s.over
}

// bytes counts what came.
func (b *budget) bytes(id string, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(id).bytes += n
}

func (b *budget) of(id string) *spent {
	s := b.spent[id]
	if s == nil {
		s = &spent{}
		b.spent[id] = s
	}
	return s
}
