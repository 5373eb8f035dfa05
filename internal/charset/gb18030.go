package charset

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// gbPairs maps the two-byte characters of GB18030: 126 lead bytes (0x81–0xFE) by 191 second
// bytes (0x40–0xFE). It is filled from x/text's tables, 0 where there is no character.
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
	return &table
})

// decodePairs decodes GB18030 text of one- and two-byte characters, several times as fast as
// the decoder of x/text. It gives up on anything else: four-byte characters and broken text.
func decodePairs(body []byte) (text []byte, ok bool) {
	table := gbPairs()
	text = make([]byte, 0, len(body)+len(body)/2)
	for i := 0; i < len(body); {
		run := i
		for i < len(body) && body[i] < utf8.RuneSelf {
			i++
		}
		text = append(text, body[run:i]...)
		if i == len(body) {
			return text, true
		}
		if i+1 == len(body) || body[i] < 0x81 || body[i] > 0xFE || body[i+1] < 0x40 || body[i+1] > 0xFE {
			return nil, false
		}
		r := table[int(body[i]-0x81)*191+int(body[i+1]-0x40)]
		if r == 0 {
			return nil, false
		}
		text = utf8.AppendRune(text, r)
		i += 2
	}
	return text, true
}
