package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cundang/crawler/frontier"
	"cundang/internal/locale"
	"cundang/internal/urlkey"
)

// doubles learns which addresses of a site return what another returned: views for printing and telephones, session
// ids, random parameters, reply links, whatever they are called. The content decides, words of addresses do not. What
// it knows of each parameter and of each shape of address is a few digests.
type doubles struct {
	mu     sync.Mutex
	first  map[string]string    // site and address without one parameter → the first address seen with it
	params map[string]*evidence // by site and name of the parameter
	views  map[string]*evidence // by site and shape of the address
	learnt map[string][]string  // by site: parameters that change nothing
	trial  map[string][]string  // by site: those of which an address without is asked for first
}

// evidence is what the addresses of one kind returned, compared with those they seem to be doubles of.
type evidence struct {
	same  []string // digests of contents that both had
	other int      // pairs that differ
}

// The bounds of doubles. A parameter or a shape is one of doubles when enough pairs, each of another content, were
// the same and none differed; it is none when as many differ.
const (
	enoughDoubles = 3
	maxFirst      = 20000
	maxEvidence   = 2000
	maxLearnt     = 50 // parameters of a site
)

func newDoubles() *doubles {
	return &doubles{first: map[string]string{}, params: map[string]*evidence{}, views: map[string]*evidence{},
		learnt: map[string][]string{}, trial: map[string][]string{}}
}

// of returns the evidence of a kind, nil when it is decided that there are no doubles or no more can be kept.
func (d *doubles) of(kinds map[string]*evidence, key string) *evidence {
	e := kinds[key]
	if e == nil {
		if len(kinds) >= maxEvidence {
			return nil
		}
		e = &evidence{}
		kinds[key] = e
	}
	if e.other >= enoughDoubles {
		return nil
	}
	return e
}

// note takes one pair and reports whether it settles that the kind is one of doubles.
func (e *evidence) note(digest string, same bool) bool {
	switch {
	case !same:
		e.other++
	case !slices.Contains(e.same, digest) && len(e.same) < enoughDoubles:
		e.same = append(e.same, digest)
		return len(e.same) == enoughDoubles && e.other == 0
	}
	return false
}

// learntValues names the stored parameters that were found to change nothing, by site.
const learntValues = "learnt/"

// LearntDrops returns the query parameters of a site that crawls found to change nothing about a page.
func LearntDrops(f *frontier.Frontier, site string) (names []string, err error) {
	v, err := f.Value(learntValues + site)
	if err != nil || v == nil {
		return nil, err
	}
	if err := json.Unmarshal(v, &names); err != nil {
		return nil, fmt.Errorf("read what was learnt of %s: %w", site, err)
	}
	return names, nil
}

// identity returns the identity of a page: by the profile, and without the parameters that were found to change
// nothing.
func (c *crawl) identity(pl *place, url string) string {
	url = pl.profile.Identity(url)
	if !strings.Contains(url, "?") {
		return url
	}
	c.doubles.mu.Lock()
	drop := c.doubles.learnt[pl.profile.ID]
	c.doubles.mu.Unlock()
	for _, name := range drop {
		if without, has := withoutParam(url, name); has && !pl.profile.Keeps(name) {
			url = without
		}
	}
	return url
}

// withoutParam returns a URL without one query parameter.
func withoutParam(url, name string) (without string, has bool) {
	base, query, _ := strings.Cut(url, "?")
	args := strings.Split(query, "&")
	kept := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		n, _, _ := strings.Cut(arg, "=")
		return strings.EqualFold(n, name)
	})
	if len(kept) == len(args) {
		return url, false
	}
	if len(kept) == 0 {
		return base, true
	}
	return base + "?" + strings.Join(kept, "&"), true
}

// paramNames returns the names of a URL's query parameters, each once.
func paramNames(url string) (names []string) {
	_, query, found := strings.Cut(url, "?")
	if !found {
		return nil
	}
	for arg := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(arg, "=")
		if name = strings.ToLower(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// doubleOf returns the address of a page that has the content that came, "" if none is known to: the one that the
// page itself calls canonical, the one it was found on, or one that differs in a single parameter. A page that was
// seen live before is one of its own unless it says itself that it is not.
func (c *crawl) doubleOf(ctx context.Context, pl *place, p *page) string {
	e := p.entry
	if c.opts.Digest == nil || e.Target != "" || p.dom != "" || isList(e.Kind) ||
		!p.readable() || p.x == nil || p.x.Status != 200 {
		return ""
	}
	content := "" // computed when it is first needed
	same := func(url string) (is, known bool) {
		other, ok, err := c.opts.Frontier.Lookup(e.Site, url)
		if err != nil {
			c.commit.fail(err)
		}
		if !ok || url == e.URL || other.History.State != StateLive || other.History.Ref.Length == 0 || isList(other.Kind) {
			return false, false
		}
		if content == "" {
			content = or(c.opts.Digest(e.URL, p.x.Header.Get("Content-Type"), p.body), "none")
		}
		theirs := other.History.Content
		if theirs == "" {
			if theirs, err = c.contentOf(ctx, other.History.Ref); err != nil && !errors.Is(err, errNoDigest) {
				c.log.Warn("read a page to compare", "site", e.Site, "url", url, "err", err)
			}
		}
		if theirs == "" || content == "none" {
			return false, false
		}
		return theirs == content, true
	}
	if own := p.outlined().Canonical; own != "" {
		if u, err := urlkey.Resolve(e.URL, strings.TrimSpace(own), ""); err == nil {
			u = c.identity(pl, u)
			if is, _ := same(u); is {
				return u
			}
		}
	}
	if e.History.Visits > 0 || !e.History.Live.IsZero() {
		return ""
	}
	if c.proves(e, same) {
		return ""
	}
	for _, name := range paramNames(e.URL) {
		if url := c.doubleParam(pl, e, name, same, &content); url != "" {
			return url
		}
	}
	if e.Kind == frontier.Page && e.Via != "" {
		return c.doubleView(e, same, &content)
	}
	return ""
}

// doubleParam compares a page with one whose address differs in a parameter alone.
func (c *crawl) doubleParam(pl *place, e frontier.Entry, name string,
	same func(string) (bool, bool), content *string) string {
	if pl.profile.Keeps(name) {
		return ""
	}
	d := c.doubles
	without, _ := withoutParam(e.URL, name)
	d.mu.Lock()
	ev := d.of(d.params, e.Site+" "+name)
	key := e.Site + " " + name + " " + without
	first := d.first[key]
	if first == "" && len(d.first) < maxFirst {
		d.first[key] = e.URL
	}
	d.mu.Unlock()
	if ev == nil {
		return ""
	}
	twin := without
	is, known := same(without)
	if !known && first != "" {
		twin = first
		is, known = same(first)
	}
	if !known {
		return ""
	}
	d.mu.Lock()
	settled := ev.note(*content, is)
	if settled && twin != without { // its value changes nothing; whether the page comes without it is asked next
		d.trial[e.Site] = append(d.trial[e.Site], name)
		n := moveOn(e, without)
		n.Site, n.Via, n.Hops, n.Found, n.Due = e.Site, twin, hops(e.Hops, 'L'), c.now(), c.now()
		c.commit.put(result{found: []frontier.Entry{n}})
	}
	d.mu.Unlock()
	if settled && twin == without {
		c.learn(e.Site, name)
	}
	if is {
		return twin
	}
	return ""
}

// learn takes a parameter out of the identity of a site's pages.
func (c *crawl) learn(site, name string) {
	d := c.doubles
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.learnt[site]) >= maxLearnt || slices.Contains(d.learnt[site], name) {
		return
	}
	d.learnt[site] = append(slices.Clone(d.learnt[site]), name)
	text, err := json.Marshal(d.learnt[site])
	if err != nil {
		return // cannot be: strings
	}
	c.commit.put(result{values: map[string][]byte{learntValues + site: text}})
	c.log.Info("parameter learnt to change nothing", "site", site, "name", name)
}

// inherit gives an address that a parameter was taken out of the history of the page that was visited with it, in
// this crawl before that was learnt.
func (c *crawl) inherit(site string, n *frontier.Entry) {
	d := c.doubles
	d.mu.Lock()
	first := ""
	for _, name := range d.learnt[site] {
		if first = d.first[site+" "+name+" "+n.URL]; first != "" {
			break
		}
	}
	d.mu.Unlock()
	if first == "" {
		return
	}
	old, ok, err := c.opts.Frontier.Lookup(site, first)
	if err != nil {
		c.commit.fail(err)
	}
	if ok && old.History.Visits > 0 {
		*n = aliasOf(old, n.URL)
	}
}

// proves reports whether a page is the address without a parameter that was asked for to see whether it comes; it
// does if the content is that of the address with it, and the parameter is learnt.
func (c *crawl) proves(e frontier.Entry, same func(string) (bool, bool)) bool {
	d := c.doubles
	d.mu.Lock()
	trial := d.trial[e.Site]
	d.mu.Unlock()
	for _, name := range trial {
		if without, has := withoutParam(e.Via, name); has && without == e.URL {
			if is, _ := same(e.Via); is {
				c.learn(e.Site, name)
			}
			return true
		}
	}
	return false
}

// doubleView compares a page with the one it was found on. When several of its shape were the same, the shape is
// suspended.
func (c *crawl) doubleView(e frontier.Entry, same func(string) (bool, bool), content *string) string {
	d := c.doubles
	d.mu.Lock()
	ev := d.of(d.views, e.Site+" "+shape(e.URL))
	d.mu.Unlock()
	if ev == nil {
		return ""
	}
	is, known := same(e.Via)
	if !known {
		return ""
	}
	d.mu.Lock()
	settled := ev.note(*content, is) && shape(e.URL) != shape(e.Via)
	d.mu.Unlock()
	if settled {
		why := locale.Reason("trap.double", shape(e.URL), shape(e.Via))
		c.commit.put(result{values: c.novelty.suspend(e.Site, e.URL, why, c.now())})
	}
	if is {
		return e.Via
	}
	return ""
}
