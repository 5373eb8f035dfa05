package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"cundang/archive/cdx"
	"cundang/archive/disk"
)

// index is the CDX: a sorted file on disk and, in memory, the rows that came since. The
// file is derived; it is made again from the WARCs when it is missing.
type index struct {
	s  *Store
	mu sync.Mutex

	base     *os.File
	baseInfo os.FileInfo
	size     int64
	covered  map[string]int64 // up to where base holds the rows of each WARC
	seen     map[string]int64 // the same for base and delta together
	delta    []cdx.Row
	unsorted bool
	dirty    bool   // covered ≠ seen on disk
	note     []byte // committed.json as a reader last saw it
}

// baseState stands beside the CDX and says what it covers.
type baseState struct {
	Version int              `json:"version"` // of what rows there are: indexVersion
	Size    int64            `json:"size"`    // of index.cdxj in bytes
	Covered map[string]int64 `json:"covered"`
}

// indexVersion is raised when other rows are called for: the CDX is then made again from the WARCs.
// 2: rows of dns: and the like, digests in one spelling, dates in all forms.
const indexVersion = 2

func newIndex(s *Store) *index {
	return &index{s: s, covered: map[string]int64{}, seen: map[string]int64{}}
}

func (x *index) path(name string) string { return filepath.Join(x.s.dir, name) }

// loadBase opens index.cdxj if it is there and whole.
func (x *index) loadBase() error {
	var st baseState
	raw, err := os.ReadFile(x.path(stateName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	stateOK := err == nil && json.Unmarshal(raw, &st) == nil && st.Version == indexVersion
	f, err := os.Open(x.path(indexName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if x.base != nil {
		if err := x.base.Close(); err != nil {
			return err
		}
	}
	x.base, x.baseInfo, x.size = nil, nil, 0
	x.covered, x.delta = map[string]int64{}, nil
	if f != nil {
		info, err := f.Stat()
		if err != nil {
			return errors.Join(err, f.Close())
		}
		x.base, x.baseInfo, x.size = f, info, info.Size()
		// The file is replaced before its state: it may hold more than the state says,
		// never less. Less means that somebody cut it.
		if stateOK && x.size >= st.Size {
			x.covered = st.Covered
		} else {
			x.size = 0
		}
	}
	if x.covered == nil {
		x.covered = map[string]int64{}
	}
	x.seen = maps.Clone(x.covered)
	return nil
}

// refresh reads what base does not cover from the WARCs.
func (x *index) refresh(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.s.opts.ReadOnly {
		changed, err := x.changed()
		if err != nil || !changed {
			return err
		}
	} else if x.base == nil {
		if err := x.loadBase(); err != nil {
			return err
		}
	}
	files, err := x.s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := x.scan(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// changed says whether the writer has committed or merged since the last look, and loads
// the CDX anew in the second case.
func (x *index) changed() (bool, error) {
	_, note, _, err := x.s.readCommitted()
	if err != nil {
		return false, err
	}
	info, err := os.Stat(x.path(indexName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	same := x.baseInfo == nil && info == nil ||
		x.baseInfo != nil && info != nil && os.SameFile(info, x.baseInfo) && info.Size() == x.baseInfo.Size()
	if same && x.note != nil && bytes.Equal(note, x.note) {
		return false, nil
	}
	x.note = append([]byte{}, note...)
	if same && x.baseInfo != nil {
		return true, nil
	}
	return true, x.loadBase()
}

func (x *index) scan(ctx context.Context, f FileInfo) error {
	from := x.seen[f.File]
	if from >= f.Size {
		return nil
	}
	err := x.s.scanFile(ctx, f.File, from, f.Size, false, func(got *found) bool {
		x.delta = append(x.delta, got.cdxRow())
		return true
	})
	if err != nil {
		return err
	}
	x.seen[f.File] = f.Size
	x.unsorted, x.dirty = true, true
	if !x.s.opts.ReadOnly && x.large() {
		return x.merge()
	}
	return nil
}

// add adds committed rows.
func (x *index) add(rows []cdx.Row) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.delta = append(x.delta, rows...)
	x.unsorted, x.dirty = true, true
}

// cover notes up to where the rows of a file have been added.
func (x *index) cover(file string, end int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if end > x.seen[file] {
		x.seen[file] = end
		x.dirty = true
	}
}

// large says whether so many rows have come that they should be merged: an eighth of what
// is on disk, so that each row is rewritten a bounded number of times.
func (x *index) large() bool { return len(x.delta) >= max(20000, int(x.size/300/8)) }

// flush merges what is in memory into index.cdxj: always if all, else when it is much.
func (x *index) flush(all bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.dirty && x.base != nil || !all && x.base != nil && !x.large() {
		return nil
	}
	return x.merge()
}

func (x *index) merge() error {
	if err := x.mergeFiles(); err != nil {
		return fmt.Errorf("write CDX: %w", err)
	}
	return nil
}

func (x *index) mergeFiles() (err error) {
	sorter := cdx.NewSorter(x.s.dir)
	defer func() { err = errors.Join(err, sorter.Close()) }()
	for _, r := range x.delta {
		if err := sorter.Add(r); err != nil {
			return err
		}
	}
	tmp := x.path(indexName) + ".tmp"
	out, err := os.Create(tmp)
	if err != nil {
		return err
	}
	if x.base != nil && x.size > 0 {
		if _, err = x.base.Seek(0, 0); err == nil {
			err = sorter.WriteTo(out, x.base)
		}
	} else {
		err = sorter.WriteTo(out, nil)
	}
	if err == nil {
		err = out.Sync()
	}
	info, serr := out.Stat()
	if err = errors.Join(err, serr, out.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	st, err := json.Marshal(baseState{indexVersion, info.Size(), x.seen})
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, x.path(indexName)); err != nil {
		return err
	}
	if err := disk.Replace(x.path(stateName), st, true); err != nil {
		return err
	}
	x.dirty = false
	return x.loadBase()
}

func (x *index) close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.base == nil {
		return nil
	}
	f := x.base
	x.base = nil
	return f.Close()
}

// rows yields the committed rows whose lines are ≥ from and < to, in order.
func (x *index) rows(ctx context.Context, from, to string) iter.Seq2[cdx.Row, error] {
	return func(yield func(cdx.Row, error) bool) {
		if x.s.opts.ReadOnly {
			if err := x.refresh(ctx); err != nil {
				yield(cdx.Row{}, err)
				return
			}
		}
		base, size, delta, err := x.snapshot(from, to)
		if err != nil {
			yield(cdx.Row{}, err)
			return
		}
		defer base.Close() // opened for reading
		for r, err := range mergeRows(cdx.Range(base, size, from, to), delta) {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// emptyBase stands for a missing CDX.
type emptyBase struct{}

func (emptyBase) ReadAt([]byte, int64) (int, error) { return 0, fs.ErrNotExist }
func (emptyBase) Close() error                      { return nil }

type baseReader interface {
	ReadAt([]byte, int64) (int, error)
	Close() error
}

// snapshot returns the CDX on disk and the matching rows in memory. The file is opened
// again, so that a merge in the meantime does not close it under the reader.
func (x *index) snapshot(from, to string) (baseReader, int64, []cdx.Row, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.unsorted {
		slices.SortFunc(x.delta, cdx.Compare)
		x.unsorted = false
	}
	lo, _ := slices.BinarySearchFunc(x.delta, from, func(r cdx.Row, key string) int {
		if r.Key+" "+r.Time < key {
			return -1
		}
		return 1
	})
	var delta []cdx.Row
	for _, r := range x.delta[lo:] {
		if to != "" && r.Key+" "+r.Time >= to {
			break
		}
		delta = append(delta, r)
	}
	if x.base == nil || x.size == 0 {
		return emptyBase{}, 0, delta, nil
	}
	f, err := os.Open(x.path(indexName))
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, nil, errors.Join(err, f.Close())
	}
	return f, info.Size(), delta, nil
}

// mergeRows merges two sorted runs; a row in both is yielded once.
func mergeRows(base iter.Seq2[cdx.Row, error], delta []cdx.Row) iter.Seq2[cdx.Row, error] {
	return func(yield func(cdx.Row, error) bool) {
		for r, err := range base {
			if err != nil {
				yield(cdx.Row{}, err)
				return
			}
			for len(delta) > 0 {
				c := cdx.Compare(delta[0], r)
				if c > 0 {
					break
				}
				if c < 0 && !yield(delta[0], nil) {
					return
				}
				delta = delta[1:]
			}
			if !yield(r, nil) {
				return
			}
		}
		for _, r := range delta {
			if !yield(r, nil) {
				return
			}
		}
	}
}
