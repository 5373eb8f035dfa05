// Package cdx reads, writes, sorts and searches CDXJ: one line a capture,
// "SURT timestamp {json}", in byte order, as pywb and its tools use it.
package cdx

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Row is one line.
type Row struct {
	Key      string // SURT
	Time     string // yyyymmddhhmmss, UTC; of other writers also with milliseconds
	URL      string
	MIME     string // "warc/revisit" for a revisit
	Status   string // "" if none
	Digest   string // "algorithm:value"
	Length   int64  // of the gzip member in bytes
	Offset   int64
	Filename string
}

type object struct {
	URL      string `json:"url"`
	MIME     string `json:"mime"`
	Status   text   `json:"status"`
	Digest   string `json:"digest"`
	Length   number `json:"length"`
	Offset   number `json:"offset"`
	Filename string `json:"filename"`
}

// text is read from a string or a number.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err == nil {
		if s != nil {
			*t = text(*s)
		}
		return nil
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*t = text(n)
	return err
}

// number is written as a string, as pywb does, and read as either.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*n = number(v)
	return err
}

// Append appends the line without its line end, byte for byte as cdxj-indexer prints it.
func (r Row) Append(b []byte) []byte {
	b = append(b, r.Key...)
	b = append(b, ' ')
	b = append(b, r.Time...)
	b = append(b, ` {"url": `...)
	b = quote(b, r.URL)
	for _, f := range [...]struct{ name, value string }{
		{"mime", r.MIME}, {"status", r.Status}, {"digest", r.Digest},
	} {
		if f.value != "" {
			b = append(b, `, "`+f.name+`": `...)
			b = quote(b, f.value)
		}
	}
	b = append(b, `, "length": "`...)
	b = strconv.AppendInt(b, r.Length, 10)
	b = append(b, `", "offset": "`...)
	b = strconv.AppendInt(b, r.Offset, 10)
	b = append(b, `", "filename": `...)
	b = quote(b, r.Filename)
	return append(b, '}')
}

// String returns the line without its line end.
func (r Row) String() string { return string(r.Append(make([]byte, 0, usualLine))) }

// usualLine is room for most lines, in bytes.
const usualLine = 512

// quote writes a JSON string in ASCII.
func quote(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	u := func(v uint16) {
		b = append(b, '\\', 'u', hex[v>>12], hex[v>>8&15], hex[v>>4&15], hex[v&15])
	}
	b = append(b, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c >= 0x20 && c < 0x7f:
			b = append(b, byte(c))
		case c >= 0x10000:
			hi, lo := utf16.EncodeRune(c)
			u(uint16(hi))
			u(uint16(lo))
		case c == 0x7f:
			b = append(b, 0x7f)
		default:
			u(uint16(c))
		}
	}
	return append(b, '"')
}

// Parse reads one line, with or without its line end.
func Parse(line []byte) (Row, error) {
	line = bytes.TrimRight(line, "\r\n")
	key, rest, ok := bytes.Cut(line, []byte{' '})
	ts, js, ok2 := bytes.Cut(rest, []byte{' '})
	if !ok || !ok2 || len(key) == 0 {
		return Row{}, fmt.Errorf("%.80q is not a CDXJ line", line)
	}
	if len(ts) == 0 || strings.Trim(string(ts), "0123456789") != "" {
		return Row{}, fmt.Errorf("%.80q has no timestamp", line)
	}
	var o object
	if err := json.Unmarshal(js, &o); err != nil {
		return Row{}, fmt.Errorf("CDXJ line %.80q: %w", line, err)
	}
	return Row{string(key), string(ts), o.URL, o.MIME, string(o.Status), o.Digest,
		int64(o.Length), int64(o.Offset), o.Filename}, nil
}

// Compare orders rows as their lines are in byte order.
func Compare(a, b Row) int {
	if c := cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Time, b.Time)); c != 0 {
		return c
	}
	if a == b {
		return 0
	}
	return bytes.Compare(a.Append(nil), b.Append(nil))
}

// Clean makes a key safe for a line: blanks and line ends, which a SURT never holds, are
// percent-encoded, and so is what is not UTF-8.
func Clean(key string) string {
	if utf8.ValidString(key) && !strings.ContainsAny(key, " \t\r\n") && key != "" {
		return key
	}
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		if c := key[i]; c <= ' ' || c >= 0x80 && !utf8.ValidString(key) {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}
