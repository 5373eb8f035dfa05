package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"cundang/extract"
)

// Feed hands articles to put until there are no more. put keeps them and writes them in
// batches; position is what the index shall remember once they are written.
type Feed func(ctx context.Context, put func(position string, articles ...extract.Article) error) error

// rebuildBatch is how many articles a rebuild writes at once.
const rebuildBatch = 512

// Rebuild makes the index at dir anew beside the old one and puts it in its place once it is
// complete. Until then the old one stays as it is, whatever happens; a damaged or a stale one may
// stand there, or none. No process may have it open; for that see (*Index).Rebuild.
func Rebuild(ctx context.Context, dir string, opts Options, feed Feed) error {
	opts.ReadOnly = false
	if err := finishSwap(dir); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	if err := notLocked(dir); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	if err := makeBeside(ctx, dir, opts, feed); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	if err := swap(dir); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	return nil
}

// Rebuild makes the index anew beside itself, while it goes on answering, and then swaps:
// searches wait only for that moment. What is Put meanwhile goes to the old one; the
// caller puts again what came after the position the feed ended with.
func (x *Index) Rebuild(ctx context.Context, feed Feed) error {
	if x.opts.ReadOnly {
		return fmt.Errorf("rebuild index: %w", ErrReadOnly)
	}
	if err := makeBeside(ctx, x.dir, x.opts, feed); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	x.write.Lock()
	defer x.write.Unlock()
	err := x.swap()
	if err == nil {
		err = x.warmAgain(ctx)
	}
	if err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	return nil
}

// swap closes the index and opens the one beside it in its place.
func (x *Index) swap() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.detach(); err != nil {
		return err
	}
	if err := swap(x.dir); err != nil {
		return err
	}
	return x.attach()
}

func beside(dir string) (fresh, old string) { return dir + ".new", dir + ".old" }

func makeBeside(ctx context.Context, dir string, opts Options, feed Feed) error {
	fresh, _ := beside(dir)
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	x, err := Open(fresh, opts)
	if err != nil {
		return err
	}
	var waiting []extract.Article
	position := ""
	flush := func() error {
		err := x.Put(ctx, position, waiting...)
		waiting = waiting[:0]
		return err
	}
	err = feed(ctx, func(p string, articles ...extract.Article) error {
		waiting = append(waiting, articles...)
		position = p
		if len(waiting) >= rebuildBatch {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = x.Optimize(ctx)
	}
	if err = errors.Join(err, x.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	return nil
}

// swap puts the complete new index in the place of the old one. A crash between the two
// renames leaves an .old and no index, which finishSwap puts right.
func swap(dir string) error {
	fresh, old := beside(dir)
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// finishSwap takes the old index back when a swap stopped halfway, and clears away what a
// finished one left.
func finishSwap(dir string) error {
	_, old := beside(dir)
	if _, err := os.Stat(old); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return os.RemoveAll(old)
}

// notLocked fails with ErrLocked when another process holds the index; that it cannot be
// opened for any other reason is no reason not to rebuild it.
func notLocked(dir string) error {
	if empty, err := isEmpty(dir); err != nil || empty {
		return err
	}
	b, err := openBleve(dir, true)
	if err != nil {
		if errors.Is(err, ErrLocked) {
			return err
		}
		return nil
	}
	return b.Close()
}
