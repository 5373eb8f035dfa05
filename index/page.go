package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"cundang/index/zh"
)

// page is the texts of a document as they lie in its second block. A query may read thousands, so
// the memory of one is used for the next.
type page struct {
	raw    []byte
	title  []byte
	body   []byte
	paras  [][]byte
	joined []byte // the paragraphs, when the body is not stored for itself
	atts   [][]byte
	runes  []rune
}

// unpackSpare is room at the end of a text for Unpack to work in.
const unpackSpare = 16

// maxText is the size of the longest text that is unpacked.
const maxText = 1 << 30

var (
	errCutShort = errors.New("stored text: cut short")
	errLengths  = errors.New("stored text: lengths do not fit")
)

// read unpacks a second block (see texts.encode).
func (p *page) read(b []byte) error {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b))*64 || size > maxText {
		return errCutShort
	}
	var err error
	if p.raw, err = zh.Unpack(slices.Grow(p.raw[:0], int(size)+unpackSpare), b[n:]); err != nil {
		return fmt.Errorf("stored text: %w", err)
	}
	return p.split()
}

// split finds the parts of raw.
func (p *page) split() error {
	rest := p.raw
	next := func() (part []byte, ok bool) {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			return nil, false
		}
		part, rest = rest[size:size+int(n)], rest[size+int(n):]
		return part, true
	}
	p.paras, p.joined, p.atts = p.paras[:0], p.joined[:0], p.atts[:0]
	var ok bool
	if p.title, ok = next(); !ok {
		return errLengths
	}
	count, size := binary.Uvarint(rest)
	if size <= 0 || count > uint64(len(rest)) {
		return errLengths
	}
	rest = rest[size:]
	for range count {
		para, ok := next()
		if !ok {
			return errLengths
		}
		p.paras = append(p.paras, para)
	}
	if len(rest) == 0 {
		return errCutShort
	}
	own := rest[0] == 1
	rest = rest[1:]
	if own {
		if p.body, ok = next(); !ok {
			return errLengths
		}
	} else {
		for i, para := range p.paras {
			if i > 0 {
				p.joined = append(p.joined, '\n')
			}
			p.joined = append(p.joined, para...)
		}
		p.body = p.joined
	}
	for len(rest) > 0 {
		att, ok := next()
		if !ok {
			return errLengths
		}
		p.atts = append(p.atts, att)
	}
	return nil
}

// texts copies a page for longer use.
func (p *page) texts() texts {
	t := texts{title: string(p.title), body: string(p.body)}
	at := 0
	for _, para := range p.paras {
		if len(p.joined) > 0 {
			t.paras = append(t.paras, t.body[at:at+len(para)])
			at += len(para) + 1
		} else {
			t.paras = append(t.paras, string(para))
		}
	}
	for _, a := range p.atts {
		t.atts = append(t.atts, string(a))
	}
	return t
}

// lineEnd stands between the parts of a text.
var lineEnd = []byte{'\n'}

// folded is the text that is searched, quoted and counted: title, body and attachments, folded, a
// line each. It is valid until the next call; what comes after most bytes is left out.
func (p *page) folded(most int) []rune {
	out := p.runes[:0]
	add := func(part []byte) {
		part = part[:min(len(part), most)]
		most -= len(part)
		out = zh.FoldBytes(out, part)
	}
	add(p.title)
	add(lineEnd)
	add(p.body)
	for _, a := range p.atts {
		if len(a) > 0 {
			add(lineEnd)
			add(a)
		}
	}
	p.runes = out
	return out
}

// any says whether a part that belongs to a field of a query passes a test.
func (p *page) any(field string, test func(part []byte) bool) bool {
	switch field {
	case "title":
		return test(p.title)
	case "body":
		return test(p.body)
	}
	return test(p.title) || test(p.body) || slices.ContainsFunc(p.atts, test)
}

// anyFolded is any for a part's folded characters.
func (p *page) anyFolded(field string, test func(part []rune) bool) bool {
	return p.any(field, func(part []byte) bool {
		p.runes = zh.FoldBytes(p.runes[:0], part)
		return test(p.runes)
	})
}
