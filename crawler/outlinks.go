package crawler

import (
	"fmt"
	"strings"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/listing"
	"cundang/internal/locale"
	"cundang/site"
)

// outlinks is what a page leads to.
type outlinks struct {
	found   []frontier.Entry
	skipped []Outcome // kept out by scope
	trapped []Outcome // quarantined
	list    bool      // the page is a list
	single  bool      // a seed that shows no list: somebody may have asked for one article
	rows    int
	next    int
	leads   int    // links in scope that lead on, known ones too
	problem string // what was wrong with the list
}

// maxRedirects is how many redirects in a row are followed; maxIndexes how many sitemap
// indexes that name one another (the protocol has one).
const (
	maxRedirects = 10
	maxIndexes   = 4
)

// known tells whether a row was found before this crawl; nil counts everything as new.
type known func(url string) bool

// known returns the test for a site. A row that this crawl found elsewhere (on the home
// page, say) is no sign that the list was walked down to it.
func (c *crawl) known(site string) known {
	return func(url string) bool {
		e, ok, err := c.opts.Frontier.Lookup(site, url)
		if err != nil {
			c.commit.fail(err)
		}
		return ok && e.Found.Before(c.started)
	}
}

// outlinks discovers: the rows and further pages of a list, then the links of the page.
func (c *crawl) outlinks(pl *place, p *page, state, location string, old known) outlinks {
	var out outlinks
	e, now := p.entry, c.now()
	seen := make(map[string]bool, 64) // as many links as a page usually has
	seen[e.URL] = true
	add := func(n frontier.Entry, hop byte) {
		if n.Target == "" {
			as := pl.profile.Identity(n.URL)
			if n.URL = c.identity(pl, as); n.URL != as {
				c.inherit(e.Site, &n)
			}
		}
		if seen[n.URL] {
			return
		}
		seen[n.URL] = true
		if n.Column == "" && n.Listed == "" && n.Title == "" && !n.Retry && c.opts.Frontier.Seen(e.Site, n.URL, n.Priority) {
			out.leads++
			return
		}
		at := n.URL
		if n.Target != "" {
			at = n.Target
		}
		ok, why := pl.inScope(at, n.Kind)
		if !ok {
			if n.Kind == frontier.Requisite { // one line a host
				at = origin(at)
			}
			out.skipped = append(out.skipped, Outcome{URL: at, Reason: why})
			return
		}
		if trap := c.trap(pl, at, n.Kind, why); trap != "" {
			out.trapped = append(out.trapped, Outcome{URL: n.URL, Reason: trap})
			return
		}
		if max := pl.profile.Limits.Hops; max > 0 && len(e.Hops) >= max && n.Kind != frontier.Requisite {
			out.skipped = append(out.skipped, Outcome{URL: n.URL, Reason: locale.Reason("limit.hops")})
			return
		}
		if n.Kind != frontier.Requisite {
			out.leads++
		}
		n.Site, n.Found = e.Site, now
		if n.History.Visits == 0 {
			n.Via, n.Hops = or(n.Via, e.URL), hops(e.Hops, hop)
		}
		if n.Due.IsZero() {
			n.Due = now
		}
		out.found = append(out.found, n)
	}
	switch state {
	case StateMoved: // what stands for a page that is gone is not followed: it is a list, or says so
		switch {
		case location == "":
		case strings.HasSuffix(e.Hops, strings.Repeat("R", maxRedirects)):
			out.trapped = append(out.trapped, Outcome{URL: location,
				Reason: fmt.Sprintf("more than %d redirects in a row", maxRedirects)})
		default:
			n := moveOn(e, location)
			if url := c.identity(pl, location); old != nil && url != e.URL && c.reask(e.Site, url) {
				n.Retry, n.Due = true, now
			}
			add(n, 'R')
		}
		return out
	case StateLive:
	default:
		return out
	}
	var shown *gathered
	if pl.profile.RequisiteMode() != site.RequisitesNone {
		shown = &gathered{p: p}
	}
	if e.Kind == frontier.Requisite {
		if shown != nil {
			shown.ofSheet()
			shown.queue(&out, add)
		}
		return out
	}
	c.rows(pl, p, old, &out, seen, add)
	links, dropped := discover(p, shown)
	if dropped > 0 {
		out.trapped = append(out.trapped, Outcome{URL: e.URL,
			Reason: fmt.Sprintf("%d links of this page are beyond the first %d and were not followed", dropped, maxLinks)})
	}
	for _, l := range links {
		n := frontier.Entry{URL: l.url, Kind: l.kind, Priority: l.priority}
		if l.hop == 'R' && strings.HasSuffix(e.Hops, strings.Repeat("R", maxRedirects)) {
			out.trapped = append(out.trapped, Outcome{URL: l.url,
				Reason: fmt.Sprintf("more than %d redirects in a row", maxRedirects)})
			continue
		}
		if isList(e.Kind) && out.rows == 0 && (l.hop == 'R' || l.part) {
			add(moveOn(e, l.url), l.hop) // it only leads on: what it leads to is the list
			continue
		}
		if pl.profile.IsList(l.url) {
			n.Kind, n.Priority = frontier.List, frontier.First
		} else if n.Kind == frontier.Page && pl.profile.IsArticle(l.url) {
			n.Kind, n.Priority = frontier.Article, frontier.Fresh
		}
		if isList(e.Kind) && n.Kind != frontier.File {
			n.Column, n.Priority = e.Column, min(n.Priority, frontier.Fresh)
		}
		add(n, l.hop)
	}
	if shown != nil {
		shown.queue(&out, add)
	}
	return out
}

// trap says why an address is quarantined, "" if it is not. An allow rule of the profile
// that names it is the way out, and lists are bounded by their number of pages.
func (c *crawl) trap(pl *place, url string, k frontier.Kind, rule string) string {
	if strings.HasPrefix(rule, "scope[") {
		return ""
	}
	if why := trapped(url); why != "" {
		return why
	}
	if isList(k) || k == frontier.Article || k == frontier.Requisite {
		return ""
	}
	return c.novelty.held(pl.profile.ID, url, c.now())
}

// moveOn is the entry a redirect leads to: the same page at another address.
func moveOn(e frontier.Entry, to string) frontier.Entry {
	n := frontier.Entry{URL: to, Column: e.Column, Listed: e.Listed, Title: e.Title, Kind: e.Kind, Priority: min(e.Priority, frontier.Ordinary)}
	if n.Kind == frontier.Requisite {
		n.Priority = frontier.Again
	}
	if n.Kind == frontier.Seed {
		n.Kind = frontier.List
	}
	return n
}

// rows reads the page as a list.
func (c *crawl) rows(pl *place, p *page, old known, out *outlinks, seen map[string]bool, add func(frontier.Entry, byte)) {
	e, prof := p.entry, pl.profile
	listed := isList(e.Kind) || prof.IsList(e.URL)
	if len(p.body) == 0 || e.Kind == frontier.Article || e.Kind == frontier.File || !listed && !p.html() {
		return
	}
	lp := listing.Page{
		URL: e.URL, Base: e.Base, ContentType: p.header, Charset: p.text.Name, Body: p.text.Text, Column: e.Column,
		Listed: listed, Row: prof.Lists.Row, Date: prof.Lists.Date, NextLink: prof.Lists.Next, Link: prof.Lists.Link,
	}
	if p.readable() {
		lp.Tree, lp.Prose = p.tree, p.outlined().Prose
	}
	if e.Target != "" {
		lp.URL, lp.Post, lp.PostType = e.Target, e.Post, e.PostType
	}
	if len(lp.Body) == 0 {
		lp.Body = p.body
	}
	l, err := c.expand(lp)
	if err != nil {
		out.problem = err.Error()
		return
	}
	out.problem, out.rows, out.next = l.Problem, len(l.Rows), len(l.Next)
	out.list = listed || l.IsList && len(l.Next) > 0
	if e.Kind == frontier.Seed && !prof.NamesList(e.URL) && !isIndex(e.URL) && len(l.Next) == 0 &&
		dated(l.Rows) < sectionRows {
		out.list, out.single = false, true
	}
	fresh := 0
	for _, r := range l.Rows {
		n := frontier.Entry{URL: r.URL, Column: r.Column, Listed: r.Date, Title: r.Title, Kind: frontier.Article, Priority: frontier.Fresh}
		if e.Kind == frontier.Sitemap {
			n = frontier.Entry{URL: r.URL, Kind: frontier.Page, Priority: frontier.Ordinary}
		} else if site.DocumentType(extension(r.URL)) != "" {
			n.Kind = frontier.File
		}
		if old == nil || !old(c.identity(pl, r.URL)) {
			fresh++
		} else if e.Kind == frontier.Sitemap {
			c.lastmod(prof.ID, r, &n)
		}
		add(n, hopOf(e.Kind))
		if r.Body != "" {
			c.rowBody(pl, p, r, out, add)
		}
	}
	if len(l.Sitemaps) > 0 && strings.HasSuffix(e.Hops, strings.Repeat("S", maxIndexes)) {
		out.problem = fmt.Sprintf("a sitemap index within %d others", maxIndexes)
		l.Sitemaps = nil
	}
	for _, u := range l.Sitemaps {
		add(frontier.Entry{URL: u, Kind: frontier.Sitemap, Priority: frontier.First, Due: c.now(), Retry: old != nil}, 'S')
	}
	if e.Kind != frontier.Sitemap {
		c.pages(pl, p, l, fresh, old, add)
	}
	for _, r := range l.Next { // the walk decides about these, not the links of the page
		seen[c.identity(pl, r.Key())] = true
	}
}

func hopOf(k frontier.Kind) byte {
	if k == frontier.Sitemap {
		return 'S'
	}
	return 'L'
}

// pages queues the further pages of a list. On the first visit all of them; later only the
// next one, and only while there are rows that are new: a list is walked until it shows known articles.
func (c *crawl) pages(pl *place, p *page, l listing.Listing, fresh int, old known, add func(frontier.Entry, byte)) {
	e := p.entry
	first := e.History.Visits == 0 || old == nil
	if !first && fresh == 0 && len(l.Rows) > 0 {
		return
	}
	if first && e.Number > 2 && old != nil && len(l.Rows) > 0 && c.allKnown(pl, l.Rows) {
		return // a pager without end shows the same rows for ever
	}
	for i, r := range l.Next {
		number := r.Number
		if number == 0 {
			number = max(e.Number, 1) + 1
		}
		if number > pl.profile.MaxListPages() || !first && i > 0 {
			break
		}
		n := frontier.Entry{
			URL: r.Key(), Column: e.Column, Kind: frontier.List, Priority: frontier.First, Number: number,
			Base: or(e.Base, e.URL), Retry: !first, Due: c.now(),
		}
		if r.Method == "POST" {
			n.Post, n.PostType, n.Target = r.Body, r.ContentType, r.URL
		}
		add(n, 'L')
	}
}

// allKnown says that every row was discovered before, be it in this crawl.
func (c *crawl) allKnown(pl *place, rows []listing.Row) bool {
	for _, r := range rows {
		_, ok, err := c.opts.Frontier.Lookup(pl.profile.ID, c.identity(pl, r.URL))
		if err != nil {
			c.commit.fail(err)
		}
		if !ok {
			return false
		}
	}
	return true
}

// lastmod makes a known page due when its sitemap says that it changed since the last
// visit. A hint and no more: many sitemaps carry the day of their making.
func (c *crawl) lastmod(site string, r listing.Row, n *frontier.Entry) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		t, err := time.Parse(layout, strings.TrimSpace(r.Date))
		if err != nil {
			continue
		}
		e, ok, err := c.opts.Frontier.Lookup(site, r.URL)
		if err != nil {
			c.commit.fail(err)
		}
		if ok && e.History.Visits > 0 && t.After(e.History.Fetched) {
			n.Retry, n.Due = true, c.now()
		}
		return
	}
}

// hops appends to a discovery path, of which the last 50 letters are kept.
func hops(path string, hop byte) string {
	path += string(hop)
	return path[max(0, len(path)-50):]
}
