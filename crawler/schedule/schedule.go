// Package schedule runs jobs at the times of their cron expressions, for years: it
// remembers across restarts what ran last, never runs a job twice at once, and copes with
// missed runs and with clocks that jump.
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"cundang/site"
)

// Job is something to do at certain times.
type Job struct {
	ID   string
	Spec string // names the schedule: when it changes, runs missed under the old one are forgotten
	// Next returns the first time after t, the zero time for never.
	Next    func(t time.Time) time.Time
	Misfire string        // "skip", "once" or "all": what to do about runs that were missed
	Jitter  time.Duration // each run is late by at most this, by an amount that looks random but is always the same
	// Run does the work. Its error is kept with the state and logged; it ends nothing else.
	Run func(ctx context.Context) error
}

// SiteJob makes the job of a profile; ok is false when the profile has no schedule.
func SiteJob(p *site.Profile, run func(context.Context, *site.Profile) error) (j Job, ok bool) {
	if p.Schedule.Cron == "" {
		return Job{}, false
	}
	return Job{
		ID: p.ID, Spec: p.Schedule.Cron + " " + p.Zone().String(), Next: p.Next,
		Misfire: p.Misfire(), Jitter: p.Schedule.Jitter,
		Run: func(ctx context.Context) error { return run(ctx, p) },
	}, true
}

// Store keeps values across restarts.
type Store interface {
	Value(name string) ([]byte, error)   // nil if there is none
	Put(name string, value []byte) error // durable when it returns
}

// State is what is remembered of a job.
type State struct {
	Spec     string    `json:"spec"`
	Slot     time.Time `json:"slot"`              // scheduled time up to which all is done or decided
	Started  time.Time `json:"started,omitzero"`  // of the last run
	Finished time.Time `json:"finished,omitzero"` // zero while a run is under way, and after a crash
	Error    string    `json:"error,omitempty"`   // of the last run
	Runs     int       `json:"runs"`
	Missed   int       `json:"missed"` // scheduled times that were given up
}

// Status is a job as it stands.
type Status struct {
	ID      string
	Running bool
	Next    time.Time // zero: never
	State
}

// Options of a scheduler.
type Options struct {
	Jobs     []Job
	Store    Store
	Log      *slog.Logger // nil: slog.Default
	Parallel int          // runs at once; 0: no limit
}

// Scheduler runs jobs. Its methods are safe for concurrent use.
type Scheduler struct {
	store Store
	log   *slog.Logger
	slots chan struct{} // nil: no limit
	wake  chan struct{}

	mu   sync.Mutex
	jobs map[string]*job
}

type job struct {
	Job
	state   State
	running bool
}

const (
	// look is the longest sleep: a clock that was set, or a machine that slept, is noticed
	// after at most this.
	look = 30 * time.Second
	// grace is how late a run may start and still count as on time.
	grace = time.Minute
	// backward is how far a clock may be set back before the schedule follows it. Less than
	// that is a correction, after which nothing shall run a second time.
	backward = time.Hour
	// mostMissed is how many missed runs "all" makes up for.
	mostMissed = 100
)

// New makes a scheduler and reads what the store remembers.
func New(opts Options) (*Scheduler, error) {
	s := &Scheduler{store: opts.Store, log: opts.Log, wake: make(chan struct{}, 1), jobs: map[string]*job{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	if opts.Parallel > 0 {
		s.slots = make(chan struct{}, opts.Parallel)
	}
	for _, j := range opts.Jobs {
		if s.jobs[j.ID] != nil {
			return nil, fmt.Errorf("schedule: two jobs called %q", j.ID)
		}
		state, err := s.load(j)
		if err != nil {
			return nil, err
		}
		s.jobs[j.ID] = &job{Job: j, state: state}
	}
	return s, nil
}

func storeName(id string) string { return "schedule/" + id }

func (s *Scheduler) load(j Job) (State, error) {
	var st State
	data, err := s.store.Value(storeName(j.ID))
	if err != nil {
		return st, fmt.Errorf("read schedule of %s: %w", j.ID, err)
	}
	if data != nil {
		if err := json.Unmarshal(data, &st); err != nil {
			return st, fmt.Errorf("read schedule of %s: %w", j.ID, err)
		}
	}
	if st.Spec != j.Spec {
		// New, or changed: nothing was missed under this schedule.
		st.Spec, st.Slot = j.Spec, now()
		if err := s.save(j.ID, st); err != nil {
			return st, err
		}
	}
	return st, nil
}

func (s *Scheduler) save(id string, st State) error {
	data, err := json.Marshal(st)
	if err == nil {
		err = s.store.Put(storeName(id), data)
	}
	if err != nil {
		return fmt.Errorf("keep schedule of %s: %w", id, err)
	}
	return nil
}

// now is the wall clock without the monotonic one, so that differences follow the wall.
func now() time.Time { return time.Now().Round(0) }

// Run runs jobs until ctx ends, then waits for those under way, whose context ends too. It
// fails when the store does.
func (s *Scheduler) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var runs sync.WaitGroup
	defer runs.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return failure(ctx)
		case <-timer.C:
		case <-s.wake:
		}
		if ctx.Err() != nil {
			return failure(ctx) // an ended run may wake us together with the end of ctx
		}
		sleep, err := s.pass(ctx, cancel, &runs)
		if err != nil {
			return err
		}
		timer.Reset(sleep)
	}
}

// failure tells a broken store from an ordinary end.
func failure(ctx context.Context) error {
	if err := context.Cause(ctx); err != ctx.Err() {
		return err
	}
	return nil
}

// pass starts what is due and returns how long there is nothing to do.
func (s *Scheduler) pass(ctx context.Context, cancel context.CancelCauseFunc,
	runs *sync.WaitGroup) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sleep := look
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		j := s.jobs[id]
		if j.running {
			continue
		}
		at := now()
		d := j.decide(at)
		if d.missed > 0 {
			s.log.Warn("scheduled runs missed", "site", id, "missed", d.missed, "misfire", j.Misfire)
		}
		if d.run {
			j.state.Started, j.state.Finished, j.state.Error = at, time.Time{}, ""
		}
		if d.run || !d.slot.Equal(j.state.Slot) {
			j.state.Slot = d.slot
			j.state.Missed += d.missed
			// Before the run: after a crash it counts as interrupted, not as never begun.
			if err := s.save(id, j.state); err != nil {
				return 0, err
			}
		}
		if d.run {
			j.running = true
			runs.Go(func() { s.execute(ctx, cancel, j) })
			continue
		}
		if !d.next.IsZero() {
			sleep = min(sleep, max(d.next.Sub(at), 0))
		}
	}
	return sleep, nil
}

// execute runs one job and remembers how it ended.
func (s *Scheduler) execute(ctx context.Context, cancel context.CancelCauseFunc, j *job) {
	err := s.turn(ctx, j)
	s.mu.Lock()
	defer s.mu.Unlock()
	j.running = false
	if ctx.Err() == nil { // else it was interrupted, and is to be taken up again
		j.state.Finished, j.state.Runs = now(), j.state.Runs+1
		if err != nil {
			j.state.Error = err.Error()
			s.log.Error("scheduled run", "site", j.ID, "err", err)
		}
		if err := s.save(j.ID, j.state); err != nil {
			cancel(err)
		}
	}
	s.signal()
}

// turn waits for one of the parallel slots and runs the job.
func (s *Scheduler) turn(ctx context.Context, j *job) error {
	if s.slots != nil {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return j.Run(ctx)
}

func (s *Scheduler) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// delay is the jitter of one scheduled time: spread like chance, but the same each time it
// is asked for, so that a restart neither repeats nor loses a run. It stays below half the
// time to the run after.
func (j *job) delay(slot time.Time) time.Duration {
	most := j.Jitter
	if after := j.Next(slot); !after.IsZero() {
		most = min(most, after.Sub(slot)/2)
	}
	if most <= 0 {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", j.ID, slot.Unix())
	return time.Duration(h.Sum64() % uint64(most))
}
