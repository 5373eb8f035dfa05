package crawler

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/robots"
	"cundang/internal/locale"
	"cundang/internal/urlkey"
	"cundang/site"
)

// Gate is one thing that stands between a URL and its visit.
type Gate struct {
	Name string    `json:"name"` // profile, scope, trap, robots, host, group, address, window, queue, history
	Open bool      `json:"open"`
	Rule string    `json:"rule"`          // the rule or fact that decides, as internal/locale stores reasons
	Till time.Time `json:"till,omitzero"` // when a closed gate opens by itself
}

// Explanation says what holds a URL or a host back, gate by gate in the order in which a
// crawl asks them.
type Explanation struct {
	Target  string    `json:"target"`
	Site    string    `json:"site,omitempty"`
	Open    bool      `json:"open"`          // nothing stands against a visit now
	Next    time.Time `json:"next,omitzero"` // when it will be visited, as far as can be said
	Gates   []Gate    `json:"gates"`
	State   string    `json:"state,omitempty"`  // of a URL that was visited
	Visited time.Time `json:"visited,omitzero"` // last visit
	Queued  int       `json:"queued,omitempty"` // of a host's site: URLs due now
}

// Why explains what becomes of a URL, or of a host when target names one. What a running
// crawl of this process keeps in memory, such as the delay between two requests, is not in it.
func Why(f *frontier.Frontier, profiles []*site.Profile, target string, now time.Time) (Explanation, error) {
	x := Explanation{Target: target}
	raw := target
	isHost := !strings.ContainsAny(strings.TrimPrefix(strings.TrimPrefix(target, "http://"), "https://"), "/?")
	if isHost && !strings.Contains(target, "://") {
		raw = "http://" + target + "/"
	}
	url, err := cleanSeed(raw)
	if err != nil {
		return x, fmt.Errorf("explain %s: %w", target, err)
	}
	p := site.ForURL(profiles, url)
	if p == nil {
		p = ofHost(profiles, urlkey.Host(url)) // out of scope, but whose scope it is can be said
	}
	if p == nil {
		x.add(Gate{Name: "profile", Rule: locale.Reason("profile.none")})
		return x, nil
	}
	x.Site = p.ID
	url = p.Identity(url)
	x.add(Gate{Name: "profile", Open: true, Rule: p.ID})
	if err := x.host(f, p, url, now); err != nil {
		return x, err
	}
	open, next := p.Open(now)
	g := Gate{Name: "window", Open: open, Rule: locale.Reason("window.always")}
	if w := p.Pace().Windows; len(w) > 0 {
		g.Rule = strings.Join(w, ", ")
	}
	if !open {
		g.Till = next
	}
	x.add(g)
	if isHost {
		x.Queued, _, err = f.Queued(p.ID, now)
		x.finish(now)
		return x, err
	}
	if err := x.url(f, p, url, now); err != nil {
		return x, err
	}
	x.finish(now)
	return x, nil
}

// ofHost returns the profile with a seed on the host, nil if there is none.
func ofHost(profiles []*site.Profile, host string) *site.Profile {
	for _, p := range profiles {
		for _, s := range p.Seeds {
			if u, err := cleanSeed(s.URL); err == nil && urlkey.Host(u) == host {
				return p
			}
		}
	}
	return nil
}

func (x *Explanation) add(g Gate) { x.Gates = append(x.Gates, g) }

// host asks what is stored of the host: its hold and its robots.txt.
func (x *Explanation) host(f *frontier.Frontier, p *site.Profile, url string, now time.Time) error {
	g := Gate{Name: "host", Open: true, Rule: locale.Reason("pace.range", p.Pace().MinDelay, p.Pace().MaxDelay)}
	b, err := f.Value(hostValues + urlkey.Host(url))
	if err != nil {
		return err
	}
	if b != nil {
		var r hostRecord
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("read stored host: %w", err)
		}
		if r.Until.After(now) {
			g = Gate{Name: "host", Rule: r.Why, Till: r.Until}
		}
	}
	x.add(g)
	return x.shared(f, p, urlkey.Host(url), now)
}

// maxNamed is how many of the hosts at an address are named.
const maxNamed = 5

// shared says with whom a host shares its requests and pauses: by its address when it was asked last, by the group
// of its profile. When another has the turn this moment only the process that crawls knows.
func (x *Explanation) shared(f *frontier.Frontier, p *site.Profile, host string, now time.Time) error {
	if p.Politeness.Group != "" {
		x.add(Gate{Name: "group", Open: true, Rule: locale.Reason("pace.group", p.Politeness.Group)})
	}
	ip, err := f.Value(hostAddress + host)
	if err != nil || ip == nil {
		return err
	}
	var others []string
	for name, v := range f.Values(hostAddress) {
		if name = name[len(hostAddress):]; name != host && string(v) == string(ip) {
			others = append(others, name)
		}
	}
	g := Gate{Name: "address", Open: true, Rule: locale.Reason("pace.alone", string(ip))}
	if n := len(others); n > 0 {
		g.Rule = locale.Reason("pace.address", string(ip), n, strings.Join(others[:min(n, maxNamed)], ", "))
	}
	if until := f.Turn(host); until.After(now) {
		g.Open, g.Till = false, until
	}
	x.add(g)
	return nil
}

// url asks what stands against one address.
func (x *Explanation) url(f *frontier.Frontier, p *site.Profile, url string, now time.Time) error {
	e, known, err := f.Lookup(p.ID, url)
	if err != nil {
		return err
	}
	ok, rule := (&place{p}).inScope(url, e.Kind)
	x.add(Gate{Name: "scope", Open: ok, Rule: rule})
	n := newNovelty()
	if err := n.load(f, p.ID, now); err != nil {
		return err
	}
	c := &crawl{novelty: n}
	if trap := c.trap(&place{p}, url, e.Kind, rule); trap != "" {
		x.add(Gate{Name: "trap", Rule: locale.Reason("trap.wayout", trap)})
	}
	b, err := f.Value("robots/" + origin(url))
	if err != nil {
		return err
	}
	g := Gate{Name: "robots", Open: true, Rule: locale.Reason("robots.unfetched")}
	if b != nil {
		var r robots.Rules
		if err := json.Unmarshal(b, &r); err != nil {
			return fmt.Errorf("read stored robots.txt: %w", err)
		}
		d := r.Decide(url)
		g.Open, g.Rule = d.Allowed, d.Rule
		if d.Line > 0 {
			g.Rule = locale.Reason("robots.line", d.Line, d.Rule)
		}
	}
	x.add(g)
	x.queue(e, known, now)
	return nil
}

// queue says where a URL stands in its queue and what its history is.
func (x *Explanation) queue(e frontier.Entry, known bool, now time.Time) {
	if !known {
		x.add(Gate{Name: "queue", Rule: locale.Reason("queue.unknown")})
		return
	}
	g := Gate{Name: "queue", Open: !e.Due.IsZero() && !e.Due.After(now), Rule: locale.Reason("queue.due")}
	switch {
	case e.Due.IsZero():
		g.Rule = locale.Reason("queue.none")
	case e.Due.After(now):
		g.Rule, g.Till = locale.Reason("queue.later"), e.Due
		if e.History.Visits > 0 {
			g.Rule = locale.Reason("queue.next", e.History.Interval.Round(time.Minute))
		}
	}
	x.add(g)
	h := e.History
	x.State, x.Visited = h.State, h.Fetched
	if h.Visits > 0 || h.Reason != "" {
		r := h.Reason // never visited, and why
		if h.Visits > 0 {
			r = locale.Reason("history.visits", h.Visits, h.Status)
			if h.Reason != "" {
				r = locale.Reason("history.because", r, h.Reason)
			}
		}
		if h.Misses > 0 {
			r = locale.Reason("history.missing", r, h.Misses, h.Missed.Format(time.DateOnly))
		}
		x.add(Gate{Name: "history", Open: true, Rule: r})
	}
}

// finish sums the gates up.
func (x *Explanation) finish(now time.Time) {
	x.Open = !slices.ContainsFunc(x.Gates, func(g Gate) bool { return !g.Open })
	for _, g := range x.Gates {
		if !g.Open && g.Till.IsZero() {
			x.Next = time.Time{} // not by waiting
			return
		}
		if g.Till.After(x.Next) {
			x.Next = g.Till
		}
	}
	if x.Open {
		x.Next = now
	}
}
