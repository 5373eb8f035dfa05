package schedule

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A year of a job under random downtime, long runs, crashes and small clock corrections.
// No slot runs twice; "all" leaves none out; "skip" never runs late.
func TestSimulatedYear(t *testing.T) {
	for _, misfire := range []string{"skip", "once", "all"} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("%s %d", misfire, seed), func(t *testing.T) {
				simulate(t, misfire, rand.New(rand.NewPCG(seed, 7)))
			})
		}
	}
}

func simulate(t *testing.T, misfire string, rnd *rand.Rand) {
	p := profile(t, "cron: '15 2,14 * * *', jitter: 1h, misfire: "+misfire)
	def, _ := SiteJob(p, nil)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	j := &job{Job: def, state: State{Spec: def.Spec, Slot: start}}
	clock, last := start, start
	ran, given := 0, 0
	for clock.Before(start.AddDate(1, 0, 0)) {
		d := j.decide(clock)
		given += d.missed
		if !d.run {
			if d.slot.Before(last) {
				t.Fatalf("slot goes back from %v to %v at %v", last, d.slot, clock)
			}
			j.state.Slot, last = d.slot, d.slot
			clock = clock.Add(step(rnd, d.next.Sub(clock)))
			continue
		}
		again := j.interrupted()
		switch {
		case again && d.slot.Equal(last):
		case !d.slot.After(last):
			t.Fatalf("slot %v runs again at %v", d.slot, clock)
		case misfire == "all" && !d.slot.Equal(j.Next(last)):
			t.Fatalf("after %v runs %v", last, d.slot)
		case misfire == "skip" && clock.Sub(d.slot.Add(j.delay(d.slot))) > grace:
			t.Fatalf("slot %v runs at %v", d.slot, clock)
		}
		ran++
		j.state.Slot, j.state.Started, j.state.Finished, last = d.slot, clock, time.Time{}, d.slot
		clock = clock.Add(time.Duration(rnd.Int64N(int64(5 * time.Hour))))
		if rnd.IntN(10) > 0 { // else it died in the run
			j.state.Finished = clock
		}
	}
	if ran < 100 || ran+given < 600 {
		t.Errorf("%d runs, %d given up in a year of two a day", ran, given)
	}
}

// step is how long until the next look: as the scheduler sleeps, sometimes down for days,
// sometimes with the clock set back a little.
func step(rnd *rand.Rand, until time.Duration) time.Duration {
	switch rnd.IntN(200) {
	case 0:
		return time.Duration(rnd.Int64N(int64(4 * 24 * time.Hour)))
	case 1:
		return -time.Duration(rnd.Int64N(int64(20 * time.Minute)))
	}
	return min(max(until, time.Second), 30*time.Minute)
}
