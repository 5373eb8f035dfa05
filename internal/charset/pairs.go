package charset

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/traditionalchinese"
)

// pairs decodes a character set of one- and two-byte characters. It takes them from x/text, but treats what is
// ill-formed as the Encoding Standard does: a lead byte never swallows an ASCII character that does not belong to it,
// such as the quote or angle bracket that ends an attribute.
type pairs struct {
	leads [256]bool
	one   [256]rune // of bytes that are no leads, 0 where there is none
	two   map[[2]byte]string
}

var pairsOf = map[string]func() *pairs{
	"big5":      sync.OnceValue(func() *pairs { return newPairs(traditionalchinese.Big5, 0x81, 0xFE) }),
	"euc-kr":    sync.OnceValue(func() *pairs { return newPairs(korean.EUCKR, 0x81, 0xFE) }),
	"shift_jis": sync.OnceValue(newShiftJIS),
}

// newPairs reads the characters of e whose lead bytes are in some range.
func newPairs(e encoding.Encoding, from, to int) *pairs {
	p := &pairs{two: map[[2]byte]string{}}
	dec := e.NewDecoder()
	for lead := from; lead <= to; lead++ {
		p.leads[lead] = true
		for trail := 0x40; trail <= 0xFE; trail++ {
			pair := [2]byte{byte(lead), byte(trail)}
			text, err := dec.Bytes(pair[:])
			if s := string(text); err == nil && !strings.ContainsRune(s, utf8.RuneError) {
				p.two[pair] = s
			}
		}
	}
	return p
}

// newShiftJIS has, beside its characters, half-width katakana in one byte and an area for the user's own.
func newShiftJIS() *pairs {
	p := newPairs(japanese.ShiftJIS, 0x81, 0x9F)
	more := newPairs(japanese.ShiftJIS, 0xE0, 0xFC)
	for lead, is := range more.leads {
		p.leads[lead] = p.leads[lead] || is
	}
	for pair, s := range more.two {
		p.two[pair] = s
	}
	p.one[0x80] = 0x80
	for b := 0xA1; b <= 0xDF; b++ {
		p.one[b] = rune(0xFF61 + b - 0xA1)
	}
	for lead := 0xF0; lead <= 0xF9; lead++ {
		for column := range 188 {
			trail := 0x40 + column
			if trail >= 0x7F {
				trail++
			}
			p.two[[2]byte{byte(lead), byte(trail)}] = string(rune(0xE000 + (lead-0xF0)*188 + column))
		}
	}
	return p
}

func (p *pairs) decode(body []byte) []byte {
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
		switch b := body[i]; {
		case !p.leads[b] && p.one[b] != 0:
			text = utf8.AppendRune(text, p.one[b])
			i++
		case !p.leads[b] || i+1 == len(body):
			text = utf8.AppendRune(text, utf8.RuneError)
			i++
		default:
			s, ok := p.two[[2]byte{b, body[i+1]}]
			if !ok {
				s = string(utf8.RuneError)
			}
			text = append(text, s...)
			if i++; ok || body[i] >= utf8.RuneSelf {
				i++
			}
		}
	}
	return text
}
