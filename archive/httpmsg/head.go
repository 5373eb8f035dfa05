// Package httpmsg reads HTTP/1.x messages as they were on the wire, however malformed:
// where the head ends, which bytes are payload and where the message ends. It decides
// nothing about the page; it finds boundaries. It does no I/O of its own.
package httpmsg

import (
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// Field is one header line as sent: name and value trimmed of surrounding blanks,
// bytes otherwise untouched (a value may be raw GBK).
type Field struct{ Name, Value string }

// Head is the start line and the header of a message.
type Head struct {
	Proto  string // "HTTP/1.1", "ICY", "" for a bare body (HTTP/0.9)
	Status int    // 0 if absent or unreadable
	Reason string
	Fields []Field     // in order, duplicates kept
	Header http.Header // the same under canonical names
	Size   int64       // bytes up to and including the empty line, interim (1xx) heads included
	// Interim counts the 1xx heads before this one, InterimSize their bytes.
	Interim     int
	InterimSize int64
	// Trailer holds the fields after the last chunk, once they have been read.
	Trailer []Field
}

// Problem names a deviation from RFC 9112 that was tolerated.
type Problem string

// The deviations a Parser reports.
const (
	NoHead           Problem = "no-head"            // the bytes do not start with a status line
	ShortHead        Problem = "short-head"         // the end came within the head
	LongHead         Problem = "long-head"          // the head exceeds MaxHead
	BareLF           Problem = "bare-lf"            // a line ends with LF only (RFC 9112 §2.2)
	NoReason         Problem = "no-reason"          // status line without the blank before the reason (§4)
	BadStatus        Problem = "bad-status"         // no three-digit status code (§4)
	SpaceBeforeColon Problem = "space-before-colon" // blank between field name and colon (§5.1)
	NoColon          Problem = "no-colon"           // header line without a colon (§5)
	FoldedLine       Problem = "folded-line"        // obsolete line folding (§5.2)
	Conflicting      Problem = "conflicting-length" // Content-Length values that differ (§6.3)
	BadLength        Problem = "bad-length"         // Content-Length that is not a number (§6.3)
	LengthAndChunked Problem = "length-and-chunked" // both given; chunked holds (§6.3)
	BadChunk         Problem = "bad-chunk"          // chunk size that is not hexadecimal (§7.1)
	ChunkEnd         Problem = "chunk-end"          // chunk data not followed by CRLF (§7.1)
	ShortBody        Problem = "short-body"         // the end came before the announced length
	ShortTrailer     Problem = "short-trailer"      // the end came after the last chunk, before the empty line
	ICY              Problem = "icy"                // a SHOUTcast status line
)

// MaxHead is the longest head that is read as one, in bytes.
const MaxHead = 256 << 10

// Values returns all values of a field, in order.
func (h *Head) Values(name string) []string {
	var out []string
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// parseHead reads the lines of raw (one head, with or without its empty line).
func parseHead(raw []byte, note func(Problem)) *Head {
	rest := string(raw) // the fields are parts of it
	n := strings.Count(rest, "\n")
	h := &Head{Header: make(http.Header, n), Fields: make([]Field, 0, n)}
	first := true
	for rest != "" {
		line, after, ended := strings.Cut(rest, "\n")
		rest = after
		if ended {
			n := len(line)
			if line = strings.TrimSuffix(line, "\r"); len(line) == n {
				note(BareLF)
			}
		}
		switch {
		case len(line) == 0:
			if first {
				continue // stray line ends of an earlier message
			}
			return h
		case first:
			first = false
			h.statusLine(line, note)
		default:
			var folded bool
			if line, rest, folded = unfold(line, rest, note); folded {
				note(FoldedLine)
			}
			h.fieldLine(line, note)
		}
	}
	return h
}

// unfold joins a line and those that continue it, which begin with a blank (obsolete line folding).
func unfold(line, rest string, note func(Problem)) (joined, behind string, folded bool) {
	if !blank(rest) {
		return line, rest, false
	}
	var b strings.Builder
	b.WriteString(line)
	for blank(rest) {
		var ended bool
		n := 0
		line, rest, ended = strings.Cut(rest, "\n")
		n = len(line)
		if line = strings.TrimSuffix(line, "\r"); ended && len(line) == n {
			note(BareLF)
		}
		b.WriteByte(' ')
		b.WriteString(strings.Trim(line, " \t"))
	}
	return b.String(), rest, true
}

func blank(s string) bool { return s != "" && (s[0] == ' ' || s[0] == '\t') }

func (h *Head) statusLine(line string, note func(Problem)) {
	proto, rest, spaced := strings.Cut(line, " ")
	h.Proto = proto
	if strings.EqualFold(proto, "ICY") {
		note(ICY)
	}
	rest = strings.TrimLeft(rest, " \t")
	code, reason, hasReason := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	if !spaced || err != nil || len(code) != 3 || n < 100 {
		note(BadStatus)
		if err != nil {
			n = 0
		}
	}
	if !hasReason {
		note(NoReason)
	}
	h.Status, h.Reason = n, reason
}

func (h *Head) fieldLine(line string, note func(Problem)) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		note(NoColon)
		return
	}
	if t := strings.TrimRight(name, " \t"); t != name {
		note(SpaceBeforeColon)
		name = t
	}
	f := Field{name, strings.Trim(value, " \t")}
	h.Fields = append(h.Fields, f)
	key := textproto.CanonicalMIMEHeaderKey(f.Name)
	h.Header[key] = append(h.Header[key], f.Value)
}

// framing is how the end of a body is known (RFC 9112 §6.3).
type framing int

const (
	noBody framing = iota
	byLength
	byChunks
	untilClose
)

func (h *Head) framing(method string, note func(Problem)) (framing, int64) {
	if method == http.MethodHead || h.Status == 204 || h.Status == 304 {
		return noBody, 0
	}
	if method == http.MethodConnect && h.Status/100 == 2 {
		return untilClose, 0
	}
	lengths := h.Values("Content-Length")
	if te := h.Values("Transfer-Encoding"); len(te) > 0 {
		all := strings.Split(strings.Join(te, ","), ",")
		if strings.EqualFold(strings.TrimSpace(all[len(all)-1]), "chunked") {
			if len(lengths) > 0 {
				note(LengthAndChunked)
			}
			return byChunks, 0
		}
		if !strings.EqualFold(strings.TrimSpace(all[len(all)-1]), "identity") {
			return untilClose, 0
		}
	}
	if len(lengths) == 0 {
		return untilClose, 0
	}
	want := int64(-1)
	for _, v := range strings.Split(strings.Join(lengths, ","), ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil || n < 0 {
			note(BadLength)
			return untilClose, 0
		}
		if want >= 0 && n != want {
			note(Conflicting)
			return untilClose, 0
		}
		want = n
	}
	return byLength, want
}
