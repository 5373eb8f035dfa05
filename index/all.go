package index

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"cundang/extract"
	"cundang/index/zh"
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
	defer func() { err = errors.Join(err, done()) }()
	defer r.damage(&err)
	order, err := r.ordered(q)
	if err != nil {
		return fmt.Errorf("search %q: %w", q.Text, err)
	}
	for _, d := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := r.whole(q, d.doc)
		if err != nil {
			return err
		}
		if !yield(a, nil) {
			return errStopped
		}
	}
	return nil
}

// ordered is all matches of a query in their order.
func (r *reader) ordered(q Query) ([]ranked, error) {
	u, err := r.understand(q)
	if err != nil {
		return nil, err
	}
	return r.rank(q, u, u.matches.count())
}

// whole reads a document as the article it stands for at the moment of the query.
func (r *reader) whole(q Query, doc uint32) (extract.Article, error) {
	h, t, err := r.stored(doc, true, true)
	if err != nil {
		return extract.Article{}, err
	}
	a := join(h, t, true)
	nameIn(zh.NewCutter(r.x.dict), &a, t)
	asOf(&a, h, unixNano(q.AsOf))
	key, err := r.key(doc)
	if err != nil {
		return a, err
	}
	a.Version, a.Versions, err = r.numbered(key)
	return a, err
}
