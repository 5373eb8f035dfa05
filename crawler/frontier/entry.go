// Package frontier remembers what was discovered, what is due and what came of it: one
// queue a host, on disk, never forgetting a URL.
//
// Work is leased by Next and acknowledged by Commit. Leases live in memory only: after a
// crash an unfinished URL is simply still queued.
package frontier

import (
	"time"

	"cundang/archive"
)

// Kind says what part a URL plays in a crawl.
type Kind uint8

// The kinds of entries.
const (
	Page    Kind = iota // found by a link
	Seed                // named by a profile
	List                // a list page, or a further page of one
	Article             // a row of a list
	Embed               // frame or script data, which a page needs to be read
	File                // attachment
	Sitemap
	Robots    // a robots.txt, fetched for its host and never queued
	Requisite // picture, style sheet or font that a page is shown with
	Probe     // an address that cannot exist, asked for to see how the site answers
)

// Priorities: of what is due, the smaller goes first within a host.
const (
	First    uint8 = iota // seeds, list pages, what a page needs to be read (frames)
	Fresh                 // articles not fetched yet
	Ordinary              // other pages not fetched yet, attachments
	Again                 // pages visited before, requisites
	levels
)

// Entry is a URL that was discovered, how, and when it is due.
type Entry struct {
	URL      string // cleaned, see internal/urlkey: the identity
	Site     string
	Via      string // URL it was found on
	Hops     string // discovery path, one letter a hop
	Column   string // 栏目
	Listed   string // date in the list row, as text
	Title    string // text of the link in the list row
	Base     string // what links of a JSON or XML answer resolve against, "": URL
	Post     string // body of a POST; "" is a GET. URL is then the request's key, Target where it goes
	PostType string // its Content-Type
	Target   string // where a POST goes
	Number   int    // of a list's page, from 1; 0: unknown
	Kind     Kind
	Priority uint8
	Found    time.Time
	Due      time.Time // zero: not queued
	History  History
	// Retry makes a discovery of a known URL due again at Due, if that is earlier.
	Retry bool
}

// History sums up what the captures of a URL said. It is derived: folding the captures of
// the archive in order of time gives it again.
type History struct {
	State    string        // as archive.FieldState, "" before the first capture
	Status   int           // of the last response, 0: none came
	Reason   string        // of the last failure, "" if there was none
	Fetched  time.Time     // last attempt
	Ref      archive.Ref   // the newest capture whose body stands for the page
	RefTime  time.Time     // its WARC-Date
	RefURL   string        // its URL when that is another, "" otherwise
	Answer   archive.Ref   // the newest capture in full that was not live: an error page, a redirect
	ETag     string        // of the capture of Ref, for conditional requests
	Modified string        // its Last-Modified
	Content  string        // digest of its normalised content, "" if not computed
	Live     time.Time     // when it was last seen live
	Changed  time.Time     // when its content last changed
	Misses   int           // in a row
	Missed   time.Time     // first of them
	Fails    int           // failures (no judgement possible) in a row
	Visits   int           // captures so far
	Interval time.Duration // until the next visit
}

// Change is what one group commit writes, all of it or nothing.
type Change struct {
	Done  []Entry // finished leases with their new History; Due zero: do not come back by yourself
	Found []Entry // discoveries; known URLs are left as they are, see Entry.Retry
	// Ends are the committed ends of the open WARC files, Closed the files that need none any more.
	Ends   map[string]int64
	Values map[string][]byte // named values, nil deletes
}
