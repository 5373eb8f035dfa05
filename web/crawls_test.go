package web

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crawlBoard is Crawls made by hand: a crawl stands still until the test moves it.
type crawlBoard struct {
	mu    sync.Mutex
	runs  []Run
	moved chan struct{} // closed and replaced at each move
}

func newCrawlBoard(at time.Time) *crawlBoard {
	return &crawlBoard{moved: make(chan struct{}),
		runs: []Run{{ID: "20261119-1", Started: at.Add(-24 * time.Hour), Finished: at.Add(-23 * time.Hour),
			Sites: []SiteRun{{Site: "qingyuan", Fetched: 120, Failed: 2, Bytes: 3 << 20,
				Counts: map[string]int{"new": 3, "gone": 1, "failed": 2, "unchanged": 114},
				Outcomes: map[string][]Outcome{"new": {{URL: plainURL}},
					"gone":   {{URL: goneURL, Reason: "404 three times since 2023-01-20"}},
					"failed": {{URL: homeURL + "x", Reason: "timeout after 30s"}}},
				Status: map[string]int{"200": 117, "404": 1}, Types: map[string]int{"text/html": 110}}}}}}
}

func (b *crawlBoard) change(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
	close(b.moved)
	b.moved = make(chan struct{})
}

func (b *crawlBoard) Sites(context.Context) ([]SiteStatus, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	running := ""
	for _, r := range b.runs {
		if r.Running {
			running = r.ID
		}
	}
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	return []SiteStatus{{ID: "qingyuan", Name: "清源县科协", Home: homeURL, Schedule: "每天 02:00",
		Last: at.Add(-24 * time.Hour), LastRun: "20261119-1",
		Next: at.Add(10 * time.Hour), Running: running, Articles: 2, Queued: 4,
		Fill: []FieldFill{{"title", 1, 1}, {"source", 0.96, 0.97}, {"author", 0.31, 0.88}, {"published", 1, 1},
			{"body", 0.99, 0.99}}},
		{ID: "baishi", Name: "白石市园艺学会", Home: "http://xh.baishi.example/", Articles: 1}}, nil
}

func (b *crawlBoard) Runs(_ context.Context, limit int) ([]Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.runs[:min(limit, len(b.runs))]), nil
}

func (b *crawlBoard) Run(_ context.Context, id string) (Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.runs {
		if r.ID == id {
			r.Sites = slices.Clone(r.Sites)
			return r, nil
		}
	}
	return Run{}, ErrNoRun
}

func (b *crawlBoard) Start(_ context.Context, sites []string) (string, error) {
	if len(sites) == 0 {
		sites = []string{"qingyuan", "baishi"}
	}
	run := Run{ID: "20261120-1", Running: true, Started: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	for _, s := range sites {
		if s != "qingyuan" && s != "baishi" {
			return "", ErrNoRun
		}
		run.Sites = append(run.Sites, SiteRun{Site: s, Queued: 10})
	}
	err := error(nil)
	b.change(func() {
		if b.runs[0].Running {
			err = ErrRunning
			return
		}
		b.runs = append([]Run{run}, b.runs...)
	})
	return run.ID, err
}

// step fetches one page of every site under way.
func (b *crawlBoard) step() {
	b.change(func() {
		for i := range b.runs[0].Sites {
			s := &b.runs[0].Sites[i]
			s.Fetched++
			s.Queued--
			s.Bytes += 20_000
			s.Rate, s.URL = 1.5, homeURL+"art/"
		}
	})
}

func (b *crawlBoard) Stop(_ context.Context, id string) error {
	err := ErrNoRun
	b.change(func() {
		for i := range b.runs {
			if b.runs[i].ID == id {
				b.runs[i].Running, b.runs[i].Finished = false, b.runs[i].Started.Add(time.Minute)
				err = nil
			}
		}
	})
	return err
}

func (b *crawlBoard) Watch(ctx context.Context, id string) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for {
			b.mu.Lock()
			moved := b.moved
			b.mu.Unlock()
			run, err := b.Run(ctx, id)
			if err != nil || !yield(run) || !run.Running {
				return
			}
			select {
			case <-moved:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (b *crawlBoard) Alarms(context.Context) ([]Alarm, error) {
	return []Alarm{{Site: "qingyuan", Time: time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC), Kind: "field-fill",
		Text: "作者：88% → 31%", Run: "20261119-1", Field: "author"}}, nil
}

func (b *crawlBoard) Review(_ context.Context, offset, limit int) ([]Doubt, int, error) {
	all := []Doubt{{ID: idOf(goneURL), URL: goneURL, Site: "qingyuan", Title: "清源县举办全国科普日活动",
		Confidence: 0.55, Fetched: time.Date(2022, 10, 27, 2, 0, 0, 0, time.UTC), Reasons: []string{"来源存疑"}}}
	return all[min(offset, len(all)):min(offset+limit, len(all))], len(all), nil
}

func (b *crawlBoard) Findings(_ context.Context, offset, limit int) ([]Finding, int, error) {
	all := []Finding{
		{Ref: "a.warc.gz:0", URL: "http://kx.qingyuan.gov.cn/fujian/mingdan.html", Site: "qingyuan",
			Time: time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC), Code: "truncated",
			Reason: "finding.truncated", Cure: "cundang show --html URL"},
		{Ref: "a.warc.gz:900", URL: goneURL, Site: "qingyuan", Time: time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC),
			Code:   "revisit-unresolved",
			Reason: "finding.revisit-unresolved", Origin: "http://kx.qingyuan.gov.cn/yuan.html",
			Cure: "cundang archive import FILE"}}
	return all[min(offset, len(all)):min(offset+limit, len(all))], len(all), nil
}

func TestFindings(t *testing.T) {
	w := newWorld(t)
	w.opts.Crawls = newCrawlBoard(w.opts.Now())
	srv := w.serve()
	_, body := fetch(t, "GET", srv.URL+"/api/v1/findings?offset=1&limit=5")
	var got findingList
	w.check(json.Unmarshal([]byte(body), &got))
	want, total, err := w.opts.Crawls.Findings(context.Background(), 1, 5)
	w.check(err)
	if diff := cmp.Diff(findingList{total, want}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCrawlEvents(t *testing.T) {
	w := newWorld(t)
	board := newCrawlBoard(w.opts.Now())
	w.opts.Crawls = board
	srv := w.serve()
	id, err := board.Start(context.Background(), nil)
	w.check(err)
	res, events := fetchStream(t, srv.URL+"/api/v1/crawls/"+id+"/events")
	defer func() { w.check(res.Body.Close()) }()
	if first := <-events; !strings.Contains(first, `"fetched":0`) {
		t.Errorf("first event: %s", first)
	}
	board.step()
	if next := <-events; !strings.Contains(next, `"fetched":1`) {
		t.Errorf("second event: %s", next)
	}
	w.check(board.Stop(context.Background(), id))
	if last := <-events; !strings.Contains(last, `"running":false`) {
		t.Errorf("last progress: %s", last)
	}
	if end := <-events; !strings.Contains(end, `"id":"`+id+`"`) {
		t.Errorf("end: %s", end)
	}
}
