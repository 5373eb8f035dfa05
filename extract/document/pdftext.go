package document

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// pdfPage is the lines of a page, from its text or by OCR.
type pdfPage struct {
	lines []string
	scan  bool
}

// pdfLines takes the text of a page apart.
func pdfLines(s string) []string {
	var lines []string
	for l := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if l = tidy(unify(l)); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// writePages makes paragraphs of lines: a PDF knows no paragraphs, so a line goes on in the
// next, also over the end of a page, when it is as long as the longest one of its page and
// no sentence ends with it. Page numbers and running heads are left out.
func writePages(out *text, pages []pdfPage) {
	dropRunning(pages)
	var b strings.Builder
	last, longest := "", 0.0
	for _, p := range pages {
		next := 0.0
		for _, l := range p.lines {
			next = max(next, columns(l))
		}
		for i, l := range p.lines {
			if p.scan || !wraps(last, longest) {
				out.line(b.String())
				b.Reset()
			}
			appendLine(&b, l)
			last = l
			if p.scan {
				last = ""
			}
			if i == 0 {
				longest = next
			}
		}
	}
	out.line(b.String())
}

// wraps says whether a line goes on in the next. It may be shorter than the longest by an
// indent of two characters, one that may not begin a line, and the narrower Latin ones.
func wraps(l string, longest float64) bool {
	const stops = "。！？：；.!?:;…"
	last := []rune(strings.TrimRight(l, "”’）」』)\"' "))
	slack := 4.0
	if longest >= 48 {
		slack = 9
	}
	return longest >= 30 && columns(l) >= longest-slack && len(last) > 0 && !strings.ContainsRune(stops, last[len(last)-1])
}

// dropRunning removes one page number from an edge of each page where more than half of
// the pages have one there, then the first or last line of pages where at least three and
// more than half of all pages have the same one but for the digits.
func dropRunning(pages []pdfPage) {
	// Several passes, for a number stands above, below or beside a running head, and printing
	// programs draw both before the text.
	for _, atEnd := range []bool{true, false, true, false, true, false} {
		numbers := 0
		for _, p := range pages {
			if pageNumber(edge(p, atEnd)) {
				numbers++
			}
		}
		count := map[string]int{}
		for i := range pages {
			if numbers > 1 && 2*numbers > len(pages) && pageNumber(edge(pages[i], atEnd)) {
				pages[i].cut(atEnd)
			}
			count[undigit(edge(pages[i], atEnd))]++
		}
		for i := range pages {
			head := undigit(edge(pages[i], atEnd))
			if n := count[head]; head != "" && n >= 3 && 2*n > len(pages) {
				pages[i].cut(atEnd)
			}
		}
	}
}

// edge is the first or last line of a page, "" when it has none.
func edge(p pdfPage, atEnd bool) string {
	if len(p.lines) == 0 {
		return ""
	}
	if atEnd {
		return p.lines[len(p.lines)-1]
	}
	return p.lines[0]
}

func (p *pdfPage) cut(atEnd bool) {
	if atEnd {
		p.lines = p.lines[:len(p.lines)-1]
	} else {
		p.lines = p.lines[1:]
	}
}

// pageNumber recognises "3", "- 3 -", "— 3 —", "第 3 页", "第3页 共9页", "3/9".
func pageNumber(l string) bool {
	s := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -－—–·•/第共页，,", r) {
			return -1
		}
		return r
	}, l)
	return s != "" && len(s) <= 6 && strings.Trim(s, "0123456789") == "" && len([]rune(l)) < 20
}

func undigit(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// unify replaces radicals and compatibility ideographs, which PDF fonts are given to name
// instead of the characters they look like (⼈ U+2F08 for 人), by those characters.
func unify(s string) string {
	odd := func(r rune) bool { return r >= 0x2E80 && r <= 0x2FDF || r >= 0xF900 && r <= 0xFAFF }
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if c, ok := supplement[r]; ok {
			b.WriteRune(c)
		} else if odd(r) {
			b.WriteString(norm.NFKC.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// supplement are the CJK Radicals Supplement characters that look like whole characters.
// Unicode gives them no compatibility mapping.
var supplement = map[rune]rune{
	'⺝': '月', '⺟': '母', '⺠': '民', '⺩': '王', '⺫': '目', '⺮': '竹', '⺶': '羊', '⺷': '羊',
	'⻁': '虎', '⻄': '西', '⻅': '见', '⻆': '角',
	'⻉': '贝', '⻋': '车', '⻓': '长', '⻔': '门', '⻘': '青', '⻙': '韦', '⻚': '页', '⻛': '风',
	'⻜': '飞', '⻝': '食', '⻢': '马', '⻣': '骨',
	'⻤': '鬼', '⻥': '鱼', '⻦': '鸟', '⻧': '卤', '⻨': '麦', '⻩': '黄', '⻬': '齐', '⻮': '齿',
	'⻰': '龙', '⻳': '龟',
}
