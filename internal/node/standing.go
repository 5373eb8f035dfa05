package node

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"cundang/archive/disk"
	"cundang/crawler"
	"cundang/internal/locale"
)

// An alarm stands from the crawl that raised it until a person acknowledges it or a later crawl shows that what it
// says is over. Crawls that cannot tell, such as one that looked at lists alone, change nothing.

// StandingAlarm is an alarm that is kept.
type StandingAlarm struct {
	Alarm
	ID      string    `json:"id"`            // SITE/KIND or SITE/KIND/FIELD
	Run     string    `json:"run"`           // crawl that raised it last
	Raised  time.Time `json:"raised"`        // for the first time; Time is when it was last
	Was     float64   `json:"was,omitempty"` // what a crawl must come back to
	Origin  string    `json:"origin,omitempty"`
	Before  string    `json:"before,omitempty"` // what Origin showed before it changed
	Acked   time.Time `json:"acked,omitzero"`   // by a person: it is not shown again while it lasts
	Comment string    `json:"comment,omitempty"`
}

// alarmFile names the file in the data directory that holds the alarms. It is for people to read too.
const alarmFile = "alarms.json"

// alarmState is what the file holds.
type alarmState struct {
	Alarms []StandingAlarm   `json:"alarms"`
	Pulses map[string]*pulse `json:"sites"` // by site
}

// pulse is how often a site shows something new, and what its servers showed of themselves.
type pulse struct {
	News    int                       `json:"news"`     // crawls that found new articles
	Last    time.Time                 `json:"last_new"` // the newest of them
	Longest time.Duration             `json:"longest"`  // between two of them
	Origins map[string]crawler.Origin `json:"origins,omitempty"`
}

func (n *Node) readAlarms() (alarmState, error) {
	s := alarmState{Pulses: map[string]*pulse{}}
	text, err := os.ReadFile(n.Path(alarmFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read alarms: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("read alarms in %s: %w", n.Path(alarmFile), err)
	}
	return s, nil
}

func (n *Node) writeAlarms(s alarmState) error {
	slices.SortFunc(s.Alarms, func(a, b StandingAlarm) int { return cmp.Compare(a.ID, b.ID) })
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := disk.Replace(n.Path(alarmFile), append(text, '\n'), true); err != nil {
		return fmt.Errorf("keep alarms: %w", err)
	}
	return nil
}

// Alarms returns the alarms that stand, the newest first; with acked also those that were acknowledged and last.
func (n *Node) Alarms(acked bool) ([]StandingAlarm, error) {
	n.alarming.Lock()
	defer n.alarming.Unlock()
	s, err := n.readAlarms()
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(s.Alarms, func(a StandingAlarm) bool { return !acked && !a.Acked.IsZero() })
	slices.SortStableFunc(all, func(a, b StandingAlarm) int { return b.Time.Compare(a.Time) })
	return all, nil
}

// ErrNoAlarm says that no alarm of a name stands.
var ErrNoAlarm = errors.New("no such alarm")

// AckAlarms acknowledges alarms by their IDs, or all of a site by its name, and returns those it acknowledged. What
// was acknowledged is not shown again while it lasts; when it is over and comes again it is a new alarm.
func (n *Node) AckAlarms(names []string, comment string, now time.Time) ([]StandingAlarm, error) {
	n.alarming.Lock()
	defer n.alarming.Unlock()
	s, err := n.readAlarms()
	if err != nil {
		return nil, err
	}
	var done []StandingAlarm
	for _, name := range names {
		found := false
		for i := range s.Alarms {
			a := &s.Alarms[i]
			if a.ID != name && a.Site != name {
				continue
			}
			found = true
			if a.Acked.IsZero() {
				a.Acked, a.Comment = now.UTC(), comment
				done = append(done, *a)
			}
		}
		if !found {
			return nil, fmt.Errorf("%w: %s", ErrNoAlarm, name)
		}
	}
	return done, n.writeAlarms(s)
}

// keepAlarms brings the alarms that stand in line with a crawl that has ended, and returns those of its sites that
// nobody has acknowledged.
func (n *Node) keepAlarms(run Run, before []Run, articles map[string]int) ([]Alarm, error) {
	n.alarming.Lock()
	defer n.alarming.Unlock()
	s, err := n.readAlarms()
	if err != nil {
		return nil, err
	}
	s.follow(run, before, articles)
	var open []Alarm
	for _, a := range s.Alarms {
		if run.Sites[a.Site] != nil && a.Acked.IsZero() {
			open = append(open, a.Alarm)
		}
	}
	return open, n.writeAlarms(s)
}

// follow folds a crawl into the alarms.
func (s *alarmState) follow(run Run, before []Run, articles map[string]int) {
	at := run.Finished
	for _, site := range SiteNames(run.Report) {
		checks := compare(site, run, before, articles[site])
		p := s.Pulses[site]
		if p == nil {
			p = &pulse{}
			s.Pulses[site] = p
		}
		checks = append(checks, p.follow(run.Sites[site], at)...)
		for _, c := range checks {
			s.fold(site, c, run.Crawl, at)
		}
	}
}

// fold raises, renews or ends the alarm that a check is about.
func (s *alarmState) fold(site string, c check, run string, at time.Time) {
	id := strings.TrimSuffix(site+"/"+c.kind+"/"+c.field+c.origin, "/")
	i := slices.IndexFunc(s.Alarms, func(a StandingAlarm) bool { return a.ID == id })
	a := StandingAlarm{Alarm: Alarm{Site: site, Time: at, Kind: c.kind, Field: c.field, Text: c.text},
		ID: id, Run: run, Raised: at, Was: c.was, Origin: c.origin, Before: c.before}
	switch {
	case i < 0 && c.raised:
		s.Alarms = append(s.Alarms, a)
	case i < 0:
	case s.Alarms[i].over(c):
		s.Alarms = slices.Delete(s.Alarms, i, i+1)
	case c.raised:
		old := s.Alarms[i]
		a.Raised, a.Was, a.Before = old.Raised, old.Was, cmp.Or(old.Before, c.before)
		a.Acked, a.Comment = old.Acked, old.Comment
		s.Alarms[i] = a
	}
}

// over reports whether a check shows that the alarm is over. The crawls since a fall become
// what later ones are compared with, so that a share must come back to near where it was.
func (a StandingAlarm) over(c check) bool {
	switch {
	case a.Origin != "":
		return c.now == a.Before // what an origin shows changes once and stays
	case c.raised:
		return false
	case a.Was > 0:
		return c.is >= a.Was-c.slack
	}
	return true
}

// The bounds of a site that shows nothing new any more.
const (
	stillNews   = 5                   // crawls that found something, before its rhythm is known
	stillAfter  = 30 * 24 * time.Hour // at least, however often it had news
	stillLonger = 3                   // times the longest it was still before
)

// follow folds a crawl of a site into its pulse and checks what that shows.
func (p *pulse) follow(s *crawler.SiteReport, at time.Time) []check {
	var checks []check
	switch fresh := len(s.New) > 0; {
	case fresh:
		if !p.Last.IsZero() {
			p.Longest = max(p.Longest, at.Sub(p.Last))
		}
		p.News++
		p.Last = at
		checks = append(checks, check{kind: "still"})
	case s.Lists > 0 && p.News >= stillNews:
		if still := at.Sub(p.Last); still >= max(stillAfter, stillLonger*p.Longest) {
			checks = append(checks, check{kind: "still", raised: true,
				text: locale.Reason("alarm.still", int(still.Hours()/24), int(p.Longest.Hours()/24+1))})
		}
	}
	for _, origin := range slices.Sorted(maps.Keys(s.Origins)) {
		now, was := s.Origins[origin], p.Origins[origin]
		checks = append(checks, changed("certificate", "alarm.certificate", origin, was.Certificate, now.Certificate),
			changed("robots", "alarm.robots", origin, was.Robots, now.Robots))
		if p.Origins == nil {
			p.Origins = map[string]crawler.Origin{}
		}
		p.Origins[origin] = crawler.Origin{
			Certificate: cmp.Or(now.Certificate, was.Certificate), Robots: cmp.Or(now.Robots, was.Robots),
		}
	}
	return slices.DeleteFunc(checks, func(c check) bool { return c.kind == "" })
}

// changed checks what an origin shows of itself against what it showed before; the zero check when one is not known.
func changed(kind, code, origin, was, now string) check {
	if now == "" || was == "" {
		return check{}
	}
	return check{kind: kind, origin: origin, raised: was != now, before: was, now: now,
		text: locale.Reason(code, origin, was, now)}
}
