package index

import (
	"encoding/binary"

	"cundang/index/zh"
)

// probeBytes bounds how much of a text is read.
const probeBytes = 120000

// read looks at the texts of a second block: title, body and attachments, a line each. Where it can it
// does so without unpacking them.
func (p *probe) read(b []byte, text *page) error {
	size, n := binary.Uvarint(b)
	if n <= 0 {
		return errCutShort
	}
	p.begin()
	if !p.plain && size <= probeBytes {
		if ok := p.readPacked(b[n:]); ok {
			return nil
		}
		p.begin()
	}
	if err := text.read(b); err != nil {
		return err
	}
	p.see(text.folded(probeBytes))
	return nil
}

// inBlock is a part of a second block (see texts.encode).
type inBlock int

const (
	inTitle inBlock = iota
	inCount
	inPara
	inFlag
	inBody
	inAtt
)

// readPacked reads a packed block. It gives up, false, on a body that stands for itself after
// paragraphs that then do not count, and on what is damaged.
func (p *probe) readPacked(b []byte) bool {
	see := func(skipped int, folded []rune) {
		p.skip(skipped)
		p.see(folded)
	}
	at, paras := inTitle, uint64(0)
	left := 0                     // bytes of the text under way
	number, shift := uint64(0), 0 // the number under way
	open := false                 // a text is under way, or may have just ended
	for len(b) > 0 {
		if left > 0 {
			var skipped int
			skipped, b, left = p.scan.Walk(b, left, see)
			p.skip(skipped)
			if len(b) == 0 {
				break
			}
		}
		// A word that does not lie inside the text: the end of it, numbers, the beginning of the next.
		word, rest, err := zh.PackedWord(b)
		if err != nil {
			return false
		}
		b = rest
		for word != "" {
			if left > 0 {
				n := min(left, len(word))
				p.runes = zh.FoldRunes(p.runes[:0], word[:n])
				p.see(p.runes)
				left -= n
				word = word[n:]
				continue
			}
			c := word[0]
			word = word[1:]
			if at == inFlag {
				if c == 1 && open {
					return false
				}
				at = inAtt
				if c == 1 {
					at = inBody
				}
				continue
			}
			number |= uint64(c&0x7F) << shift
			if shift += 7; c >= 0x80 {
				if shift > 28 {
					return false
				}
				continue
			}
			value := number
			number, shift = 0, 0
			switch at {
			case inTitle:
				left, at = int(value), inCount
			case inCount:
				p.see(newLine)
				if paras, at = value, inPara; paras == 0 {
					at = inFlag
				}
			case inPara:
				if open {
					p.see(newLine)
				}
				left, open = int(value), true
				if paras--; paras == 0 {
					at = inFlag
				}
			case inBody:
				left, at = int(value), inAtt
			case inAtt:
				if left = int(value); left > 0 {
					p.see(newLine)
				}
			}
		}
	}
	return left == 0 && shift == 0 && at == inAtt
}

var newLine = []rune{'\n'}
