package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// text collects lines up to a bound.
type text struct {
	b    strings.Builder
	max  int
	full bool
}

// line adds one line: runs of blanks become one, tabs stay, an empty line is dropped.
func (t *text) line(s string) {
	s = tidy(s)
	if s == "" || t.full {
		return
	}
	if t.b.Len()+len(s)+1 > t.max {
		for left := t.max - t.b.Len(); left > 0; left-- {
			if left < len(s) && utf8.RuneStart(s[left]) {
				t.b.WriteString(s[:left])
				break
			}
		}
		t.full = true
		return
	}
	t.b.WriteString(s)
	t.b.WriteByte('\n')
}

// lines adds every line of s.
func (t *text) lines(s string) {
	for l := range strings.FieldsFuncSeq(s, func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\v' ||
			r == '\f'
	}) {
		t.line(l)
	}
}

// row adds a table row; empty cells at its end are dropped.
func (t *text) row(cells []string) {
	end := 0
	for i := range cells {
		cells[i] = strings.Join(strings.Fields(cells[i]), " ")
		if cells[i] != "" {
			end = i + 1
		}
	}
	t.line(strings.Join(cells[:end], "\t"))
}

func (t *text) String() string { return strings.TrimSuffix(t.b.String(), "\n") }

// tidy drops control characters and byte order marks, keeps tabs, turns every run of other
// blanks into one space and trims the end. Blanks between two Han characters that stand in
// for layout ("通    知") are left as one space: what they mean is not ours to say.
func tidy(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space, begun := false, false // begun: the line or the cell has text
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteByte('\t')
			space, begun = false, false
			continue
		case unicode.IsSpace(r) || r == '\u200B':
			space = begun
			continue
		case unicode.IsControl(r) || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF' || r == '\u00AD':
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
		begun = true
	}
	return strings.TrimRight(b.String(), "\t ")
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// empty says whether s has nothing to read.
func empty(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0
}
