package index

import (
	"errors"
	"fmt"
)

// ErrLocked is returned by Open when another process holds the index.
var ErrLocked = errors.New("the index is in use by another process")

// ErrNotFound is returned when no article has the ID asked for, or none had it at that time.
var ErrNotFound = errors.New("no such article in the index")

// ErrClosed is returned by every method after Close.
var ErrClosed = errors.New("the index is closed")

// ErrReadOnly is returned by Put on an index that was opened to read only.
var ErrReadOnly = errors.New("the index is open for reading only")

// ErrMissing is returned by Open with ReadOnly when there is no index at dir.
var ErrMissing = errors.New("no index here")

// DamagedError says that the files of the index cannot be used. The index is derived from
// the archive, so the cure is always the same.
type DamagedError struct {
	Dir string
	Err error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the index at %s is damaged (%v): run `cundang index rebuild`", e.Dir, e.Err)
}

// Unwrap returns what was found.
func (e *DamagedError) Unwrap() error { return e.Err }

// StaleError says that the index was built with another dictionary or another version of the
// program than is in use now; answers would mix both.
type StaleError struct {
	Dir  string
	What string // "dictionary" or "format"
	Have string
	Want string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("the index at %s was built with another %s (%s, now %s): run `cundang index rebuild`", e.Dir, e.What, e.Have, e.Want)
}
