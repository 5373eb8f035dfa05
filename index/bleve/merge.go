package bleve

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"cundang/index"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
)

// Each Put adds a segment. bleve merges them as they grow in number; what is left of that, some
// ten segments of different sizes and deleted documents in them, takes more room and time than one.

// settleShare is how much of an index may lie outside the live documents of its largest segment before Compact
// merges all into one: a quarter, so that a document is written again no more than some five times
// however often the index settles.
const settleShare = 0.25

// Compact implements indee.Engine. After a merge the index is opened anew, so that bleve removes the files of
// segments merged before, which it leaves about until the next writes.
func (e *Engine) Compact(ctx context.Context, whole bool) error {
	pays := whole
	if !whole {
		r, err := e.view()
		if err != nil {
			return err
		}
		largest := 0
		for _, s := range r.segs {
			largest = max(largest, int(s.LiveSize()))
		}
		pays = float64(r.total-largest) > settleShare*float64(largest)
		if err := r.Close(); err != nil {
			return err
		}
	}
	if pays {
		if err := e.mergeAll(ctx); err != nil {
			return err
		}
	}
	return e.removeMerged(ctx)
}

// mergePasses bounds how often bleve is asked to merge: one pass leaves a tenth of the segments, and those
// that a merge of its own had under way.
const mergePasses = 10

func (e *Engine) mergeAll(ctx context.Context) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.store == nil {
		return index.ErrClosed
	}
	s, ok := e.store.(*scorch.Scorch)
	if !ok {
		return fmt.Errorf("its store is a %T", e.store)
	}
	for range mergePasses {
		// Merged segments count once a snapshot of them is on disk, and only those on disk are
		// merged: a write waits for that.
		if err := e.touch(); err != nil {
			return err
		}
		n, err := segments(s)
		if err != nil || n <= 1 {
			return err
		}
		if err := s.ForceMerge(ctx, &mergeplan.SingleSegmentMergePlanOptions); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// removalWait bounds how long removeMerged waits for bleve.
const removalWait = 10 * time.Second

// removeMerged removes the files of segments that were merged into others. bleve does that in the background
// after it has opened an index, else some time later or never, and a Close stops it: so the index is opened anew, and
// what bleve does then is waited for.
func (e *Engine) removeMerged(ctx context.Context) error {
	if left, err := e.mergedFiles(); err != nil || left == 0 {
		return errors.Join(err, e.warmAgain(ctx))
	}
	e.mu.Lock()
	err := e.detach()
	if err == nil {
		err = e.attach()
	}
	e.mu.Unlock()
	if err == nil {
		err = e.warmAgain(ctx)
	}
	if err != nil {
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(removalWait); ; {
		if left, err := e.mergedFiles(); err != nil || left == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		case <-end:
			return nil // they take space, no more
		}
	}
}

// mergedFiles is how many segments lie on disk that the index has no more.
func (e *Engine) mergedFiles() (int, error) {
	r, err := e.view()
	if err != nil {
		return 0, err
	}
	segs := len(r.segs)
	files, err := filepath.Glob(filepath.Join(e.dir, "store", "*.zap"))
	return max(len(files)-segs, 0), errors.Join(err, r.Close())
}

// touch writes what is there already.
func (e *Engine) touch() error {
	position, err := e.b.GetInternal(keyPosition)
	if err != nil {
		return err
	}
	return e.b.SetInternal(keyPosition, position)
}

// segments is how many segments an index has.
func segments(s *scorch.Scorch) (n int, err error) {
	ir, err := s.Reader()
	if err != nil {
		return 0, err
	}
	if snap, ok := ir.(*scorch.IndexSnapshot); ok {
		n = len(snap.Segments())
	}
	return n, ir.Close()
}
