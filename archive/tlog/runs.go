package tlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// The runs of a WARC are rows of rowSize bytes, big-endian: first entry, number of entries, end in the WARC.
const rowSize = 8 + 4 + 8

func (r runRow) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(r.First))
	b = binary.BigEndian.AppendUint32(b, uint32(r.Count))
	return binary.BigEndian.AppendUint64(b, uint64(r.End))
}

func parseRow(b []byte) runRow {
	return runRow{First: int64(binary.BigEndian.Uint64(b)), Count: int(binary.BigEndian.Uint32(b[8:])),
		End: int64(binary.BigEndian.Uint64(b[12:]))}
}

// runs reads and writes the run files below a directory.
type runs string

func (d runs) path(file string) string {
	return filepath.Join(string(d), filepath.FromSlash(file)+".runs")
}

// last returns the last row of a WARC; ok is false where there is none.
func (d runs) last(file string) (row runRow, ok bool, err error) {
	f, err := os.Open(d.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return row, false, nil
	}
	if err != nil {
		return row, false, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil || info.Size() < rowSize {
		return row, false, err
	}
	var b [rowSize]byte
	if _, err := f.ReadAt(b[:], (info.Size()/rowSize-1)*rowSize); err != nil {
		return row, false, err
	}
	return parseRow(b[:]), true, nil
}

// add appends rows to the files they name.
func (d runs) add(rows []runRow) error {
	for _, r := range rows {
		path := d.path(r.File)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if errors.Is(err, fs.ErrNotExist) {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			f, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		}
		if err != nil {
			return err
		}
		_, err = f.Write(r.appendTo(nil))
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("note which entries are of %s: %w", r.File, err)
		}
	}
	return nil
}

// sync makes the rows of files durable.
func (d runs) sync(files map[string]bool) error {
	for file := range files {
		f, err := os.Open(d.path(file))
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// cut drops the rows of a file from entry size on, and what is no whole row.
func (d runs) cut(file string, size int64) error {
	b, err := os.ReadFile(d.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	keep := sort.Search(len(b)/rowSize, func(i int) bool { return parseRow(b[i*rowSize:]).First >= size })
	return os.Truncate(d.path(file), int64(keep*rowSize))
}

// find returns the row that covers the record at offset.
func (d runs) find(file string, offset int64) (runRow, bool, error) {
	b, err := os.ReadFile(d.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return runRow{}, false, nil
	}
	if err != nil {
		return runRow{}, false, err
	}
	n := len(b) / rowSize
	i := sort.Search(n, func(i int) bool { return parseRow(b[i*rowSize:]).End > offset })
	if i == n {
		return runRow{}, false, nil
	}
	return parseRow(b[i*rowSize:]), true, nil
}
