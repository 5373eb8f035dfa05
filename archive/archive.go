// Package archive keeps every response as it came: WARC files that are only ever
// appended to, found again by Ref, by URL and by time.
package archive

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"cundang/archive/blob"
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
func (r Ref) String() string { return fmt.Sprintf("%s:%d:%d", r.File, r.Offset, r.Length) }

// ParseRef parses the form that Ref.String prints.
func ParseRef(s string) (Ref, error) {
	rest, length, ok := cutLast(s, ":")
	file, offset, ok2 := cutLast(rest, ":")
	o, err := strconv.ParseInt(offset, 10, 64)
	n, err2 := strconv.ParseInt(length, 10, 64)
	if !ok || !ok2 || err != nil || err2 != nil || o < 0 || n <= 0 || !safePath(file) {
		return Ref{}, fmt.Errorf("%q is not a reference of the form FILE:OFFSET:LENGTH", s)
	}
	return Ref{File: file, Offset: o, Length: n}, nil
}

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

	id     string  // record ID
	origin *origin // of a revisit: what it refers to
	body   func() (io.ReadCloser, error)
}

// Fields are the named values of a capture's metadata record.
type Fields map[string]string

// Names of fields that several packages use.
const (
	FieldVia      = "via"          // URL the page was found on
	FieldHops     = "hops"         // discovery path, one letter a hop: L link, R redirect, E embed, S sitemap
	FieldSite     = "site"         // profile ID
	FieldCrawl    = "crawl"        // crawl ID
	FieldCharset  = "charset"      // as decided, see internal/charset
	FieldKind     = "kind"         // what it was fetched as: page, seed, list, article, embed, file, sitemap, robots, requisite
	FieldRole     = "role"         // what the crawler saw in it: list (also a home or section page), article, page
	FieldBase     = "base"         // what the links of a JSON or XML answer resolve against: the page that asked for it
	FieldState    = "state"        // judgement at capture time: one of the States
	FieldColumn   = "column"       // 栏目 of the seed or list it was found on
	FieldListed   = "listed"       // date shown in the list row, as text
	FieldTitle    = "listed-title" // link text in the list row
	FieldRobots   = "robots"       // matching robots.txt line
	FieldTLS      = "tls"          // outcome of TLS: version, "lenient" and why
	FieldRendered = "rendered"     // "dom": the document as a browser showed it is a companion of the capture
	// Set by Append, base64 of bytes as they were on the wire that replay tools would take for
	// the page: 1xx responses before the final one, the head of a 304.
	FieldInterim     = "interim-response"
	FieldNotModified = "not-modified-response"
)

// States of a page, as FieldState has them: what a capture was judged to show of its page.
const (
	StateLive    = "live"
	StateMoved   = "moved"    // answers with a redirect
	StateMissing = "missing"  // 404 or 410, not yet often enough to be gone
	StateGone    = "gone"     // missing often and long enough
	StateBlocked = "blocked"  // a challenge or a wall instead of the page
	StateSoft404 = "soft-404" // 200 with an error page, or a redirect to one
	StateError   = "error"    // no judgement possible: 5xx, 403, broken off, no answer
)

// RoleList is the FieldRole of a page that leads to articles and is none.
const RoleList = "list"

// KindRequisite is the FieldKind of what a page is shown with: a picture, style sheet or font.
const KindRequisite = "requisite"

// KindProbe is the FieldKind of an address that cannot exist, asked for to see how a site answers.
const KindProbe = "probe"

// Body returns the entity: transfer and content encodings removed, revisits resolved.
// The caller closes it.
func (c Capture) Body() (io.ReadCloser, error) {
	if c.body == nil {
		return nil, fmt.Errorf("body of %s: capture was not read from an archive", c.URL)
	}
	return c.body()
}

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
	// Companions are written behind the capture and become durable with it.
	Companions []Companion
}

// Options of a Store; the zero value is a good default.
type Options struct {
	Log      *slog.Logger
	MaxSize  int64 // rotate a WARC at this many bytes; 0 is 1 GiB
	ReadOnly bool  // do not lock or recover, read what is committed
	// Committed is, for each *.open file (Ref.File without ".open"), the end in bytes that the
	// frontier has committed; recovery truncates to it. What Commit noted in the archive itself
	// counts as committed too, so a lost frontier loses no capture. A file of which both know
	// nothing was never committed and is dropped. nil: no frontier state; files that were ever
	// committed are kept up to their last whole capture.
	Committed map[string]int64
	Operator  string // warcinfo
	Software  string // warcinfo
	Robots    string // warcinfo: robots policy, "" is "obey"

	// Remote is where closed WARCs lie that are no longer here, and Push puts them; nil: nowhere. Cache keeps parts of
	// them that were read; nil: none are kept.
	Remote blob.Store
	Cache  *blob.Cache

	// NoLog makes no transparency log for a new archive: the chain of manifests of a cluster takes its place.
	NoLog bool

	FS FileSystem // nil: Disk
}

// Position is a place in the committed archive up to which a follower has read. It is
// printable and comparable with ==; "" is the beginning.
type Position string

// Followed is a capture and the position behind it.
type Followed struct {
	Capture  Capture
	Position Position
}
