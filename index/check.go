package index

import (
	"context"
	"fmt"
	"slices"

	"cundang/extract"
)

// Check reads everything that is stored and compares it with its checksums; damage is a *DamagedError. It
// returns how many documents there are.
func (x *Index) Check(ctx context.Context) (documents int, err error) {
	if err := x.engine.Check(ctx); err != nil {
		return 0, fmt.Errorf("check index: %w", err)
	}
	info, err := x.engine.Info(ctx)
	return info.Documents, err
}

// Missing returns those of some articles that the index does not hold: a capture it does not know, or that it
// knows with another content, as when the reading rules have changed since.
func (x *Index) Missing(ctx context.Context, articles ...extract.Article) (missing []extract.Article, err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	for some := range slices.Chunk(articles, manyArticles) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seen, err := r.observations(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("look for articles: %w", err)
		}
		for _, a := range some {
			want, err := observe(a)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(seen[a.ID], func(o observation) bool {
				return o.At == want.At && o.Ref == want.Ref && (o.Content == want.Content || want.Content == "")
			}) {
				missing = append(missing, a)
			}
		}
	}
	return missing, nil
}

// observations reads what was seen of some articles, by ID.
func (r *reader) observations(ctx context.Context, articles []extract.Article) (map[string][]observation, error) {
	ids := make([]string, len(articles))
	for i, a := range articles {
		ids[i] = a.ID
	}
	all, err := r.Documents(ctx, slices.Compact(slices.Sorted(slices.Values(ids)))...)
	if err != nil {
		return nil, err
	}
	out := map[string][]observation{}
	for _, d := range all {
		h, err := r.head(ctx, d.Place)
		if err != nil {
			return nil, err
		}
		out[articleID(d.Key)] = append(out[articleID(d.Key)], h.Seen...)
	}
	return out, nil
}
