package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cundang/archive/tlog"
)

// Sync makes all appended captures durable and returns, for each open file, the end up to
// which it is: the value to commit with the frontier's batch, then to hand to Commit. An
// fsync that fails is ErrBroken and never tried again.
func (s *Store) Sync(ctx context.Context) (ends map[string]int64, err error) {
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	segs := make([]*segment, 0, len(s.open))
	for _, g := range s.open {
		segs = append(segs, g)
	}
	s.mu.Unlock()

	ends = make(map[string]int64, len(segs))
	for _, g := range segs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.state.Lock()
		size, synced := g.size, g.synced
		g.state.Unlock()
		if size > synced {
			if err := g.f.Sync(); err != nil {
				return nil, s.breakDown("sync "+g.name, err)
			}
			g.state.Lock()
			g.synced = size
			g.state.Unlock()
		}
		ends[g.name] = size
	}
	return ends, nil
}

// Commit makes everything up to ends visible to Versions, Closest and followers, and
// closes the files that are full. ends is what Sync returned.
func (s *Store) Commit(ends map[string]int64) error {
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return err
	}
	var segs []*segment
	for name := range ends {
		if g := s.open[name]; g != nil {
			segs = append(segs, g)
		}
	}
	s.mu.Unlock()

	slices.SortFunc(segs, func(a, b *segment) int { return strings.Compare(a.name, b.name) })
	var errs []error
	var full []*segment
	var logged []tlog.File
	for _, g := range segs {
		leaves, isFull, err := s.commitSegment(g, ends[g.name])
		if err != nil {
			return err
		}
		if len(leaves) > 0 {
			logged = append(logged, tlog.File{Name: g.name, End: ends[g.name], Leaves: leaves})
		}
		if isFull {
			full = append(full, g)
		}
	}
	// What is committed is in the log before its file is closed.
	if s.proofs != nil && len(logged) > 0 {
		if err := s.proofs.Append(logged); err != nil {
			return s.breakDown("commit", err)
		}
	}
	for _, g := range full {
		errs = append(errs, s.closeSegment(g))
	}
	errs = append(errs, s.writeCommitted(), s.index.flush(false))
	return errors.Join(errs...)
}

// commitSegment moves the rows up to end into the index; it returns the leaves of its captures and whether the file
// is full and wholly committed.
func (s *Store) commitSegment(g *segment, end int64) (leaves []tlog.Leaf, full bool, err error) {
	isFull := g.full.Load() // once set, size is final
	g.state.Lock()
	defer g.state.Unlock()
	if end > g.synced {
		return nil, false, fmt.Errorf("commit %s up to %d: only %d bytes are synced", g.name, end, g.synced)
	}
	n := 0
	for n < len(g.pending) && g.pending[n].end <= end {
		g.stats.add(g.pending[n].time, g.pending[n].records)
		s.index.add(g.pending[n].rows)
		leaves = append(leaves, g.pending[n].leaf)
		n++
	}
	g.pending = g.pending[n:]
	s.mu.Lock()
	s.committed[g.name] = max(end, s.committed[g.name])
	s.mu.Unlock()
	s.index.cover(g.name, end)
	return leaves, isFull && end == g.size, nil
}
