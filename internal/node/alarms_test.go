package node

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cundang/crawler"

	"github.com/google/go-cmp/cmp"
)

// runOf makes a crawl of one site that brought n articles of which share have a source.
func runOf(n int, share, sure float64) Run {
	return Run{
		Report: crawler.Report{Sites: map[string]*crawler.SiteReport{"kx": {Fetched: n, New: make([]crawler.Outcome, n)}}},
		Fill: map[string]*Fill{"kx": {Articles: n, Sure: sure * float64(n), Fields: map[string]int{
			"title": n, "body": n, "source": int(share * float64(n))}}},
	}
}

func TestAlarms(t *testing.T) {
	before := []Run{runOf(20, 0.95, 0.9), runOf(30, 0.9, 0.92)}
	blocked := runOf(10, 0.9, 0.9)
	blocked.Sites["kx"].Blocked = make([]crawler.Outcome, 8)
	unread := runOf(12, 0, 0)
	unread.Fill = nil
	lists := runOf(12, 0, 0)
	lists.Fill, lists.Sites["kx"].Lists, lists.Sites["kx"].Rows = nil, 12, 120
	failed := Run{Report: crawler.Report{Sites: map[string]*crawler.SiteReport{
		"kx": {Fetched: 3, Failed: make([]crawler.Outcome, 3)}}}}
	other := Run{Report: crawler.Report{Sites: map[string]*crawler.SiteReport{"xh": {}}}}
	tests := []struct {
		name   string
		now    Run
		before []Run
		want   []string
	}{
		{"as before", runOf(10, 0.9, 0.9), before, nil},
		{"first crawl", runOf(10, 0, 0.2), nil, nil},
		{"too few to tell", runOf(4, 0, 0.9), before, nil},
		{"source is gone", runOf(10, 0.2, 0.9), before, []string{"field-fill source"}},
		{"less sure", runOf(10, 0.9, 0.6), before, []string{"confidence "}},
		{"nothing read", unread, before, []string{"no-articles "}},
		{"lists alone", lists, before, nil},
		{"never read", unread, nil, []string{"no-articles "}},
		{"fails once", failed, before, nil},
		{"fails again", failed, []Run{other, failed, before[0]}, []string{"failing "}},
		{"a wall", blocked, before, []string{"blocked "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range compare("kx", tt.now, tt.before, 100) {
				if c.raised {
					got = append(got, c.kind+" "+c.field)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAlarmsStand: an alarm stands until a crawl that can tell shows that it is over or a person acknowledges it,
// though later crawls are compared with ones that had it already; one that was acknowledged comes again only when
// it is new.
func TestAlarmsStand(t *testing.T) {
	n := &Node{Options: Options{Dir: t.TempDir()}}
	var before []Run
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	crawl := func(r Run, want ...string) {
		t.Helper()
		r.Finished = day.AddDate(0, 0, len(before))
		r.Crawl = r.Finished.Format(time.DateOnly)
		open, err := n.keepAlarms(r, before, map[string]int{"kx": 100})
		if err != nil {
			t.Fatal(err)
		}
		before = append([]Run{r}, before...)
		var got []string
		for _, a := range open {
			got = append(got, strings.TrimSuffix(a.Kind+"/"+a.Field, "/"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("crawl %d: %s", len(before), diff)
		}
	}
	good, bad := runOf(20, 0.95, 0.9), runOf(20, 0.1, 0.9)
	lists := runOf(0, 0, 0)
	lists.Fill, lists.Sites = nil, map[string]*crawler.SiteReport{"kx": {Fetched: 3, Lists: 3, Rows: 30}}
	crawl(good)
	crawl(good)
	crawl(bad, "field-fill/source")
	crawl(lists, "field-fill/source") // cannot tell
	for range alarmRuns + 2 {         // until all that is compared with is as bad
		crawl(bad, "field-fill/source")
	}
	crawl(good) // over
	for range alarmRuns {
		crawl(good)
	}
	crawl(bad, "field-fill/source") // a new one
	if _, err := n.AckAlarms([]string{"kx/nothing"}, "", day); !errors.Is(err, ErrNoAlarm) {
		t.Errorf("acknowledging what is none: %v", err)
	}
	done, err := n.AckAlarms([]string{"kx"}, "known", day)
	if err != nil || len(done) != 1 || done[0].ID != "kx/field-fill/source" {
		t.Fatalf("acknowledged %v, %v", done, err)
	}
	crawl(bad) // acknowledged and lasting
	if all, err := n.Alarms(true); err != nil || len(all) != 1 || all[0].Comment != "known" {
		t.Errorf("all alarms: %+v, %v", all, err)
	}
	crawl(good)
	for range alarmRuns {
		crawl(good)
	}
	crawl(bad, "field-fill/source") // was over, and is new
}

// TestPulse: a site that had news often and has none for long raises an alarm until it has some; what its servers
// show of themselves raises one when it changes.
func TestPulse(t *testing.T) {
	n := &Node{Options: Options{Dir: t.TempDir()}}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	crawl := func(at int, fresh bool, o crawler.Origin, want ...string) {
		t.Helper()
		s := &crawler.SiteReport{Fetched: 2, Lists: 2, Rows: 20, Unchanged: 1}
		s.Origins = map[string]crawler.Origin{"https://kx.cn": o}
		if fresh {
			s.New = make([]crawler.Outcome, 1)
		}
		r := Run{Report: crawler.Report{Finished: day.AddDate(0, 0, at), Sites: map[string]*crawler.SiteReport{"kx": s}}}
		open, err := n.keepAlarms(r, nil, map[string]int{"kx": 9})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range open {
			got = append(got, a.Kind)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("day %d: %s", at, diff)
		}
	}
	one := crawler.Origin{Certificate: "issuer A", Robots: "2 lines"}
	two := crawler.Origin{Certificate: "issuer B", Robots: "2 lines"}
	for d := range 10 {
		crawl(d, d%2 == 0, one)
	}
	crawl(20, false, crawler.Origin{}) // a crawl on which no connection was made says nothing
	crawl(39, false, one, "still")
	crawl(60, false, two, "still", "certificate")
	crawl(61, true, two, "certificate")
	crawl(62, true, one) // as before
	two.Robots = "3 lines"
	crawl(63, true, crawler.Origin{Certificate: one.Certificate, Robots: "3 lines"}, "robots")
}
