package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isHan reports whether r is a Chinese character; the two ranges cover all but rare ones,
// which unicode.Han then decides.
func isHan(r rune) bool {
	switch {
	case r < 0x2e80:
		return false
	case r >= 0x4e00 && r <= 0x9fff:
		return true
	}
	return unicode.Is(unicode.Han, r)
}

// isBlank reports whether r shows as nothing or as white space.
func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\v', 0xa0, 0x3000, 0x200b, 0x200c, 0x200d, 0xfeff, 0x2060, 0xad:
		return true
	}
	return r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x205f || r == 0x1680 || r == 0x85
}

// isZeroWidth reports whether r takes no room at all: it neither shows nor separates.
func isZeroWidth(r rune) bool {
	switch r {
	case 0x200b, 0x200c, 0x200d, 0xfeff, 0x2060, 0xad:
		return true
	}
	return false
}

// isControl reports whether r does something to a terminal and shows nothing: controls of C0, DEL and C1 (ECMA-48), and
// the marks that turn the direction of what follows. Those that are blanks are asked for before.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// narrow maps full-width forms of ASCII to ASCII, and the look-alikes of the colon.
func narrow(r rune) rune {
	switch {
	case r < 0x2236:
		return r
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0x2236 || r == 0xfe55 || r == 0xfe30 || r == 0xa789:
		return ':'
	case r == 0x3000:
		return ' '
	}
	return r
}

// isColon reports whether r is a colon of any width.
func isColon(r rune) bool { return r == ':' || r == 0xff1a || narrow(r) == ':' }

// squash collapses white space to single spaces, trims it and drops controls.
func squash(s string) string {
	clean := true
	prev := true // a blank before the first character is dropped
	for _, r := range s {
		if isBlank(r) {
			if r != ' ' || prev {
				clean = false
				break
			}
			prev = true
			continue
		}
		if isControl(r) {
			clean = false
			break
		}
		prev = false
	}
	if clean && (s == "" || !prev) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if isBlank(r) {
			gap = gap || !isZeroWidth(r)
			continue
		}
		if isControl(r) {
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// key reduces a text to what two prints of the same title share: letters, digits and Han
// characters, full-width forms narrowed, lower case.
func key(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = narrow(r)
		if r < 0x80 {
			switch {
			case r >= 'A' && r <= 'Z':
				b.WriteByte(byte(r) + 'a' - 'A')
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				b.WriteByte(byte(r))
			}
			continue
		}
		if isHan(r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// runes counts the characters of s that show.
func runes(s string) int {
	n := 0
	for _, r := range s {
		if !isBlank(r) {
			n++
		}
	}
	return n
}

// hanCount counts the Chinese characters of s.
func hanCount(s string) int {
	n := 0
	for _, r := range s {
		if isHan(r) {
			n++
		}
	}
	return n
}

// containsAny reports whether s contains one of the words.
func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// hasPrefixAny returns the longest of the words that s begins with, "" if none.
func hasPrefixAny(s string, words []string) string {
	best := ""
	for _, w := range words {
		if len(w) > len(best) && strings.HasPrefix(s, w) {
			best = w
		}
	}
	return best
}

// firstRune returns the first character of s, 0 if s is empty.
func firstRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// lastRune returns the last character of s, 0 if s is empty.
func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// trimMarks cuts blanks and the separators that stand around byline values.
func trimMarks(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return isBlank(r) ||
			strings.ContainsRune("|｜丨︱/／·•,，;；、:：-－—_~[]【】()（）<>《》「」\"", r)
	})
}
