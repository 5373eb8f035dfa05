package extract

import "unicode/utf8"

// lexicon finds words in a text in one pass: a bit for each character that begins a word
// says quickly that nothing begins here.
type lexicon struct {
	first [1024]uint64 // characters below U+10000
	words map[rune][]string
}

func newLexicon(words []string) *lexicon {
	l := &lexicon{words: map[rune][]string{}}
	for _, w := range words {
		r := firstRune(w)
		if r < 0x10000 {
			l.first[r>>6] |= 1 << (r & 63)
		}
		l.words[r] = append(l.words[r], w)
	}
	return l
}

// in returns the first word of the lexicon that occurs in s, "" if none does.
func (l *lexicon) in(s string) string {
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if r < 0x10000 && l.first[r>>6]&(1<<(r&63)) != 0 {
			if w := l.match(s[i:], r); w != "" {
				return w
			}
		}
		i += n
	}
	return ""
}

// at returns the longest word that s begins with, "" if none does.
func (l *lexicon) at(s string) string {
	r := firstRune(s)
	if r >= 0x10000 || l.first[r>>6]&(1<<(r&63)) == 0 {
		return ""
	}
	best := ""
	for _, w := range l.words[r] {
		if len(w) > len(best) && len(s) >= len(w) && s[:len(w)] == w {
			best = w
		}
	}
	return best
}

func (l *lexicon) match(s string, r rune) string {
	for _, w := range l.words[r] {
		if len(s) >= len(w) && s[:len(w)] == w {
			return w
		}
	}
	return ""
}
