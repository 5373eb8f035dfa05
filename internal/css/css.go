// Package css finds the addresses in style sheets: what url(), @import and image-set() name.
// It does no I/O.
package css

import (
	"bytes"
	"slices"
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
	Perhaps // looks like an address in a custom property that another sheet may make a picture
)

// Rewrite replaces every address in a style sheet by what link makes of it; what link
// refuses becomes "#". It follows CSS Syntax Level 3 as far as comments, strings, url(),
// escapes and brackets are concerned, so that nothing hides in them, and leaves out the
// comment marks of HTML that a browser skips between rules.
func Rewrite(sheet string, link func(ref string, use Use) (string, bool)) string {
	s := scanner{in: sheet, link: link, fresh: true}
	if strings.Contains(sheet, "--") {
		s.pictures = picturesIn(sheet)
	}
	s.run()
	return s.out.String()
}

// Addresses calls f for every address in a style sheet that a browser may ask for, as it
// stands there. What only looks like one in a custom property is left out.
func Addresses(sheet string, f func(ref string, use Use)) {
	Rewrite(sheet, func(ref string, use Use) (string, bool) {
		if use != Perhaps {
			f(ref, use)
		}
		return "", false
	})
}

// block is an open bracket.
type block struct {
	close byte   // what closes it
	name  string // of the function, or of the at-rule that a { belongs to; "" if none
}

type scanner struct {
	in   string
	pos  int
	out  bytes.Buffer
	link func(string, Use) (string, bool)

	open     []block
	fresh    bool   // at the beginning of a rule
	rule     string // at-rule whose prelude this is, "" if none
	imports  bool   // the address of an @import is to come
	property string // custom property whose value this is, "" if none
	depth    int    // of brackets where property began

	// pictures are the custom properties that stand in an image-set() or src().
	pictures map[string]bool
	// used is called for each custom property that var() names.
	used func(name string)
}

func (s *scanner) run() {
	for s.pos < len(s.in) {
		s.next()
	}
}

// picturesIn returns the custom properties whose strings a sheet uses as addresses, also by
// way of others.
func picturesIn(sheet string) map[string]bool {
	if !strings.Contains(sheet, "(") {
		return nil
	}
	found, through := map[string]bool{}, map[string][]string{}
	s := scanner{in: sheet, link: func(string, Use) (string, bool) { return "", false }, fresh: true}
	s.used = func(name string) {
		if s.property != "" {
			through[s.property] = append(through[s.property], name)
		}
		if s.takesString(1) {
			found[name] = true
		}
	}
	s.run()
	var todo []string
	for name := range found {
		todo = append(todo, name)
	}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, next := range through[name] {
			if !found[next] {
				found[next] = true
				todo = append(todo, next)
			}
		}
	}
	return found
}

// takesString says whether a string that stands above levels out of here is an address.
func (s *scanner) takesString(above int) bool {
	if above >= len(s.open) {
		return false
	}
	name := s.open[len(s.open)-1-above].name
	return name == "src" || strings.HasSuffix(name, "image-set") || name == "image" ||
		strings.HasSuffix(name, "cross-fade")
}

func (s *scanner) next() {
	c := s.in[s.pos]
	rest := s.in[s.pos:]
	fresh := s.fresh
	if c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && !strings.HasPrefix(rest, "/*") {
		s.fresh = false
	}
	switch {
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(s.in[s.pos+2:], "*/")
		if end < 0 {
			s.pos = len(s.in)
			return
		}
		s.pos += end + 4
		s.out.WriteByte(' ')
	case fresh && strings.HasPrefix(rest, "<!--"):
		s.pos += 4
		s.fresh = true
	case fresh && strings.HasPrefix(rest, "-->"):
		s.pos += 3
		s.fresh = true
	case strings.HasPrefix(rest, "<!--"): // spoils the rule it stands in, but opens nothing in HTML
		s.out.WriteString(`<\!--`)
		s.pos += 4
	case strings.HasPrefix(rest, "-->"):
		s.out.WriteString("-->")
		s.pos += 3
	case c == '<' && !s.inBrackets() && len(rest) > 1 && opensTag(rest[1]):
		s.markup()
	case c == '"' || c == '\'':
		s.text(s.quoted(c))
	case c == '#':
		s.literal()
		if start := s.pos; s.pos < len(s.in) && (isIdent(s.in[s.pos]) || s.in[s.pos] == '\\') {
			s.name()
			s.out.WriteString(s.in[start:s.pos])
		}
	case c == '@' || isIdent(c) || c == '\\':
		s.ident(fresh)
	default:
		s.bracket(c)
		s.literal()
	}
}

// opensTag says that "<" and this byte begin a tag for a parser of HTML. Outside brackets no rule is valid with them.
func opensTag(c byte) bool {
	return c == '/' || c == '!' || c == '?' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// markup writes what looks like a tag as "<>", which spoils the rule it stands in as well as the tag did.
func (s *scanner) markup() {
	s.literal()
	end := s.out.Len()
	for s.pos < len(s.in) && strings.IndexByte(">{};", s.in[s.pos]) < 0 {
		s.next()
	}
	s.out.Truncate(end)
	if s.pos < len(s.in) && s.in[s.pos] == '>' {
		s.literal()
	}
}

// bracket keeps track of what is open. A closing bracket that closes nothing is skipped.
func (s *scanner) bracket(c byte) {
	switch c {
	case '(':
		s.open = append(s.open, block{close: ')'})
	case '[':
		s.open = append(s.open, block{close: ']'})
	case '{':
		s.open = append(s.open, block{close: '}', name: s.rule})
		s.rule, s.imports = "", false
	case ')', ']', '}':
		top := len(s.open) - 1
		if top >= 0 && s.open[top].close == c {
			s.open = s.open[:top]
		}
		if c == '}' {
			s.fresh, s.rule = len(s.open) == 0, ""
		}
	case ';':
		if !s.inBrackets() {
			s.fresh = len(s.open) == 0 && s.rule != ""
			s.rule, s.imports = "", false
		}
	}
	if s.property != "" && (len(s.open) < s.depth || c == ';' && len(s.open) == s.depth) {
		s.property = ""
	}
}

// text writes a string: an address where one is taken, else as it is.
func (s *scanner) text(t string) {
	switch {
	case s.imports && len(s.open) == 0, s.takesString(0) && !s.within("src"):
		s.address(t)
	case s.within("src"), s.property != "" && s.pictures[s.property], s.inPicture():
		s.linked(t, Image)
	case (s.property != "" || s.registers()) && absolute(t):
		s.linked(t, Perhaps)
	default:
		s.out.WriteString(quote(t))
	}
}

// inPicture says whether a string somewhere within an image-set() or src() may become its address, as the second
// argument of var() does.
func (s *scanner) inPicture() bool {
	if s.within("type") {
		return false
	}
	for above := range s.open {
		if s.takesString(above) {
			return true
		}
	}
	return false
}

// registers says whether this is the body of a rule that gives values to properties and functions of the author's own.
func (s *scanner) registers() bool {
	return slices.ContainsFunc(s.open, func(b block) bool { return b.name == "@property" || b.name == "@function" })
}

// within says whether the innermost bracket is that of a function.
func (s *scanner) within(name string) bool {
	return len(s.open) > 0 && s.open[len(s.open)-1].name == name
}

// linked writes a rewritten address that stays a string.
func (s *scanner) linked(ref string, use Use) {
	v, ok := s.link(ref, use)
	if !ok {
		v = "#"
	}
	s.out.WriteString(`"` + escape(v) + `"`)
}

// absolute says that a string names a host, as a browser reads addresses: blanks around it
// and line ends within count for nothing, and a backslash is a slash.
func absolute(t string) bool {
	t = strings.TrimLeft(strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, t),
		" \x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f"+
			"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f")
	if len(t) > 1 && strings.IndexByte(`/\`, t[0]) >= 0 && strings.IndexByte(`/\`, t[1]) >= 0 {
		return true
	}
	scheme, _, ok := strings.Cut(t, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp", "ws", "wss":
		return ok
	}
	return false
}

func (s *scanner) literal() {
	s.out.WriteByte(s.in[s.pos])
	s.pos++
}

func isIdent(c byte) bool {
	return c == '-' || c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// name reads an identifier with its escapes, also that of an at-rule.
func (s *scanner) name() string {
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
	return name.String()
}

// ident reads an identifier and acts on url(, other functions, at-rules and custom properties.
func (s *scanner) ident(fresh bool) {
	start := s.pos
	name := s.name()
	if s.pos == start { // a backslash before a line end
		s.literal()
		return
	}
	lower := strings.ToLower(name)
	switch {
	case s.pos < len(s.in) && s.in[s.pos] == '(' && name[0] != '@':
		if lower == "url" {
			s.pos++
			s.url()
			return
		}
		s.out.WriteString(s.in[start:s.pos])
		s.open = append(s.open, block{close: ')', name: lower})
		s.literal()
		return
	case name[0] == '@' && len(name) > 1:
		if fresh || len(s.open) > 0 {
			s.rule = lower
		}
		s.imports = lower == "@import"
	case strings.HasPrefix(name, "--"):
		if s.used != nil && s.within("var") {
			s.used(name)
		}
		if s.property == "" && strings.HasPrefix(strings.TrimLeft(s.in[s.pos:], " \t\r\n\f"), ":") && !s.inBrackets() {
			s.property, s.depth = name, len(s.open)
		}
	}
	s.out.WriteString(s.in[start:s.pos])
}

// inBrackets says whether a round or square bracket is open.
func (s *scanner) inBrackets() bool { return len(s.open) > 0 && s.open[len(s.open)-1].close != '}' }

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

// url reads what stands in url( … ), the bracket already read, and writes it anew.
func (s *scanner) url() {
	s.blanks()
	if s.pos < len(s.in) && (s.in[s.pos] == '"' || s.in[s.pos] == '\'') {
		text := s.quoted(s.in[s.pos])
		if end := strings.IndexByte(s.in[s.pos:], ')'); end >= 0 {
			s.pos += end + 1
		} else {
			s.pos = len(s.in)
		}
		s.address(text)
		return
	}
	var b strings.Builder
	good := true
	for s.pos < len(s.in) && s.in[s.pos] != ')' {
		c := s.in[s.pos]
		if c == '\\' {
			good = good && !strings.HasPrefix(s.in[s.pos+1:], "\n")
			b.WriteRune(s.escaped())
			continue
		}
		if isBlank(c) {
			s.blanks()
			good = good && (s.pos == len(s.in) || s.in[s.pos] == ')')
			continue
		}
		good = good && c != '"' && c != '\'' && c != '(' && (c >= ' ' || c == 0) && c != 0x7f
		b.WriteByte(c)
		s.pos++
	}
	s.pos = min(s.pos+1, len(s.in))
	if !good { // a bad url spoils its declaration
		s.out.WriteString("url(( )")
		return
	}
	s.address(b.String())
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func (s *scanner) blanks() {
	for s.pos < len(s.in) && isBlank(s.in[s.pos]) {
		s.pos++
	}
}

// address writes a rewritten url().
func (s *scanner) address(ref string) {
	use := Image
	switch lower := strings.ToLower(ref); {
	case s.rule == "@namespace": // a name, never asked for
		s.out.WriteString(quote(ref))
		return
	case s.imports:
		use, s.imports = Sheet, false
	case s.ofFont() || strings.Contains(lower, ".woff") || strings.Contains(lower, ".ttf") ||
		strings.Contains(lower, ".otf") || strings.Contains(lower, ".eot"):
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

// ofFont says whether this is within @font-face.
func (s *scanner) ofFont() bool {
	for _, b := range s.open {
		if b.name == "@font-face" {
			return true
		}
	}
	return false
}

func escape(v string) string {
	return strings.NewReplacer(`"`, "%22", `\`, "%5C", "\n", "", "\r", "", "\f", "", "<", "%3C").Replace(v)
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\5c `, `"`, `\22 `, "\n", `\a `, "\r", `\d `, "\f", `\c `, "<", `\3c `).
		Replace(text) + `"`
}
