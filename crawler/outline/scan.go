// Package outline reads what a crawl needs of an HTML page without building its tree: where
// it links to, its title, how much running text it holds.
//
// A parsed page takes some twenty times its size and a quarter of the CPU time of a crawl
// (docs/adr/0025-pages-without-a-tree.md), and only list pages are read by their structure.
package outline

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// kind of a token.
type kind uint8

const (
	text kind = iota
	start
	end
)

// scanner yields the tags and texts of a page as the Tokenizer of x/net/html does, comments
// and doctypes left out. Nothing is copied: a token is valid until the next.
type scanner struct {
	src  []byte
	at   int
	raw  string // element just opened whose content is text up to its end tag
	kind kind
	data []byte // of a text: the source, entities and all
	in   string // the element whose raw content the text is, "" for ordinary text
	tag  []byte // name of a tag, in lower case
	open int    // where the tag starts in src
	args []span // of a start tag
}

// span is an attribute of the source.
type span struct{ key, keyEnd, val, valEnd int }

// next goes to the next token; false at the end. What stands in a tag that is never closed is no token.
func (s *scanner) next() bool {
	if raw := s.raw; raw != "" {
		s.raw = ""
		if to := rawEnd(s.src, s.at, raw); to > s.at {
			s.kind, s.data, s.in, s.at = text, s.src[s.at:to], raw, to
			return true
		}
	}
	s.in = ""
	from := s.at
	for pos := from; ; {
		i := bytes.IndexByte(s.src[pos:], '<')
		if i < 0 || pos+i+1 >= len(s.src) {
			pos = len(s.src)
			return s.textTo(from, pos)
		}
		pos += i
		c := s.src[pos+1]
		if !letter(c) && c != '/' && c != '!' && c != '?' {
			pos++
			continue
		}
		if pos > from {
			return s.textTo(from, pos)
		}
		switch {
		case letter(c):
			return s.startTag(pos)
		case c != '/':
			pos = markupEnd(s.src, pos)
		case pos+2 >= len(s.src):
			return s.textTo(from, len(s.src))
		case letter(s.src[pos+2]):
			s.kind = end
			return s.readTag(pos, pos+2)
		default: // "</>" or a bogus comment
			pos = after(s.src, pos+2, '>')
		}
		from = pos
	}
}

// textTo makes the text up to pos the token.
func (s *scanner) textTo(from, pos int) bool {
	s.kind, s.data, s.at = text, s.src[from:pos], pos
	return pos > from
}

func (s *scanner) startTag(pos int) bool {
	s.kind = start
	if !s.readTag(pos, pos+1) {
		return false
	}
	switch string(s.tag) {
	case "iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp":
		s.raw = string(s.tag)
	}
	return true
}

// readTag reads a tag that begins at open and whose name begins at i.
func (s *scanner) readTag(open, i int) bool {
	src := s.src
	s.open, s.tag, s.args = open, s.tag[:0], s.args[:0]
	for ; i < len(src) && !blank(src[i]) && src[i] != '/' && src[i] != '>'; i++ {
		s.tag = append(s.tag, lower(src[i]))
	}
	for i = blanks(src, i); i < len(src); i = blanks(src, i) {
		if src[i] == '>' {
			s.at = i + 1
			return true
		}
		var a span
		a, i = attribute(src, i)
		if a.keyEnd > a.key {
			s.args = append(s.args, a)
		}
	}
	s.at = len(src)
	return false
}

// attribute reads an attribute that begins at i and returns where it ends.
func attribute(src []byte, i int) (a span, next int) {
	a.key = i
	for i < len(src) && !blank(src[i]) && src[i] != '/' && src[i] != '>' && (src[i] != '=' || i == a.key) {
		i++
	}
	a.keyEnd = i
	i = blanks(src, i)
	if i < len(src) && src[i] == '/' {
		return a, i + 1
	}
	if i >= len(src) || src[i] != '=' {
		return a, i
	}
	i = blanks(src, i+1)
	if i >= len(src) || src[i] == '>' {
		return a, i
	}
	if q := src[i]; q == '"' || q == '\'' {
		a.val = i + 1
		i = after(src, i+1, q)
		a.valEnd = i - 1
		if i == len(src) && (src[i-1] != q || a.valEnd < a.val) {
			a.valEnd = i
		}
		return a, i
	}
	a.val = i
	for i < len(src) && !blank(src[i]) && src[i] != '>' {
		i++
	}
	a.valEnd = i
	return a, i
}

// attr returns the value of a start tag's attribute, "" if it has none.
func (s *scanner) attr(name string) string {
	for _, a := range s.args {
		if !equalFold(s.src[a.key:a.keyEnd], name) {
			continue
		}
		v := s.src[a.val:a.valEnd]
		if plain(v) {
			return string(v)
		}
		return s.decodedAttr(name)
	}
	return ""
}

// plain says that a value means what it says: no line ends to be made one, no NUL and no
// entity. The "&b=" of "?a=1&b=2" is none.
func plain(v []byte) bool {
	if bytes.IndexByte(v, '\r') >= 0 || bytes.IndexByte(v, 0) >= 0 {
		return false
	}
	for {
		i := bytes.IndexByte(v, '&')
		if i < 0 {
			return true
		}
		v = v[i+1:]
		n := 0
		for n < len(v) && (letter(v[n]) || '0' <= v[n] && v[n] <= '9') {
			n++
		}
		if n == len(v) || v[n] != '=' {
			return false
		}
	}
}

// decodedAttr reads the value as x/net/html does.
func (s *scanner) decodedAttr(name string) string {
	z := html.NewTokenizer(bytes.NewReader(s.src[s.open:s.at]))
	z.Next()
	for more := true; more; {
		var k, v []byte
		if k, v, more = z.TagAttr(); string(k) == name {
			return string(v)
		}
	}
	return ""
}

// shown returns the text as it is read: entities replaced where they are ones.
func (s *scanner) shown() string {
	t := string(s.data)
	if s.in != "" && s.in != "title" && s.in != "textarea" {
		return t
	}
	return html.UnescapeString(t)
}

// markupEnd returns where a comment, doctype or other "<!" or "<?" at pos ends.
func markupEnd(src []byte, pos int) int {
	if !bytes.HasPrefix(src[pos:], []byte("<!--")) {
		return after(src, pos+2, '>')
	}
	dashes, beginning := 0, true
	for i := pos + 4; i < len(src); i++ {
		switch c := src[i]; {
		case c == '-':
			dashes++
			continue
		case c == '>' && (dashes >= 2 || beginning):
			return i + 1
		case c == '!' && dashes >= 2 && i+1 < len(src) && src[i+1] == '>':
			return i + 2
		case c == '!' && dashes >= 2 && i+1 < len(src):
			i++ // "--!" and no ">": what follows is looked at as if it stood first
			if src[i] == '-' {
				dashes, beginning = 1, false
				continue
			}
		}
		dashes, beginning = 0, false
	}
	return len(src)
}

// after returns where src goes on behind the next c from i on.
func after(src []byte, i int, c byte) int {
	if n := bytes.IndexByte(src[i:], c); n >= 0 {
		return i + n + 1
	}
	return len(src)
}

func blanks(src []byte, i int) int {
	for i < len(src) && blank(src[i]) {
		i++
	}
	return i
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// equalFold compares with a name in lower case.
func equalFold(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i := range b {
		if lower(b[i]) != name[i] {
			return false
		}
	}
	return true
}

var closing = map[string]string{
	"iframe": "</iframe", "noembed": "</noembed", "noframes": "</noframes", "noscript": "</noscript",
	"style": "</style", "textarea": "</textarea", "title": "</title", "xmp": "</xmp",
}

// rawEnd returns where the raw content of an element that begins at i ends.
func rawEnd(src []byte, i int, name string) int {
	if name == "plaintext" {
		return len(src)
	}
	if name == "script" {
		return scriptEnd(src, i)
	}
	mark := closing[name]
	for ; i < len(src); i++ {
		n := bytes.IndexByte(src[i:], '<')
		if n < 0 {
			break
		}
		if i += n; closes(src[i:], mark) {
			return i
		}
	}
	return len(src)
}

// closes says that b begins with an end tag; mark is its beginning in lower case.
func closes(b []byte, mark string) bool {
	if len(b) <= len(mark) || !equalFold(b[:len(mark)], mark) {
		return false
	}
	c := b[len(mark)]
	return blank(c) || c == '/' || c == '>'
}

// scriptEnd returns where a script that begins at i ends. A script may hide its end tag in a
// comment that opens a script once more (HTML, 13.2.5.15 to 31).
func scriptEnd(src []byte, i int) int {
	const plainly, escaped, doubly = 0, 1, 2
	mode, dashes := plainly, 0
	for i < len(src) {
		if mode == plainly {
			n := bytes.IndexByte(src[i:], '<')
			if n < 0 {
				return len(src)
			}
			i += n
			switch {
			case closes(src[i:], "</script"):
				return i
			case bytes.HasPrefix(src[i:], []byte("<!--")):
				mode, dashes = escaped, 2
				i += 4
			default:
				i++
			}
			continue
		}
		c := src[i]
		switch {
		case c == '-':
			dashes++
			i++
			continue
		case c == '>' && dashes >= 2:
			mode = plainly
		case c != '<':
		case mode == doubly:
			if closes(src[i:], "</script") {
				mode = escaped
				i += len("</script")
			}
		case closes(src[i:], "</script"):
			return i
		case i+1 < len(src) && src[i+1] == '/':
			i++
		case i+1 < len(src) && letter(src[i+1]):
			if opens(src[i:]) {
				mode = doubly
				i += len("<script")
			}
		default:
			mode = plainly // as x/net/html has it
		}
		dashes = 0
		i++
	}
	return len(src)
}

// opens says that b begins with "<script" and the end of its name.
func opens(b []byte) bool {
	const mark = "<script"
	return len(b) > len(mark) && equalFold(b[:len(mark)], mark) && strings.IndexByte(" \n\r\t\f/>", b[len(mark)]) >= 0
}
