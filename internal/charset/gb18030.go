package charset

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// gbPairs maps the two-byte characters of GB18030: 126 lead bytes (0x81–0xFE) by 191 second
// bytes (0x40–0xFE). It is filled from x/text's tables and gbMore, 0 where there is no character.
var gbPairs = sync.OnceValue(func() *[126 * 191]rune {
	var table [126 * 191]rune
	dec := simplifiedchinese.GB18030.NewDecoder()
	for lead := range 126 {
		for second := range 191 {
			text, err := dec.Bytes([]byte{byte(0x81 + lead), byte(0x40 + second)})
			if err != nil {
				continue
			}
			if r, n := utf8.DecodeRune(text); n == len(text) && r != utf8.RuneError {
				table[lead*191+second] = r
			}
		}
	}
	for _, m := range gbMore {
		lead, second, r := int(m.first>>8)-0x81, int(m.first&0xFF)-0x40, m.r
		for ; second <= int(m.last)-0x40; second++ {
			if second == 0x7F-0x40 {
				continue
			}
			if at := lead*191 + second; table[at] == 0 {
				table[at] = r
			}
			r++
		}
	}
	for row := range 7 { // the user-defined areas, 94 and 96 characters a row
		for column := range 94 {
			if row < 6 {
				table[(0xAA-0x81+row)*191+0xA1-0x40+column] = rune(0xE000 + row*94 + column)
			}
			table[(0xF8-0x81+row)*191+0xA1-0x40+column] = gbOr(&table, (0xF8-0x81+row)*191+0xA1-0x40+column,
				rune(0xE234+row*94+column))
		}
		for column := range 96 {
			second := 0x40 + column
			if second >= 0x7F {
				second++
			}
			at := (0xA1-0x81+row)*191 + second - 0x40
			table[at] = gbOr(&table, at, rune(0xE4C6+row*96+column))
		}
	}
	return &table
})

// gbOr returns what is in the table already, else r.
func gbOr(table *[126 * 191]rune, at int, r rune) rune {
	if table[at] != 0 {
		return table[at]
	}
	return r
}

// gbMore are the two-byte characters that x/text leaves out, in runs: the 19 that GB18030-2022 moved from the private
// use area to their places in Unicode, and what is in that area still (Encoding Standard, index gb18030).
var gbMore = []struct {
	first uint16 // two bytes
	last  byte   // the second byte of the last
	r     rune   // of the first
}{
	{0xA6D9, 0xD9, 0xFE10}, {0xA6DA, 0xDA, 0xFE12}, {0xA6DB, 0xDB, 0xFE11}, {0xA6DC, 0xDF, 0xFE13}, {0xA6EC, 0xED, 0xFE17},
	{0xA6F3, 0xF3, 0xFE19},
	{0xA8BC, 0xBC, 0x1E3F}, {0xFE59, 0x59, 0x9FB4}, {0xFE61, 0x61, 0x9FB5}, {0xFE66, 0x67, 0x9FB6}, {0xFE6D, 0x6D, 0x9FB8},
	{0xFE7E, 0x7E, 0x9FB9},
	{0xFE90, 0x90, 0x9FBA}, {0xFEA0, 0xA0, 0x9FBB},

	{0xA2AB, 0xB0, 0xE766}, {0xA2E4, 0xE4, 0xE76D}, {0xA2EF, 0xF0, 0xE76E}, {0xA2FD, 0xFE, 0xE770}, {0xA4F4, 0xFE, 0xE772},
	{0xA5F7, 0xFE, 0xE77D},
	{0xA6B9, 0xC0, 0xE785}, {0xA6F6, 0xFE, 0xE797}, {0xA7C2, 0xD0, 0xE7A0}, {0xA7F2, 0xFE, 0xE7AF}, {0xA896, 0xA0, 0xE7BC},
	{0xA8C1, 0xC4, 0xE7C9},
	{0xA8EA, 0xFE, 0xE7CD}, {0xA958, 0x58, 0xE7E2}, {0xA95B, 0x5B, 0xE7E3}, {0xA95D, 0x5F, 0xE7E4}, {0xA997, 0xA3, 0xE7F4},
	{0xA9F0, 0xFE, 0xE801},
	{0xD7FA, 0xFE, 0xE810}, {0xFE51, 0x53, 0xE816}, {0xFE6C, 0x6C, 0xE831}, {0xFE76, 0x76, 0xE83B}, {0xFE91, 0x91, 0xE855},
}

// decodeGB18030 decodes GB18030 as the Encoding Standard has it: what is ill-formed becomes one U+FFFD and never
// swallows an ASCII character behind it.
func decodeGB18030(body []byte) []byte {
	table := gbPairs()
	text := make([]byte, 0, len(body)+len(body)/2)
	for i := 0; i < len(body); {
		run := i
		for i < len(body) && body[i] < utf8.RuneSelf {
			i++
		}
		text = append(text, body[run:i]...)
		if i == len(body) {
			break
		}
		r, n := gbRune(table, body[i:])
		text = utf8.AppendRune(text, r)
		i += n
	}
	return text
}

// gbRune returns the character at the beginning of b, which is not ASCII, and its length in bytes.
func gbRune(table *[126 * 191]rune, b []byte) (rune, int) {
	switch {
	case b[0] == 0x80:
		return '€', 1
	case b[0] == 0xFF || len(b) == 1:
		return utf8.RuneError, 1
	case b[1] >= 0x30 && b[1] <= 0x39:
		return gbFour(b)
	case b[1] == 0xFF:
		return utf8.RuneError, 2
	case b[1] < 0x40 || b[1] == 0x7F:
		return utf8.RuneError, 1
	}
	if r := table[int(b[0]-0x81)*191+int(b[1]-0x40)]; r != 0 {
		return r, 2
	}
	if b[1] < utf8.RuneSelf {
		return utf8.RuneError, 1
	}
	return utf8.RuneError, 2
}

// gbFour reads a four-byte character whose second byte is a digit.
func gbFour(b []byte) (rune, int) {
	if len(b) < 4 {
		if len(b) == 2 || b[2] >= 0x81 && b[2] <= 0xFE {
			return utf8.RuneError, len(b) // the text ends within the character
		}
		return utf8.RuneError, 1
	}
	if b[2] < 0x81 || b[2] > 0xFE || b[3] < 0x30 || b[3] > 0x39 {
		return utf8.RuneError, 1
	}
	if binary.BigEndian.Uint32(b) == 0x8135F437 {
		return 0xE7C7, 4 // changed places with U+1E3F in GB18030-2005
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b[:4])
	if r, n := utf8.DecodeRune(text); err == nil && n == len(text) && r != utf8.RuneError {
		return r, 4
	}
	return utf8.RuneError, 4
}
