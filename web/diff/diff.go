// Package diff compares two versions of a Chinese (or any) text by sentence and by word.
// It is pure, needs no dictionary and is safe for concurrent use.
package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Op says which side of a comparison a span stands on.
type Op string

// The three sides: in both texts, only in the old one, only in the new one.
const (
	Equal  Op = "equal"
	Delete Op = "delete"
	Insert Op = "insert"
)

// Span is a run of text with one Op. The old text is the concatenation of all spans that
// are not Insert, the new text that of all spans that are not Delete.
type Span struct {
	Op   Op     `json:"op"`
	Text string `json:"text"`
}

// maxEdits bounds the work of one comparison: texts further apart than this many tokens
// are reported as replaced as a whole.
const maxEdits = 3000

// BySentence compares whole sentences: a sentence with one changed character is deleted
// and inserted.
func BySentence(old, new string) []Span {
	return merge(compare(Sentences(old), Sentences(new)))
}

// ByWord compares sentences first and then, inside what was replaced, the words that split
// cuts (nil: Words). Coincidental matches of a single character between two changes are
// absorbed into the change, so that the result reads as an editor's corrections.
func ByWord(old, new string, split func(string) []string) []Span {
	if split == nil {
		split = Words
	}
	var out []Span
	spans := merge(compare(Sentences(old), Sentences(new)))
	for i := 0; i < len(spans); i++ {
		if spans[i].Op == Delete && i+1 < len(spans) && spans[i+1].Op == Insert {
			words := merge(compare(split(spans[i].Text), split(spans[i+1].Text)))
			out = append(out, absorb(words)...)
			i++
			continue
		}
		out = append(out, spans[i])
	}
	return merge(out)
}

// Sentences cuts text behind 。！？；!?; and their closing quotes, and behind line ends.
// Joined again the pieces are the text.
func Sentences(text string) []string {
	var out []string
	start := 0
	prev := rune(0)
	for pos, r := range text {
		_, size := utf8.DecodeRuneInString(text[pos:])
		end := pos + size
		next, _ := utf8.DecodeRuneInString(text[end:])
		if ends(prev, r, next) {
			out = append(out, text[start:end])
			start = end
		}
		prev = r
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// ends says whether a sentence ends behind r.
func ends(prev, r, next rune) bool {
	const stops, quotes = "。！？；!?…", "”’」』）)"
	switch {
	case r == '\n':
		return true
	case strings.ContainsRune(stops, r):
		return !strings.ContainsRune(stops+quotes+"\n", next)
	case strings.ContainsRune(quotes, r):
		return strings.ContainsRune(stops, prev) && next != '\n'
	}
	return false
}

// Words cuts text into the units a reader sees changing: a run of Latin letters or of
// digits, one Chinese character, one mark, a run of spaces. Joined again they are the text.
func Words(text string) []string {
	var out []string
	start, last := 0, 0
	for i, r := range text {
		c := class(r)
		if i > start && (c != last || c == 0) {
			out = append(out, text[start:i])
			start = i
		}
		last = c
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// class groups runes that stay together; 0 stands alone.
func class(r rune) int {
	switch {
	case unicode.IsDigit(r):
		return 1
	case unicode.IsSpace(r):
		return 2
	case unicode.Is(unicode.Han, r) || !unicode.IsLetter(r):
		return 0
	}
	return 3
}

// absorb turns equal runs too short to be meant (one character, or marks only) between
// two changes into part of the change.
func absorb(spans []Span) []Span {
	var out []Span
	for i, s := range spans {
		if s.Op == Equal && i > 0 && i+1 < len(spans) && accidental(s.Text) {
			out = append(out, Span{Delete, s.Text}, Span{Insert, s.Text})
			continue
		}
		out = append(out, s)
	}
	return out
}

func accidental(text string) bool {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n == 0 && utf8.RuneCountInString(text) < 3 && !strings.Contains(text, "\n") ||
		n == 1 && utf8.RuneCountInString(text) == 1
}

// merge joins neighbours of one Op and puts, within a change, the deleted text first.
func merge(spans []Span) []Span {
	var out []Span
	var del, ins strings.Builder
	flush := func() {
		if del.Len() > 0 {
			out = append(out, Span{Delete, del.String()})
		}
		if ins.Len() > 0 {
			out = append(out, Span{Insert, ins.String()})
		}
		del.Reset()
		ins.Reset()
	}
	for _, s := range spans {
		switch {
		case s.Text == "":
		case s.Op == Delete:
			del.WriteString(s.Text)
		case s.Op == Insert:
			ins.WriteString(s.Text)
		default:
			flush()
			if n := len(out); n > 0 && out[n-1].Op == Equal {
				out[n-1].Text += s.Text
			} else {
				out = append(out, s)
			}
		}
	}
	flush()
	return out
}
