package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"cundang/archive"
)

// disk passes everything on to the operating system and writes down what is durable: the
// size of a file when its fsync returned, the names in a directory when its fsync did.
type disk struct {
	archive.Disk
	log                *os.File
	noSync, noTruncate bool
}

type diskFile struct {
	archive.File
	d    *disk
	path string
}

func (d *disk) Create(path string) (archive.File, error) {
	f, err := d.Disk.Create(path)
	if err != nil {
		return nil, err
	}
	return &diskFile{f, d, path}, nil
}

func (d *disk) Open(path string) (archive.File, error) {
	f, err := d.Disk.Open(path)
	if err != nil {
		return nil, err
	}
	return &diskFile{f, d, path}, nil
}

func (d *disk) SyncDir(path string) error {
	if err := d.Disk.SyncDir(path); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	_, err = fmt.Fprintf(d.log, "dir\t%s\t%s\n", path, strings.Join(names, "/"))
	return err
}

func (f *diskFile) Truncate(size int64) error {
	if f.d.noTruncate {
		return nil
	}
	return f.File.Truncate(size)
}

func (f *diskFile) Sync() error {
	if f.d.noSync {
		return nil
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if err := f.File.Sync(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.d.log, "file\t%s\t%d\n", f.path, info.Size())
	return err
}

// durable is what the log says survives a power failure.
type durable struct {
	size  map[string]int64           // by path without .open
	names map[string]map[string]bool // by directory
}

func readLog(path string) (durable, error) {
	d := durable{map[string]int64{}, map[string]map[string]bool{}}
	b, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	lines := strings.Split(string(b), "\n")
	for _, line := range lines[:len(lines)-1] { // the last one is torn or empty
		f := strings.Split(line, "\t")
		switch {
		case len(f) != 3:
			return d, fmt.Errorf("log line %q", line)
		case f[0] == "dir":
			d.names[f[1]] = map[string]bool{}
			for _, n := range strings.Split(f[2], "/") {
				d.names[f[1]][n] = true
			}
		default:
			n, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				return d, err
			}
			d.size[strings.TrimSuffix(f[1], ".open")] = n
		}
	}
	return d, nil
}

// lose does to the archive what a power failure may: directory entries that were not synced
// disappear or go back to their old name, and bytes behind the synced end of a file are
// cut, zeroed or replaced by garbage.
func lose(dir string, d durable, rnd *rand.Rand, t *tally) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.warc.gz*"))
	if err != nil {
		return err
	}
	sort.Strings(paths)
	for _, path := range paths {
		names := d.names[filepath.Dir(path)]
		base := filepath.Base(path)
		if !names[base] && rnd.IntN(2) == 0 {
			t.Reverted++
			if names[base+".open"] {
				if err := os.Rename(path, path+".open"); err != nil {
					return err
				}
				path += ".open"
			} else {
				if err := os.Remove(path); err != nil {
					return err
				}
				continue
			}
		}
		if err := tear(path, d.size[strings.TrimSuffix(path, ".open")], rnd, t); err != nil {
			return err
		}
	}
	return nil
}

// tear damages a file behind its synced end.
func tear(path string, synced int64, rnd *rand.Rand, t *tally) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	loose := info.Size() - synced
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	garbage := make([]byte, 1+rnd.IntN(9000))
	for i := range garbage {
		garbage[i] = byte(rnd.Uint32())
	}
	switch how := rnd.IntN(5); {
	case loose <= 0 && !strings.HasSuffix(path, ".open"):
		return nil // a closed file is written to no more
	case loose <= 0 || how == 0: // blocks that were given to the file and never written
		if rnd.IntN(3) > 0 {
			return nil
		}
		_, err = f.WriteAt(garbage, info.Size())
	case how == 1:
		err = f.Truncate(synced + rnd.Int64N(loose))
	case how == 2:
		at := synced + rnd.Int64N(loose)
		_, err = f.WriteAt(make([]byte, info.Size()-at), at)
	case how == 3:
		_, err = f.WriteAt(garbage, synced+rnd.Int64N(loose))
	default:
		return nil
	}
	t.Torn++
	return err
}
