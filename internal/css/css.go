// Package css finds the addresses in style sheets: what url(), @import and image-set() name.
// It does no I/O.
package css

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Use is what an address in a style sheet is for.
type Use int

// The uses.
const (
	Image Use = iota
	Sheet     // @import
	Font
)

// Rewrite replaces every address in a style sheet by what link makes of it; what link
// refuses becomes "#". It follows the tokens of CSS Syntax Level 3 as far as
// comments, strings, url() and escapes are concerned, so that nothing hides in them.
func Rewrite(sheet string, link func(ref string, use Use) (string, bool)) string {
	s := scanner{in: sheet, link: link}
	for s.pos < len(s.in) {
		s.next()
	}
	return s.out.String()
}

// Addresses calls f for every address in a style sheet, as it stands there.
func Addresses(sheet string, f func(ref string, use Use)) {
	Rewrite(sheet, func(ref string, use Use) (string, bool) {
		f(ref, use)
		return "", false
	})
}

type scanner struct {
	in   string
	pos  int
	out  strings.Builder
	link func(string, Use) (string, bool)

	imports bool // inside @import, until ;
	sets    int  // depth of brackets inside image-set( or src(
}

func (s *scanner) next() {
	c := s.in[s.pos]
	switch {
	case strings.HasPrefix(s.in[s.pos:], "/*"):
		end := strings.Index(s.in[s.pos+2:], "*/")
		if end < 0 {
			s.pos = len(s.in)
			return
		}
		s.pos += end + 4
		s.out.WriteByte(' ')
	case strings.HasPrefix(s.in[s.pos:], "<!--") || strings.HasPrefix(s.in[s.pos:], "-->"):
		s.pos += 3
	case c == '"' || c == '\'':
		text := s.quoted(c)
		if s.imports || s.sets > 0 {
			s.address(text)
			return
		}
		s.out.WriteString(quote(text))
	case c == '@' || isIdent(c) || c == '\\':
		s.ident()
	case c == '(':
		if s.sets > 0 {
			s.sets++
		}
		s.literal()
	case c == ')':
		if s.sets > 0 {
			s.sets--
		}
		s.literal()
	case c == ';' || c == '{' || c == '}':
		s.imports = false
		s.literal()
	default:
		s.literal()
	}
}

func (s *scanner) literal() {
	s.out.WriteByte(s.in[s.pos])
	s.pos++
}

func isIdent(c byte) bool {
	return c == '-' || c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// ident reads an identifier with its escapes and acts on url(, src(, image-set( and @import.
func (s *scanner) ident() {
	start := s.pos
	var name strings.Builder
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		if c == '\\' && s.pos+1 < len(s.in) && s.in[s.pos+1] != '\n' {
			name.WriteRune(s.escaped())
			continue
		}
		if !isIdent(c) && (c != '@' || s.pos > start) {
			break
		}
		name.WriteByte(c)
		s.pos++
	}
	if s.pos == start { // a backslash before a line end
		s.literal()
		return
	}
	lower := strings.ToLower(name.String())
	call := s.pos < len(s.in) && s.in[s.pos] == '('
	switch {
	case call && lower == "url":
		s.pos++
		s.address(s.url())
		return
	case call && (lower == "src" || strings.HasSuffix(lower, "image-set") || lower == "image" || lower == "cross-fade"):
		if s.sets == 0 {
			s.out.WriteString(lower + "(")
			s.pos++
			s.sets = 1
			return
		}
	case lower == "@import":
		s.imports = true
	}
	s.out.WriteString(s.in[start:s.pos])
}

// escaped reads one escape (a backslash stands at pos).
func (s *scanner) escaped() rune {
	s.pos++
	end := s.pos
	for end < len(s.in) && end < s.pos+6 && strings.IndexByte("0123456789abcdefABCDEF", s.in[end]) >= 0 {
		end++
	}
	if end > s.pos {
		n, err := strconv.ParseUint(s.in[s.pos:end], 16, 32)
		s.pos = end
		if s.pos < len(s.in) && strings.IndexByte(" \t\n\f\r", s.in[s.pos]) >= 0 {
			s.pos++
		}
		if err != nil || n == 0 || n > utf8.MaxRune {
			return utf8.RuneError
		}
		return rune(n)
	}
	r, size := utf8.DecodeRuneInString(s.in[s.pos:])
	s.pos += size
	return r
}

// quoted reads a string token; a line end ends a bad one.
func (s *scanner) quoted(quote byte) string {
	var b strings.Builder
	for s.pos++; s.pos < len(s.in); {
		c := s.in[s.pos]
		switch {
		case c == quote:
			s.pos++
			return b.String()
		case c == '\n':
			return b.String()
		case c == '\\' && s.pos+1 < len(s.in) && s.in[s.pos+1] == '\n':
			s.pos += 2
		case c == '\\':
			b.WriteRune(s.escaped())
		default:
			b.WriteByte(c)
			s.pos++
		}
	}
	return b.String()
}

// url reads what stands in url( … ), the bracket already read.
func (s *scanner) url() string {
	for s.pos < len(s.in) && strings.IndexByte(" \t\r\n\f", s.in[s.pos]) >= 0 {
		s.pos++
	}
	if s.pos < len(s.in) && (s.in[s.pos] == '"' || s.in[s.pos] == '\'') {
		text := s.quoted(s.in[s.pos])
		if end := strings.IndexByte(s.in[s.pos:], ')'); end >= 0 {
			s.pos += end + 1
		} else {
			s.pos = len(s.in)
		}
		return text
	}
	var b strings.Builder
	for s.pos < len(s.in) && s.in[s.pos] != ')' {
		if s.in[s.pos] == '\\' {
			b.WriteRune(s.escaped())
			continue
		}
		b.WriteByte(s.in[s.pos])
		s.pos++
	}
	s.pos = min(s.pos+1, len(s.in))
	return strings.TrimSpace(b.String())
}

// address writes a rewritten url().
func (s *scanner) address(ref string) {
	use := Image
	switch lower := strings.ToLower(ref); {
	case s.imports:
		use = Sheet
	case strings.Contains(lower, ".woff") || strings.Contains(lower, ".ttf") || strings.Contains(lower, ".otf") || strings.Contains(lower, ".eot"):
		use = Font
	}
	if strings.HasPrefix(ref, "#") { // an SVG filter or gradient of the page
		s.out.WriteString(`url("` + escape(ref) + `")`)
		return
	}
	v, ok := s.link(ref, use)
	if !ok {
		v = "#"
	}
	s.out.WriteString(`url("` + escape(v) + `")`)
}

func escape(v string) string {
	return strings.NewReplacer(`"`, "%22", `\`, "%5C", "\n", "", "\r", "", "\f", "", "<", "%3C").Replace(v)
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\5c `, `"`, `\22 `, "\n", `\a `, "\r", `\d `, "\f", `\c `, "<", `\3c `).Replace(text) + `"`
}
