package index

import (
	"context"
	"fmt"

	"cundang/extract"
)

// Check reads everything that is stored and compares it with its checksums; damage is a *DamagedError. It
// returns how many documents there are.
func (x *Index) Check(ctx context.Context) (documents int, err error) {
	if err := x.engine.Check(ctx); err != nil {
		return 0, fmt.Errorf("check index: %w", err)
	}
	info, err := x.engine.Info()
	return info.Documents, err
}

// Missing returns those of some articles that the index does not hold: a capture it does not know, or that it
// knows with another content, as when the reading rules have changed since.
func (x *Index) Missing(ctx context.Context, articles ...extract.Article) (missing []extract.Article, err error) {
	r, done, err := x.read()
	if err != nil {
		return nil, err
	}
	defer done(&err)
	for _, a := range articles {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		held, err := r.holds(a)
		if err != nil {
			return nil, fmt.Errorf("look for article %s: %w", a.ID, err)
		}
		if !held {
			missing = append(missing, a)
		}
	}
	return missing, nil
}

func (r *reader) holds(a extract.Article) (bool, error) {
	want, err := observe(a)
	if err != nil {
		return false, err
	}
	all, err := r.Documents(a.ID)
	if err != nil {
		return false, err
	}
	for _, d := range all {
		h, err := r.head(d.Place)
		if err != nil {
			return false, err
		}
		for _, o := range h.Seen {
			if o.At == want.At && o.Ref == want.Ref && (o.Content == want.Content || want.Content == "") {
				return true, nil
			}
		}
	}
	return false, nil
}
