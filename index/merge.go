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
	loose, segs := r.total-largest, len(r.segs)
	if err := done(); err != nil {
		return err
	}
	if float64(loose) > settleShare*float64(largest) {
		if err = x.optimize(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("settle index: %w", err)
		}
		return nil
	}
	files, err := x.segmentFiles()
	if err == nil && files > segs {
		err = x.reopen(ctx)
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
	merged, err := x.mergeAll(ctx)
	if err == nil && merged {
		err = x.reopen(ctx)
	}
	return err
}

// mergePasses bounds how often bleve is asked to merge: one pass leaves a tenth of the segments, and those
// that a merge of its own had under way.
const mergePasses = 10

func (x *Index) mergeAll(ctx context.Context) (merged bool, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.store == nil {
		return false, ErrClosed
	}
	s, ok := x.store.(*scorch.Scorch)
	if !ok {
		return false, fmt.Errorf("its store is a %T", x.store)
	}
	for range mergePasses {
		// Merged segments count once a snapshot of them is on disk, and only those on disk are
		// merged: a write waits for that.
		if err := x.touch(); err != nil {
			return merged, err
		}
		n, err := segments(s)
		if err != nil || n <= 1 {
			return merged, err
		}
		if err := s.ForceMerge(ctx, &mergeplan.SingleSegmentMergePlanOptions); err != nil {
			return merged, err
		}
		if err := ctx.Err(); err != nil {
			return merged, err
		}
		merged = true
	}
	return merged, nil
}

// removalWait bounds how long reopen waits for bleve to remove files.
const removalWait = 10 * time.Second

// reopen closes and opens the index: bleve removes the files of merged segments when it opens one, else some
// time later or never. It removes them in the background and a Close stops it, so reopen waits for that.
func (x *Index) reopen(ctx context.Context) error {
	x.mu.Lock()
	err := x.detach()
	if err == nil {
		err = x.attach()
	}
	x.mu.Unlock()
	if err != nil {
		return err
	}
	r, done, err := x.read()
	if err != nil {
		return err
	}
	segs := len(r.segs)
	if err := errors.Join(done(), x.warmAgain(ctx)); err != nil {
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(removalWait); ; {
		if files, err := x.segmentFiles(); err != nil || files <= segs {
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

// segmentFiles is how many segments lie on disk, those merged into others included.
func (x *Index) segmentFiles() (int, error) {
	files, err := filepath.Glob(filepath.Join(x.dir, "store", "*.zap"))
	return len(files), err
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
