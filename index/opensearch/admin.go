package opensearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cundang/index"
)

// Beside implements index.Engine. What a rebuild that was broken off left is removed first.
func (e *Engine) Beside(ctx context.Context) (index.Engine, error) {
	building := e.opts.Name + "-building"
	if err := e.removeIndices(ctx, building); err != nil {
		return nil, err
	}
	fresh := &Engine{opts: e.opts, dict: e.dict, log: e.log, name: building, about: e.about}
	fresh.opts.ReadOnly = false
	var err error
	if fresh.c, err = newClient(e.opts); err != nil {
		return nil, err
	}
	if fresh.made, err = e.create(ctx, building, e.length(ctx)); err == nil {
		err = fresh.fits(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, fresh.c.close())
	}
	return fresh, nil
}

// length is how many words a text of the index has on average.
func (e *Engine) length(ctx context.Context) float32 {
	v, err := e.view(ctx)
	if err != nil {
		return referenceLength // there is none, or none that can be asked
	}
	defer v.Close()
	if v.snap.documents < 100 {
		return referenceLength
	}
	return v.snap.length
}

// removeIndices removes the indices that an alias stands for.
func (e *Engine) removeIndices(ctx context.Context, alias string) error {
	var of map[string]json.RawMessage
	if err := e.c.get(ctx, "/_alias/"+alias, &of); err != nil {
		if status(err) == 404 {
			return nil
		}
		return err
	}
	for name := range of {
		if err := e.remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) remove(ctx context.Context, name string) error {
	err := e.c.call(ctx, "DELETE", "/"+escaped(name)+"?ignore_unavailable=true", nil, nil)
	if err == nil {
		e.log.Info("index removed", "index", name)
	}
	return err
}

// Replace implements index.Engine. The alias changes over at once; the old index is removed when its views in this
// process are closed.
func (e *Engine) Replace(ctx context.Context, fresh index.Engine) error {
	f, ok := fresh.(*Engine)
	if !ok || f.made == "" {
		return fmt.Errorf("opensearch: a %T cannot take the place of %s", fresh, e.name)
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, f.Drop())
	}
	old, err := e.aliased(ctx)
	if err != nil {
		return err
	}
	actions := []object{
		{"remove": object{"index": f.made, "alias": f.name}},
		{"add": object{"index": f.made, "alias": e.name, "is_write_index": true}},
	}
	for _, name := range old {
		actions = append(actions, object{"remove": object{"index": name, "alias": e.name}})
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.c.call(ctx, "POST", "/_aliases", object{"actions": actions}, nil); err != nil {
		return err
	}
	e.snapshot.drop(e.c)
	e.about = f.about
	for _, name := range old {
		if err := e.remove(ctx, name); err != nil {
			return fmt.Errorf("the new index is in its place, the old one is left: %w", err)
		}
	}
	return nil
}

// Drop implements index.Engine.
func (e *Engine) Drop() error {
	if e.made == "" {
		return fmt.Errorf("opensearch: %s was not made beside another", e.name)
	}
	if err := e.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
		return err
	}
	c, err := newClient(e.opts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	e.c = c
	return errors.Join(e.remove(ctx, e.made), c.close())
}

// When Compact without whole pays: this share of the documents are deleted ones.
const deletedPays = 0.15

// segmentBytes is how large a segment may become when a shard is merged.
const segmentBytes = 5 << 30

// Compact implements index.Engine: segments are merged by the cluster.
func (e *Engine) Compact(ctx context.Context, whole bool) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	switch {
	case e.closed:
		return index.ErrClosed
	case e.opts.ReadOnly:
		return index.ErrReadOnly
	}
	s, err := e.stats(ctx)
	if err != nil {
		return err
	}
	docs := s.Primaries.Docs
	how := "only_expunge_deletes=true"
	if whole {
		n := 1 + s.Primaries.Store.Bytes/int64(max(e.about.shards, 1))/segmentBytes
		how = fmt.Sprintf("max_num_segments=%d", n)
		if s.Primaries.Store.Bytes > waitBytes {
			if err := e.release(ctx); err != nil {
				return err
			}
		}
	} else if float64(docs.Deleted) < deletedPays*float64(docs.Count+docs.Deleted) {
		return nil
	}
	if err := e.task(ctx, "/"+e.name+"/_forcemerge?wait_for_completion=false&"+how); err != nil {
		return err
	}
	defer e.snapshot.outdate()
	return e.refresh(ctx)
}

// What a shard keeps to bring another copy up to date is a second copy of each document, larger than all else. It is
// merged away once a lease says that no copy needs it, which the cluster renews every half a minute.
const (
	waitBytes   = 64 << 20 // of an index that is worth waiting for
	releaseTime = 45 * time.Second
)

// release waits, for a while, until a merge may leave out what copies were brought up to date with.
func (e *Engine) release(ctx context.Context) error {
	if err := e.c.call(ctx, "POST", "/"+e.name+"/_flush", nil, nil); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < releaseTime; {
		free, err := e.released(ctx)
		if free || err != nil {
			return err
		}
		if err := wait(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) released(ctx context.Context) (bool, error) {
	var of struct {
		Indices map[string]struct {
			Shards map[string][]struct {
				Seq struct {
					Max int64 `json:"max_seq_no"`
				} `json:"seq_no"`
				Retention struct {
					Leases []struct {
						From int64 `json:"retaining_seq_no"`
					}
				} `json:"retention_leases"`
			}
		}
	}
	if err := e.c.get(ctx, "/"+e.name+"/_stats/docs?level=shards", &of); err != nil {
		return false, err
	}
	for _, x := range of.Indices {
		for _, copies := range x.Shards {
			for _, c := range copies {
				for _, l := range c.Retention.Leases {
					if l.From <= c.Seq.Max {
						return false, nil
					}
				}
			}
		}
	}
	return true, nil
}

// task starts something that takes long and waits for its end; when ctx ends first it is cancelled, as far as the
// cluster can.
func (e *Engine) task(ctx context.Context, path string) error {
	var started struct{ Task string }
	if err := e.c.call(ctx, "POST", path, nil, &started); err != nil {
		return err
	}
	id := started.Task
	var t struct {
		Completed bool
		Error     *failure
		Response  struct {
			Shards struct {
				Failures []struct{ Reason failure }
			} `json:"_shards"`
		}
	}
	for try := 0; ; try++ {
		if err := wait(ctx, backoff(try)); err != nil {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return errors.Join(err, e.c.call(stop, "POST", "/_tasks/"+escaped(id)+"/_cancel", nil, nil))
		}
		if err := e.c.get(ctx, "/_tasks/"+escaped(id), &t); err != nil {
			return err
		}
		if !t.Completed {
			continue
		}
		if t.Error != nil {
			return fmt.Errorf("opensearch: %s: %v", path, t.Error)
		}
		for _, f := range t.Response.Shards.Failures {
			return fmt.Errorf("opensearch: %s: %v", path, f.Reason)
		}
		return nil
	}
}

// checkedAtOnce is how many documents Check reads in one request.
const checkedAtOnce = 200

// Check implements index.Engine: every document is read and its checksum compared.
func (e *Engine) Check(ctx context.Context) error {
	var health struct{ Status string }
	if err := e.c.get(ctx, "/_cluster/health/"+e.name, &health); err != nil {
		return err
	}
	damaged := func(format string, args ...any) error {
		return &index.DamagedError{Dir: e.where(), Err: fmt.Errorf(format, args...)}
	}
	if health.Status == "red" {
		return damaged("a part of it has no copy left in the cluster")
	}
	v, err := e.view(ctx)
	if err != nil {
		return err
	}
	n := 0
	err = v.pages(ctx, object{
		"size": checkedAtOnce, "track_total_hits": false, "sort": []object{{fKey: "asc"}},
		"_source": append([]string{"head"}, textFields...), "query": everything(),
	}, func(h *hit) error {
		n++
		s := &h.Source.source
		if id, _, _ := strings.Cut(h.ID, " "); s.Key != h.ID || s.sum() != s.Stored.Sum {
			return damaged("document %q of article %s is not what was written", h.ID, id)
		}
		return ctx.Err()
	})
	if err == nil && n != v.snap.documents {
		err = damaged("%d of %d documents can be read", n, v.snap.documents)
	}
	return errors.Join(err, v.Close())
}
