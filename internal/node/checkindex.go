package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"cundang/extract"
	"cundang/index"
)

// IndexReport is what a check of the index found.
type IndexReport struct {
	Documents int      `json:"documents"` // of the index
	Captures  int      `json:"captures"`  // of the archive
	Articles  int      `json:"articles"`  // read out of them
	Missing   []string `json:"missing"`   // URLs of articles that the index does not hold as the archive has them
}

// CheckIndex reads the whole index and compares it with its checksums, which may find an
// *index.DamagedError; then it reads the whole archive and looks every article up in the index. progress is
// called after each batch and may be nil.
func (n *Node) CheckIndex(ctx context.Context, progress func(RebuildStatus)) (r IndexReport, err error) {
	r.Missing = []string{}
	if r.Documents, err = n.Index.Check(ctx); err != nil {
		return r, err
	}
	total, err := n.captures(ctx)
	if err != nil {
		return r, err
	}
	began := time.Now()
	type capture struct {
		id, ref string
		at      int64
	}
	of := func(a extract.Article) capture {
		c := capture{id: a.ID, at: a.Fetched.UnixNano()}
		if a.Capture != nil {
			c.ref = a.Capture.Ref
		}
		return c
	}
	lacks := map[capture]extract.Article{}
	r.Captures, err = (&ingest{node: n}).run(ctx, "", func(_ string, articles ...extract.Article) error {
		r.Articles += len(articles)
		for _, a := range articles { // read once more with what came later: that counts
			delete(lacks, of(a))
		}
		missing, err := n.Index.Missing(ctx, articles...)
		for _, a := range missing {
			lacks[of(a)] = a
		}
		return err
	}, func(read int) {
		if progress != nil {
			progress(RebuildStatus{read, total, float64(read) / time.Since(began).Seconds(), began})
		}
	})
	if err != nil {
		return r, err
	}
	missing := slices.Collect(maps.Values(lacks))
	if len(missing) > 0 { // archived a moment ago, by a crawl under way
		if _, err := n.CatchUp(ctx); err != nil && !errors.Is(err, index.ErrReadOnly) {
			return r, err
		}
		if missing, err = n.Index.Missing(ctx, missing...); err != nil {
			return r, err
		}
	}
	for _, a := range missing {
		r.Missing = append(r.Missing, a.URL)
	}
	slices.Sort(r.Missing)
	return r, nil
}
