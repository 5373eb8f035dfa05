package inflate

import (
	"io"
	"math/bits"
)

// A table is looked up with the next bits of the input, least significant first. An entry
// holds, from the lowest bit: 8 bits, how many bits code and extra bits take; 4 bits, how
// many the code takes alone; 3 flags; 16 bits, the literal or the base of length or distance.
// Codes longer than the table's bits are found through a link: 8 bits, the bits to skip; 4
// bits, the bits of the second table; 16 bits, where it begins.
const (
	flagLiteral = 1 << 31
	flagOther   = 1 << 15 // none of literal, length, distance: one of the next two, or no code at all
	flagLink    = 1 << 14
	flagEnd     = 1 << 13
)

// The sizes leave room for the second tables of any complete code ("enough" of zlib: 1,334
// for 288 symbols and 10 bits, 402 for 32 and 8).
const (
	lengthBits    = 10
	lengthTable   = 1 << lengthBits * 2
	distanceBits  = 8
	distanceTable = 512
	orderBits     = 7
	maxSymbols    = 288
)

var (
	lengthSymbols   [maxSymbols]uint32
	distanceSymbols [32]uint32
	orderSymbols    [19]uint32

	fixedLengths   [lengthTable]uint32
	fixedDistances [distanceTable]uint32
)

// order is the order in which the lengths of the code length code come (RFC 1951 §3.2.7).
var order = [19]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func init() {
	for i := range lengthSymbols {
		lengthSymbols[i] = flagOther
	}
	for i := range 256 {
		lengthSymbols[i] = flagLiteral | uint32(i)<<16
	}
	lengthSymbols[256] = flagOther | flagEnd
	base := uint32(3)
	for i := range uint32(28) { // RFC 1951 §3.2.5
		extra := max(i, 4)/4 - 1
		lengthSymbols[257+i] = base<<16 | extra
		base += 1 << extra
	}
	lengthSymbols[285] = 258 << 16
	for i := range distanceSymbols {
		distanceSymbols[i] = flagOther
	}
	base = 1
	for i := range uint32(30) {
		extra := max(i, 2)/2 - 1
		distanceSymbols[i] = base<<16 | extra
		base += 1 << extra
	}
	for i := range orderSymbols {
		orderSymbols[i] = uint32(i) << 16
	}
	var lens [maxSymbols]byte // RFC 1951 §3.2.6
	for i := range lens {
		switch {
		case i < 144, i >= 280:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		default:
			lens[i] = 7
		}
	}
	build(fixedLengths[:], lengthBits, lens[:], lengthSymbols[:])
	for i := range lens {
		lens[i] = 5
	}
	build(fixedDistances[:], distanceBits, lens[:32], distanceSymbols[:])
}

// build makes the table of a canonical code (RFC 1951 §3.2.2) from the lengths of its
// codewords; symbols are the entries without what the codeword adds. It reports false where the
// lengths are no code. One that is not complete is taken if it is empty or a single bit, as
// zlib and Go take it.
func build(table []uint32, width uint, lens []byte, symbols []uint32) bool {
	var count, next [16]int
	for _, l := range lens {
		count[l]++
	}
	count[0] = 0
	left, used := 1, 0
	longest := uint(0)
	for l := 1; l < 16; l++ {
		next[l] = used
		used += count[l]
		if left = left<<1 - count[l]; left < 0 {
			return false
		}
		if count[l] > 0 {
			longest = uint(l)
		}
	}
	if left > 0 {
		if used > 1 || used == 1 && count[1] != 1 {
			return false
		}
		for i := range table[:1<<width] {
			table[i] = flagOther
		}
	}
	var sorted [maxSymbols]uint16
	for i, l := range lens {
		if l > 0 {
			sorted[next[l]] = uint16(i)
			next[l]++
		}
	}
	end := 1 << width // of what is filled
	link, linked, second := -1, uint(0), 0
	code, before := 0, uint(0)
	for _, sym := range sorted[:used] {
		l := uint(lens[sym])
		code <<= l - before
		before = l
		key := int(bits.Reverse16(uint16(code)) >> (16 - l))
		code++
		if l <= width {
			e := symbols[sym] + uint32(l) + uint32(l)<<8
			for i := key; i < 1<<width; i += 1 << l {
				table[i] = e
			}
			count[l]--
			continue
		}
		if prefix := key & (1<<width - 1); prefix != link {
			link, second, linked = prefix, end, l-width
			for room := 1 << linked; linked+width < longest; linked++ {
				if room -= count[linked+width]; room <= 0 {
					break
				}
				room <<= 1
			}
			end += 1 << linked
			table[link] = flagOther | flagLink | uint32(second)<<16 | uint32(linked)<<8 | uint32(width)
		}
		count[l]--
		l -= width
		e := symbols[sym] + uint32(l) + uint32(l)<<8
		for i := key >> width; i < 1<<linked; i += 1 << l {
			table[second+i] = e
		}
	}
	return true
}

// bitReader takes bits from bytes that are all there.
type bitReader struct {
	in    []byte
	at    int
	bits  uint64
	count uint
	short bool // more was asked for than there is
}

// need fills up to n bits if there are so many.
func (b *bitReader) need(n uint) {
	for b.count < n && b.at < len(b.in) {
		b.bits |= uint64(b.in[b.at]) << b.count
		b.at++
		b.count += 8
	}
}

func (b *bitReader) take(n uint) uint32 {
	if b.need(n); b.count < n {
		b.short = true
		return 0
	}
	v := uint32(b.bits & (1<<n - 1))
	b.bits >>= n
	b.count -= n
	return v
}

// blockHeader reads the header of the next block with its code tables.
func (z *Reader) blockHeader() error {
	in, err := z.input(maxTables)
	if err != nil {
		return err
	}
	b := bitReader{in: in, bits: z.bits, count: z.count}
	err = z.readBlockHeader(&b)
	if b.short {
		return io.ErrUnexpectedEOF
	}
	z.bits, z.count = b.bits, b.count
	z.giveBack(b.at)
	return err
}

func (z *Reader) readBlockHeader(b *bitReader) error {
	z.final = b.take(1) == 1
	switch b.take(2) {
	case 0:
		b.take(b.count & 7)
		n := b.take(16)
		if b.take(16) != ^n&0xffff {
			return ErrCorrupt
		}
		z.stored, z.state = int(n), inStored
	case 1:
		z.length, z.distance, z.state = fixedLengths, fixedDistances, inCodes
	case 2:
		z.state = inCodes
		return z.readTables(b)
	default:
		return ErrCorrupt
	}
	return nil
}

// readTables reads the two codes of a block (RFC 1951 §3.2.7).
func (z *Reader) readTables(b *bitReader) error {
	nl, nd, no := int(b.take(5))+257, int(b.take(5))+1, int(b.take(4))+4
	if nl > 286 || nd > 30 {
		return ErrCorrupt
	}
	var of [19]byte
	for _, i := range order[:no] {
		of[i] = byte(b.take(3))
	}
	var table [1 << orderBits]uint32
	if !build(table[:], orderBits, of[:], orderSymbols[:]) {
		return ErrCorrupt
	}
	var lens [316]byte
	for i := 0; i < nl+nd; {
		b.need(orderBits)
		e := table[b.bits&(1<<orderBits-1)]
		if e&flagOther != 0 {
			return ErrCorrupt
		}
		if b.take(uint(e & 63)); b.short {
			return io.ErrUnexpectedEOF
		}
		sym, times, value := byte(e>>16), 1, byte(0)
		switch sym {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			times, value = 3+int(b.take(2)), lens[i-1]
		case 17:
			times = 3 + int(b.take(3))
		case 18:
			times = 11 + int(b.take(7))
		default:
			value = sym
		}
		if i+times > nl+nd {
			return ErrCorrupt
		}
		for range times {
			lens[i] = value
			i++
		}
	}
	if !build(z.length[:], lengthBits, lens[:nl], lengthSymbols[:]) ||
		!build(z.distance[:], distanceBits, lens[nl:nl+nd], distanceSymbols[:]) {
		return ErrCorrupt
	}
	return nil
}
