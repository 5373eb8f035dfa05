package site

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a machine without a zone database must still know Asia/Shanghai

	"cundang/internal/locale"

	"github.com/netresearch/go-cron"
)

// window is a part of the day, in minutes from midnight; it may span midnight.
type window struct{ from, to int }

func parseWindow(s string) (window, error) {
	a, b, ok := strings.Cut(s, "-")
	from, err1 := minuteOfDay(strings.TrimSpace(a))
	to, err2 := minuteOfDay(strings.TrimSpace(b))
	if !ok || err1 != nil || err2 != nil || from == to {
		return window{}, fmt.Errorf("%q is no window: write it as 22:00-06:00", s)
	}
	return window{from, to}, nil
}

func minuteOfDay(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, err
	}
	return t.Hour()*60 + t.Minute(), nil
}

func (w window) holds(minute int) bool {
	if w.from < w.to {
		return w.from <= minute && minute < w.to
	}
	return minute >= w.from || minute < w.to
}

func (c *checker) schedule(s Schedule) {
	zone, err := time.LoadLocation(or(s.Timezone, DefaultTimezone))
	if err != nil || s.Timezone == "Local" {
		c.add("schedule.timezone", fmt.Sprintf("%q is no time zone: use a name such as Asia/Shanghai", s.Timezone))
		zone = time.UTC
	}
	c.zone = zone
	c.oneOf("schedule.misfire", s.Misfire, "skip", "once", "all")
	if s.Cron == "" {
		return
	}
	if strings.Contains(s.Cron, "TZ=") {
		c.add("schedule.cron", "the time zone stands in schedule.timezone")
		return
	}
	parsed, err := cron.StandardParser().Parse(s.Cron)
	if err != nil {
		c.add("schedule.cron", fmt.Sprintf("%q is no cron expression: %v", s.Cron, err))
		return
	}
	c.next = func(t time.Time) time.Time { return parsed.Next(t.In(zone)) }
	if c.next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.add("schedule.cron", fmt.Sprintf("%q never comes", s.Cron))
	}
}

// Next returns the first scheduled start after t, the zero time if the profile has no
// schedule. Jitter is not in it.
func (p *Profile) Next(t time.Time) time.Time {
	next := p.rules().next
	if next == nil {
		return time.Time{}
	}
	return next(t)
}

// Rhythm explains together when serve crawls the site and when its pages come due, as reasons of internal/locale: the
// intervals say what a crawl finds due, the schedule when one looks.
func (p *Profile) Rhythm(now time.Time) []string {
	i := p.Intervals()
	all := []string{locale.Reason("rhythm.none", p.ID)}
	if next := p.Next(now); !next.IsZero() {
		every := p.Next(next).Sub(next)
		at := next.In(p.Zone()).Format(time.DateTime)
		all = []string{locale.Reason("rhythm.cron", p.Schedule.Cron, p.Zone(), at, hours(every))}
	}
	if w := p.Pace().Windows; len(w) > 0 {
		all = append(all, locale.Reason("rhythm.windows", strings.Join(w, ", ")))
	}
	return append(all, locale.Reason("rhythm.seeds"),
		locale.Reason("rhythm.lists", hours(i.List.Min), hours(i.List.Max), hours(i.List.First)),
		locale.Reason("rhythm.articles", hours(i.Article.Min), hours(i.Article.Max), hours(i.Article.First)),
		locale.Reason("rhythm.due"))
}

// hours writes a duration without the units that are zero.
func hours(d time.Duration) string {
	text := d.String()
	if rest, ok := strings.CutSuffix(text, "m0s"); ok {
		text = rest + "m"
	}
	if rest, ok := strings.CutSuffix(text, "h0m"); ok {
		text = rest + "h"
	}
	return text
}

// Misfire returns what to do about missed runs: "skip", "once" or "all".
func (p *Profile) Misfire() string { return or(p.Schedule.Misfire, DefaultMisfire) }

// Zone returns the time zone of schedule and windows.
func (p *Profile) Zone() *time.Location { return p.rules().zone }

// Open reports whether a crawl may run at t by the profile's windows, and otherwise when
// the next one opens.
func (p *Profile) Open(t time.Time) (open bool, next time.Time) {
	c := p.rules()
	if len(c.windows) == 0 {
		return true, t
	}
	local := t.In(c.zone)
	minute := local.Hour()*60 + local.Minute()
	for _, w := range c.windows {
		if w.holds(minute) {
			return true, t
		}
		opens := time.Date(local.Year(), local.Month(), local.Day(), 0, w.from, 0, 0, c.zone)
		if !opens.After(local) {
			opens = time.Date(local.Year(), local.Month(), local.Day()+1, 0, w.from, 0, 0, c.zone)
		}
		if next.IsZero() || opens.Before(next) {
			next = opens
		}
	}
	return false, next
}
