package index

import (
	"context"
	"errors"
	"fmt"
	"iter"

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
	r, done, err := x.read()
	if err != nil {
		return err
	}
	defer done(&err)
	u, err := r.understand(q)
	if err != nil {
		return fmt.Errorf("search %q: %w", q.Text, err)
	}
	_, order, err := r.find(ctx, q.Sort, u, -1)
	if err != nil {
		return fmt.Errorf("search %q: %w", q.Text, err)
	}
	for _, d := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := r.whole(q, d.Ref)
		if err != nil {
			return err
		}
		if !yield(a, nil) {
			return errStopped
		}
	}
	return nil
}

// whole reads a document as the article it stands for at the moment of the query.
func (r *reader) whole(q Query, d Ref) (extract.Article, error) {
	h, t, err := r.stored(d.Place)
	if err != nil {
		return extract.Article{}, err
	}
	a := join(h, t, true)
	asOf(&a, h, unixNano(q.AsOf))
	a.Version, a.Versions, err = r.numbered(d.Key)
	return a, err
}
