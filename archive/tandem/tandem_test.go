package tandem

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
)

// kinds are the two ways to hash; both must give what crypto/sha256 gives.
func kinds(tb testing.TB) map[string]func() *Pair {
	tb.Helper()
	all := map[string]func() *Pair{"apart": func() *Pair { return newPair(false) }}
	if able {
		all["together"] = func() *Pair { return newPair(true) }
	} else {
		tb.Log("no SHA extensions here: only crypto/sha256 is tested, against itself")
	}
	return all
}

func check(tb testing.TB, p *Pair, a, b []byte) {
	tb.Helper()
	gotA, gotB := p.Sums()
	if want := sha256.Sum256(a); gotA != want {
		tb.Fatalf("A of %d bytes beside %d: %x, want %x", len(a), len(b), gotA, want)
	}
	if want := sha256.Sum256(b); gotB != want {
		tb.Fatalf("B of %d bytes beside %d: %x, want %x", len(b), len(a), gotB, want)
	}
}

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// Every two lengths up to three blocks, so that padding takes one block or two in either lane.
func TestEveryLength(t *testing.T) {
	a, b := noise(1, 200), noise(2, 200)
	for name, pair := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			for i := range a {
				for j := range b {
					p := pair()
					p.WriteA(a[:i])
					p.WriteB(b[:j])
					check(t, p, a[:i], b[:j])
				}
			}
		})
	}
}

// feed writes a and b in pieces of random length and order, with Settle now and then, as the
// rules of WriteA allow: the pieces of A are overwritten as soon as they may be.
func feed(p *Pair, rnd *rand.Rand, a, b []byte, piece int) {
	buf := make([]byte, piece+16)
	for len(a) > 0 || len(b) > 0 {
		switch rnd.IntN(4) {
		case 0:
			p.Settle()
			for i := range buf {
				buf[i] = 0xee
			}
			from := rnd.IntN(16)
			n := copy(buf[from:from+rnd.IntN(piece+1)], a)
			p.WriteA(buf[from : from+n])
			a = a[n:]
		case 1:
			n := min(len(a), rnd.IntN(piece+1))
			p.WriteA(a[:n]) // not overwritten: no Settle
			a = a[n:]
		default:
			n := min(len(b), rnd.IntN(piece+1))
			p.WriteB(b[:n])
			b = b[n:]
		}
	}
}

func TestRandomPieces(t *testing.T) {
	data := noise(3, 1<<17)
	for name, pair := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3000) {
				rnd := rand.New(rand.NewPCG(seed, 1))
				size, piece := 1<<rnd.IntN(14), 1+rnd.IntN(1<<rnd.IntN(12))
				a := data[rnd.IntN(1<<16):][:rnd.IntN(size)]
				b := data[rnd.IntN(1<<16):][:rnd.IntN(size)]
				p := pair()
				feed(p, rnd, a, b, piece)
				check(t, p, a, b)
			}
		})
	}
}

// More blocks than one call takes, at every alignment of either lane, one lane inside the other.
func TestPayloadInBlock(t *testing.T) {
	const size = (2*maxBlocks + 3) * blockSize
	data := noise(4, size+32)
	for name, pair := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			for i := range 16 {
				for _, head := range []int{0, 1, 15, 64, 300, 301, 70_000} {
					block := data[i : i+size-i*7]
					p := pair()
					p.WriteA(block)
					p.WriteB(block[min(head, len(block)):])
					check(t, p, block, block[min(head, len(block)):])
				}
			}
		})
	}
}

// The padding holds the length in 64 bits, not in 32.
func TestMoreThanFourGigabits(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes 600 MB")
	}
	part := noise(5, 1<<20)
	want := sha256.New()
	p := New()
	for range 600 {
		want.Write(part)
		p.WriteA(part)
		p.WriteB(part)
	}
	a, b := p.Sums()
	if !bytes.Equal(a[:], want.Sum(nil)) || a != b {
		t.Errorf("%x, %x, want %x", a, b, want.Sum(nil))
	}
}

func FuzzPair(f *testing.F) {
	f.Add([]byte(""), []byte("abc"), uint64(1))
	f.Add(noise(6, 64), noise(7, 55), uint64(2))
	f.Add(noise(8, 1000), noise(9, 56), uint64(3))
	all := kinds(f)
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		for _, pair := range all {
			rnd := rand.New(rand.NewPCG(seed, 2))
			p := pair()
			feed(p, rnd, a, b, 1+rnd.IntN(300))
			check(t, p, a, b)
		}
	})
}

// BenchmarkPair hashes a block of 20 KB and the payload in it.
func BenchmarkPair(b *testing.B) {
	block := noise(10, 20<<10)
	for _, name := range []string{"apart", "together"} {
		pair := kinds(b)[name]
		if pair == nil {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(2*len(block) - 300))
			for b.Loop() {
				p := pair()
				p.WriteA(block)
				p.WriteB(block[300:])
				p.Sums()
			}
		})
	}
}
