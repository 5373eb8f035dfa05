package index

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
)

// Each Put adds a segment. bleve merges them as they grow in number; what is left of that, some
// ten segments of different sizes and deleted documents in them, takes more room and time than one.

// settleShare is how much of an index may lie outside the live documents of its largest segment before Settle
// merges all into one: a quarter, so that a document is written again no more than some five times
// however often the index settles.
const settleShare = 0.25

// Settle makes the index small and fast again after many Puts: it merges when that pays, and
// removes the files of segments merged before, which bleve leaves about until the next writes. It is for
// the end of a crawl: Puts wait meanwhile, searches only for the moment in which the index is opened anew. When ctx
// ends first, the index stays as it is.
func (x *Index) Settle(ctx context.Context) error {
	if x.opts.ReadOnly || ctx.Err() != nil {
		return nil
	}
	x.write.Lock()
	defer x.write.Unlock()
	r, done, err := x.read()
	if err != nil {
		return err
	}
	largest := 0
	for _, s := range r.segs {
		largest = max(largest, int(s.LiveSize()))
	}
	loose := r.total - largest
	err = done()
	switch {
	case err != nil:
	case float64(loose) > settleShare*float64(largest):
		if err = x.optimize(ctx); ctx.Err() != nil {
			return nil
		}
	default:
		err = x.removeMerged(ctx)
	}
	if err != nil {
		return fmt.Errorf("settle index: %w", err)
	}
	return nil
}

// Optimize merges the index into one segment: the smallest and fastest form, at the cost of
// writing all of it once more; Puts wait meanwhile, searches only for the moment in which the index is opened
// anew. Later Puts add segments, which bleve merges as it sees fit.
func (x *Index) Optimize(ctx context.Context) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.opts.ReadOnly {
		return fmt.Errorf("optimize index: %w", ErrReadOnly)
	}
	if err := x.optimize(ctx); err != nil {
		return fmt.Errorf("optimize index: %w", err)
	}
	return nil
}

func (x *Index) optimize(ctx context.Context) error {
	if err := x.mergeAll(ctx); err != nil {
		return err
	}
	return x.removeMerged(ctx)
}

// mergePasses bounds how often bleve is asked to merge: one pass leaves a tenth of the segments, and those
// that a merge of its own had under way.
const mergePasses = 10

func (x *Index) mergeAll(ctx context.Context) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.store == nil {
		return ErrClosed
	}
	s, ok := x.store.(*scorch.Scorch)
	if !ok {
		return fmt.Errorf("its store is a %T", x.store)
	}
	for range mergePasses {
		// Merged segments count once a snapshot of them is on disk, and only those on disk are
		// merged: a write waits for that.
		if err := x.touch(); err != nil {
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
func (x *Index) removeMerged(ctx context.Context) error {
	if left, err := x.mergedFiles(); err != nil || left == 0 {
		return errors.Join(err, x.warmAgain(ctx))
	}
	x.mu.Lock()
	err := x.detach()
	if err == nil {
		err = x.attach()
	}
	x.mu.Unlock()
	if err == nil {
		err = x.warmAgain(ctx)
	}
	if err != nil {
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(removalWait); ; {
		if left, err := x.mergedFiles(); err != nil || left == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		case <-end:
			return nil // they take room, no more
		}
	}
}

// mergedFiles is how many segments lie on disk that the index has no more.
func (x *Index) mergedFiles() (int, error) {
	r, done, err := x.read()
	if err != nil {
		return 0, err
	}
	segs := len(r.segs)
	files, err := filepath.Glob(filepath.Join(x.dir, "store", "*.zap"))
	return max(len(files)-segs, 0), errors.Join(err, done())
}

// touch writes what is there already.
func (x *Index) touch() error {
	position, err := x.b.GetInternal(keyPosition)
	if err != nil {
		return err
	}
	return x.b.SetInternal(keyPosition, position)
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
