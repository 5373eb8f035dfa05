package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/archive/disk"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	walName        = "wal"
	checkpointName = "checkpoint"
	runsName       = "runs"
)

// ErrNone says that there is no log.
var ErrNone = errors.New("this archive has no transparency log")

// Options of a Log; the zero value is a good default.
type Options struct {
	FS     disk.FileSystem // nil: disk.Disk
	Origin string          // name of a new log; "": one drawn by lot
	Now    func() time.Time
}

// Log is the transparency log of one archive, opened for appending by one process. Its methods are safe for
// concurrent use.
type Log struct {
	dir  string
	fs   disk.FileSystem
	now  func() time.Time
	runs runs

	mu     sync.Mutex
	signer note.Signer
	keys   []Key
	size   int64    // entries that are durable
	edge   [][]byte // by level: the hashes of the tile that is not full yet
	bundle []byte   // the entries of the bundle that is not full yet
	wal    disk.File
	walEnd int64
	dirty  map[string]bool // WARCs whose runs are not synced
	broken error
}

// Exists says whether there is a log in dir.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, walName))
	return err == nil
}

// Open opens the log in dir for appending, making one where there is none, and brings it to the state after the last
// append that returned.
func Open(dir string, opts Options) (_ *Log, err error) {
	l := &Log{dir: dir, fs: opts.FS, now: opts.Now, runs: runs(filepath.Join(dir, runsName)), dirty: map[string]bool{}}
	if l.fs == nil {
		l.fs = disk.Disk{}
	}
	if l.now == nil {
		l.now = time.Now
	}
	if !Exists(dir) {
		if err := l.create(opts.Origin); err != nil {
			return nil, fmt.Errorf("make the log: %w", err)
		}
	}
	if l.signer, l.keys, err = loadKeys(dir); err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		if l.wal != nil {
			err = errors.Join(err, l.wal.Close())
		}
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return l, nil
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

// create makes the key and an empty log. The write-ahead log comes last: without it there is no log.
func (l *Log) create(origin string) error {
	if _, err := os.Stat(l.path(checkpointName)); err == nil {
		return fmt.Errorf("%s is there, but %s is not: bring it back from a backup", l.path(checkpointName), walName)
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return err
	}
	if _, err := LoadKeys(Dir(l.dir)); errors.Is(err, ErrNone) {
		if err := makeKey(l.dir, origin, l.now()); err != nil {
			return err
		}
	}
	return l.rewriteWAL(0)
}

// recover replays the write-ahead log.
func (l *Log) recover() error {
	f, err := l.fs.Open(l.path(walName))
	if err != nil {
		return err
	}
	l.wal = f
	groups, end, err := readGroups(io.NewSectionReader(f, 0, 1<<62))
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		return fmt.Errorf("%s holds nothing that can be read: bring it back from a backup", l.path(walName))
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // what was read may not be on the disk yet
		return err
	}
	l.walEnd, l.size = end, groups[0].First
	if err := l.loadEdge(); err != nil {
		return err
	}
	for _, g := range groups {
		for _, r := range g.Runs {
			if err := l.runs.cut(r.File, groups[0].First); err != nil {
				return err
			}
		}
	}
	full := false
	for _, g := range groups {
		more, err := l.apply(g)
		if err != nil {
			return err
		}
		full = full || more
	}
	if full {
		if err := l.shorten(); err != nil {
			return err
		}
	}
	return l.publish()
}

// loadEdge reads the hashes of the tiles that are not full at l.size, a multiple of the width of a tile.
func (l *Log) loadEdge() error {
	if l.size%tileWidth != 0 {
		return fmt.Errorf("the write-ahead log begins at entry %d, not at a bundle's first", l.size)
	}
	src := Dir(l.dir)
	l.edge = [][]byte{nil}
	for level := 1; l.size>>(tileHeight*level) > 0; level++ {
		n := l.size >> (tileHeight * level)
		t := tlog.Tile{H: tileHeight, L: level, N: n / tileWidth, W: int(n % tileWidth)}
		var hashes []byte
		for i := range t.W { // from the tiles below, which were synced, and not from a partial one
			child := tlog.Tile{H: tileHeight, L: level - 1, N: t.N*tileWidth + int64(i), W: tileWidth}
			data, err := readTile(src, child)
			if err != nil {
				return err
			}
			h, err := tileRoot(child, data)
			if err != nil {
				return err
			}
			hashes = append(hashes, h[:]...)
		}
		l.edge = append(l.edge, hashes)
	}
	return nil
}

// tileRoot returns the hash over a full tile.
func tileRoot(t tlog.Tile, data []byte) (tlog.Hash, error) {
	half := tileHeight*(t.L+1) - 1 // the level of its two halves; their parent is stored in the tile above
	left, err := tlog.HashFromTile(t, data, tlog.StoredHashIndex(half, 2*t.N))
	if err != nil {
		return left, err
	}
	right, err := tlog.HashFromTile(t, data, tlog.StoredHashIndex(half, 2*t.N+1))
	return tlog.NodeHash(left, right), err
}

// Size returns the number of entries.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Covered returns up to where the captures of a WARC are in the log.
func (l *Log) Covered(file string) (int64, error) {
	row, _, err := l.runs.last(file)
	return row.End, err
}

// File is what an append says of one WARC.
type File struct {
	Name   string // Ref.File
	End    int64  // its captures up to here are now in the log
	Leaves []Leaf // in the order of the file; may be empty
}

// Append adds the leaves of files, in that order. They are durable when it returns. An error means that the log takes
// no more until it is opened anew; what it then holds is the state before or after this call.
func (l *Log) Append(files []File) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	if err := l.append(files); err != nil {
		l.broken = fmt.Errorf("append to the log: %w", err)
		return l.broken
	}
	return nil
}

func (l *Log) append(files []File) error {
	g := group{First: l.size}
	for _, f := range files {
		g.Runs = append(g.Runs, runRow{f.Name, g.First + int64(g.Count), len(f.Leaves), f.End})
		for _, leaf := range f.Leaves {
			g.data = appendEntry(g.data, leaf.Marshal())
			g.Count++
		}
	}
	b, err := g.marshal()
	if err != nil {
		return err
	}
	if _, err := l.wal.WriteAt(b, l.walEnd); err != nil {
		return err
	}
	if err := l.wal.Sync(); err != nil {
		return err
	}
	l.walEnd += int64(len(b))
	full, err := l.apply(g)
	if err != nil {
		return err
	}
	if full {
		if err := l.shorten(); err != nil {
			return err
		}
	}
	if g.Count == 0 {
		return nil
	}
	return l.publish()
}

// apply takes a durable group into the tree and writes the tiles that it filled.
func (l *Log) apply(g group) (full bool, err error) {
	entries, err := parseBundle(g.data, g.Count)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		l.bundle = appendEntry(l.bundle, e)
		l.size++
		if l.size%tileWidth == 0 {
			t := tlog.Tile{H: tileHeight, L: entryLevel, N: l.size/tileWidth - 1, W: tileWidth}
			if err := l.writeTile(t, l.bundle); err != nil {
				return full, err
			}
			l.bundle, full = nil, true
		}
		if err := l.push(0, tlog.RecordHash(e)); err != nil {
			return full, err
		}
	}
	for _, r := range g.Runs {
		l.dirty[r.File] = true
	}
	return full, l.runs.add(g.Runs)
}

// push adds a hash at a level and, when its tile is full, that tile's hash at the level above.
func (l *Log) push(level int, h tlog.Hash) error {
	if level == len(l.edge) {
		l.edge = append(l.edge, nil)
	}
	l.edge[level] = append(l.edge[level], h[:]...)
	if len(l.edge[level]) < tileWidth*tlog.HashSize {
		return nil
	}
	t := tlog.Tile{H: tileHeight, L: level, N: l.size>>(tileHeight*(level+1)) - 1, W: tileWidth}
	if err := l.writeTile(t, l.edge[level]); err != nil {
		return err
	}
	root, err := tileRoot(t, l.edge[level])
	if err != nil {
		return err
	}
	l.edge[level] = nil
	return l.push(level+1, root)
}

// writeTile writes a full tile durably and removes the partial ones it stands for.
func (l *Log) writeTile(t tlog.Tile, data []byte) error {
	path := l.path(tilePath(t))
	if err := l.writeSynced(path, data); err != nil {
		return err
	}
	return os.RemoveAll(path + ".p")
}

// writeSynced replaces a file through the file system that may fail, and makes it durable with its directories.
func (l *Log) writeSynced(path string, data []byte) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for d := filepath.Dir(dir); strings.HasPrefix(d, l.dir); d = filepath.Dir(d) {
			if err := l.fs.SyncDir(d); err != nil {
				return err
			}
		}
	}
	tmp := path + ".tmp"
	if err := os.RemoveAll(tmp); err != nil { // left by a kill
		return err
	}
	f, err := l.fs.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := l.fs.Rename(tmp, path); err != nil {
		return err
	}
	return l.fs.SyncDir(dir)
}

// shorten begins a new write-ahead log with the entries behind the last full bundle, once all before them is
// durable elsewhere.
func (l *Log) shorten() error {
	if err := l.runs.sync(l.dirty); err != nil {
		return err
	}
	clear(l.dirty)
	if err := l.wal.Close(); err != nil {
		return err
	}
	if err := l.rewriteWAL(l.size - l.size%tileWidth); err != nil {
		return err
	}
	f, err := l.fs.Open(l.path(walName))
	if err != nil {
		return err
	}
	l.wal = f
	return nil
}

func (l *Log) rewriteWAL(first int64) error {
	g := group{First: first, Count: int(l.size - first), data: slices.Clone(l.bundle)}
	b, err := g.marshal()
	if err != nil {
		return err
	}
	l.walEnd = int64(len(b))
	return l.writeSynced(l.path(walName), b)
}

// Root returns the root of the tree.
func (l *Log) root() (tlog.Hash, error) {
	return tlog.TreeHash(l.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			t := tlog.TileForIndex(tileHeight, x)
			data := l.edge[t.L]
			t.W = len(data) / tlog.HashSize
			var err error
			if out[i], err = tlog.HashFromTile(t, data, x); err != nil {
				return nil, err
			}
		}
		return out, nil
	}))
}

// publish writes the partial tiles and the signed head of the tree as it is.
func (l *Log) publish() error {
	root, err := l.root()
	if err != nil {
		return err
	}
	if err := l.writePartial(entryLevel, l.size, l.bundle); err != nil {
		return err
	}
	for level, data := range l.edge {
		if err := l.writePartial(level, l.size>>(tileHeight*level), data); err != nil {
			return err
		}
	}
	c := Checkpoint{Origin: l.signer.Name(), Size: l.size, Root: root}
	old, err := os.ReadFile(l.path(checkpointName))
	if err == nil {
		if prev, err := ParseCheckpoint(old, l.keys); err == nil && prev.Origin == c.Origin && prev.Size == c.Size &&
			prev.Root == c.Root {
			return nil // cosignatures that were added stay
		}
	}
	signed, err := c.sign(l.signer)
	if err != nil {
		return err
	}
	if err := l.remember(signed); err != nil {
		return err
	}
	return disk.Replace(l.path(checkpointName), signed, false)
}

func (l *Log) writePartial(level int, n int64, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	t := tlog.Tile{H: tileHeight, L: level, N: n / tileWidth, W: int(n % tileWidth)}
	path := l.path(tilePath(t))
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	err := disk.Replace(path, data, false)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		err = disk.Replace(path, data, false)
	}
	return err
}

// Close closes the log. Everything that was appended is durable already.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wal == nil {
		return nil
	}
	f := l.wal
	l.wal, l.broken = nil, os.ErrClosed
	return f.Close()
}
