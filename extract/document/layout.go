package document

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// item is a piece of text at a place on a page, y growing downwards.
type item struct {
	text                string
	x, y, width, height float64
}

// layout puts the items of a page together to lines, and lines to paragraphs.
type layout struct{ items []item }

func (l *layout) add(i item) {
	if i.text != "" {
		l.items = append(l.items, i)
	}
}

// textLine is a line of a page with its left and right edge.
type textLine struct {
	text        string
	left, right float64
	top, height float64
}

func (l *layout) write(out *text) { writeLines(out, l.lines()) }

// lines sorts the items from top to bottom and joins those at one height from left to
// right, with a space where the gap is wider than half a character.
func (l *layout) lines() []textLine {
	slices.SortStableFunc(l.items, func(a, b item) int {
		if d := a.y - b.y; d < -0.4*min(a.height, b.height) || d > 0.4*min(a.height, b.height) {
			if d < 0 {
				return -1
			}
			return 1
		}
		return 0
	})
	var lines []textLine
	for i := 0; i < len(l.items); {
		j := i + 1
		for j < len(l.items) && l.items[j].y-l.items[i].y <= 0.4*min(l.items[i].height, l.items[j].height) {
			j++
		}
		row := l.items[i:j]
		slices.SortStableFunc(row, func(a, b item) int {
			switch {
			case a.x < b.x:
				return -1
			case a.x > b.x:
				return 1
			}
			return 0
		})
		var b strings.Builder
		end := row[0].x
		for k, it := range row {
			if k > 0 && it.x-end > 0.5*it.height {
				b.WriteByte(' ')
			}
			b.WriteString(it.text)
			end = max(end, it.x+it.width)
		}
		lines = append(lines, textLine{b.String(), row[0].x, end, row[0].y, row[0].height})
		i = j
	}
	return lines
}

// writeLines joins lines that go on in the next one: those that reach the right edge of
// the text, where the next begins at its left edge and not with an indent.
func writeLines(out *text, lines []textLine) {
	if len(lines) == 0 {
		return
	}
	left, right := lines[0].left, lines[0].right
	for _, l := range lines {
		left, right = min(left, l.left), max(right, l.right)
	}
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && !goesOn(lines[i-1], l, left, right) {
			out.line(b.String())
			b.Reset()
		}
		appendLine(&b, l.text)
	}
	out.line(b.String())
}

func goesOn(a, b textLine, left, right float64) bool {
	size := a.height
	full := right-a.right < 2*size
	flush := b.left-left < 1.2*size
	near := b.top-a.top < 3*max(a.height, b.height) && b.top >= a.top
	alike := a.height < 1.3*b.height && b.height < 1.3*a.height
	return full && flush && near && alike && right-left > 16*size
}

// appendLine joins a line to the text before it: with a space between Latin words, with
// nothing between Chinese characters, and without the hyphen of a divided word.
func appendLine(b *strings.Builder, s string) {
	s = strings.TrimSpace(s)
	if b.Len() == 0 || s == "" {
		b.WriteString(s)
		return
	}
	last, _ := utf8.DecodeLastRuneInString(b.String())
	next, _ := utf8.DecodeRuneInString(s)
	if !wide(last) && !wide(next) {
		b.WriteByte(' ')
	}
	b.WriteString(s)
}

// wide says whether r is a character of full width, behind which no word ends.
func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x30FF || r >= 0xFF00 && r <= 0xFFEF ||
		r >= 0x2010 && r <= 0x2027
}

// columns is the width of s in half characters.
func columns(s string) float64 {
	n := 0
	for _, r := range s {
		n++
		if wide(r) {
			n++
		}
	}
	return float64(n)
}
