package zh

import (
	_ "embed"
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
func FoldRunes(dst []rune, s string) []rune {
	t := foldTable()
	for _, r := range s {
		if uint32(r) < 1<<16 {
			dst = append(dst, rune(t[r]))
		} else {
			dst = append(dst, unicode.ToLower(r))
		}
	}
	return dst
}
