package zh

import (
	"encoding/binary"
	"sync"
)

// A query looks for a few characters in many packed texts. Most codes stand for words without any of
// them: these are skipped by their length, without unpacking.

// Scan looks for characters in packed texts. One goroutine at a time.
type Scan struct {
	info [packEntries]uint16 // of a code: packHot, characters << packBytes, bytes
	hot  []uint16            // codes that are marked
	buf  []rune
}

const (
	packHot   = 1 << 15
	packBytes = 8 // bits
)

// packIndex is what scans need to know of the table.
type packIndex struct {
	info   [packEntries]uint16
	folded []rune // of all words
	at     [packEntries + 1]uint32
	codes  []uint16 // that have a character: codes[from[r]:from[r+1]] once folded
	from   [1<<16 + 1]uint32
}

var packScan = sync.OnceValue(func() *packIndex {
	x := &packIndex{}
	for i, w := range packWords() {
		x.folded = FoldRunes(x.folded, w)
		x.at[i+1] = uint32(len(x.folded))
		x.info[i] = uint16(x.at[i+1]-x.at[i])<<packBytes | uint16(len(w))
	}
	for _, r := range x.folded {
		x.from[r+1]++
	}
	for r := range 1 << 16 {
		x.from[r+1] += x.from[r]
	}
	x.codes = make([]uint16, len(x.folded))
	next := x.from
	for code := range packEntries {
		for _, r := range x.folded[x.at[code]:x.at[code+1]] {
			x.codes[next[r]] = uint16(code)
			next[r]++
		}
	}
	return x
})

// NewScan returns a Scan for no characters.
func NewScan() *Scan { return &Scan{info: packScan().info} }

// Look makes a scan look for folded characters, and for no others.
func (s *Scan) Look(chars []rune) {
	x := packScan()
	for _, code := range s.hot {
		s.info[code] &^= packHot
	}
	s.hot = s.hot[:0]
	for _, r := range chars {
		if r >= 1<<16 {
			continue // no word of the table has it
		}
		for _, code := range x.codes[x.from[r]:x.from[r+1]] {
			s.info[code] |= packHot
			s.hot = append(s.hot, code)
		}
	}
}

// Walk reads packed text as long as whole words fit into the next size bytes of what it
// stands for. see gets the folded characters of words that may be looked for, and how many other
// characters stand before them. Walk returns how many characters follow the last that was seen, what is left of
// b, and of size.
func (s *Scan) Walk(b []byte, size int, see func(skipped int, folded []rune)) (skipped int, rest []byte, left int) {
	x := packScan()
	i := 0
	for i < len(b) {
		code, n := int(b[i]), 1
		if code >= packSingles {
			if code == packRaw {
				l, n := binary.Uvarint(b[i+1:])
				if n <= 0 || l > uint64(len(b)-i-1-n) || l > uint64(size) {
					break
				}
				i += 1 + n
				s.buf = FoldBytes(s.buf[:0], b[i:i+int(l)])
				see(skipped, s.buf)
				skipped = 0
				i += int(l)
				size -= int(l)
				continue
			}
			if i+1 == len(b) {
				break
			}
			code, n = packSingles+(code-packSingles)<<8+int(b[i+1]), 2
		}
		info := s.info[code]
		bytes := int(info & (1<<packBytes - 1))
		if bytes > size {
			break
		}
		i += n
		size -= bytes
		if info&packHot == 0 {
			skipped += int(info >> packBytes)
			continue
		}
		see(skipped, x.folded[x.at[code]:x.at[code+1]])
		skipped = 0
	}
	return skipped, b[i:], size
}

// PackedWord returns the first word of a packed text, and what is left of it.
func PackedWord(b []byte) (word string, rest []byte, err error) {
	if len(b) == 0 {
		return "", nil, errPacked
	}
	c := int(b[0])
	switch {
	case c < packSingles:
		return packWords()[c], b[1:], nil
	case c == packRaw:
		l, n := binary.Uvarint(b[1:])
		if n <= 0 || l > uint64(len(b)-1-n) {
			return "", nil, errPacked
		}
		n++
		return string(b[n : n+int(l)]), b[n+int(l):], nil
	case len(b) < 2:
		return "", nil, errPacked
	}
	return packWords()[packSingles+(c-packSingles)<<8+int(b[1])], b[2:], nil
}
