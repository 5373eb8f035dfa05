package crawler

import (
	"net/http"
	"sync"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/urlkey"
)

// maxCookieTries is how often a crawl asks an address again that answered with a redirect and a cookie
// and came back to itself.
const maxCookieTries = 3

// cookieGates watches addresses that are shown only to who brings back a cookie: they set it with a
// redirect to themselves, at once or by way of another address.
type cookieGates struct {
	mu    sync.Mutex
	set   map[string]time.Time // host → when it last set a cookie in this crawl
	tries map[string]int       // site and URL → times asked again
}

// note keeps that a host set a cookie.
func (g *cookieGates) note(e frontier.Entry, h http.Header, at time.Time) {
	if len(h.Values("Set-Cookie")) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if host := urlkey.Host(e.URL); at.After(g.set[host]) {
		g.set[host] = at
	}
}

// since says whether a host set a cookie at a time or after it.
func (g *cookieGates) since(host string, t time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.set[host]
	return ok && !at.Before(t.Truncate(time.Millisecond))
}

// again counts one more try, and says whether there is one.
func (g *cookieGates) again(site, url string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := site + " " + url
	if g.tries[key] >= maxCookieTries {
		return false
	}
	g.tries[key]++
	return true
}

// reask says whether a redirect leads back to an address that this crawl was redirected from before it
// had the cookie it has now. Then the address is asked for once more, a few times at most.
func (c *crawl) reask(site, url string) bool {
	e, ok, err := c.opts.Frontier.Lookup(site, url)
	if err != nil {
		c.commit.fail(err)
	}
	if !ok || e.History.State != StateMoved || e.History.Fetched.Before(c.started) || !c.cookies.since(urlkey.Host(url), e.History.Fetched) {
		return false
	}
	return c.cookies.again(site, url) && c.again(site, url)
}

// again lets the session hand out once more what was visited in this crawl.
func (c *crawl) again(site, url string) bool {
	if err := c.session.Again(site, url); err != nil {
		c.commit.fail(err)
		return false
	}
	return true
}
