package crawler

import (
	"context"
	"strings"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/robots"
	"cundang/internal/urlkey"
)

// gated is what robots.txt has to say; again: it was fetched just now.
type gated struct {
	robots.Rules
	again bool
	hold  time.Time
}

// rules returns the robots.txt for a page, fetching and archiving it when it is stale.
func (c *crawl) rules(ctx context.Context, w *worker, pl *place, e frontier.Entry) (gated, error) {
	hostname, org := urlkey.Host(e.URL), origin(e.URL)
	c.hosts.mu.Lock()
	r, known := c.hosts.get(hostname).robots[org]
	c.hosts.mu.Unlock()
	if !known {
		var err error
		if r, err = c.storedRules(org); err != nil {
			return gated{}, err
		}
	}
	if !r.Stale(c.now()) {
		c.keepRules(hostname, org, r)
		return gated{Rules: r}, nil
	}
	if ctx.Err() != nil {
		return gated{Rules: r}, nil
	}
	n, hold, err := c.fetchRules(ctx, w, pl, e, r)
	if err != nil {
		return gated{}, err
	}
	c.keepRules(hostname, org, n)
	return gated{Rules: n, again: true, hold: hold}, nil
}

func (c *crawl) keepRules(hostname, org string, r robots.Rules) {
	c.hosts.mu.Lock()
	c.hosts.get(hostname).robots[org] = r
	c.hosts.mu.Unlock()
}

// fetchRules fetches a robots.txt, following up to five redirects (RFC 9309, 2.3.1.2).
func (c *crawl) fetchRules(ctx context.Context, w *worker, pl *place, e frontier.Entry, old robots.Rules) (robots.Rules, time.Time, error) {
	org := origin(e.URL)
	url := org + "/robots.txt"
	var hold time.Time
	for range 6 {
		known, _, err := c.opts.Frontier.Lookup(e.Site, url)
		if err != nil {
			return old, hold, err
		}
		re := frontier.Entry{URL: url, Site: e.Site, Via: e.URL, Hops: "P", Kind: frontier.Robots,
			Found: c.now(), History: known.History}
		re.History.ETag, re.History.Modified = "", "" // the rules are needed, not their age
		v := &visit{place: pl, entry: re, request: c.request(pl, re)}
		p, err := w.ask(v)
		if err != nil {
			hold, _ = c.exchanged(v, nil, err)
			if ctx.Err() != nil || c.elsewhere(url, err) {
				return old, hold, nil
			}
			n := old.Next(0, nil, c.now())
			n.Err = err.Error()
			return n, hold, c.storeRules(org, n)
		}
		hold, _ = c.exchanged(v, p.x, nil)
		n := old.Next(p.x.Status, p.body, p.x.Start)
		next := c.recordRules(ctx, v, p, org, n)
		if err := p.close(); err != nil {
			return old, hold, err
		}
		if next == "" {
			return n, hold, nil
		}
		url = next
		select {
		case <-time.After(hold.Sub(c.now())):
		case <-ctx.Done():
			return old, hold, nil
		}
	}
	n := old.Next(404, nil, c.now())
	return n, hold, c.storeRules(org, n)
}

// recordRules archives a robots.txt and returns where it redirects to, "" if it does not.
func (c *crawl) recordRules(ctx context.Context, v *visit, p *page, org string, n robots.Rules) (next string) {
	e, j := p.entry, c.judged(ctx, v, p)
	x := c.exchange(p, j.history.State, "")
	values := map[string][]byte{}
	if j.Location == "" {
		text, err := encodeRules(n)
		if err != nil {
			c.commit.fail(err)
			return ""
		}
		values["robots/"+org] = text
		c.report.shows(e.Site, org, Origin{Robots: rulesShown(n)})
	}
	size, status := p.x.Size(), p.x.Status
	c.commit.append(ctx, x, func(ref archive.Ref) result {
		keepRef(&j.history, p.x, ref, x.RefersTo)
		e.History, e.Due = j.history, time.Time{}
		return result{done: []frontier.Entry{e}, found: c.sitemaps(v.place, e.Site, n.Sitemaps()), values: values, tell: func() { c.report.fetched(e, status, size, p.contentType) }}
	})
	return j.Location
}

// sitemaps are the entries of the sitemaps that a robots.txt names.
func (c *crawl) sitemaps(pl *place, id string, urls []string) (found []frontier.Entry) {
	for _, raw := range urls {
		u, err := urlkey.Clean(strings.TrimSpace(raw))
		if err != nil {
			continue
		}
		if ok, _ := pl.profile.InScope(u); ok {
			found = append(found, frontier.Entry{
				URL: u, Site: id, Hops: "S", Kind: frontier.Sitemap, Priority: frontier.First, Found: c.now(), Due: c.now(),
			})
		}
	}
	return found
}
