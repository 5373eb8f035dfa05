package warc

import "fmt"

// Error is a deviation from the standard, or damage, at one place.
type Error struct {
	File   string // as given to the Reader, "" if unknown
	Offset int64  // of the record (of its gzip member) in bytes
	Clause string // of ISO 28500:2017 or RFC 1952, such as "§5.2"
	Msg    string
	Err    error
}

// Error tells what is wrong, where, and by which clause.
func (e *Error) Error() string {
	s := e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Clause != "" {
		s += " (" + e.Clause + ")"
	}
	if e.File != "" {
		return fmt.Sprintf("%s at %d: %s", e.File, e.Offset, s)
	}
	return fmt.Sprintf("record at %d: %s", e.Offset, s)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
