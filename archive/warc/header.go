// Package warc reads and writes WARC records (ISO 28500:2017, WARC/1.1, and 1.0): bytes
// only, no network and no files of its own.
package warc

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Names of the fields used here (ISO 28500 §5).
const (
	RecordID              = "WARC-Record-ID"
	ContentLength         = "Content-Length"
	ContentType           = "Content-Type"
	Date                  = "WARC-Date"
	Type                  = "WARC-Type"
	ConcurrentTo          = "WARC-Concurrent-To"
	BlockDigest           = "WARC-Block-Digest"
	PayloadDigest         = "WARC-Payload-Digest"
	IPAddress             = "WARC-IP-Address"
	RefersTo              = "WARC-Refers-To"
	RefersToTargetURI     = "WARC-Refers-To-Target-URI"
	RefersToDate          = "WARC-Refers-To-Date"
	TargetURI             = "WARC-Target-URI"
	Truncated             = "WARC-Truncated"
	WarcinfoID            = "WARC-Warcinfo-ID"
	Filename              = "WARC-Filename"
	Profile               = "WARC-Profile"
	IdentifiedPayloadType = "WARC-Identified-Payload-Type"
	SegmentNumber         = "WARC-Segment-Number"
	SegmentOriginID       = "WARC-Segment-Origin-ID"
	SegmentTotalLength    = "WARC-Segment-Total-Length"
)

// Record types (ISO 28500 §5.5).
const (
	Warcinfo     = "warcinfo"
	Response     = "response"
	Resource     = "resource"
	Request      = "request"
	Metadata     = "metadata"
	Revisit      = "revisit"
	Conversion   = "conversion"
	Continuation = "continuation"
)

// Revisit profiles of WARC/1.1 (ISO 28500 §6.7).
const (
	IdenticalPayload  = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	ServerNotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// Media types of blocks.
const (
	HTTPRequest  = "application/http;msgtype=request"
	HTTPResponse = "application/http;msgtype=response"
	WARCFields   = "application/warc-fields"
)

// Field is one named field.
type Field struct{ Name, Value string }

// Header is the named fields of a record, in order.
type Header []Field

// Value returns the first value of a field, "" if it is absent. Names are compared without
// regard to case (ISO 28500 §4).
func (h Header) Value(name string) string {
	for _, f := range h {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Values returns every value of a field.
func (h Header) Values(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Add appends a field unless its value is empty. Line ends in the value become blanks.
func (h *Header) Add(name, value string) {
	if value == "" {
		return
	}
	*h = append(*h, Field{name, oneLine(value)})
}

func oneLine(s string) string {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		return lineEnds.Replace(s)
	}
	return s
}

var lineEnds = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ")

// URI returns the target URI without the angle brackets some writers put around it.
func (h Header) URI() string { return unbracket(h.Value(TargetURI)) }

func unbracket(s string) string {
	if len(s) > 1 && s[0] == '<' && s[len(s)-1] == '>' {
		return s[1 : len(s)-1]
	}
	return s
}

// Time returns WARC-Date, the zero time if it is absent or unreadable.
func (h Header) Time() time.Time {
	t, err := ParseDate(h.Value(Date))
	if err != nil {
		return time.Time{}
	}
	return t
}

// ParseDate reads a W3CDTF date in UTC, of any precision WARC/1.1 allows (§5.4: a year to
// nanoseconds) and with the numeric offsets that some 1.0 writers use.
func ParseDate(s string) (time.Time, error) {
	for _, layout := range [...]string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006", "20060102150405",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a W3CDTF date", s)
}

// FormatDate writes a WARC-Date with microseconds when t has any. More digits are allowed
// by WARC/1.1, but pywb reads at most six.
func FormatDate(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}

// NewID returns a fresh record ID, "<urn:uuid:…>" with a random UUID.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	out := append(make([]byte, 0, 48), "<urn:uuid:"...)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, part)
	}
	return string(append(out, '>'))
}

// AppendFields writes fields as application/warc-fields.
func AppendFields(b []byte, fields []Field) []byte {
	for _, f := range fields {
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, oneLine(f.Value)...)
		b = append(b, "\r\n"...)
	}
	return b
}

// ParseFields reads application/warc-fields as AppendFields writes them; lines without a
// colon are skipped, folded lines joined.
func ParseFields(block []byte) []Field {
	var out []Field
	for _, line := range strings.Split(string(block), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(out) > 0 {
			f := &out[len(out)-1]
			f.Value = strings.TrimSpace(f.Value + " " + strings.TrimSpace(line))
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if ok {
			out = append(out, Field{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return out
}

func parseLength(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a length", s)
	}
	return n, nil
}
