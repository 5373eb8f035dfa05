// Package warc reads and writes WARC records (ISO 28500:2017, WARC/1.1, and 1.0): bytes
// only, no network and no files of its own.
package warc

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
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

// dateForms are the dates that are found in WARC files: W3CDTF of any precision, also with small letters
// or a blank for T, without zone or with a numeric one, and the 4 to 17 digits of ARC files and CDX.
var dateForms = regexp.MustCompile(
	`^(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:(?:[Tt]| ?)(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]?(\d+))?)?` +
		` ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?)?)?$`)

// strictDate is what §5.4 asks for: W3CDTF in UTC.
var strictDate = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z)?)?)?$`)

// ParseDate reads a WARC-Date in all the forms that are found, as UTC where it names no zone.
func ParseDate(s string) (time.Time, error) {
	if usualDate(s) { // nearly always, and a fiftieth of the cost of dateForms
		if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() >= 2 {
			return t, nil
		}
	}
	t, ok := parseAnyDate(s)
	if !ok {
		return time.Time{}, fmt.Errorf("%.60q is not a W3CDTF date", s)
	}
	return t, nil
}

// usualDate says whether s has the form that FormatDate gives: seconds or microseconds, in UTC.
func usualDate(s string) bool {
	const seconds, micros = "0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000000Z"
	form := seconds
	if len(s) == len(micros) {
		form = micros
	}
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return false
		}
	}
	return true
}

func parseAnyDate(s string) (_ time.Time, ok bool) {
	m := dateForms.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return time.Time{}, false
	}
	n := [...]int{0, 1, 1, 0, 0, 0} // year, month, day, hour, minute, second
	for i := range n {
		if m[i+1] != "" {
			n[i], _ = strconv.Atoi(m[i+1]) // digits
		}
	}
	second := min(n[5], 59) // a leap second is read as the one before it
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], second, nanoseconds(m[7]), time.UTC)
	if t.Year() != n[0] || t.Month() != time.Month(n[1]) || t.Day() != n[2] || n[3] > 23 || n[4] > 59 ||
		n[5] > 60 || n[0] < 2 {
		return time.Time{}, false
	}
	return t.Add(-offset(m[8])), true
}

func nanoseconds(digits string) int {
	n, _ := strconv.Atoi((digits + "000000000")[:9]) // digits
	return n
}

// offset reads "+08:00", "-0330" or "+08"; everything else is UTC.
func offset(zone string) time.Duration {
	if zone == "" || zone[0] != '+' && zone[0] != '-' {
		return 0
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
	h, _ := strconv.Atoi(digits[:2])  // digits
	m, _ := strconv.Atoi(digits[2:4]) // digits
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if zone[0] == '-' {
		return -d
	}
	return d
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
	for rest := string(block); rest != ""; {
		var line string
		if line, rest = nextLine(rest); line == "" {
			continue
		}
		line, rest = unfold(line, rest)
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
