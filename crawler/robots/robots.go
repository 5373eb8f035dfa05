// Package robots obeys robots.txt as RFC 9309 has it, with Crawl-delay besides. It reads
// rules; fetching and archiving them is the crawler's.
package robots

import (
	"strconv"
	"strings"
	"time"

	"github.com/jimsmart/grobotstxt"

	"cundang/internal/locale"
)

// Agent is the product token that a robots.txt names us by.
const Agent = "cundang"

// MaxSize is how many bytes of a robots.txt count (RFC 9309, 2.5 asks for at least 500 KiB).
const MaxSize = 500 << 10

// TTL is how long a fetched robots.txt is used (RFC 9309, 2.4), Patience how long the last
// good one outlives an unreachable host (2.3.1.4).
const (
	TTL      = 24 * time.Hour
	Patience = 30 * 24 * time.Hour
)

// Rules is the robots.txt of one origin as it was when fetched. Its zero value allows nothing
// and is stale. It is a value: replace it, do not change it.
type Rules struct {
	Text    string    `json:"text,omitempty"`
	Status  int       `json:"status"`        // of the answer the rules come from; 0: unreachable
	Err     string    `json:"err,omitempty"` // why it is unreachable
	Fetched time.Time `json:"fetched"`
	// Good is when Text was last fetched with a 2xx; Text survives an unreachable host.
	Good time.Time `json:"good,omitzero"`
}

// Next returns the rules after a fetch: status 0 is an unreachable host. Redirects are
// followed by the caller; a status 3xx here is one too many of them and means there are no rules.
func (r Rules) Next(status int, body []byte, now time.Time) Rules {
	n := Rules{Status: status, Fetched: now}
	switch {
	case status >= 200 && status < 300:
		n.Text, n.Good = string(body[:min(len(body), MaxSize)]), now
	case status == 0 || status >= 500 || status == 429:
		if !r.Good.IsZero() && now.Sub(r.Good) < Patience {
			n.Text, n.Good = r.Text, r.Good
		}
	}
	return n
}

// Stale says that the rules should be fetched (again). An unreachable host is asked again
// after an hour.
func (r Rules) Stale(now time.Time) bool {
	if r.Fetched.IsZero() {
		return true
	}
	return !now.Before(r.Until())
}

// Until is when the rules become stale.
func (r Rules) Until() time.Time {
	if r.unreachable() {
		return r.Fetched.Add(time.Hour)
	}
	return r.Fetched.Add(TTL)
}

// Down says that there are no rules because the host did not give any: nothing may be
// fetched, but that is no word about any page.
func (r Rules) Down() bool { return r.unreachable() && r.Good.IsZero() }

func (r Rules) unreachable() bool { return r.Status == 0 || r.Status >= 500 || r.Status == 429 }

// Decision is whether a URL may be fetched and the line that says so.
type Decision struct {
	Allowed bool
	Line    int    // of robots.txt, from 1; 0: no line matched
	Rule    string // that line, or why there is none
}

// Decide says whether our agent may fetch url.
func (r Rules) Decide(url string) Decision { return r.decide(url, Agent) }

func (r Rules) decide(url, agent string) Decision {
	switch {
	case r.Fetched.IsZero():
		return Decision{Rule: locale.Reason("robots.unfetched")}
	case r.unreachable() && r.Good.IsZero():
		why := r.Err
		if why == "" {
			why = locale.Reason("http.status", r.Status)
		}
		return Decision{Rule: locale.Reason("robots.unreachable", why)}
	case !r.unreachable() && (r.Status < 200 || r.Status >= 300):
		return Decision{Allowed: true, Rule: locale.Reason("robots.absent", r.Status)}
	}
	d := r.match(url, agent, false)
	if _, query, _ := strings.Cut(url, "?"); d.Allowed && strings.ContainsAny(query, ":/?@[]%") {
		// A rule may write the delimiters of a query either way; what any spelling forbids is left alone.
		if whole := r.match(url, agent, true); !whole.Allowed {
			return whole
		}
	}
	return d
}

// match asks the matcher.
func (r Rules) match(url, agent string, whole bool) Decision {
	m := grobotstxt.NewRobotsMatcher()
	d := Decision{Allowed: m.AgentAllowed(normalizeRules(r.Text, whole), agent, normalizeURL(url, whole)),
		Line: m.MatchingLine()}
	d.Rule = line(r.Text, d.Line)
	if d.Line == 0 {
		d.Rule = locale.Reason("robots.none")
	}
	return d
}

// line returns line n of text, counted as the matcher counts: LF, CR and CRLF end a line.
func line(text string, n int) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	for i := 1; n > 0; i++ {
		l, rest, found := strings.Cut(text, "\n")
		if i == n {
			return strings.TrimSpace(strings.TrimPrefix(l, "\ufeff"))
		}
		if !found {
			break
		}
		text = rest
	}
	return ""
}

// Delay returns the Crawl-delay of our group, 0 if there is none. It is no part of the RFC, but sites write it.
func (r Rules) Delay() time.Duration {
	h := groups{agent: Agent}
	grobotstxt.Parse(r.Text, &h)
	s := h.all
	if h.seen {
		s = h.own
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > 0) {
		return 0
	}
	return time.Duration(min(f, 3600) * float64(time.Second))
}

// Sitemaps returns the sitemaps that the file names.
func (r Rules) Sitemaps() []string {
	h := groups{agent: Agent}
	grobotstxt.Parse(r.Text, &h)
	return h.sitemaps
}

// groups collects what the matcher does not: Crawl-delay and Sitemap.
type groups struct {
	agent             string
	inOwn, inAll, end bool
	seen              bool // a group names us
	own, all          string
	sitemaps          []string
}

func (g *groups) HandleRobotsStart() {}
func (g *groups) HandleRobotsEnd()   {}

func (g *groups) HandleUserAgent(_ int, v string) {
	if g.end {
		g.inOwn, g.inAll, g.end = false, false, false
	}
	if v == "*" {
		g.inAll = true
	} else if strings.EqualFold(product(v), g.agent) {
		g.inOwn, g.seen = true, true
	}
}

// product is the token up to the version.
func product(v string) string {
	if i := strings.IndexAny(v, "/ \t"); i >= 0 {
		return v[:i]
	}
	return v
}

func (g *groups) HandleAllow(int, string)       { g.end = true }
func (g *groups) HandleDisallow(int, string)    { g.end = true }
func (g *groups) HandleSitemap(_ int, v string) { g.sitemaps = append(g.sitemaps, v) }
func (g *groups) HandleUnknownAction(_ int, k, v string) {
	if !strings.EqualFold(k, "crawl-delay") {
		return
	}
	g.end = true
	if g.inOwn && g.own == "" {
		g.own = v
	}
	if g.inAll && g.all == "" {
		g.all = v
	}
}
