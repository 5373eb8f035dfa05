package site

import "time"

// Values of a profile that says nothing else.
const (
	DefaultTimezone = "Asia/Shanghai"
	DefaultMisfire  = "once"
	DefaultMaxPages = 2000
	day             = 24 * time.Hour
)

// Pace returns the politeness with the defaults filled in.
func (p *Profile) Pace() Politeness {
	pace := p.Politeness
	pace.MinDelay = or(pace.MinDelay, time.Second)
	pace.MaxDelay = max(or(pace.MaxDelay, 30*time.Second), pace.MinDelay)
	pace.Factor = or(pace.Factor, 4)
	return pace
}

// GonePolicy returns when a missing article counts as gone, with the defaults filled in.
func (p *Profile) GonePolicy() Gone {
	return Gone{Misses: or(p.Gone.Misses, 3), After: or(p.Gone.After, 3*day)}
}

// Intervals returns the bounds of the adaptive intervals with the defaults filled in.
func (p *Profile) Intervals() Revisit {
	return Revisit{
		List:    p.Revisit.List.within(Interval{Min: time.Hour, First: 6 * time.Hour, Max: 7 * day}),
		Article: p.Revisit.Article.within(Interval{Min: day, First: 7 * day, Max: 180 * day}),
	}
}

func (i Interval) within(d Interval) Interval {
	i.Min = or(i.Min, min(d.Min, or(i.Max, d.Min)))
	i.Max = or(i.Max, max(d.Max, i.Min))
	i.First = min(max(or(i.First, d.First), i.Min), i.Max)
	return i
}

// FetchMode returns how pages are fetched: "http", "browser" or "auto".
func (p *Profile) FetchMode() string { return or(p.Fetch, "http") }

// LenientTLS reports whether a failed handshake may be retried leniently.
func (p *Profile) LenientTLS() bool { return p.TLS == "lenient" }

// MaxListPages returns how many pages of one list are walked at most.
func (p *Profile) MaxListPages() int { return or(p.Lists.MaxPages, DefaultMaxPages) }

// or returns the first of a and b that is not zero.
func or[T comparable](a, b T) T {
	var zero T
	if a == zero {
		return b
	}
	return a
}
