package node

import (
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
	failed := Run{Report: crawler.Report{Sites: map[string]*crawler.SiteReport{"kx": {Fetched: 3, Failed: make([]crawler.Outcome, 3)}}}}
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
		{"never an article", unread, nil, []string{"no-articles "}},
		{"fails once", failed, before, nil},
		{"fails again", failed, []Run{other, failed, before[0]}, []string{"failing "}},
		{"a wall", blocked, before, []string{"blocked "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, a := range alarms(tt.now, tt.before, time.Unix(0, 0)) {
				got = append(got, a.Kind+" "+a.Field)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
