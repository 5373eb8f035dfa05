package crawler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
)

// A group commit holds at most groupSize captures and none for longer than groupAge.
const (
	groupSize = 64
	groupAge  = 100 * time.Millisecond
)

// committer makes what the workers bring durable, a group at a time: archive.Sync, then one
// synced frontier batch, then archive.Commit (docs/architecture.md, the commit protocol).
type committer struct {
	c *crawl
	// gate: an append and its place in the batch are one step seen from a commit, or the
	// committed end of a file would cover captures whose URLs are still queued.
	gate    sync.RWMutex
	mu      sync.Mutex
	batch   []result
	fault   error
	failed  chan struct{} // closed at the first fault
	kick    chan struct{}
	stop    chan struct{}
	idle    chan struct{} // signalled when pending fell
	working atomic.Int64  // workers at work
}

// result is what a visit wants written.
type result struct {
	done   []frontier.Entry
	found  []frontier.Entry
	values map[string][]byte
	leases int // leases that end with it
	// capture: a capture was appended.
	capture bool
	tell    func() // the report, once it is durable
}

func newCommitter(c *crawl) *committer {
	return &committer{
		c: c, failed: make(chan struct{}), kick: make(chan struct{}, 1),
		stop: make(chan struct{}), idle: make(chan struct{}, 1),
	}
}

func (m *committer) err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fault
}

func (m *committer) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault == nil {
		m.fault = err
		close(m.failed)
	}
}

// roomAgain is how often a crawl that waits for room on the disk looks whether there is some.
const roomAgain = 2 * time.Second

// append archives an exchange and hands in what build makes of its Ref. A full disk pauses
// the crawl until something can be written again or ctx ends.
func (m *committer) append(ctx context.Context, x archive.Exchange, build func(archive.Ref) result) {
	for {
		err := m.tryAppend(ctx, x, build)
		switch {
		case err == nil:
			return
		case !errors.Is(err, archive.ErrNoSpace) || m.err() != nil:
			m.fail(fmt.Errorf("archive %s: %w", x.URL, err))
			return
		}
		m.c.log.Error("disk full: the crawl waits for room", "site", x.Site, "url", x.URL, "dir", m.c.opts.Store.Dir(), "err", err)
		select {
		case <-time.After(roomAgain):
		case <-ctx.Done():
			m.fail(fmt.Errorf("archive %s: %w", x.URL, err))
			return
		}
	}
}

func (m *committer) tryAppend(ctx context.Context, x archive.Exchange, build func(archive.Ref) result) error {
	m.gate.RLock()
	defer m.gate.RUnlock()
	if canWrite := m.c.opts.CanWrite; canWrite != nil {
		if err := canWrite(); err != nil {
			return fmt.Errorf("%w: %w", archive.ErrNoSpace, err)
		}
	}
	ref, err := m.c.opts.Store.Append(ctx, x)
	if err != nil {
		return err
	}
	r := build(ref)
	r.capture = true
	m.put(r)
	return nil
}

// put hands in a result that has no capture.
func (m *committer) put(r result) {
	m.mu.Lock()
	m.batch = append(m.batch, r)
	full := len(m.batch) >= groupSize
	m.mu.Unlock()
	if full {
		m.signal()
	}
}

// rest says that a worker has nothing to do; when none has, waiting for more is in vain.
func (m *committer) rest() {
	if m.working.Add(-1) == 0 {
		m.signal()
	}
}

func (m *committer) signal() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}

func (m *committer) loop() {
	tick := time.NewTicker(groupAge)
	defer tick.Stop()
	for {
		select {
		case <-m.kick:
		case <-tick.C:
		case <-m.stop:
			m.flush()
			return
		}
		m.flush()
	}
}

// close commits the rest; no worker is at work any more.
func (m *committer) close() { close(m.stop) }

func (m *committer) flush() {
	m.gate.Lock()
	m.mu.Lock()
	batch, fault := m.batch, m.fault
	m.batch = nil
	m.mu.Unlock()
	if len(batch) == 0 || fault != nil {
		m.gate.Unlock()
		return
	}
	// Not the crawl's context: an interrupted crawl still acknowledges what it has.
	began := time.Now()
	ends, err := m.c.opts.Store.Sync(context.Background())
	synced := time.Since(began)
	m.gate.Unlock()
	if err != nil {
		m.fail(fmt.Errorf("sync archive: %w", err))
		return
	}
	ch := frontier.Change{Ends: m.own(ends), Values: map[string][]byte{}}
	leases, captures, n := 0, 0, 0
	for _, r := range batch {
		n += len(r.found)
		if r.capture {
			captures++
		}
	}
	ch.Done, ch.Found = make([]frontier.Entry, 0, len(batch)), make([]frontier.Entry, 0, n)
	for _, r := range batch {
		ch.Done = append(ch.Done, r.done...)
		ch.Found = append(ch.Found, r.found...)
		for k, v := range r.values {
			ch.Values[k] = v
		}
		leases += r.leases
	}
	added, err := m.c.opts.Frontier.Commit(ch)
	if err != nil {
		m.fail(err)
		return
	}
	if err := m.c.opts.Store.Commit(ch.Ends); err != nil {
		m.fail(fmt.Errorf("commit archive: %w", err))
		return
	}
	m.c.report.committed(batch, added)
	m.c.opts.Meter.Commit(captures, synced)
	if m.c.opts.Committed != nil {
		m.c.opts.Committed()
	}
	m.c.pending.Add(-int64(leases))
	m.wake()
}

// wake tells the dispatcher that fewer leases are pending.
func (m *committer) wake() {
	select {
	case m.idle <- struct{}{}:
	default:
	}
}

// own keeps the ends of this crawl's sites: another crawl may be appending to other files.
func (m *committer) own(ends map[string]int64) map[string]int64 {
	own := make(map[string]int64, len(ends))
	for file, end := range ends {
		site, _, _ := strings.Cut(file, "/")
		if m.c.sites[site] != nil {
			own[file] = end
		}
	}
	return own
}
