package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

// codes decodes symbols until the block ends or there is much output.
func (z *Reader) codes() error {
	in, err := z.input(1)
	if err != nil {
		return err
	}
	for {
		used, end, err := z.many(in)
		if err == nil && !end && z.to <= outFull {
			var n int
			if n, end, err = z.few(in, used); err == errMore {
				z.giveBack(n)
				have := z.src.Buffered()
				if in, err = z.input(have + 1); err != nil {
					return err
				}
				if len(in) == have {
					return io.ErrUnexpectedEOF
				}
				continue
			}
			used = n
		}
		z.giveBack(used)
		if end && err == nil {
			z.endBlock()
		}
		return err
	}
}

// many decodes symbols while there is so much input and room for output that neither needs
// to be looked after within a symbol. It returns how many bytes of in went into z.bits.
//
// The 64-bit word is filled up twice for a symbol at most: two literals of the first table
// (20 bits) and a length (20) fit in 56 bits, a distance takes 28.
func (z *Reader) many(in []byte) (used int, end bool, err error) {
	bits, count := z.bits, z.count
	out, to := z.out[:outSize], z.to
	lengths, distances := &z.length, &z.distance
	p := 0
loop:
	for p <= len(in)-16 && to <= outFull {
		bits |= binary.LittleEndian.Uint64(in[p:]) << (count & 63)
		p += int((63 - count) >> 3)
		count |= 56
		e := lengths[bits&(1<<lengthBits-1)]
		if e&flagLiteral != 0 {
			bits >>= e & 63
			count -= uint(e & 63)
			out[to] = byte(e >> 16)
			to++
			e = lengths[bits&(1<<lengthBits-1)]
			if e&flagLiteral != 0 {
				bits >>= e & 63
				count -= uint(e & 63)
				out[to] = byte(e >> 16)
				to++
				e = lengths[bits&(1<<lengthBits-1)]
				if e&flagLiteral != 0 {
					bits >>= e & 63
					count -= uint(e & 63)
					out[to] = byte(e >> 16)
					to++
					continue
				}
			}
		}
		if e&flagOther != 0 {
			if e&flagLink != 0 {
				bits >>= e & 63
				count -= uint(e & 63)
				e = lengths[(e>>16)+uint32(bits)&(1<<(e>>8&15)-1)]
				if e&flagLiteral != 0 {
					bits >>= e & 63
					count -= uint(e & 63)
					out[to] = byte(e >> 16)
					to++
					continue
				}
			}
			if e&flagOther != 0 {
				if e&flagEnd == 0 {
					err = ErrCorrupt
					break loop
				}
				bits >>= e & 63
				count -= uint(e & 63)
				end = true
				break loop
			}
		}
		length := int(e>>16 + uint32(bits)&(1<<(e&63)-1)>>(e>>8&15))
		bits >>= e & 63
		count -= uint(e & 63)

		bits |= binary.LittleEndian.Uint64(in[p:]) << (count & 63)
		p += int((63 - count) >> 3)
		count |= 56
		e = distances[bits&(1<<distanceBits-1)]
		if e&flagOther != 0 {
			if e&flagLink == 0 {
				err = ErrCorrupt
				break loop
			}
			bits >>= e & 63
			count -= uint(e & 63)
			e = distances[(e>>16)+uint32(bits)&(1<<(e>>8&15)-1)]
			if e&flagOther != 0 {
				err = ErrCorrupt
				break loop
			}
		}
		distance := int(e>>16 + uint32(bits)&(1<<(e&63)-1)>>(e>>8&15))
		bits >>= e & 63
		count -= uint(e & 63)

		from := to - distance
		if from < 0 {
			err = ErrCorrupt
			break loop
		}
		if distance >= 16 { // repeat by hand: most matches are such, and short
			stop := to + length
			*(*[16]byte)(out[to:]) = *(*[16]byte)(out[from:])
			for to, from = to+16, from+16; to < stop; to, from = to+16, from+16 {
				*(*[16]byte)(out[to:]) = *(*[16]byte)(out[from:])
			}
			to = stop
			continue
		}
		repeat(out, from, to, length)
		to += length
	}
	z.bits, z.count, z.to = bits, count, to
	return p, end, err
}

// repeat copies length bytes from from to to and up to 15 bytes beyond, for which there is room.
func repeat(out []byte, from, to, length int) {
	switch distance := to - from; {
	case distance >= 16:
		for stop := to + length; to < stop; to, from = to+16, from+16 {
			*(*[16]byte)(out[to:]) = *(*[16]byte)(out[from:])
		}
	case distance >= 8:
		for stop := to + length; to < stop; to, from = to+8, from+8 {
			*(*[8]byte)(out[to:]) = *(*[8]byte)(out[from:])
		}
	default:
		// A short pattern is written out until it is 8 bytes long or more.
		period := (distance + 7) / distance * distance
		for i := range min(length, period) {
			out[to+i] = out[from+i]
		}
		for i := period; i < length; i += 8 {
			*(*[8]byte)(out[to+i:]) = *(*[8]byte)(out[to+i-period:])
		}
	}
}

// errMore says that the input ends within a symbol.
var errMore = errors.New("input ends within a symbol")

// few decodes symbols up to the last byte of in, of which used bytes are in z.bits. Each symbol is
// looked at as a whole before anything of it is taken; errMore says that one is not all there.
func (z *Reader) few(in []byte, used int) (_ int, end bool, err error) {
	b := bitReader{in: in, at: used, bits: z.bits & (1<<z.count - 1), count: z.count}
	for !end && err == nil && z.to <= outFull {
		b.need(48) // the longest symbol: 15 + 5 + 15 + 13 bits
		e, length, bits, left := symbol(z.length[:], lengthBits, b.bits, int(b.count))
		var d, distance uint32
		if e&(flagLiteral|flagOther) == 0 {
			d, distance, bits, left = symbol(z.distance[:], distanceBits, bits, left)
		}
		from := z.to - int(distance)
		switch {
		case left < 0, e&(flagOther|flagEnd) == flagOther && b.count < 48, d&flagOther != 0 && b.count < 48:
			err = errMore
			continue
		case e&flagLiteral != 0:
			z.out[z.to] = byte(length)
			z.to++
		case e&flagEnd != 0:
			end = true
		case e&flagOther != 0, d&flagOther != 0, from < 0:
			err = ErrCorrupt
		default:
			repeat(z.out, from, z.to, int(length))
			z.to += int(length)
		}
		b.bits, b.count = bits, uint(left)
	}
	z.bits, z.count = b.bits, b.count
	return b.at, end, err
}

// symbol looks up the code that bits begin with and adds its extra bits to its base. left is how
// many of the bits are there, and becomes negative if that is too few.
func symbol(table []uint32, width uint, bits uint64, left int) (e, value uint32, _ uint64, _ int) {
	e = table[bits&(1<<width-1)]
	if e&flagLink != 0 {
		bits >>= width
		left -= int(width)
		e = table[e>>16+uint32(bits)&(1<<(e>>8&15)-1)]
	}
	value = e>>16 + uint32(bits)&(1<<(e&63)-1)>>(e>>8&15)
	return e, value, bits >> (e & 63), left - int(e&63)
}
