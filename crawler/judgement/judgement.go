// Package judgement says what a response says about a page, and what it does not: it folds visits into the history of a
// page. It is pure, so that histories can be made again from the archive.
package judgement

import (
	"cmp"
	"net/http"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/internal/locale"
)

// Patience is a profile's word on one kind of page: when a missing one is gone, how often it is visited.
type Patience struct {
	Misses          int           // in a row
	Over            time.Duration // from the first to the last of them
	Min, First, Max time.Duration // between visits
}

// Observation is what a visit saw, as far as judging it goes.
type Observation struct {
	Time     time.Time
	Status   int    // 0: no response
	Reason   string // of a failure of the exchange, "" if it was whole
	Location string // redirect target, cleaned, "" if none
	Blocked  string // signature of a challenge, "" if none
	Double   string // the address of the page that has this content, "" if none is known to
	Soft     string // what makes it a soft 404, "" if nothing
	Dead     bool   // the site is well otherwise: soft says that the page is gone, as a 404 does
	Same     bool   // payload or normalised content equals that of History.Ref
	Retry    time.Duration
}

// Verdict is what became of a page.
type Verdict struct {
	Outcome string // of the report, see the outcome constants
	Reason  string
}

// Outcomes of a visit.
const (
	New        = "new"
	Changed    = "changed"
	Unchanged  = "unchanged"
	Reappeared = "reappeared"
	Moved      = "moved"
	Missing    = "missing"
	Gone       = "gone"
	Blocked    = "blocked"
	Soft404    = "soft-404"
	Failed     = "failed"
	Skipped    = "skipped"
)

// Of folds one visit into a page's history. It is a pure function, so that the history
// can be made again from the archive. Ref, validators and content digest are the caller's.
func Of(h frontier.History, s Observation, p Patience) (frontier.History, Verdict) {
	was := h.State
	h.Fetched, h.Status, h.Reason = s.Time, s.Status, s.Reason
	h.Visits++
	fail := func(state, outcome, reason string) (frontier.History, Verdict) {
		h.State, h.Reason = state, reason
		h.Fails++
		h.Interval = retryAfter(h.Fails, s.Retry, p)
		if was == archive.StateMissing || was == archive.StateGone {
			h.State = was // says nothing about the page
		}
		return h, Verdict{outcome, reason}
	}
	switch {
	case s.Status == 0:
		return fail(archive.StateError, Failed, cmp.Or(s.Reason, locale.Reason("fetch.none")))
	case s.Blocked != "":
		return fail(archive.StateBlocked, Blocked, s.Blocked)
	case s.Status == http.StatusNotFound || s.Status == http.StatusGone || s.Soft != "" && s.Dead:
		return miss(h, s, p)
	case s.Soft != "":
		h.Fails = 0
		h.State, h.Reason = archive.StateSoft404, s.Soft
		h.Interval = clamp(max(h.Interval, Day), p)
		return h, Verdict{Soft404, s.Soft}
	case s.Double != "":
		return double(h, s, was, p)
	case s.Status >= 300 && s.Status < 400 && s.Status != http.StatusNotModified:
		return moved(h, s, was, p)
	case s.Status != http.StatusNotModified && (s.Status < 200 || s.Status >= 300):
		return fail(archive.StateError, Failed, locale.Reason("http.status", s.Status))
	case s.Reason != "":
		return fail(archive.StateError, Failed, s.Reason)
	}
	return live(h, s, was, p)
}

func live(h frontier.History, s Observation, was string, p Patience) (frontier.History, Verdict) {
	v := Verdict{Outcome: Unchanged}
	first := h.Live.IsZero()
	h.State, h.Live, h.Misses, h.Missed, h.Fails = archive.StateLive, s.Time, 0, time.Time{}, 0
	switch {
	case first:
		v.Outcome = New
		h.Interval, h.Changed = p.First, s.Time
	case was == archive.StateMissing || was == archive.StateGone:
		v = Verdict{Reappeared, locale.Reason("state.was", "name."+was)}
		h.Interval = p.First
	case s.Same:
		h.Interval = h.Interval * 14 / 10
	default:
		v.Outcome = Changed
		h.Interval, h.Changed = h.Interval/2, s.Time
	}
	if !s.Same {
		h.Changed = s.Time
	}
	h.Interval = clamp(h.Interval, p)
	return h, v
}

// miss counts a 404; a 410 is said on purpose and counts twice, however Soon it comes again.
func miss(h frontier.History, s Observation, p Patience) (frontier.History, Verdict) {
	h.Misses++
	h.Fails = 0
	over := p.Over
	if s.Status == http.StatusGone {
		h.Misses++
		over = 0
	}
	if h.Missed.IsZero() {
		h.Missed = s.Time
	}
	why := cmp.Or(s.Soft, locale.Reason("http.status", s.Status))
	h.Reason = s.Soft
	if h.State == archive.StateGone || h.Misses >= p.Misses && (p.Misses == 1 || s.Time.Sub(h.Missed) >= over) {
		v := Verdict{Gone, why}
		switch {
		case h.State == archive.StateGone:
			v.Outcome = Unchanged // told before
		case h.Live.IsZero():
			v.Outcome = Missing // never there
		}
		h.State = archive.StateGone
		h.Interval = clamp(max(2*h.Interval, 30*Day), p)
		return h, v
	}
	h.State = archive.StateMissing
	h.Interval = clamp(max(p.Over/time.Duration(max(p.Misses-1, 1)), p.Min), p)
	return h, Verdict{Missing, why}
}

func moved(h frontier.History, s Observation, was string, p Patience) (frontier.History, Verdict) {
	h.Fails, h.Misses, h.Missed = 0, 0, time.Time{}
	h.State, h.Reason = archive.StateMoved, ""
	h.Interval = clamp(max(h.Interval, 7*Day), p)
	if s.Location == "" {
		h.State, h.Reason = archive.StateError, locale.Reason("redirect.lost")
		return h, Verdict{Failed, h.Reason}
	}
	if was == archive.StateMoved {
		return h, Verdict{Unchanged, s.Location}
	}
	return h, Verdict{Moved, s.Location}
}

// double is an address whose page has another: like one that redirects there. One that was never a page of its own is
// no news.
func double(h frontier.History, s Observation, was string, p Patience) (frontier.History, Verdict) {
	h.Fails, h.Misses, h.Missed = 0, 0, time.Time{}
	h.State, h.Reason = archive.StateMoved, locale.Reason("double.of", s.Double)
	h.Interval = clamp(max(h.Interval, 30*Day), p)
	switch {
	case was == archive.StateMoved:
		return h, Verdict{Unchanged, h.Reason}
	case h.Live.IsZero():
		return h, Verdict{Skipped, h.Reason}
	}
	return h, Verdict{Moved, s.Double}
}

// Day is a day.
const Day = 24 * time.Hour

// Soon is after how long a page that failed once is tried again, by the same crawl if it
// has not ended.
const Soon = 5 * time.Second

// retryAfter is how long to leave a page alone after its nth failure in a row: 5 s, then
// 4 min, 16 min, 64 min, …
func retryAfter(n int, asked time.Duration, p Patience) time.Duration {
	d := Soon
	if n > 1 {
		d = time.Minute << min(2*(n-1), 16)
	}
	return min(max(d, asked), p.Max)
}

func clamp(d time.Duration, p Patience) time.Duration {
	return min(max(d, p.Min), p.Max)
}
