package archive

import (
	"errors"
	"syscall"
)

// Conditions a caller can act on.
var (
	// ErrNotFound: the archive holds no such capture.
	ErrNotFound = errors.New("not in the archive")
	// ErrLocked: another process writes to this archive.
	ErrLocked = errors.New("archive is locked by another process")
	// ErrNoSpace: the disk is full. The capture was not kept and the file was truncated back
	// to the capture before it; the caller may wait for room and append again.
	ErrNoSpace = errors.New("no space left for the archive")
	// ErrBroken: a write could not be undone or an fsync failed. What was appended since the
	// last Sync may be lost; the Store refuses everything but Close, and the process should
	// end. A failed fsync is never retried: the kernel may have dropped the pages.
	ErrBroken = errors.New("archive disk failed")
	// ErrReadOnly: the Store was opened with ReadOnly.
	ErrReadOnly = errors.New("archive is open for reading only")
	// ErrClosed: the Store has been closed.
	ErrClosed = errors.New("archive is closed")
	// ErrElsewhere: the WARC lies in a bucket, and the Store was not told which.
	ErrElsewhere = errors.New("lies in a bucket that is not configured")
	// ErrNoArchive: the directory does not exist.
	ErrNoArchive = errors.New("no archive here")
)

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
