package schedule

import "time"

// decision is what to do about a job at a moment.
type decision struct {
	run    bool
	slot   time.Time // scheduled time up to which all is then done or decided
	missed int       // scheduled times given up
	next   time.Time // when to decide again if run is false; zero: never
}

// decide looks at the scheduled times since the last one that was dealt with.
func (j *job) decide(at time.Time) decision {
	slot := j.state.Slot
	if slot.Sub(at) > backward {
		slot = at // the clock was wrong before, or is now: follow it
	}
	if j.interrupted() && j.Misfire != "skip" {
		return decision{run: true, slot: slot}
	}
	due := j.Next(slot)
	if due.IsZero() || at.Before(due.Add(j.delay(due))) {
		d := decision{slot: slot}
		if !due.IsZero() {
			d.next = due.Add(j.delay(due))
		}
		return d
	}
	return j.overdue(at, due)
}

// interrupted reports whether the last run began and never ended: the process died.
func (j *job) interrupted() bool {
	return !j.running && !j.state.Started.IsZero() && j.state.Finished.IsZero()
}

// overdue decides about due and what came after it until now.
func (j *job) overdue(at, due time.Time) decision {
	last, count := due, 1
	for {
		after := j.Next(last)
		if after.IsZero() || at.Before(after.Add(j.delay(after))) {
			break
		}
		last = after
		if count++; count > 10*mostMissed {
			// Down for ages: where exactly the last time was does not matter.
			last = at
			break
		}
	}
	late := at.Sub(last.Add(j.delay(last))) > grace
	switch j.Misfire {
	case "all":
		if count > mostMissed {
			return decision{run: true, slot: last, missed: count - 1}
		}
		return decision{run: true, slot: due}
	case "skip":
		if late {
			d := decision{slot: last, missed: count}
			if next := j.Next(last); !next.IsZero() {
				d.next = next.Add(j.delay(next))
			}
			return d
		}
		return decision{run: true, slot: last, missed: count - 1}
	}
	return decision{run: true, slot: last, missed: count - 1}
}
