package crawler

import (
	"sync"
	"time"

	"cundang/crawler/frontier"
)

// A request that takes longer than slow has its worker stood in for, by at most standIns
// more for each worker.
const (
	slow     = time.Second
	standIns = 15
)

// crew is the workers of a crawl: size of them are at work at a time. One that waits for a slow host
// does not count and is stood in for, so that a few frozen hosts do not hold up all others. A
// host still has one request at a time.
type crew struct {
	jobs chan frontier.Entry
	size int
	// worker makes a worker: what it does with a job.
	worker  func() func(frontier.Entry)
	wg      sync.WaitGroup
	mu      sync.Mutex
	live    int // workers there are
	waiting int // of them for a slow host
}

func newCrew(size int, worker func() func(frontier.Entry)) *crew {
	w := &crew{jobs: make(chan frontier.Entry), size: size, worker: worker}
	w.mu.Lock()
	defer w.mu.Unlock()
	for range size {
		w.hire()
	}
	return w
}

// hire adds a worker; under mu.
func (w *crew) hire() {
	w.live++
	w.wg.Go(func() {
		do := w.worker()
		for e := range w.jobs {
			do(e)
			if w.spare() {
				return
			}
		}
	})
}

// spare lets a worker go when those it stood in for are back.
func (w *crew) spare() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live-w.waiting <= w.size {
		return false
	}
	w.live--
	return true
}

// request is called by a worker before a request; it calls back when the request is done.
func (w *crew) request() (back func()) {
	waits, done := false, false // under mu
	timer := time.AfterFunc(slow, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if done {
			return
		}
		waits = true
		w.waiting++
		if w.live < w.size*(1+standIns) {
			w.hire()
		}
	})
	return func() {
		timer.Stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		done = true
		if waits {
			w.waiting--
		}
	}
}

// close waits until all jobs handed out are done; no more may be.
func (w *crew) close() {
	close(w.jobs)
	w.wg.Wait()
}
