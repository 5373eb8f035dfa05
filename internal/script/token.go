package script

import (
	"strings"
	"unicode/utf8"
)

// kind of a token.
type kind uint8

const (
	number   kind = iota
	text          // a string, its escapes replaced
	template      // what stands between backquotes
	name
	punct
	regex
)

type token struct {
	kind  kind
	text  string
	match int // of an opening bracket: the token that closes it, -1 if none does
}

// maxTokens is how many tokens of a page's scripts are looked at.
const maxTokens = 200000

// lex cuts a script into tokens. What cannot be read is left out.
func lex(code string) []token {
	l := lexer{in: code}
	for l.pos < len(l.in) && len(l.out) < maxTokens {
		l.next()
	}
	var open []int
	for i := range l.out {
		t := &l.out[i]
		t.match = -1
		if t.kind != punct {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			open = append(open, i)
		case ")", "]", "}":
			if n := len(open); n > 0 && l.out[open[n-1]].text == opening[t.text] {
				l.out[open[n-1]].match = i
				open = open[:n-1]
			}
		}
	}
	return l.out
}

var opening = map[string]string{")": "(", "]": "[", "}": "{"}

type lexer struct {
	in  string
	pos int
	out []token
}

func (l *lexer) add(k kind, s string) { l.out = append(l.out, token{kind: k, text: s}) }

func (l *lexer) next() {
	c := l.in[l.pos]
	rest := l.in[l.pos:]
	switch {
	case c <= ' ':
		l.pos++
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "<!--"):
		l.pos += lineEnd(rest)
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			l.pos = len(l.in)
			return
		}
		l.pos += end + 4
	case c == '"' || c == '\'':
		s, n := quoted(rest)
		l.add(text, s)
		l.pos += n
	case c == '`':
		end := 1
		for end < len(rest) && rest[end] != '`' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		l.add(template, rest[1:min(end, len(rest))])
		l.pos += min(end+1, len(rest))
	case c >= '0' && c <= '9':
		n := 1
		for n < len(rest) && (word(rest[n]) || rest[n] == '.') {
			n++
		}
		l.add(number, rest[:n])
		l.pos += n
	case word(c) || c >= 0x80:
		n := 1
		for n < len(rest) && (word(rest[n]) || rest[n] >= 0x80) {
			n++
		}
		l.add(name, rest[:n])
		l.pos += n
	case c == '/' && l.beforeOperand():
		if n := regexEnd(rest); n > 0 {
			l.add(regex, rest[:n])
			l.pos += n
			return
		}
		l.add(punct, "/")
		l.pos++
	default:
		for _, p := range puncts {
			if strings.HasPrefix(rest, p) {
				l.add(punct, p)
				l.pos += len(p)
				return
			}
		}
		l.add(punct, rest[:1])
		l.pos++
	}
}

// puncts are the operators of more than one character, the longer first.
var puncts = []string{"===", "!==", "...", "**=", "<<=", ">>=", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&",
	"||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%="}

func word(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func lineEnd(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// beforeOperand says that a slash here begins a regular expression.
func (l *lexer) beforeOperand() bool {
	if len(l.out) == 0 {
		return true
	}
	last := l.out[len(l.out)-1]
	switch last.kind {
	case punct:
		return last.text != ")" && last.text != "]" && last.text != "}"
	case name:
		return last.text == "return" || last.text == "typeof"
	}
	return false
}

// regexEnd returns the length of the regular expression that s begins with, 0 if it is none.
func regexEnd(s string) int {
	class := false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\n', '\r':
			return 0
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if class {
				continue
			}
			for i++; i < len(s) && word(s[i]); i++ {
			}
			return i
		}
	}
	return 0
}

// quoted reads the string that s begins with and says how long it is there.
func quoted(s string) (value string, length int) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case s[0]:
			return unescape(s[1:i]), i + 1
		case '\n':
			return unescape(s[1:i]), i
		case '\\':
			i++
		}
	}
	return unescape(s[1:]), len(s)
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '\n':
		case 'x', 'u':
			digits := 2
			if c == 'u' {
				digits = 4
			}
			if r, ok := hex(s[i+1:], digits); ok {
				b.WriteRune(r)
				i += digits
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func hex(s string, digits int) (rune, bool) {
	if len(s) < digits {
		return 0, false
	}
	r := rune(0)
	for _, c := range []byte(s[:digits]) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if c >= '0' && c <= '9' {
			d = int(c - '0')
		}
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, utf8.ValidRune(r)
}
