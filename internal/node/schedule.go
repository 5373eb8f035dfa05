package node

import (
	"context"
	"errors"
	"fmt"

	"cundang/crawler/frontier"
	"cundang/crawler/schedule"
	"cundang/site"
)

// values keeps the scheduler's memory in the frontier.
type values struct{ *frontier.Frontier }

// Put stores a value durably.
func (v values) Put(name string, value []byte) error {
	_, err := v.Commit(frontier.Change{Values: map[string][]byte{name: value}})
	return err
}

// Schedule starts the scheduled crawls of the operator's profiles. The returned function waits
// until they have ended, which they do when ctx ends.
func (c *Crawls) Schedule(ctx context.Context) (wait func() error, err error) {
	own, err := c.node.OwnProfiles()
	if err != nil {
		return nil, err
	}
	var jobs []schedule.Job
	for _, p := range own {
		if j, ok := schedule.SiteJob(p, c.scheduled); ok {
			jobs = append(jobs, j)
		}
	}
	s, err := schedule.New(schedule.Options{Jobs: jobs, Store: values{c.node.Frontier}, Log: c.node.Log, Parallel: c.node.Workers})
	if err != nil {
		return nil, fmt.Errorf("schedule crawls: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() error {
		if err := <-done; !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}, nil
}

// scheduled crawls one site at its time and waits for the end.
func (c *Crawls) scheduled(ctx context.Context, p *site.Profile) error {
	l, err := c.begin([]*site.Profile{p}, true) // each time looks at the lists, whatever the one before left
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, l.cancel)
	defer stop()
	for {
		l.mu.Lock()
		ended, err, changed := l.ended, l.err, l.changed
		l.mu.Unlock()
		if ended {
			return err
		}
		<-changed
	}
}
