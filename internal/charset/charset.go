// Package charset decides in which character set a page was written and decodes it.
// It does no I/O and is safe for concurrent use.
package charset

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Decoded is a text in UTF-8 together with how it was understood.
type Decoded struct {
	Text     []byte // UTF-8, without BOM; shares the body's memory when that was UTF-8
	Name     string // WHATWG name of the encoding, lower case: "utf-8", "gb18030", "big5", …
	By       string // what decided: "bom", "valid-utf8", "header", "meta", "fallback"
	Declared string // what header or meta declared, "" if nothing
}

// Decode decodes body by the rule BOM → valid UTF-8 → declared charset (gb2312 and
// gbk read as GB18030) → GB18030. contentType is the Content-Type header, maybe "".
// It never fails: undecodable bytes become U+FFFD.
//
// Declarations lie, so each is tried against the bytes: the header first, then the
// document's own (meta or XML declaration). UTF-8 is believed while at most one in
// ten of its multi-byte characters is broken (a title cut by byte count, a body cut
// by the connection), also when nobody declared it; a Western single-byte charset is
// not believed where the bytes are Chinese.
func Decode(body []byte, contentType string) Decoded {
	header := headerCharset(contentType)
	if text, name := cutBOM(body); name != "" {
		return Decoded{Text: text, Name: name, By: "bom", Declared: first(header, func() string { return metaCharset(text) })}
	}
	if d, ok := wide(body, header); ok {
		return d
	}
	meta := metaCharset(body)
	declared := first(header, func() string { return meta })
	if utf8.Valid(body) {
		return Decoded{Text: body, Name: "utf-8", By: "valid-utf8", Declared: declared}
	}
	for _, c := range [...]struct{ label, by string }{{header, "header"}, {meta, "meta"}} {
		if e, name := lookup(c.label); e != nil && believable(body, name) {
			return Decoded{Text: decode(body, e, name), Name: name, By: c.by, Declared: declared}
		}
	}
	if mostlyUTF8(body) {
		return Decoded{Text: bytes.ToValidUTF8(body, []byte("\uFFFD")), Name: "utf-8", By: "fallback", Declared: declared}
	}
	return Decoded{Text: decode(body, simplifiedchinese.GB18030, "gb18030"), Name: "gb18030", By: "fallback",
		Declared: declared}
}

// DecodeAs decodes body as the character set of a label, whatever the bytes look like: for formats that say for sure
// what they are written in. A label that is unknown is read as Windows-1252. It never fails.
func DecodeAs(body []byte, label string) []byte {
	e, name := lookup(label)
	if e == nil {
		e, name = lookup("windows-1252")
	}
	return decode(body, e, name)
}

// Output returns the encoder of a label, nil where the URL Standard uses UTF-8 (UTF-16, "replacement" and unknown
// labels), and whether it is GBK: the Encoding Standard decodes GBK as GB18030 but never encodes to four bytes.
func Output(label string) (enc *encoding.Encoder, gbk bool) {
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, false
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return nil, false
	}
	switch name {
	case "utf-8", "utf-16be", "utf-16le", "replacement", "x-user-defined":
		return nil, false
	}
	return e.NewEncoder(), name == "gbk"
}

func first(a string, b func() string) string {
	if a != "" {
		return a
	}
	return b()
}

// cutBOM removes a byte order mark and decodes what follows; name is "" without one.
func cutBOM(body []byte) (text []byte, name string) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		text = body[3:]
		if !utf8.Valid(text) {
			text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
		}
		return text, "utf-8"
	case bytes.HasPrefix(body, []byte("\xFE\xFF")):
		return decode(body[2:], utf16be, "utf-16be"), "utf-16be"
	case bytes.HasPrefix(body, []byte("\xFF\xFE")):
		return decode(body[2:], utf16le, "utf-16le"), "utf-16le"
	}
	return body, ""
}

var (
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// wide recognises UTF-16 without a BOM: markup begins with "<" and a NUL beside it.
func wide(body []byte, header string) (Decoded, bool) {
	if len(body) < 4 || bytes.IndexByte(body[:4], 0) < 0 {
		return Decoded{}, false
	}
	by := "fallback"
	if _, name := lookup(header); name == "utf-16le" || name == "utf-16be" {
		by = "header"
	}
	switch {
	case body[1] == 0 && body[3] == 0 && body[0] != 0 && body[2] != 0:
		return Decoded{Text: decode(body, utf16le, "utf-16le"), Name: "utf-16le", By: by, Declared: header}, true
	case body[0] == 0 && body[2] == 0 && body[1] != 0 && body[3] != 0:
		return Decoded{Text: decode(body, utf16be, "utf-16be"), Name: "utf-16be", By: by, Declared: header}, true
	}
	return Decoded{}, false
}

// lookup returns the decoder of a label, with every name of simplified Chinese read
// as GB18030, its superset. UTF-16 in a meta tag cannot be true and never gets here
// through metaCharset.
func lookup(label string) (encoding.Encoding, string) {
	if label == "" {
		return nil, ""
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return nil, ""
	}
	switch name {
	case "gbk", "gb18030", "hz-gb-2312":
		return simplifiedchinese.GB18030, "gb18030"
	case "replacement", "x-user-defined":
		return nil, ""
	case "utf-16le":
		return utf16le, name
	case "utf-16be":
		return utf16be, name
	}
	return e, name
}

// believable tries a declared charset against bytes that are not wholly UTF-8.
func believable(body []byte, name string) bool {
	switch name {
	case "utf-8":
		return mostlyUTF8(body)
	case "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr":
		return !mostlyUTF8(body)
	case "utf-16le", "utf-16be":
		return bytes.IndexByte(body, 0) >= 0
	}
	return !mostlyUTF8(body) && !mostlyHanzi(body)
}

// decode never fails; it costs a copy.
func decode(body []byte, e encoding.Encoding, name string) []byte {
	if name == "utf-8" {
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	if name == "gb18030" {
		return decodeGB18030(body)
	}
	if p := pairsOf[name]; p != nil {
		return p().decode(body)
	}
	text, err := e.NewDecoder().Bytes(body)
	if err != nil {
		// The decoders of x/text replace what they cannot read; only a body that ends
		// inside a character of some of them is reported. Keep what was read.
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	return text
}

// mostlyUTF8 reports whether at least ten multi-byte characters of body are right
// for each byte sequence that is not.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			if bad++; bad >= 100 && good < bad {
				return false // no need to read on
			}
			// The rest of a broken character is part of the same damage.
			for i++; i < len(body) && !utf8.RuneStart(body[i]); i++ {
			}
			continue
		}
		good++
		i += n
	}
	return good > 0 && good >= 10*bad
}

// mostlyHanzi reports whether at least nine in ten of the high bytes of body pair up as
// GB 2312 characters, which accented Latin letters between ASCII ones never do.
func mostlyHanzi(body []byte) bool {
	pairs, odd := 0, 0
	for i := 0; i < len(body); i++ {
		if body[i] < 0x80 {
			continue
		}
		if i+1 < len(body) && body[i] >= 0xA1 && body[i] <= 0xF7 && body[i+1] >= 0xA1 && body[i+1] <= 0xFE {
			pairs++
			i++
			continue
		}
		odd++
	}
	return pairs > 0 && pairs >= 9*odd
}
