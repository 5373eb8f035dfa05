package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// Change is something that happened to an article after it was first archived.
type Change struct {
	ID   string `json:"id"`
	What string `json:"what"` // ChangeModified or ChangeGone
	// At is when it was first seen: the first capture of the new content, the capture with which
	// the page was given up.
	At      time.Time `json:"at"`
	Version int       `json:"version"` // that began, or that was the last
}

// What may happen to an article.
const (
	ChangeModified = "modified"
	ChangeGone     = "gone"
)

// Changes lists what happened to articles, the newest first, and how many changes there are
// in all. Sites, Sources, Columns, Only, Except, Limit and Offset of the query count; the rest does not.
func (x *Index) Changes(ctx context.Context, q Query) (list []Change, total int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer done(&err)
	list, total, err = r.changes(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("list changes: %w", err)
	}
	return list, total, nil
}

func (r *reader) changes(ctx context.Context, q Query) ([]Change, int, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	from := max(q.Offset, 0)
	ended := Clause{Op: OpTimes, Field: TimeUntil, From: NoTime + 1, To: endOfTime}
	within := Query{Sites: q.Sites, Sources: q.Sources, Columns: q.Columns, Kinds: []string{string(extract.KindArticle)},
		Only: q.Only, Except: q.Except}.narrow()
	old, err := r.Search(ctx, Request{
		Query: Compiled{All: Clause{Kids: []Clause{within, ended}}}, Sort: Order{Time: TimeUntil,
			Newest: true}, Size: from + limit,
	})
	if err != nil {
		return nil, 0, err
	}
	gone, err := r.Search(ctx, Request{
		Query: Compiled{All: Clause{Kids: []Clause{within, {Op: OpNot, Kids: []Clause{ended}},
			{Op: OpValues, Field: FieldState, Terms: []string{string(extract.StateGone)}}}}},
		Sort: Order{Time: TimeFetched}, Size: -1,
	})
	if err != nil {
		return nil, 0, err
	}
	type changed struct {
		at   int64
		key  string
		what string
	}
	var all []changed
	for _, d := range old.Hits {
		h, err := r.head(ctx, d.Place)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, changed{h.Until, d.Key, ChangeModified})
	}
	for _, d := range gone.Hits {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		h, err := r.head(ctx, d.Place)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, changed{goneSince(h.Seen), d.Key, ChangeGone})
	}
	slices.SortFunc(all, func(a, b changed) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.key, b.key))
	})
	out := []Change{}
	page := all[min(from, len(all)):min(from+limit, len(all))]
	docs := make([]ranked, len(page))
	for i, c := range page {
		docs[i].Key = c.key
	}
	of, err := r.numbered(ctx, docs)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range page {
		version := of[c.key].version
		if c.what == ChangeModified {
			version++
		}
		out = append(out, Change{articleID(c.key), c.what, time.Unix(0, c.at).In(zone.China), version})
	}
	return out, old.Total + gone.Total, nil
}

// goneSince is when the last run of observations that say gone began.
func goneSince(seen []observation) int64 {
	at := int64(0)
	for i := len(seen) - 1; i >= 0 && seen[i].State == string(extract.StateGone); i-- {
		at = seen[i].At
	}
	return at
}
