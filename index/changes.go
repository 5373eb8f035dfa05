package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
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
// in all. Sites, Sources, Columns, Limit and Offset of the query count; the rest does not.
func (x *Index) Changes(ctx context.Context, q Query) (list []Change, total int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	r, done, err := x.read()
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer r.damage(&err)
	list, total, err = r.changes(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("list changes: %w", err)
	}
	return list, total, nil
}

// changed is a candidate: a version that ended, or the last one of a page that is gone.
type changed struct {
	at   int64
	doc  uint32
	what string
}

func (r *reader) changes(ctx context.Context, q Query) ([]Change, int, error) {
	within, err := r.having(fKind, string(extract.KindArticle))
	if err != nil {
		return nil, 0, err
	}
	for _, n := range []struct {
		field  string
		values []string
	}{{fSite, q.Sites}, {fSource, q.Sources}, {fColumn, q.Columns}} {
		if len(n.values) == 0 {
			continue
		}
		some, err := r.having(n.field, n.values...)
		if err != nil {
			return nil, 0, err
		}
		within.and(some)
	}
	all, err := r.changedDocs(ctx, within)
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(all, func(a, b changed) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.doc, b.doc))
	})
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	out := []Change{}
	for _, c := range all[min(max(q.Offset, 0), len(all)):] {
		if len(out) == limit {
			break
		}
		key, err := r.key(c.doc)
		if err != nil {
			return nil, 0, err
		}
		id, _, _ := strings.Cut(key, " ")
		version, _, err := r.numbered(key)
		if err != nil {
			return nil, 0, err
		}
		if c.what == ChangeModified {
			version++
		}
		out = append(out, Change{id, c.what, time.Unix(0, c.at).In(shanghai), version})
	}
	return out, len(all), nil
}

func (r *reader) changedDocs(ctx context.Context, within docSet) ([]changed, error) {
	var all []changed
	until, err := r.times(fUntil)
	if err != nil {
		return nil, err
	}
	gone, err := r.having(fState, string(extract.StateGone))
	if err != nil {
		return nil, err
	}
	var failed error
	within.each(func(doc uint32) {
		if at := until.of(doc); at != noTime {
			all = append(all, changed{at, doc, ChangeModified})
			return
		}
		if failed != nil || !gone.has(doc) {
			return
		}
		h, _, err := r.stored(doc, true, false)
		if err != nil {
			failed = err
			return
		}
		all = append(all, changed{goneSince(h.Seen), doc, ChangeGone})
	})
	return all, errors.Join(failed, ctx.Err())
}

// goneSince is when the last run of observations that say gone began.
func goneSince(seen []observation) int64 {
	at := int64(0)
	for i := len(seen) - 1; i >= 0 && seen[i].State == string(extract.StateGone); i-- {
		at = seen[i].At
	}
	return at
}
