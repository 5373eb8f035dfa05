package index

import (
	"context"
	"errors"
	"fmt"

	"cundang/extract"
)

// Feed hands articles to put until there are no more. put keeps them and writes them in
// batches; position is what the index shall remember once they are written.
type Feed func(ctx context.Context, put func(position string, articles ...extract.Article) error) error

// rebuildBatch is how many articles a rebuild writes at once.
const rebuildBatch = 512

// Rebuild makes the index anew beside itself, while it goes on answering, and then swaps:
// searches wait only for that moment. What is Put meanwhile goes to the old one; the
// caller puts again what came after the position the feed ended with.
func (x *Index) Rebuild(ctx context.Context, feed Feed) error {
	if x.opts.ReadOnly {
		return fmt.Errorf("rebuild index: %w", ErrReadOnly)
	}
	fresh, err := x.engine.Beside(ctx)
	if err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	if err := New(fresh, x.dict, x.opts).Fill(ctx, feed); err != nil {
		return fmt.Errorf("rebuild index: %w", errors.Join(err, fresh.Drop()))
	}
	x.write.Lock()
	defer x.write.Unlock()
	if err := x.engine.Replace(ctx, fresh); err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	return nil
}

// Fill puts everything a feed has, in batches, and then optimizes the index.
func (x *Index) Fill(ctx context.Context, feed Feed) error {
	var waiting []extract.Article
	position := ""
	flush := func() error {
		err := x.Put(ctx, position, waiting...)
		waiting = waiting[:0]
		return err
	}
	err := feed(ctx, func(p string, articles ...extract.Article) error {
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
	return err
}
