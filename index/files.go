package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2/util"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// What bleve does not check when it opens an index. It goes on without a snapshot whose
// segments it cannot read, with an older one or with none: an index that has lost half of its
// articles would answer as if nothing were wrong.

// checkFiles checks that the newest snapshot is there and that each of its segments has its end.
func checkFiles(dir string) error {
	for _, name := range []string{"index_meta.json", filepath.Join("store", "root.bolt")} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if info.Size() == 0 {
			return fmt.Errorf("%s is empty", name)
		}
	}
	segments, err := newestSegments(dir)
	if err != nil {
		return err
	}
	for _, name := range segments {
		if _, err := segmentCRC(filepath.Join(dir, "store", name)); err != nil {
			return err
		}
	}
	return nil
}

// newestSegments lists the files of the newest snapshot. While a writer holds the index there
// is nothing to check: the list is empty.
func newestSegments(dir string) (names []string, err error) {
	db, err := bolt.Open(filepath.Join(dir, "store", "root.bolt"), 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Millisecond})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("root.bolt: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bolt.Tx) error {
		snapshots := tx.Bucket(util.BoltSnapshotsBucket)
		if snapshots == nil {
			return errors.New("root.bolt: no snapshot")
		}
		key, _ := snapshots.Cursor().Last()
		newest := snapshots.Bucket(key)
		if newest == nil {
			return errors.New("root.bolt: no snapshot")
		}
		return newest.ForEachBucket(func(k []byte) error {
			if path := newest.Bucket(k).Get(util.BoltPathKey); path != nil {
				names = append(names, string(path))
			}
			return nil
		})
	})
	return names, err
}

// segmentVersion is the format of the segments bleve writes here.
const segmentVersion = 17

// segmentCRC reads the checksum at the end of a segment.
func segmentCRC(name string) (sum uint32, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	var end [8]byte
	if info.Size() < 64 {
		return 0, fmt.Errorf("segment %s is cut short", filepath.Base(name))
	}
	if _, err := f.ReadAt(end[:], info.Size()-8); err != nil {
		return 0, err
	}
	if v := binary.BigEndian.Uint32(end[:]); v != segmentVersion {
		return 0, fmt.Errorf("segment %s is cut short or overwritten", filepath.Base(name))
	}
	return binary.BigEndian.Uint32(end[4:]), nil
}

// Check reads every byte of the index at dir and compares checksums; a nil error says that the
// files are as they were written. No writer may hold the index. Damage is a *DamagedError.
func Check(dir string) (err error) {
	defer func() {
		if p := recover(); p != nil { // bbolt trusts the pages it maps
			err = &DamagedError{dir, fmt.Errorf("%v", p)}
		}
	}()
	if empty, err := isEmpty(dir); err != nil {
		return fmt.Errorf("check index: %w", err)
	} else if empty {
		return fmt.Errorf("check index: %w: %s", ErrMissing, dir)
	}
	if err := checkFiles(dir); err != nil {
		return &DamagedError{dir, err}
	}
	segments, err := newestSegments(dir)
	if err != nil {
		return &DamagedError{dir, err}
	}
	for _, name := range segments {
		if err := checkSegment(filepath.Join(dir, "store", name)); err != nil {
			return &DamagedError{dir, err}
		}
	}
	return nil
}

func checkSegment(name string) (err error) {
	want, err := segmentCRC(name)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.LimitReader(f, info.Size()-4)); err != nil {
		return err
	}
	if sum.Sum32() != want {
		return fmt.Errorf("segment %s does not have its checksum", filepath.Base(name))
	}
	return nil
}
