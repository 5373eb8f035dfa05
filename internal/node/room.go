package node

import (
	"errors"
	"fmt"
	"syscall"
)

// defaultMinFree is how much of the disk is left free, in bytes. Below it nothing is written: the databases beneath frontier
// and index do not survive a write that fails half-way, and a crawl that stops early goes on where it was.
const defaultMinFree = 64 << 20

// RoomError says that too little of the disk is free to write. It is syscall.ENOSPC.
type RoomError struct {
	Dir           string
	Free, MinFree uint64 // bytes
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("%s: %d MB of the disk are free, writing needs %d MB (min_free)", e.Dir, e.Free>>20, e.MinFree>>20)
}

// Unwrap makes it a full disk.
func (e *RoomError) Unwrap() error { return syscall.ENOSPC }

// room returns a *RoomError if the disk has less free than is to be left.
func (o Options) room() error {
	least := o.MinFree
	if least == 0 {
		least = defaultMinFree
	}
	free, err := freeBytes(o.Dir)
	if err == nil && free < least {
		err = &RoomError{o.Dir, free, least}
	}
	return err
}

// freeBytes returns what this user may still write on the disk of dir.
func freeBytes(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// cannotWrite reports whether err says that the disk is full, read-only or closed to this user, so that reading is
// all that can be done.
func cannotWrite(err error) bool {
	for _, reason := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.EDQUOT} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
