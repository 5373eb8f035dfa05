package terminal

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"unicode"
)

// Writer passes text on to a person: control characters and marks that turn the direction of writing, which pages
// may contain and terminals obey (ECMA-48, UAX 9), are left out, but for the sequences that colour text and draw
// progress.
type Writer struct{ W io.Writer }

// ours are the escape sequences that cundang itself writes: SGR, EL and CUU.
var ours = regexp.MustCompile("\x1b\\[[0-9;]*[mKA]")

// Write implements io.Writer. Text comes in whole characters.
func (t Writer) Write(p []byte) (int, error) {
	var out []byte
	rest := p
	for len(rest) > 0 {
		at := ours.FindIndex(rest)
		if at == nil {
			out = append(out, bytes.Map(visible, rest)...)
			break
		}
		out = append(append(out, bytes.Map(visible, rest[:at[0]])...), rest[at[0]:at[1]]...)
		rest = rest[at[1]:]
	}
	if _, err := t.W.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// visible drops what a terminal would obey instead of show.
func visible(r rune) rune {
	if obeyed(r) {
		return -1
	}
	return r
}

func obeyed(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' ||
		r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

// jsonWriter passes JSON on: what a terminal would obey is escaped, so that the values stay what they are.
type jsonWriter struct{ w io.Writer }

// Write implements io.Writer. JSON comes in whole characters; those that are escaped stand only within its strings.
func (j jsonWriter) Write(p []byte) (int, error) {
	out := make([]byte, 0, len(p))
	for _, r := range string(p) {
		if obeyed(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, string(r)...)
		}
	}
	if _, err := j.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
