package frontier

import (
	"slices"
	"time"
)

// turn is one request at a time and a pause after it.
type turn struct {
	busy bool
	hold time.Time
}

// gate is what all sessions share of a host: a turn of its own, and the turns that it shares with the other hosts at
// its address and in its group. All of them under the frontier's mu.
type gate struct {
	turn
	keys   []string // of shared
	shared []*turn
	inside bool // the shared turns are taken by this host
}

// pollBusy is after how long a host is looked at again whose turn another host has, if nobody told by then.
const pollBusy = time.Second

// opens returns when the host may be asked, as far as is known: now or before when it may be at once.
func (g *gate) opens(now time.Time) time.Time {
	at := g.held()
	busy := g.busy
	for _, t := range g.shared {
		busy = busy || t.busy
	}
	if busy {
		at = later(at, now.Add(pollBusy))
	}
	return at
}

// held returns until when the host is left alone.
func (g *gate) held() time.Time {
	at := g.hold
	for _, t := range g.shared {
		at = later(at, t.hold)
	}
	return at
}

// enter takes all turns.
func (g *gate) enter() {
	g.busy, g.inside = true, true
	for _, t := range g.shared {
		t.busy = true
	}
}

// leave gives the turns back: the host's own opens again at hold, the shared ones at pause.
func (g *gate) leave(hold, pause time.Time) {
	g.busy, g.hold = false, later(g.hold, hold)
	if !g.inside {
		return
	}
	g.inside = false
	for _, t := range g.shared {
		t.busy, t.hold = false, later(t.hold, pause)
	}
}

// sharesAll reports whether the gate shares exactly the turns of the keys, and has them.
func (g *gate) sharesAll(keys []string) bool { return g.inside && slices.Equal(g.keys, keys) }

// shares reports whether two gates have a turn in common.
func (g *gate) shares(with *gate) bool {
	return slices.ContainsFunc(g.shared, func(t *turn) bool { return slices.Contains(with.shared, t) })
}

// Turn returns until when a host is left alone by this process, for its own sake or for that of those it shares
// a turn with.
func (f *Frontier) Turn(host string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.hosts[host]
	if g == nil {
		return time.Time{}
	}
	return g.held()
}

// freed places the hosts anew that may have waited for a turn of a host, in all sessions; under mu.
func (f *Frontier) freed(host string) {
	g := f.hosts[host]
	seen := map[*Session]bool{}
	for _, s := range f.open {
		if seen[s] {
			continue
		}
		seen[s] = true
		placed := false
		for name, l := range s.hosts {
			if name != host && !l.gate.shares(g) || l.index < 0 {
				continue
			}
			if err := s.place(l); err == nil { // a failing read fails Next as well
				placed = true
			}
		}
		if placed {
			s.signal()
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
