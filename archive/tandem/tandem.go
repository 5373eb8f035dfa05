// Package tandem takes the SHA-256 of two streams at once, such as a block and the payload
// that lies in it, where the processor does two in less time than one after the other.
package tandem

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

const blockSize = 64

// Pair hashes the streams A and B. Not safe for concurrent use.
type Pair struct {
	a, b  lane
	apart *[2]hash.Hash // instead of the lanes, where two at once are not to be had
}

// New returns a Pair at the beginning of both streams.
func New() *Pair { return newPair(able) }

// able says whether blocks runs here.
var able = detect()

func newPair(able bool) *Pair {
	if !able {
		return &Pair{apart: &[2]hash.Hash{sha256.New(), sha256.New()}}
	}
	return &Pair{a: lane{h: initial}, b: lane{h: initial}}
}

// WriteA takes the next bytes of A. They are hashed beside those of B that follow and must not
// change before Settle, the next WriteA or Sums returns.
func (p *Pair) WriteA(b []byte) {
	if p.apart != nil {
		p.apart[0].Write(b)
		return
	}
	p.a.finish()
	p.a.take(b)
}

// WriteB takes and hashes the next bytes of B.
func (p *Pair) WriteB(b []byte) {
	if p.apart != nil {
		p.apart[1].Write(b)
		return
	}
	p.b.take(b)
	together(&p.a, &p.b)
	p.b.finish()
}

// Settle hashes what is left of the bytes that WriteA took.
func (p *Pair) Settle() {
	if p.apart == nil {
		p.a.finish()
	}
}

// Sums returns the sums of A and B and ends both streams: nothing may be written after it.
func (p *Pair) Sums() (a, b [sha256.Size]byte) {
	if p.apart != nil {
		return [sha256.Size]byte(p.apart[0].Sum(nil)), [sha256.Size]byte(p.apart[1].Sum(nil))
	}
	p.a.finish()
	p.a.pad()
	p.b.pad()
	together(&p.a, &p.b)
	p.a.finish()
	p.b.finish()
	return p.a.h.sum(), p.b.h.sum()
}

// lane is one of the two streams.
type lane struct {
	h     state
	size  uint64 // bytes taken
	in    []byte // taken and not yet hashed
	carry [blockSize]byte
	n     int                 // bytes in carry, which come before in
	end   [blockSize + 8]byte // what pad takes
}

func (l *lane) take(b []byte) {
	l.size += uint64(len(b))
	l.in = b
}

// pad takes the end of the stream as FIPS 180-4 §5.1.1 has it: a one bit, zeros, the length
// in bits.
func (l *lane) pad() {
	n := blockSize - int((l.size+8)%blockSize)
	l.end[0] = 0x80
	binary.BigEndian.PutUint64(l.end[n:], l.size<<3)
	l.in = l.end[:n+8]
}

// ready returns the whole blocks to hash next; a part of one goes into carry.
func (l *lane) ready() []byte {
	if l.n == 0 && len(l.in) >= blockSize {
		return l.in[:len(l.in)&^(blockSize-1)]
	}
	n := copy(l.carry[l.n:], l.in)
	l.n += n
	l.in = l.in[n:]
	if l.n < blockSize {
		return nil
	}
	return l.carry[:]
}

// done says that n blocks of those that were ready are hashed.
func (l *lane) done(n int) {
	if l.n == blockSize {
		l.n = 0
		return
	}
	l.in = l.in[n*blockSize:]
}

// together hashes as many blocks as both lanes have.
func together(a, b *lane) {
	for {
		x, y := a.ready(), b.ready()
		n := count(min(len(x), len(y)))
		if n == 0 {
			return
		}
		blocks(&a.h, &b.h, &x[0], &y[0], n)
		a.done(n)
		b.done(n)
	}
}

// finish hashes all blocks of one lane, beside a second run of them that nobody wants: they are
// few, the length of a head, and not worth a routine of their own.
func (l *lane) finish() {
	for {
		x := l.ready()
		n := count(len(x))
		if n == 0 {
			return
		}
		var idle state
		blocks(&l.h, &idle, &x[0], &x[0], n)
		l.done(n)
	}
}

// maxBlocks bounds one call of blocks, which the scheduler cannot interrupt.
const maxBlocks = 512

func count(bytes int) int { return min(bytes/blockSize, maxBlocks) }

// state is a hash value, its words in the order in which SHA256RNDS2 has them: F E B A, H G D C.
type state [8]uint32

// initial is H(0) of FIPS 180-4 §5.3.3.
var initial = state{0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667, 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}

func (h *state) sum() (out [sha256.Size]byte) {
	for i, word := range [...]int{3, 2, 7, 6, 1, 0, 5, 4} {
		binary.BigEndian.PutUint32(out[4*i:], h[word])
	}
	return out
}
