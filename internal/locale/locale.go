// Package locale is the one catalogue of what cundang says to people, in Chinese and English: words of the pages, and
// the reasons that crawls, readings and searches give.
//
// A reason is made where something is decided, often stored for years, and read later in either language. So it is kept
// as a code with its arguments in one line of text, such as
//
//	http.status 404
//	pace.until "pace.backoff 3" 2026-11-28T04:00:00Z
//
// and put into words by Say when it is shown.
package locale

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Languages of the catalogue.
const (
	Chinese = "zh"
	English = "en"
)

// message is one entry of the catalogue in both languages.
type message struct{ zh, en string }

func (m message) in(lang string) string {
	if lang == English {
		return m.en
	}
	return m.zh
}

// tables are the parts of the catalogue; a key stands in one of them.
var tables = []map[string]message{pages, reasons, curating}

func lookup(key string) (message, bool) {
	for _, t := range tables {
		if m, ok := t[key]; ok {
			return m, true
		}
	}
	return message{}, false
}

// Known reports whether the catalogue has a key.
func Known(key string) bool { _, ok := lookup(key); return ok }

// Text returns a message in a language, English for "en" and Chinese otherwise, with args put in as fmt does; "" for a
// key that is not in the catalogue.
func Text(lang, key string, args ...any) string {
	m, ok := lookup(key)
	switch {
	case !ok:
		return ""
	case len(args) == 0:
		return m.in(lang)
	}
	return fmt.Sprintf(m.in(lang), args...)
}

// Reason returns a reason as it is stored: its code and arguments in one line. An argument may be a reason itself.
func Reason(code string, args ...any) string {
	var b strings.Builder
	b.WriteString(code)
	for _, a := range args {
		b.WriteByte(' ')
		if s := fmt.Sprint(a); s == "" || strings.ContainsFunc(s, needsQuotes) {
			b.WriteString(strconv.Quote(s))
		} else {
			b.WriteString(s)
		}
	}
	return b.String()
}

func needsQuotes(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '"' || r == '\\'
}

// Code returns the code of a stored reason, "" for text that is none: what tests of those who give reasons compare.
func Code(stored string) string {
	code, _, ok := split(stored)
	if !ok {
		return ""
	}
	return code
}

// Say puts a stored reason into words. What is no reason, such as the error of a connection, a line of robots.txt or a
// sentence of an earlier version, is returned as it stands.
func Say(lang, stored string) string {
	code, args, ok := split(stored)
	if !ok {
		return stored
	}
	words := make([]any, len(args))
	for i, a := range args {
		words[i] = Say(lang, a) // shorter than stored: this ends
	}
	return fmt.Sprintf(reasons[code].in(lang), words...)
}

// SayAll puts several stored reasons into words, in one sentence.
func SayAll(lang string, stored []string) string {
	said := make([]string, len(stored))
	for i, s := range stored {
		said[i] = Say(lang, s)
	}
	return strings.Join(said, Text(lang, "semicolon"))
}

// split takes a stored reason apart. ok is false unless the code is one of the catalogue's reasons and there are as
// many arguments as its words ask for.
func split(stored string) (code string, args []string, ok bool) {
	code, rest, more := strings.Cut(stored, " ")
	m, ok := reasons[code]
	if !ok {
		return "", nil, false
	}
	for more {
		var arg string
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return "", nil, false
			}
			if arg, err = strconv.Unquote(quoted); err != nil {
				return "", nil, false
			}
			rest = rest[len(quoted):]
			if more = strings.HasPrefix(rest, " "); more {
				rest = rest[1:]
			} else if rest != "" {
				return "", nil, false
			}
		} else {
			arg, rest, more = strings.Cut(rest, " ")
		}
		args = append(args, arg)
	}
	return code, args, len(args) == strings.Count(m.en, "%")-2*strings.Count(m.en, "%%")
}
