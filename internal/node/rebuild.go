package node

import (
	"context"
	"errors"
	"fmt"
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

// RebuildOptions say how an index is made anew. The zero value is a good default.
type RebuildOptions struct {
	Force    bool                // also where far fewer captures can be read than are listed
	Progress func(RebuildStatus) // called after each batch; may be nil
}

// ShrunkError says that a rebuild read far fewer captures than are listed: files are missing, and an index made
// without them was not put in the place of one that may have them.
type ShrunkError struct {
	Captures int // that were read or can be
	Listed   int // by the journal or the CDX
}

func (e *ShrunkError) Error() string {
	return fmt.Sprintf("the archive has %d captures, its journal or CDX lists %d: WARC files are missing", e.Captures,
		e.Listed)
}

// shrunk returns a *ShrunkError if less than nine tenths of what is listed is there.
func shrunk(captures, listed int) error {
	if captures*10 >= listed*9 {
		return nil
	}
	return &ShrunkError{captures, listed}
}

// RebuildIndex makes a new index beside the old one from the archive alone and swaps them,
// without opening the old one, which may be damaged, of another dictionary, or missing. It
// returns how many captures were read. Errors: *ShrunkError.
func RebuildIndex(ctx context.Context, o Options, how RebuildOptions) (captures int, err error) {
	n, err := OpenArchive(ctx, o, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	return n.rebuildBy(ctx, how, func(feed index.Feed) error { return n.rebuildIndex(ctx, feed) })
}

// Rebuild rebuilds the open index while it goes on answering. What is archived meanwhile is
// indexed afterwards.
func (n *Node) Rebuild(ctx context.Context, how RebuildOptions) (captures int, err error) {
	n.indexing.Lock() // a catching up under way ends first
	captures, err = n.rebuildBy(ctx, how, func(feed index.Feed) error { return n.Index.Rebuild(ctx, feed) })
	n.indexing.Unlock()
	if err != nil {
		return captures, err
	}
	_, err = n.CatchUp(ctx)
	return captures, err
}

// rebuildBy reads the whole archive into a rebuild and notes how far it is.
func (n *Node) rebuildBy(ctx context.Context, how RebuildOptions, rebuild func(index.Feed) error) (captures int,
	err error) {
	total, err := n.captures(ctx)
	if err != nil {
		return 0, err
	}
	least := 0
	if !how.Force {
		if least, err = n.listed(total); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	n.Log.Info("rebuild begins", "captures", total)
	defer func() { n.Log.Info("rebuild ended", "captures", captures, "dur", time.Since(began), "err", err) }()
	n.rebuilding.Store(&RebuildStatus{Total: total, Started: began})
	defer n.rebuilding.Store(nil)
	err = rebuild(func(ctx context.Context, put func(string, ...extract.Article) error) (err error) {
		captures, err = (&ingest{node: n, rebuild: true, listed: least}).run(ctx, "", put, func(read int) {
			s := RebuildStatus{read, total, float64(read) / time.Since(began).Seconds(), began}
			n.rebuilding.Store(&s)
			if how.Progress != nil {
				how.Progress(s)
			}
		})
		return err
	})
	return captures, err
}

// listed returns how many captures journal or CDX list, whichever are more. Where the CDX, which follows the files,
// has far
// fewer than the journal, nothing need be read to know that files are missing.
func (n *Node) listed(rows int) (int, error) {
	entries, err := n.Store.Journal()
	if broken := (*archive.JournalError)(nil); err != nil && !errors.As(err, &broken) {
		return 0, err
	}
	closed := 0
	for _, e := range entries {
		closed += e.Captures
	}
	return max(closed, rows), shrunk(rows, closed)
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
