package node

import (
	"context"
	"errors"
	"time"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
)

// RebuildStatus is how a rebuild of the index stands.
type RebuildStatus struct {
	Captures int       `json:"captures"` // read
	Total    int       `json:"total"`
	Rate     float64   `json:"captures_per_second"`
	Started  time.Time `json:"started"`
}

// Rebuilding returns how a rebuild under way stands, nil if there is none.
func (n *Node) Rebuilding() *RebuildStatus { return n.rebuilding.Load() }

// RebuildIndex makes a new index beside the old one from the archive alone and swaps them,
// without opening the old one, which may be damaged, of another dictionary, or missing. It
// returns how many captures were read; progress is called after each batch and may be nil.
func RebuildIndex(ctx context.Context, o Options, progress func(RebuildStatus)) (captures int, err error) {
	n, err := OpenArchive(ctx, o, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	return n.rebuildBy(ctx, progress, func(feed index.Feed) error { return n.rebuildIndex(ctx, feed) })
}

// Rebuild rebuilds the open index while it goes on answering. What is archived meanwhile is
// indexed afterwards.
func (n *Node) Rebuild(ctx context.Context, progress func(RebuildStatus)) (captures int, err error) {
	n.indexing.Lock() // a catching up under way ends first
	captures, err = n.rebuildBy(ctx, progress, func(feed index.Feed) error { return n.Index.Rebuild(ctx, feed) })
	n.indexing.Unlock()
	if err != nil {
		return captures, err
	}
	_, err = n.CatchUp(ctx)
	return captures, err
}

// rebuildBy reads the whole archive into a rebuild and notes how far it is.
func (n *Node) rebuildBy(ctx context.Context, progress func(RebuildStatus), rebuild func(index.Feed) error) (captures int, err error) {
	total, err := n.captures(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	n.Log.Info("rebuild begins", "captures", total)
	defer func() { n.Log.Info("rebuild ended", "captures", captures, "dur", time.Since(began), "err", err) }()
	n.rebuilding.Store(&RebuildStatus{Total: total, Started: began})
	defer n.rebuilding.Store(nil)
	err = rebuild(func(ctx context.Context, put func(string, ...extract.Article) error) (err error) {
		captures, err = (&ingest{node: n, rebuild: true}).run(ctx, "", put, func(read int) {
			s := RebuildStatus{read, total, float64(read) / time.Since(began).Seconds(), began}
			n.rebuilding.Store(&s)
			if progress != nil {
				progress(s)
			}
		})
		return err
	})
	return captures, err
}

// captures counts the captures of the archive.
func (n *Node) captures(ctx context.Context) (count int, err error) {
	for _, err := range n.Store.Rows(ctx, archive.Lookup{}) {
		if err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
