package blob

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Cache keeps blocks of files in a directory, up to a number of bytes, those used last. It may be shared by
// processes and deleted at any time; what cannot be kept or read is fetched again. Its methods are safe for
// concurrent use.
type Cache struct {
	dir   string
	limit int64

	mu    sync.Mutex
	known bool  // used has been counted
	used  int64 // bytes, other processes' newest not counted
}

// NewCache returns a cache of limit bytes; the directory is made by the first block that is kept.
func NewCache(dir string, limit int64) *Cache { return &Cache{dir: dir, limit: limit} }

const (
	sumSize    = 4                // CRC-32C behind each block
	touchAfter = 10 * time.Minute // a block's time of use is written no more often
	tempBlock  = ".tmp-"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c *Cache) path(file string, block int64) string {
	return filepath.Join(c.dir, file[:2], fmt.Sprintf("%s-%d", file, block))
}

// get returns a block of the file with that digest.
func (c *Cache) get(file string, block int64) ([]byte, bool) {
	p := c.path(file, block)
	b, err := os.ReadFile(p)
	if err != nil || len(b) < sumSize {
		return nil, false
	}
	data := b[:len(b)-sumSize]
	if binary.BigEndian.Uint32(b[len(data):]) != crc32.Checksum(data, castagnoli) {
		return nil, false // torn by a power cut; put replaces it
	}
	now := time.Now()
	if info, err := os.Stat(p); err == nil && now.Sub(info.ModTime()) > touchAfter {
		_ = os.Chtimes(p, now, now) // at worst it is dropped earlier
	}
	return data, true
}

// put keeps a block. A cache that cannot be written keeps nothing.
func (c *Cache) put(file string, block int64, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.write(c.path(file, block), data); err != nil {
		return
	}
	if c.used += int64(len(data)) + sumSize; !c.known || c.used > c.limit {
		c.shrink()
	}
}

func (c *Cache) write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), tempBlock+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(binary.BigEndian.AppendUint32(slices.Clone(data), crc32.Checksum(data, castagnoli)))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// shrink counts what is kept and, if it is more than the limit, drops what was not used for longest down to three
// quarters.
func (c *Cache) shrink() {
	type block struct {
		path string
		size int64
		used time.Time
	}
	var blocks []block
	total := int64(0)
	err := filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil //nolint:nilerr // what another process has dropped
		}
		info, err := e.Info()
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		if strings.HasPrefix(e.Name(), tempBlock) && time.Since(info.ModTime()) < time.Hour {
			return nil // being written
		}
		total += info.Size()
		blocks = append(blocks, block{path, info.Size(), info.ModTime()})
		return nil
	})
	if err != nil {
		return
	}
	if total > c.limit {
		slices.SortFunc(blocks, func(a, b block) int { return a.used.Compare(b.used) })
		for _, b := range blocks {
			if total <= c.limit/4*3 {
				break
			}
			if os.Remove(b.path) == nil {
				total -= b.size
			}
		}
	}
	c.known, c.used = true, total
}
