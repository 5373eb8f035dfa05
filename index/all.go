package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"cundang/extract"
)

// All returns every article that answers a query, whole and in the order of Search, ignoring
// Limit, Offset and Facets: an export equals the screen. The index as it was at the first
// article is read to the end, whatever is Put meanwhile; one article is in memory at a time.
func (x *Index) All(ctx context.Context, q Query) iter.Seq2[extract.Article, error] {
	return func(yield func(extract.Article, error) bool) {
		if err := x.all(ctx, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(extract.Article{}, err)
		}
	}
}

// errStopped says that the reader of a stream wants no more.
var errStopped = errors.New("stopped")

func (x *Index) all(ctx context.Context, q Query, yield func(extract.Article, error) bool) (err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return err
	}
	defer done(&err)
	u, err := r.understand(ctx, q)
	if err != nil {
		return fmt.Errorf("search %q: %w", q.Text, err)
	}
	_, order, err := r.find(ctx, q.Sort, u, -1)
	if err != nil {
		return fmt.Errorf("search %q: %w", q.Text, err)
	}
	for some := range slices.Chunk(order, manyArticles) {
		of, err := r.numbered(ctx, some)
		if err != nil {
			return err
		}
		for _, d := range some {
			if err := ctx.Err(); err != nil {
				return err
			}
			a, err := r.whole(ctx, q, d.Ref)
			if err != nil {
				return err
			}
			a.Version, a.Versions = of[d.Key].version, of[d.Key].versions
			if !yield(a, nil) {
				return errStopped
			}
		}
	}
	return nil
}

// whole reads a document as the article it stands for at the moment of the query, but for the number of the version.
func (r *reader) whole(ctx context.Context, q Query, d Ref) (extract.Article, error) {
	h, t, err := r.stored(ctx, d.Place)
	if err != nil {
		return extract.Article{}, err
	}
	a := join(h, t, true)
	asOf(&a, h, unixNano(q.AsOf))
	return a, nil
}
