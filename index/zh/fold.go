package zh

import (
	_ "embed"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// foldPairs holds pairs of characters, traditional or variant first, simplified second.
// Made from OpenCC's TSCharacters, TWVariants, HKVariants and JPVariants (Apache-2.0) by
// gen.go -opencc; see docs/adr.
//
//go:embed data/fold.txt
var foldPairs string

var foldTable = sync.OnceValue(func() *[1 << 16]uint16 {
	t := new([1 << 16]uint16)
	for r := range t {
		t[r] = uint16(r)
		if c := foldPlain(rune(r)); c < 1<<16 {
			t[r] = uint16(c)
		}
	}
	for s := foldPairs; s != ""; {
		from, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if from == '\n' || from == '\r' {
			continue
		}
		to, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if from < 1<<16 && to < 1<<16 {
			t[from] = uint16(to)
		}
	}
	for r := range t { // 薴 is 苧, and that is 苎
		t[r] = t[t[r]]
	}
	return t
})

// foldPlain folds width and case.
func foldPlain(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r == 0x3000:
		return ' '
	case 0xFF01 <= r && r <= 0xFF5E:
		return foldPlain(r - 0xFEE0)
	case r >= 0xD800 && r <= 0xDFFF:
		return utf8.RuneError
	}
	return unicode.ToLower(r)
}

// FoldRune folds one character: traditional and variant forms to simplified, full width to
// half width, upper case to lower case. One character stays one character, so offsets in
// characters are the same before and after.
func FoldRune(r rune) rune {
	if uint32(r) < 1<<16 {
		return rune(foldTable()[r])
	}
	return unicode.ToLower(r)
}

// Fold folds a string character by character (see FoldRune). Invalid UTF-8 becomes U+FFFD.
func Fold(s string) string { return string(FoldRunes(nil, s)) }

// FoldRunes appends the folded characters of s to dst.
func FoldRunes(dst []rune, s string) []rune { return foldRunes(dst, s) }

// FoldBytes is FoldRunes of a text in bytes.
func FoldBytes(dst []rune, s []byte) []rune { return foldRunes(dst, s) }

// foldRunes reads the three bytes of a common Chinese character itself: thousands of texts are
// folded for one query.
func foldRunes[S string | []byte](dst []rune, s S) []rune {
	t := foldTable()
	dst = slices.Grow(dst, len(s)/3)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = append(dst, rune(t[c]))
			i++
			continue
		}
		if 0xE3 <= c && c <= 0xE9 && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 { // U+3000 to U+9FFF
			dst = append(dst, rune(t[uint16(c)<<12|uint16(s[i+1]&0x3F)<<6|uint16(s[i+2]&0x3F)]))
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
		if r < 1<<16 {
			r = rune(t[r])
		} else {
			r = unicode.ToLower(r)
		}
		dst = append(dst, r)
		i += n
	}
	return dst
}
