package schedule

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/site"
)

// memory is a Store that outlives schedulers, as a disk does.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	err    error
}

func (m *memory) Value(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[name], m.err
}

func (m *memory) Put(name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[name] = slices.Clone(value)
	return nil
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// diary notes when jobs ran.
type diary struct {
	mu    sync.Mutex
	times []string
}

func (d *diary) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.times = append(d.times, time.Now().UTC().Format("02 15:04")+what)
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.times)
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func profile(t *testing.T, schedule string) *site.Profile {
	t.Helper()
	p, err := site.Load("p.yaml", []byte("site: kx\nseeds: [{url: 'http://kx.example/'}]\nschedule: {"+schedule+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin runs a scheduler of one job that takes as long as work says; stop ends it.
func begin(t *testing.T, store *memory, p *site.Profile, d *diary, work time.Duration) (s *Scheduler, stop func()) {
	t.Helper()
	j, ok := SiteJob(p, func(ctx context.Context, _ *site.Profile) error {
		d.note("")
		select {
		case <-time.After(work):
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	if !ok {
		t.Fatal("no schedule")
	}
	s, err := New(Options{Jobs: []Job{j}, Store: store, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// The bubble's clock begins at 2000-01-01 00:00 UTC.
func TestRunsOnTimeInItsZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		_, stop := begin(t, &memory{}, profile(t, "cron: 30 3 * * *"), &d, time.Hour)
		time.Sleep(3 * 24 * time.Hour)
		stop()
		// 03:30 in Shanghai.
		if diff := cmp.Diff([]string{"01 19:30", "02 19:30", "03 19:30"}, d.read()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMissedRuns(t *testing.T) {
	for _, tt := range []struct {
		misfire string
		want    []string
		missed  int
	}{
		{"skip", []string{"01 06:00", "02 18:00"}, 5},
		{"once", []string{"01 06:00", "02 13:00", "02 18:00"}, 4},
		{"all", []string{"01 06:00", "02 13:00", "02 13:10", "02 13:20", "02 13:30", "02 13:40", "02 18:00"}, 0},
	} {
		t.Run(tt.misfire, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				store := &memory{}
				p := profile(t, "cron: 0 */6 * * *, timezone: UTC, misfire: "+tt.misfire)
				_, stop := begin(t, store, p, &d, 10*time.Minute)
				time.Sleep(7 * time.Hour)
				stop()
				time.Sleep(30 * time.Hour) // down: 12, 18, 00, 06, 12 are missed
				s, stop := begin(t, store, p, &d, 10*time.Minute)
				time.Sleep(6 * time.Hour)
				if diff := cmp.Diff(tt.want, d.read()); diff != "" {
					t.Error(diff)
				}
				if got := s.Jobs()[0].Missed; got != tt.missed {
					t.Errorf("%d missed, want %d", got, tt.missed)
				}
				stop()
			})
		})
	}
}

func TestNoOverlap(t *testing.T) {
	for _, tt := range []struct {
		misfire string
		want    []string
	}{
		// Each run takes 150 minutes, an hour is scheduled: two times pass meanwhile.
		{"skip", []string{"01 01:00", "01 04:00", "01 07:00"}},
		{"once", []string{"01 01:00", "01 03:30", "01 06:00"}},
	} {
		t.Run(tt.misfire, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				_, stop := begin(t, &memory{}, profile(t, "cron: 0 * * * *, timezone: UTC, misfire: "+tt.misfire), &d,
					150*time.Minute)
				time.Sleep(8 * time.Hour)
				stop()
				if diff := cmp.Diff(tt.want, d.read()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A process that died in the middle of a run takes it up again, unless misses are skipped.
func TestInterruptedRun(t *testing.T) {
	for _, tt := range []struct {
		misfire string
		want    []string
	}{
		{"once", []string{"01 06:00", "01 06:30"}},
		{"skip", []string{"01 06:00"}},
	} {
		t.Run(tt.misfire, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				store := &memory{}
				p := profile(t, "cron: 0 6 * * *, timezone: UTC, misfire: "+tt.misfire)
				_, stop := begin(t, store, p, &d, time.Hour)
				time.Sleep(6*time.Hour + 20*time.Minute)
				stop() // 20 minutes into the run
				time.Sleep(10 * time.Minute)
				_, stop = begin(t, store, p, &d, time.Hour)
				time.Sleep(5 * time.Hour)
				stop()
				if diff := cmp.Diff(tt.want, d.read()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A schedule that changed does not make up for what it would have run before.
func TestChangedSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		store := &memory{}
		_, stop := begin(t, store, profile(t, "cron: 0 6 * * *, timezone: UTC"), &d, 0)
		time.Sleep(7 * time.Hour)
		stop()
		time.Sleep(48 * time.Hour)
		_, stop = begin(t, store, profile(t, "cron: 0 9 * * *, timezone: UTC"), &d, 0)
		time.Sleep(3 * time.Hour)
		stop()
		if diff := cmp.Diff([]string{"01 06:00", "03 09:00"}, d.read()); diff != "" {
			t.Error(diff)
		}
	})
}

// What a clock that was set does to the decisions: the wall is what decide is given.
func TestClockJumps(t *testing.T) {
	p := profile(t, "cron: 0 * * * *, timezone: UTC")
	j, _ := SiteJob(p, nil)
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	state := State{Spec: j.Spec, Slot: at, Started: at, Finished: at.Add(time.Minute)}
	for _, tt := range []struct {
		name   string
		now    time.Time
		run    bool
		missed int
		next   time.Time
	}{
		{"as usual", at.Add(30 * time.Minute), false, 0, at.Add(time.Hour)},
		{"set back a little: not twice", at.Add(-2 * time.Second), false, 0, at.Add(time.Hour)},
		{"set back half an hour", at.Add(-30 * time.Minute), false, 0, at.Add(time.Hour)},
		{"was years ahead: follows the clock", at.AddDate(-5, 0, 0), false, 0, at.AddDate(-5, 0, 0).Add(time.Hour)},
		{"slept for a day", at.Add(24*time.Hour + time.Minute), true, 23, time.Time{}},
		{"slept for years", at.AddDate(3, 0, 0), true, 1000, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := (&job{Job: j, state: state}).decide(tt.now)
			if d.run != tt.run || d.missed != tt.missed || !d.next.Equal(tt.next) {
				t.Errorf("%+v", d)
			}
			if d.run {
				again := (&job{Job: j, state: State{Spec: j.Spec, Slot: d.slot, Started: tt.now, Finished: tt.now}}).
					decide(tt.now.Add(time.Second))
				if again.run {
					t.Errorf("runs a second time: %+v", again)
				}
			}
		})
	}
}

func TestJitter(t *testing.T) {
	p := profile(t, "cron: 0 * * * *, timezone: UTC, jitter: 2h")
	j, _ := SiteJob(p, nil)
	slot := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	seen := map[time.Duration]bool{}
	for range 50 {
		d := (&job{Job: j}).delay(slot)
		if d < 0 || d >= 30*time.Minute {
			t.Fatalf("delay %v: not below half of the hour to the next run", d)
		}
		if d != (&job{Job: j}).delay(slot) {
			t.Fatal("another delay the second time")
		}
		seen[d] = true
		slot = slot.Add(time.Hour)
	}
	if len(seen) < 45 {
		t.Errorf("%d different delays of 50", len(seen))
	}
	synctest.Test(t, func(t *testing.T) {
		var d diary
		store := &memory{}
		_, stop := begin(t, store, p, &d, 0)
		for range 40 { // restarts all the time neither repeat nor lose a run
			time.Sleep(17 * time.Minute)
			stop()
			_, stop = begin(t, store, p, &d, 0)
		}
		time.Sleep(40 * time.Minute)
		stop()
		if n := len(d.read()); n != 11 {
			t.Errorf("%d runs between 00:00 and 12:00: %v", n, d.read())
		}
	})
}

func TestParallelAndTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		var jobs []Job
		for _, id := range []string{"a", "b", "c"} {
			jobs = append(jobs, Job{ID: id, Spec: "hourly", Misfire: "once",
				Next: func(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) },
				Run: func(context.Context) error {
					d.note(" " + id)
					time.Sleep(10 * time.Minute)
					return errors.New("half of it failed")
				}})
		}
		store := &memory{}
		s, err := New(Options{Jobs: jobs, Store: store, Log: quiet, Parallel: 2})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(65 * time.Minute)
		times := d.read()
		if len(times) != 2 || !strings.HasPrefix(times[0], "01 01:00") || !strings.HasPrefix(times[1], "01 01:00") {
			t.Errorf("at 01:05: %v", times)
		}
		time.Sleep(10 * time.Minute)
		if times = d.read(); len(times) != 3 || !strings.HasPrefix(times[2], "01 01:10") {
			t.Errorf("at 01:15: %v", times)
		}
		for _, st := range s.Jobs() {
			if st.ID == "b" != st.Running {
				t.Errorf("%s running %v", st.ID, st.Running)
			}
			if st.ID == "a" && (st.Error != "half of it failed" || st.Runs != 1 || st.Next.UTC().Format("15:04") != "02:00") {
				t.Errorf("a: %+v", st)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestStoreFails(t *testing.T) {
	broken := errors.New("disk gone")
	if _, err := New(Options{Jobs: []Job{{ID: "a", Next: func(t time.Time) time.Time { return t }}},
		Store: &memory{err: broken}, Log: quiet}); !errors.Is(err, broken) {
		t.Errorf("New: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		j := Job{ID: "a", Spec: "x", Next: func(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) },
			Run: func(context.Context) error { store.fail(broken); return nil }}
		s, err := New(Options{Jobs: []Job{j}, Store: store, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestTwoOfAName(t *testing.T) {
	j := Job{ID: "a", Next: func(t time.Time) time.Time { return time.Time{} }}
	if _, err := New(Options{Jobs: []Job{j, j}, Store: &memory{}, Log: quiet}); err == nil {
		t.Error("two jobs of one name")
	}
	if _, ok := SiteJob(&site.Profile{ID: "x"}, nil); ok {
		t.Error("a job without a schedule")
	}
}

// Jobs returns how the jobs stand, by ID.
func (s *Scheduler) Jobs() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Status
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		j := s.jobs[id]
		st := Status{ID: id, Running: j.running, State: j.state}
		if !j.running {
			st.Next = j.decide(now()).next
		}
		all = append(all, st)
	}
	return all
}
