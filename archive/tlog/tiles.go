package tlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	entryLevel = -1 // of tlog.Tile: the entries themselves

	// BundleSize is how many entries View.Entries returns at a time.
	BundleSize = tileWidth
)

// tilePath returns where C2SP tlog-tiles has a tile: tile/LEVEL/N[.p/W]. The path of the Go checksum database, which
// tlog.Tile prints, has the height in it and calls the entries data.
func tilePath(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", t.H))
	if data, ok := strings.CutPrefix(rest, "data/"); ok {
		rest = "entries/" + data
	}
	return "tile/" + rest
}

// fullTile returns t with all its hashes.
func fullTile(t tlog.Tile) tlog.Tile {
	t.W = tileWidth
	return t
}

// Source reads the files of a log by the names that C2SP tlog-tiles gives them.
type Source interface {
	// ReadFile returns a file's bytes, or an error that is fs.ErrNotExist.
	ReadFile(name string) ([]byte, error)
}

// Dir is the Source of a log that lies in a directory.
type Dir string

// ReadFile implements Source.
func (d Dir) ReadFile(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(d), filepath.FromSlash(name)))
}

// readTile reads a tile; where the partial one is gone because the full one has come, that one's beginning.
func readTile(src Source, t tlog.Tile) ([]byte, error) {
	data, err := src.ReadFile(tilePath(t))
	if errors.Is(err, fs.ErrNotExist) && t.W < tileWidth {
		full, ferr := src.ReadFile(tilePath(fullTile(t)))
		if ferr != nil {
			return nil, err
		}
		data, err = full, nil
	}
	if err != nil {
		return nil, err
	}
	if t.L >= 0 {
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes, not %d", tilePath(t), len(data), t.W*tlog.HashSize)
		}
		data = data[:t.W*tlog.HashSize]
	}
	return data, nil
}

// tileReader is the tlog.TileReader of a Source. It keeps what it has read: proofs of one tree share their tiles.
type tileReader struct {
	src  Source
	kept map[tlog.Tile][]byte
}

// maxKept bounds what a tileReader keeps, in tiles of 8 KiB.
const maxKept = 1024

// Height implements tlog.TileReader.
func (r *tileReader) Height() int { return tileHeight }

// ReadTiles implements tlog.TileReader.
func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, ok := r.kept[t]
		if !ok {
			var err error
			if data, err = readTile(r.src, t); err != nil {
				return nil, fmt.Errorf("read the log: %w", err)
			}
		}
		out[i] = data
	}
	return out, nil
}

// SaveTiles implements tlog.TileReader; it is handed tiles that have been authenticated.
func (r *tileReader) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	if len(r.kept) > maxKept {
		clear(r.kept)
	}
	for i, t := range tiles {
		r.kept[t] = data[i]
	}
}

// Tree is a tree head with the tiles below it. Every hash and entry that it returns has been checked against the
// root: a Source need not be trusted. Its methods are not safe for concurrent use.
type Tree struct {
	Size   int64
	Root   tlog.Hash
	src    Source
	hashes tlog.HashReader
}

// NewTree returns the tree of so many entries with that root.
func NewTree(src Source, size int64, root tlog.Hash) *Tree {
	r := &tileReader{src, map[tlog.Tile][]byte{}}
	return &Tree{size, root, src, tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, r)}
}

// Prove returns the proof that entry index is in the tree.
func (t *Tree) Prove(index int64) (tlog.RecordProof, error) {
	if index < 0 || index >= t.Size {
		return nil, fmt.Errorf("entry %d is not in a log of %d", index, t.Size)
	}
	return tlog.ProveRecord(t.Size, index, t.hashes)
}

// ProveOld returns the proof that the first old entries of the tree are the tree of that size.
func (t *Tree) ProveOld(old int64) (tlog.TreeProof, error) {
	if old < 1 || old > t.Size {
		return nil, fmt.Errorf("a log of %d entries has no beginning of %d", t.Size, old)
	}
	return tlog.ProveTree(t.Size, old, t.hashes)
}

// RootAt returns the root that the tree had when it was of that size.
func (t *Tree) RootAt(size int64) (tlog.Hash, error) {
	if size < 0 || size > t.Size {
		return tlog.Hash{}, fmt.Errorf("a log of %d entries never had %d", t.Size, size)
	}
	return tlog.TreeHash(size, t.hashes)
}

// Entries returns the entries of bundle n (those from n × 256 on), checked.
func (t *Tree) Entries(n int64) ([][]byte, error) {
	width := int(min(t.Size-n*tileWidth, tileWidth))
	if n < 0 || width <= 0 {
		return nil, fmt.Errorf("bundle %d is not in a log of %d entries", n, t.Size)
	}
	data, err := readTile(t.src, tlog.Tile{H: tileHeight, L: entryLevel, N: n, W: width})
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	entries, _, err := cutEntries(data, width) // a full bundle stands for a partial one that is gone
	if err != nil {
		return nil, fmt.Errorf("bundle %d of the log: %w", n, err)
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, n*tileWidth+int64(i))
	}
	hashes, err := t.hashes.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if tlog.RecordHash(e) != hashes[i] {
			return entries, &EntryError{n*tileWidth + int64(i)}
		}
	}
	return entries, nil
}

// EntryError says that an entry is not the one that the tree has there.
type EntryError struct{ Index int64 }

// Error implements error.
func (e *EntryError) Error() string {
	return fmt.Sprintf("entry %d of the log is not what the tree was made of", e.Index)
}
