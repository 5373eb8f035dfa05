// Package archive keeps every response as it came: WARC files that are only ever
// appended to, found again by Ref, by URL and by time.
package archive

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"time"
)

// Ref names a record for ever: WARC file (slash path below DATA/archive), offset and
// length of its gzip member in bytes, and the payload digest ("sha256:hex").
type Ref struct {
	File   string
	Offset int64
	Length int64
	Digest string
}

// String returns FILE:OFFSET:LENGTH; ParseRef reads it back.
func (r Ref) String() string { panic("unwritten") }

// ParseRef parses the form that Ref.String prints.
func ParseRef(s string) (Ref, error) { panic("unwritten") }

// Capture is one exchange with a page at one moment, as kept in the archive.
type Capture struct {
	URL    string
	Site   string
	Time   time.Time // WARC-Date, UTC
	Status int
	Header http.Header // of the response
	Digest string      // payload digest, "sha256:hex"
	Ref    Ref
	// Revisit says the payload equals that of an earlier capture; Body returns it all the same.
	Revisit bool
	// Fields are the metadata record's named fields (via, hops, charset, state, …).
	Fields Fields
	body   func() (io.ReadCloser, error)
}

// Fields are the named values of a capture's metadata record.
type Fields map[string]string

// Names of fields that rooms agree on.
const (
	FieldVia     = "via"          // URL the page was found on
	FieldHops    = "hops"         // discovery path, one letter a hop: L link, R redirect, E embed, S sitemap
	FieldSite    = "site"         // profile ID
	FieldCrawl   = "crawl"        // crawl ID
	FieldCharset = "charset"      // as decided, see internal/charset
	FieldState   = "state"        // judgement at capture time: live, missing, gone, blocked, soft-404, error
	FieldColumn  = "column"       // 栏目 of the seed or list it was found on
	FieldListed  = "listed"       // date shown in the list row, as text
	FieldTitle   = "listed-title" // link text in the list row
	FieldRobots  = "robots"       // matching robots.txt line
	FieldTLS     = "tls"          // outcome of TLS: version, "lenient" and why
)

// Body returns the entity: transfer and content encodings removed, revisits resolved.
// The caller closes it.
func (c Capture) Body() (io.ReadCloser, error) { panic("unwritten") }

// Exchange is what a crawler hands in: the bytes of one request and its response as
// they were on the connection.
type Exchange struct {
	URL       string
	Site      string
	Time      time.Time // when the request was sent
	IP        string    // address of the server, "" if unknown
	Request   io.ReadSeeker
	Response  io.ReadSeeker
	Truncated string // WARC-Truncated reason: "", "length", "time", "disconnect", "unspecified"
	Fields    Fields
	// RefersTo, when set, makes the record a revisit of that earlier capture.
	RefersTo *Capture
	// NotModified marks the revisit as server-not-modified (a 304).
	NotModified bool
}

// Options of a Store; the zero value is a good default.
type Options struct {
	Log      *slog.Logger
	MaxSize  int64 // rotate a WARC at this many bytes; 0 is 1 GiB
	ReadOnly bool  // do not lock or recover, read what is committed
	// Committed is, for each *.open file (Ref.File without ".open"), the end in bytes that the
	// frontier has committed; recovery truncates to it. A file not in the map is truncated
	// after its last whole capture. nil: no frontier state, keep whole captures.
	Committed map[string]int64
	Operator  string // warcinfo
	Software  string // warcinfo
}

// Store is the archive of one data directory. Its methods are safe for concurrent use.
type Store struct{ _ int }

// Open opens DATA/archive, recovers torn files and takes the writer's lock unless ReadOnly.
func Open(dir string, opts Options) (*Store, error) { panic("unwritten") }

// Append writes the records of one exchange to the site's open WARC. The Ref is that of
// the response (or revisit) record. Nothing is durable before Sync returns.
func (s *Store) Append(ctx context.Context, x Exchange) (Ref, error) { panic("unwritten") }

// Sync makes all appended captures durable and returns, for each open file, the end up to
// which it is: the value to commit with the frontier's batch, then to hand to Commit.
func (s *Store) Sync(ctx context.Context) (ends map[string]int64, err error) { panic("unwritten") }

// Commit makes everything up to ends visible to Lookup, Captures and followers.
func (s *Store) Commit(ends map[string]int64) error { panic("unwritten") }

// Read returns the capture at ref.
func (s *Store) Read(ctx context.Context, ref Ref) (Capture, error) { panic("unwritten") }

// Versions returns all committed captures of a URL, oldest first, without bodies read.
func (s *Store) Versions(ctx context.Context, url string) iter.Seq2[Capture, error] {
	panic("unwritten")
}

// Closest returns the capture of url nearest to t (the zero time: the newest). ErrNotFound if none.
func (s *Store) Closest(ctx context.Context, url string, t time.Time) (Capture, error) {
	panic("unwritten")
}

// Position is a place in the committed archive up to which a follower has read. It is
// printable and comparable with ==; "" is the beginning.
type Position string

// Since returns the captures committed after pos in a stable order, each with the position
// behind it: per site in order of time. A follower stores the position it got last.
func (s *Store) Since(ctx context.Context, pos Position) iter.Seq2[Followed, error] {
	panic("unwritten")
}

// Followed is a capture and the position behind it.
type Followed struct {
	Capture  Capture
	Position Position
}

// Close closes the open WARCs (rename from .open) and releases the lock.
func (s *Store) Close() error { panic("unwritten") }
