package index

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// manyArticles is how many articles are asked for at once.
const manyArticles = 64

// history reads all documents of an article, waiting states included, oldest version first.
func (r *reader) history(ctx context.Context, id string) ([]version, error) {
	all, err := r.histories(ctx, id)
	return all[id], err
}

// histories reads the histories of some articles, by ID.
func (r *reader) histories(ctx context.Context, ids ...string) (map[string][]version, error) {
	all, err := r.Documents(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	out := map[string][]version{}
	for _, d := range all {
		h, t, err := r.stored(ctx, d.Place)
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", articleID(d.Key), err)
		}
		out[articleID(d.Key)] = append(out[articleID(d.Key)], version{d.Key, h, t})
	}
	return out, nil
}

// versionOf says which version of how many a document is.
type versionOf struct{ version, versions int }

// numbered finds which versions some documents are, by key.
func (r *reader) numbered(ctx context.Context, docs []ranked) (map[string]versionOf, error) {
	ids := make([]string, len(docs))
	for i, d := range docs {
		ids[i] = articleID(d.Key)
	}
	all, err := r.Documents(ctx, slices.Compact(slices.Sorted(slices.Values(ids)))...)
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	count, at := map[string]int{}, map[string]int{}
	for _, d := range all {
		if id := articleID(d.Key); d.Key != waitingKey(id) {
			count[id]++
			at[d.Key] = count[id]
		}
	}
	out := map[string]versionOf{}
	for _, d := range docs {
		out[d.Key] = versionOf{at[d.Key], count[articleID(d.Key)]}
	}
	return out, nil
}

// Article returns a stored article: the newest version, or the one that stood at the moment
// at (zero: newest), with the state and the last capture of that moment. ErrNotFound when
// there is none.
func (x *Index) Article(ctx context.Context, id string, at time.Time) (a extract.Article, err error) {
	all, err := x.versions(ctx, id, unixNano(at))
	if err != nil {
		return a, err
	}
	if len(all) == 0 {
		return a, fmt.Errorf("article %s: %w", id, ErrNotFound)
	}
	return all[len(all)-1], nil
}

// Versions returns every version of an article, oldest first, each with its last capture.
// The state of a version is what was seen while it stood. ErrNotFound when there is none.
func (x *Index) Versions(ctx context.Context, id string) ([]extract.Article, error) {
	all, err := x.versions(ctx, id, 0)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("article %s: %w", id, ErrNotFound)
	}
	return all, err
}

func (x *Index) versions(ctx context.Context, id string, at int64) (all []extract.Article, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	history, err := r.history(ctx, id)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, v := range history {
		if v.key != waitingKey(id) {
			total++
		}
	}
	for _, v := range history {
		if v.key == waitingKey(id) || at != 0 && v.head.Seen[0].At > at {
			continue
		}
		a := join(v.head, v.text, true)
		asOf(&a, v.head, at)
		a.Version, a.Versions = len(all)+1, total
		a.Since = time.Unix(0, v.head.Seen[0].At).In(zone.China)
		all = append(all, a)
	}
	return all, nil
}

// asOf sets capture and state to what they were at a moment (0: now).
func asOf(a *extract.Article, h head, at int64) {
	if at == 0 {
		return
	}
	last, state := run{seen: h.Seen}.last(at)
	a.State = extract.State(state)
	a.Fetched = time.Unix(0, last.At).In(zone.China)
	a.Capture = nil
	if last.Ref != "" || last.Digest != "" {
		a.Capture = &extract.CaptureRef{Ref: last.Ref, Digest: last.Digest}
	}
}
