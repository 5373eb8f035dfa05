package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/archive"
	"cundang/archive/blob"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/site"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Worker takes groups and crawls a slice of each.
type Worker struct {
	opts   Options
	groups map[string]Group
}

// NewWorker returns a worker that has taken nothing.
func NewWorker(o Options) *Worker {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Worker{opts: o, groups: map[string]Group{}}
	for _, g := range o.Groups {
		w.groups[g.ID] = g
	}
	return w
}

// idle is how long a worker waits for a message before it looks whether it is to end, and how long a group rests
// between two slices.
const idle = time.Second

// Run takes one group after another until ctx ends; the slice under way is then committed as far as it has come. An
// error of one slice is logged: its group comes again, to whoever takes it.
func (w *Worker) Run(ctx context.Context) error {
	c, err := w.opts.JS.Consumer(ctx, workStream, workers)
	if err != nil {
		return fmt.Errorf("worker %s: %w", w.opts.Name, err)
	}
	for ctx.Err() == nil {
		msg, err := next(ctx, c)
		if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			continue
		}
		if err != nil {
			w.opts.Log.Warn("no message", "worker", w.opts.Name, "err", err)
			select { // a lost connection is being made again
			case <-time.After(idle):
			case <-ctx.Done():
			}
			continue
		}
		if err := w.take(ctx, msg); err != nil {
			w.opts.Log.Warn("slice failed", "worker", w.opts.Name, "group", string(msg.Data()), "err", err)
			if err := msg.NakWithDelay(idle); err != nil && ctx.Err() == nil {
				w.opts.Log.Warn("slice not given back", "worker", w.opts.Name, "err", err)
			}
		}
	}
	return nil
}

// next waits for a message.
func next(ctx context.Context, c jetstream.Consumer) (jetstream.Msg, error) {
	ctx, stop := context.WithTimeout(ctx, idle)
	defer stop()
	return c.Next(jetstream.FetchContext(ctx))
}

// take crawls a slice of the group of a message, commits it and gives the group back, or ends it.
func (w *Worker) take(ctx context.Context, msg jetstream.Msg) error {
	group, ok := w.groups[strings.TrimPrefix(msg.Subject(), workSubject)]
	if !ok {
		return fmt.Errorf("group %q is not in the configuration of this worker", string(msg.Data()))
	}
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	// What is on the wire when the worker is told to end is still committed, but not for ever.
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.opts.Lease*10, cancel) })()
	stop := w.beat(end, msg)
	more, err := w.slice(ctx, end, group, meta.Sequence.Stream)
	stop()
	if err != nil {
		return err
	}
	if more {
		// The message stays until its crawl has ended: nobody has to remember that. Until it comes again, whoever is free
		// takes another group.
		return msg.NakWithDelay(idle)
	}
	return msg.DoubleAck(end)
}

// beat tells that the worker lives until stop is called.
func (w *Worker) beat(ctx context.Context, msg jetstream.Msg) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		t := time.NewTicker(w.opts.Lease / 4)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if err := msg.InProgress(); err != nil && ctx.Err() == nil {
					w.opts.Log.Warn("no sign of life sent", "worker", w.opts.Name, "err", err)
				}
			}
		}
	})
	return func() { cancel(); wait.Wait() }
}

// slice crawls a part of a group's crawl and commits it; more says that the crawl goes on. sequence names the
// message that asked for the crawl.
func (w *Worker) slice(ctx, end context.Context, g Group, sequence uint64) (more bool, err error) {
	store := blob.Within(w.opts.Bucket, groupDir+g.ID)
	h, err := settle(end, w.opts.JS, store, g.ID)
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp(w.opts.Dir, g.ID+"-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &slice{dir: dir, store: store}
	if h.number > 0 {
		if err := archive.Restore(end, s.path("archive"), s.path("state"), store); err != nil {
			return false, err
		}
	}
	if s.frontier, err = frontier.Open(s.path("state")); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.frontier.Close()) }()
	more, done, err := s.crawl(ctx, w.opts, g, sequence)
	if err != nil || done {
		return more, err
	}
	err = s.push(end, func(ctx context.Context, number int, raw []byte) error {
		if number != h.number+1 {
			return ErrLost
		}
		_, err := publish(ctx, w.opts.JS, g.ID, h.sequence, raw)
		return err
	})
	return more, err
}

// slice is the data directory of a slice.
type slice struct {
	dir      string
	store    blob.Store
	frontier *frontier.Frontier
}

func (s *slice) path(name string) string { return filepath.Join(s.dir, name) }

func (s *slice) open() (*archive.Store, error) {
	return archive.Open(s.path("archive"),
		archive.Options{Committed: s.frontier.Committed(), Remote: s.store, NoLog: true})
}

// begun names the value that says which message the last crawl was begun for.
const begun = "cluster/work"

// crawl goes on with the group's crawl, or begins one. done says that the message's crawl has ended already: a
// worker died between its commit and its acknowledgement.
func (s *slice) crawl(ctx context.Context, o Options, g Group, sequence uint64) (more, done bool, err error) {
	going, err := crawler.UnfinishedCrawls(s.frontier)
	if err != nil {
		return false, false, err
	}
	mark := []byte(strconv.FormatUint(sequence, 10))
	was, err := s.frontier.Value(begun)
	if err != nil {
		return false, false, err
	}
	if len(going) == 0 && string(was) == string(mark) {
		return false, true, nil
	}
	if _, err := s.frontier.Commit(frontier.Change{Values: map[string][]byte{begun: mark}}); err != nil {
		return false, false, err
	}
	c := o.Crawl
	c.Profiles, c.Frontier, c.For, c.Bytes = g.Profiles, s.frontier, o.Slice, o.Bytes
	if len(going) > 0 {
		c.Resume = going[len(going)-1].Crawl
	}
	if c.Store, err = s.open(); err != nil {
		return false, false, err
	}
	report, err := crawler.Run(ctx, c)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil // the worker is to end: what has come is committed
	}
	return report.Stopped != "" || ctx.Err() != nil, false, errors.Join(err, c.Store.Close())
}

// push puts what the slice has archived, with its frontier, behind a fence.
func (s *slice) push(ctx context.Context, fence func(context.Context, int, []byte) error) error {
	a, err := s.open()
	if err != nil {
		return err
	}
	r, err := a.Push(ctx, archive.PushOptions{State: s.frontier.Checkpoint, Fence: fence, Always: true})
	if err == nil && len(r.Conflicts) > 0 {
		err = fmt.Errorf("the bucket holds other bytes under %s", r.Conflicts[0])
	}
	return errors.Join(err, a.Close())
}

// Export makes the archive of a group in a data directory, with its frontier: stubs of its WARCs, which
// archive.Store.Pull replaces.
func Export(ctx context.Context, bucket blob.Store, group, data string) error {
	if !groupID.MatchString(group) {
		return fmt.Errorf("export: %q cannot be the name of a group", group)
	}
	store := blob.Within(bucket, groupDir+group)
	return archive.Restore(ctx, filepath.Join(data, "archive"), filepath.Join(data, "state"), store)
}

// GroupOf returns the groups of profiles: those with one politeness.group together, each other one alone.
func GroupOf(profiles []*site.Profile) []Group {
	var all []Group
	at := map[string]int{}
	for _, p := range profiles {
		id := p.ID
		if p.Politeness.Group != "" {
			id = "group-" + p.Politeness.Group
		}
		i, ok := at[id]
		if !ok {
			i = len(all)
			at[id] = i
			all = append(all, Group{ID: id})
		}
		all[i].Profiles = append(all[i].Profiles, p)
	}
	return all
}
