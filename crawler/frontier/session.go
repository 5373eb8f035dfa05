package frontier

import (
	"container/heap"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"
)

// Session is one crawl's hold on the queues of some sites. Its methods are safe for concurrent use.
type Session struct {
	f       *Frontier
	sites   []string
	hosts   map[string]*line
	ready   lines
	dropped map[string]bool
	lease   map[string]bool // URL keys handed out and not committed yet
	wake    chan struct{}
	once    time.Time       // what was visited since is passed over
	again   map[string]bool // URL keys that are not, once
}

// line is the queues of one host in one session.
type line struct {
	host   string
	gate   *gate
	queues []*queue
	busy   bool      // a URL of this session is being fetched
	due    time.Time // when its next entry is due, zero: nothing queued
	ready  time.Time // the same, but not before the gate opens
	leased time.Time // when its last entry was: of hosts that are ready together the longest without goes first
	index  int       // in the heap, -1: not there
}

// Begin claims sites for a crawl. ErrBusy when one of them is claimed.
func (f *Frontier) Begin(sites []string) (*Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &Session{f: f, sites: slices.Clone(sites), hosts: map[string]*line{}, lease: map[string]bool{},
		dropped: map[string]bool{}, again: map[string]bool{}, wake: make(chan struct{}, 1)}
	for _, site := range sites {
		if f.open[site] != nil {
			return nil, fmt.Errorf("%w: %s", ErrBusy, site)
		}
	}
	for _, site := range sites {
		f.open[site] = s
		for host := range f.queues[site] {
			s.queue(site, host)
		}
	}
	for _, l := range s.hosts {
		if err := s.place(l); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// End gives the sites back. What was leased and not committed is queued as before.
func (s *Session) End() {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for _, site := range s.sites {
		if s.f.open[site] == s {
			delete(s.f.open, site)
		}
	}
	for _, l := range s.hosts {
		if l.busy {
			l.gate.leave(time.Time{}, time.Time{})
			s.f.freed(l.host)
		}
	}
}

// Wake is signalled when something may have become ready before the time that Next gave.
func (s *Session) Wake() <-chan struct{} { return s.wake }

func (s *Session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// queue returns the queue of a site on a host, making it if there is none.
func (s *Session) queue(site, host string) (*line, *queue) {
	l := s.hosts[host]
	if l == nil {
		if s.f.hosts[host] == nil {
			s.f.hosts[host] = &gate{}
		}
		l = &line{host: host, gate: s.f.hosts[host], index: -1}
		s.hosts[host] = l
	}
	for _, q := range l.queues {
		if q.site == site {
			return l, q
		}
	}
	q := &queue{site: site}
	for p := range q.levels {
		q.levels[p].from = append(queuePrefix(site, host), byte(p))
	}
	l.queues = append(l.queues, q)
	return l, q
}

// Next leases the entry that is due on some free host: the smallest priority first, then
// the longest due. Without one, wait is when to ask again; the zero time: nothing is queued
// but for what is leased. The host stays busy until Free or Release.
func (s *Session) Next(now time.Time) (e Entry, wait time.Time, ok bool, err error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for len(s.ready) > 0 {
		l := s.ready[0]
		if l.ready.After(now) {
			return e, l.ready, false, nil
		}
		if opens := l.gate.opens(now); opens.After(now) { // another host of the address or another session was here
			l.ready = opens
			heap.Fix(&s.ready, 0)
			continue
		}
		q, lv, err := s.first(l, now)
		if err != nil {
			return e, wait, false, err
		}
		if lv == nil {
			if err := s.place(l); err != nil {
				return e, wait, false, err
			}
			continue
		}
		h := lv.heads[0]
		lv.heads = lv.heads[1:]
		lv.from = append([]byte(h.key), 0)
		key := h.url(q.site, l.host)
		if s.lease[key] { // moved in the queue while it was being fetched
			continue
		}
		e, ok, err = s.f.get(q.site, l.host, h.rest(q.site, l.host))
		if err != nil {
			return e, wait, false, err
		}
		if !ok || e.Priority != h.priority(q.site, l.host) || milli(e.Due) != h.due {
			continue // the commit that moved it is on its way into memory
		}
		if s.passes(key, e) {
			continue
		}
		delete(s.again, key)
		s.lease[key] = true
		l.gate.enter()
		l.busy, l.leased = true, now
		heap.Pop(&s.ready)
		return e, wait, true, nil
	}
	return e, wait, false, nil
}

// first returns the level whose head goes next, nil if none is due.
func (s *Session) first(l *line, now time.Time) (*queue, *level, error) {
	var bestQ *queue
	var best *level
	bestP := int(levels)
	for _, q := range l.queues {
		for p := range q.levels {
			lv := &q.levels[p]
			if err := s.fill(q.site, l.host, p, lv); err != nil {
				return nil, nil, err
			}
			if len(lv.heads) == 0 || lv.heads[0].due > milli(now) {
				continue
			}
			if best == nil || p < bestP || p == bestP && lv.heads[0].due < best.heads[0].due {
				bestQ, best, bestP = q, lv, p
			}
			break
		}
	}
	return bestQ, best, nil
}

// place computes when a host is ready and puts it in its place among the others.
func (s *Session) place(l *line) error {
	l.ready = time.Time{}
	for _, q := range l.queues {
		for p := range q.levels {
			lv := &q.levels[p]
			if err := s.fill(q.site, l.host, p, lv); err != nil {
				return err
			}
			if len(lv.heads) == 0 {
				continue
			}
			if due := fromMilli(max(lv.heads[0].due, 1)); l.ready.IsZero() || due.Before(l.ready) {
				l.ready = due
			}
		}
	}
	l.due = l.ready
	if hold := l.gate.held(); !l.ready.IsZero() && hold.After(l.ready) {
		l.ready = hold
	}
	switch out := l.ready.IsZero() || l.busy; {
	case out && l.index >= 0:
		heap.Remove(&s.ready, l.index)
	case out:
	case l.index >= 0:
		heap.Fix(&s.ready, l.index)
	default:
		heap.Push(&s.ready, l)
	}
	return nil
}

// Held yields the hosts that have something due by now and are kept waiting, with the time until which.
func (s *Session) Held(now time.Time) iter.Seq2[string, time.Time] {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	held := map[string]time.Time{}
	for _, l := range s.ready {
		if !l.due.After(now) && l.ready.After(now) {
			held[l.host] = l.ready
		}
	}
	return maps.All(held)
}

// Sites returns the session's sites that have a queue on a host.
func (s *Session) Sites(host string) (sites []string) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if l := s.hosts[host]; l != nil {
		for _, q := range l.queues {
			sites = append(sites, q.site)
		}
	}
	return sites
}

// Drop takes a site out of the session: nothing of it is handed out any more.
func (s *Session) Drop(site string) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.dropped[site] = true
	for _, l := range s.hosts {
		for _, q := range l.queues {
			if q.site != site {
				continue
			}
			for p := range q.levels {
				q.levels[p] = level{eof: true, from: []byte{0xff}}
			}
		}
		if err := s.place(l); err != nil { // a failing read fails Next as well
			continue
		}
	}
	s.signal()
}

// Once makes the session pass over what was visited since: that it comes due again while the session
// lasts is for the next one. What failed is tried again a few times, what Again names once.
func (s *Session) Once(since time.Time) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.once = since
}

// Again makes Next hand a URL out once more though this session visited it.
func (s *Session) Again(site, url string) error {
	host, rest, err := apart(url)
	if err != nil {
		return err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.again[string(urlKey(site, host, rest))] = true
	return nil
}

// retries is how many failures in a row a session follows up by itself.
const retries = 3

// passes says that an entry is left to the next session; under mu.
func (s *Session) passes(key string, e Entry) bool {
	h := e.History
	if s.once.IsZero() || h.Fetched.Before(s.once) || h.Fails > 0 && h.Fails <= retries {
		return false
	}
	return !s.again[key]
}

// Free makes the host of a leased URL available again, not before hold, and what it shares with other hosts not before
// pause. The lease itself lasts until Commit.
func (s *Session) Free(host string, hold, pause time.Time) error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	l := s.hosts[host]
	if l == nil {
		return fmt.Errorf("free %s: not leased", host)
	}
	l.gate.leave(hold, pause)
	l.busy = false
	err := s.place(l)
	s.f.freed(host)
	s.signal()
	return err
}

// Share makes the host of a leased URL share one request at a time and one pause with all hosts that share one of the
// keys: those of its address, or of a group. What the process meets for the first time opens at first. It reports
// whether the lease may go on: while another host has the turn it must be released and its host freed.
func (s *Session) Share(host string, first time.Time, now time.Time, keys ...string) bool {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	g := s.f.hosts[host]
	if g.sharesAll(keys) {
		return true // entered with the lease
	}
	g.leave(time.Time{}, time.Time{})
	s.f.freed(host)
	g.keys, g.shared = keys, nil
	for _, k := range keys {
		if s.f.shared[k] == nil {
			s.f.shared[k] = &turn{hold: first}
		}
		g.shared = append(g.shared, s.f.shared[k])
	}
	open := !g.opens(now).After(now)
	if open {
		g.enter()
	} else {
		g.busy = true
	}
	return open
}

// Hosts returns the hosts that a site of the session has a queue on.
func (s *Session) Hosts() []string {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return slices.Collect(maps.Keys(s.hosts))
}

// Hold keeps a host from being visited before t, or before the time until which it is held already.
func (s *Session) Hold(host string, t time.Time) error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	g := s.f.hosts[host]
	if g == nil {
		g = &gate{}
		s.f.hosts[host] = g
	}
	g.hold = later(g.hold, t)
	if l := s.hosts[host]; l != nil {
		return s.place(l)
	}
	return nil
}

// Release gives a lease back undone: the entry is queued as before. The host is not freed.
func (s *Session) Release(e Entry) error {
	host, rest, err := apart(e.URL)
	if err != nil {
		return err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	key := string(urlKey(e.Site, host, rest))
	if !s.lease[key] {
		return fmt.Errorf("release %s: not leased", e.URL)
	}
	delete(s.lease, key)
	now, ok, err := s.f.get(e.Site, host, rest)
	if err != nil || !ok || now.Due.IsZero() {
		return err
	}
	if s.dropped[e.Site] {
		return nil
	}
	l, q := s.queue(e.Site, host)
	insert(q, int(now.Priority), queueKey(e.Site, host, rest, now.Priority, now.Due))
	return s.place(l)
}

// leased says that a session holds the key.
func (f *Frontier) leased(site, key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.open[site]
	return s != nil && s.lease[key]
}

// apply brings memory in line with a commit.
func (f *Frontier) apply(effects []effect) {
	f.mu.Lock()
	defer f.mu.Unlock()
	touched := map[*line]*Session{}
	for _, fx := range effects {
		s := f.open[fx.site]
		if fx.insert != nil {
			f.queue(fx.site, fx.host)
		}
		if s == nil {
			continue
		}
		l, q := s.queue(fx.site, fx.host)
		if fx.drop != "" {
			q.drop(fx.drop)
		}
		delete(s.lease, fx.done)
		if fx.insert != nil && !s.dropped[fx.site] && !s.passes(fx.key, fx.entry) {
			insert(q, int(fx.insert[len(fx.site)+len(fx.host)+3]), fx.insert)
		}
		touched[l] = s
	}
	for l, s := range touched {
		if err := s.place(l); err == nil { // a failing read fails Next as well
			s.signal()
		}
	}
}

// lines is the heap of hosts by readiness.
type lines []*line

func (h lines) Len() int { return len(h) }
func (h lines) Less(i, j int) bool {
	if h[i].ready.Equal(h[j].ready) {
		return h[i].leased.Before(h[j].leased)
	}
	return h[i].ready.Before(h[j].ready)
}
func (h lines) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }

func (h *lines) Push(x any) {
	l := x.(*line)
	l.index = len(*h)
	*h = append(*h, l)
}

func (h *lines) Pop() any {
	old := *h
	l := old[len(old)-1]
	*h = old[:len(old)-1]
	l.index = -1
	return l
}
