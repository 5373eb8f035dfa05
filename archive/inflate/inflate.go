// Package inflate decompresses gzip members (RFC 1952, RFC 1951) one at a time, in the
// manner of libdeflate: 64 bits of input at once, tables that give the extra bits with
// the code, matches copied 16 bytes at a time. It reads ahead only through the
// bufio.Reader it is given and leaves that behind the member's trailer, so that offsets
// of members stay exact. ADR 0016 says why not a library.
package inflate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// What can be wrong with a member, beside io.ErrUnexpectedEOF where it breaks off.
var (
	ErrHeader   = errors.New("invalid gzip header")
	ErrCorrupt  = errors.New("corrupt deflate data")
	ErrChecksum = errors.New("gzip checksum or length differs")
)

const (
	history = 32 << 10               // the farthest distance of a match
	outSize = history + 64<<10       // what is kept of the output
	outFull = outSize - 3 - 258 - 16 // no symbol is begun behind it: literals, the longest match, one copy too many
	// maxTables is more than a block's header and its code tables take, in bytes: 17 bits, 19 × 3
	// bits and 316 lengths of at most 14 bits.
	maxTables = 576
)

type state uint8

const (
	atBlock state = iota
	inStored
	inCodes
	atTrailer
	done
)

// Reader decompresses one member. Its zero value needs a Reset. Not safe for concurrent use.
type Reader struct {
	src    *bufio.Reader
	state  state
	final  bool   // the block is the member's last
	bits   uint64 // the next count bits of the input; what is above them is to be ignored
	count  uint
	stored int // bytes left of a stored block
	crc    uint32
	size   uint32
	err    error

	out      []byte
	from, to int // of out: what has not been read yet
	length   [lengthTable]uint32
	distance [distanceTable]uint32
}

// Reset begins the member at which src stands and reads its header. io.EOF says that
// there is none.
func (z *Reader) Reset(src *bufio.Reader) error {
	if z.out == nil {
		z.out = make([]byte, outSize)
	}
	z.src, z.state, z.final, z.bits, z.count = src, atBlock, false, 0, 0
	z.crc, z.size, z.err, z.from, z.to = 0, 0, nil, 0, 0
	z.err = z.header()
	return z.err
}

// Flags of a member's header (RFC 1952 §2.3.1).
const (
	flagHeaderCRC = 1 << 1
	flagExtra     = 1 << 2
	flagName      = 1 << 3
	flagComment   = 1 << 4
	flagsReserved = 0xe0 // "must be zero", and a reader must not go on if they are not
)

// maxHeaderText is the longest name or comment that is read, in bytes, as in compress/gzip.
const maxHeaderText = 511

func (z *Reader) header() error {
	fixed, err := z.src.Peek(10)
	if len(fixed) == 0 && err == io.EOF {
		return io.EOF
	}
	if err != nil {
		return cut(err)
	}
	if fixed[0] != 0x1f || fixed[1] != 0x8b || fixed[2] != 8 || fixed[3]&flagsReserved != 0 {
		return ErrHeader
	}
	flags := fixed[3]
	sum := crc32.ChecksumIEEE(fixed)
	z.src.Discard(10) // buffered
	if flags&flagExtra != 0 {
		n, err := z.headerBytes(&sum, 2)
		if err != nil {
			return err
		}
		for left := int(binary.LittleEndian.Uint16(n)); left > 0; {
			b, err := z.headerBytes(&sum, min(left, 4<<10))
			if err != nil {
				return err
			}
			left -= len(b)
		}
	}
	for _, flag := range [...]byte{flagName, flagComment} {
		for n := 0; flags&flag != 0; n++ {
			b, err := z.headerBytes(&sum, 1)
			if err != nil {
				return err
			}
			if b[0] == 0 {
				break
			}
			if n == maxHeaderText {
				return ErrHeader
			}
		}
	}
	if flags&flagHeaderCRC != 0 {
		want := uint16(sum)
		b, err := z.headerBytes(&sum, 2)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(b) != want {
			return ErrHeader
		}
	}
	return nil
}

// headerBytes takes n bytes of the header, fewer than the source's buffer holds.
func (z *Reader) headerBytes(sum *uint32, n int) ([]byte, error) {
	b, err := z.src.Peek(n)
	if err != nil {
		return nil, cut(err)
	}
	*sum = crc32.Update(*sum, crc32.IEEETable, b)
	z.src.Discard(n) // buffered; b stays as it is until the next Peek
	return b, nil
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Read implements io.Reader. It returns io.EOF only once checksum and length of the whole
// member have been compared.
func (z *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for z.from == z.to {
		if z.err != nil {
			return 0, z.err
		}
		z.fill()
	}
	n := copy(p, z.out[z.from:z.to])
	z.from += n
	return n, nil
}

// fill decompresses until there is much output or an end of the member.
func (z *Reader) fill() {
	if z.to > outFull-4096 { // everything has been read: keep what matches may refer to
		copy(z.out, z.out[z.to-history:z.to])
		z.to = history
		z.from = z.to
	}
	begin := z.to
	var err error
	for err == nil && z.to <= outFull {
		switch z.state {
		case atBlock:
			err = z.blockHeader()
		case inStored:
			err = z.copyStored()
		case inCodes:
			err = z.codes()
		case atTrailer:
			err = z.trailer(z.out[begin:z.to])
			begin = z.to
		case done:
			err = io.EOF
		}
	}
	z.sum(z.out[begin:z.to])
	z.err = err
}

func (z *Reader) sum(b []byte) {
	z.crc = crc32.Update(z.crc, crc32.IEEETable, b)
	z.size += uint32(len(b))
}

// trailer compares checksum and length; last is the output not summed yet.
func (z *Reader) trailer(last []byte) error {
	z.sum(last)
	b, err := z.src.Peek(8)
	if err != nil {
		return cut(err)
	}
	if binary.LittleEndian.Uint32(b) != z.crc || binary.LittleEndian.Uint32(b[4:]) != z.size {
		return ErrChecksum
	}
	z.src.Discard(8) // buffered
	z.state = done
	return nil
}

// input returns what the source has buffered, at least n bytes unless it ends before.
func (z *Reader) input(n int) ([]byte, error) {
	if z.src.Buffered() < n {
		in, err := z.src.Peek(n)
		if err != nil && err != io.EOF {
			return nil, err
		}
		if len(in) < n {
			return in, nil
		}
	}
	return z.src.Peek(z.src.Buffered())
}

// giveBack leaves the source behind the byte that holds the next bit; used is how many
// bytes of input went into bits.
func (z *Reader) giveBack(used int) {
	z.src.Discard(used - int(z.count>>3)) // buffered
	z.count &= 7
	z.bits &= 1<<z.count - 1
}

// endBlock goes on behind a block.
func (z *Reader) endBlock() {
	z.state = atBlock
	if z.final {
		z.bits, z.count = 0, 0 // the trailer begins at the next whole byte
		z.state = atTrailer
	}
}

func (z *Reader) copyStored() error {
	for z.stored > 0 && z.to <= outFull {
		in, err := z.input(1)
		if err != nil {
			return err
		}
		if len(in) == 0 {
			return io.ErrUnexpectedEOF
		}
		n := copy(z.out[z.to:outFull+1], in[:min(len(in), z.stored)])
		z.to += n
		z.stored -= n
		z.src.Discard(n) // buffered
	}
	if z.stored == 0 {
		z.endBlock()
	}
	return nil
}
