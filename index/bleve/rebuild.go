package bleve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"cundang/index"
)

// Rebuild makes the index at dir anew beside the old one and puts it in its place once it is
// complete. Until then the old one stays as it is, whatever happens; a damaged or a stale one may
// stand there, or none. No process may have it open; for that see (*index.Index).Rebuild.
func Rebuild(ctx context.Context, dir string, opts index.Options, feed index.Feed) error {
	if err := rebuild(ctx, dir, opts, feed); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	return nil
}

func rebuild(ctx context.Context, dir string, opts index.Options, feed index.Feed) error {
	opts.ReadOnly = false
	if err := finishSwap(dir); err != nil {
		return err
	}
	if err := notLocked(dir); err != nil {
		return err
	}
	fresh, err := openBeside(dir, opts)
	if err != nil {
		return err
	}
	if err := index.New(fresh, fresh.dict, opts).Fill(ctx, feed); err != nil {
		return errors.Join(err, fresh.Drop())
	}
	if err := fresh.Close(); err != nil {
		return errors.Join(err, os.RemoveAll(fresh.dir))
	}
	return swap(dir)
}

func openBeside(dir string, opts index.Options) (*Engine, error) {
	fresh, _ := beside(dir)
	if err := os.RemoveAll(fresh); err != nil {
		return nil, err
	}
	return open(fresh, opts)
}

// Beside implements index.Engine.
func (e *Engine) Beside(context.Context) (index.Engine, error) { return openBeside(e.dir, e.opts) }

// Replace implements index.Engine.
func (e *Engine) Replace(ctx context.Context, fresh index.Engine) error {
	if err := fresh.Close(); err != nil {
		return errors.Join(err, fresh.Drop())
	}
	if err := e.replace(); err != nil {
		return err
	}
	return e.warmAgain(ctx)
}

func (e *Engine) replace() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.detach(); err != nil {
		return err
	}
	if err := swap(e.dir); err != nil {
		return err
	}
	return e.attach()
}

// Drop implements index.Engine.
func (e *Engine) Drop() error {
	if err := e.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
		return errors.Join(err, os.RemoveAll(e.dir))
	}
	return os.RemoveAll(e.dir)
}

func beside(dir string) (fresh, old string) { return dir + ".new", dir + ".old" }

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
		if errors.Is(err, index.ErrLocked) {
			return err
		}
		return nil
	}
	return b.Close()
}
