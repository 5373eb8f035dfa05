package node

import (
	"errors"
	"fmt"
)

// Conditions that callers tell apart; those of archive, index and frontier come through as they are.
var (
	ErrNoArchive = errors.New("no archive")
	ErrNoOwner   = errors.New("no process owns the data directory")
	ErrNoRun     = errors.New("no such crawl")
	ErrRunning   = errors.New("is being crawled already")
)

// LockedError says that another process owns the data directory.
type LockedError struct {
	Dir string
	PID int // 0: it does not answer
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return e.Dir + " is in use by another cundang"
	}
	return fmt.Sprintf("%s is in use by another cundang (pid %d)", e.Dir, e.PID)
}

// DirError says that the data directory could not be made.
type DirError struct{ Err error }

func (e *DirError) Error() string { return "create the data directory: " + e.Err.Error() }
func (e *DirError) Unwrap() error { return e.Err }

// DictionaryError says that the operator's dictionary could not be read.
type DictionaryError struct{ Err error }

func (e *DictionaryError) Error() string { return "read the dictionary: " + e.Err.Error() }
func (e *DictionaryError) Unwrap() error { return e.Err }

// ModelError says that what was learnt about a site cannot be read; learning it anew cures that.
type ModelError struct {
	Site, File string
	Err        error
}

func (e *ModelError) Error() string { return e.File + ": " + e.Err.Error() }
func (e *ModelError) Unwrap() error { return e.Err }

// ProfileFault is why profiles could not be chosen.
type ProfileFault int

// What may be wrong with profiles or with the choice of them.
const (
	NoProfiles  ProfileFault = iota + 1 // none of the operator's own, and no site is named
	UnknownSite                         // no profile of that ID
	BadURL                              // not a URL that can be crawled
	BadProfile                          // a file of DATA/profiles is wrong
	NoFile                              // a profile file cannot be read
	Exists                              // a profile of that name exists already
	BadID                               // a proposed profile is not in order
)

// ProfileError says that profiles could not be loaded, chosen or kept.
type ProfileError struct {
	Fault ProfileFault
	Err   error
}

func (e *ProfileError) Error() string { return e.Err.Error() }
func (e *ProfileError) Unwrap() error { return e.Err }

// NotFetchedError says that a page which a proposal needs did not come.
type NotFetchedError struct{ URL, Reason string }

func (e *NotFetchedError) Error() string { return e.URL + " did not come: " + e.Reason }

// NoListError says that a page is no list of articles, and which of its links may be.
type NoListError struct {
	URL      string
	Channels []Channel
}

// Channel is a link of a page that may lead to a list.
type Channel struct{ URL, Title string }

func (e *NoListError) Error() string { return e.URL + " is no list of articles" }

// NoArticlesError says that none of the articles on a list came.
type NoArticlesError struct {
	List  string
	Tried int
}

func (e *NoArticlesError) Error() string {
	return fmt.Sprintf("none of the %d articles on %s came", e.Tried, e.List)
}
