package zh

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Entry is one dictionary word.
type Entry struct {
	Word string
	Freq int
	Pos  string // part of speech as gse writes it: n, nr, ns, nt, …
}

// image is a trie of words laid out breadth first in one block of bytes that is used in
// place: for node i the character, the first child (children of i end where those of i+1
// begin) and the value, frequency<<8 | part of speech, 0 where no word ends.
type image struct {
	runes, first, value []byte // uint16, uint32, uint32, little endian
	nodes               int
	pos                 []string
	total               float64 // sum of frequencies
	hash                [sha256.Size]byte
	root                []uint32 // node of a first character, 0 for none
}

const imageMagic = "cundang dictionary 1\n"

func (m *image) rune(i uint32) rune { return rune(binary.LittleEndian.Uint16(m.runes[2*i:])) }
func (m *image) child(i uint32) uint32 {
	return binary.LittleEndian.Uint32(m.first[4*i:])
}
func (m *image) val(i uint32) uint32 { return binary.LittleEndian.Uint32(m.value[4*i:]) }

// step goes from node to its child r; 0 is "no such child" (the root is nobody's child).
func (m *image) step(node uint32, r rune) uint32 {
	if uint32(r) >= 1<<16 {
		return 0
	}
	if node == 0 {
		return m.root[r]
	}
	lo, hi := m.child(node), m.child(node+1)
	if hi-lo <= 4 {
		for ; lo < hi; lo++ {
			if m.rune(lo) == r {
				return lo
			}
		}
		return 0
	}
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := m.rune(mid); {
		case c == r:
			return mid
		case c < r:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0
}

// Compile writes the image of a dictionary. Words are folded; of several entries for one
// word the highest frequency counts, with its part of speech. Words with characters beyond
// U+FFFF and words of frequency 0 are left out. The result depends only on the entries, not on their order.
func Compile(entries []Entry) ([]byte, error) {
	best := make(map[string]Entry, len(entries))
	for _, e := range entries {
		e.Word = Fold(e.Word)
		if e.Word == "" || e.Freq <= 0 || beyondBMP(e.Word) {
			continue
		}
		e.Freq = min(e.Freq, 1<<24-1)
		old, ok := best[e.Word]
		if !ok || e.Freq > old.Freq || e.Freq == old.Freq && e.Pos < old.Pos {
			best[e.Word] = e
		}
	}
	list := make([]Entry, 0, len(best))
	posSet := map[string]bool{}
	for _, e := range best {
		list = append(list, e)
		posSet[e.Pos] = true
	}
	slices.SortFunc(list, func(a, b Entry) int { return slices.Compare([]rune(a.Word), []rune(b.Word)) })
	pos := make([]string, 0, len(posSet))
	for p := range posSet {
		pos = append(pos, p)
	}
	slices.Sort(pos)
	if len(pos) > 255 {
		return nil, fmt.Errorf("compile dictionary: %d parts of speech, 255 fit", len(pos))
	}
	return layOut(list, pos), nil
}

func beyondBMP(s string) bool {
	for _, r := range s {
		if r > 0xFFFF {
			return true
		}
	}
	return false
}

// span is a node that waits for its children: words[lo:hi] share the first depth characters.
type span struct{ lo, hi, depth int }

func layOut(list []Entry, pos []string) []byte {
	words := make([][]rune, len(list))
	sum := sha256.New()
	var total float64
	for i, e := range list {
		words[i] = []rune(e.Word)
		total += float64(e.Freq)
		fmt.Fprintf(sum, "%s %d %s\n", e.Word, e.Freq, e.Pos)
	}
	var runes, first, value []byte
	queue := []span{{0, len(list), 0}}
	next := uint32(1)
	runes = binary.LittleEndian.AppendUint16(runes, 0)
	value = binary.LittleEndian.AppendUint32(value, 0)
	for at := 0; at < len(queue); at++ {
		s := queue[at]
		first = binary.LittleEndian.AppendUint32(first, next)
		lo := s.lo
		if lo < s.hi && len(words[lo]) == s.depth {
			lo++ // the word that ends at this node
		}
		for lo < s.hi {
			r := words[lo][s.depth]
			hi := lo + 1
			for hi < s.hi && words[hi][s.depth] == r {
				hi++
			}
			runes = binary.LittleEndian.AppendUint16(runes, uint16(r))
			v := uint32(0)
			if len(words[lo]) == s.depth+1 {
				p, _ := slices.BinarySearch(pos, list[lo].Pos)
				v = uint32(list[lo].Freq)<<8 | uint32(p)
			}
			value = binary.LittleEndian.AppendUint32(value, v)
			queue = append(queue, span{lo, hi, s.depth + 1})
			next++
			lo = hi
		}
	}
	first = binary.LittleEndian.AppendUint32(first, next)

	var out bytes.Buffer
	out.WriteString(imageMagic)
	out.Write(sum.Sum(nil))
	head := binary.LittleEndian.AppendUint32(nil, next)
	head = binary.LittleEndian.AppendUint64(head, math.Float64bits(total))
	head = append(head, byte(len(pos)))
	for _, p := range pos {
		head = append(head, byte(len(p)))
		head = append(head, p...)
	}
	out.Write(head)
	out.Write(runes)
	out.Write(first)
	out.Write(value)
	return out.Bytes()
}

// openImage reads the head of an image and checks that its parts fit together.
func openImage(b []byte) (*image, error) {
	bad := func(what string) (*image, error) { return nil, fmt.Errorf("dictionary image: %s", what) }
	if !bytes.HasPrefix(b, []byte(imageMagic)) {
		return bad("not an image of this version")
	}
	b = b[len(imageMagic):]
	m := &image{}
	if len(b) < len(m.hash)+13 {
		return bad("cut short")
	}
	copy(m.hash[:], b)
	b = b[len(m.hash):]
	m.nodes = int(binary.LittleEndian.Uint32(b))
	m.total = math.Float64frombits(binary.LittleEndian.Uint64(b[4:]))
	n := int(b[12])
	b = b[13:]
	for range n {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return bad("cut short")
		}
		m.pos = append(m.pos, string(b[1:1+b[0]]))
		b = b[1+b[0]:]
	}
	if m.nodes < 1 || len(b) != 2*m.nodes+4*(m.nodes+1)+4*m.nodes {
		return bad(fmt.Sprintf("%d bytes for %d nodes", len(b), m.nodes))
	}
	m.runes, b = b[:2*m.nodes], b[2*m.nodes:]
	m.first, m.value = b[:4*(m.nodes+1)], b[4*(m.nodes+1):]
	m.root = make([]uint32, 1<<16)
	for i := m.child(0); i < m.child(1); i++ {
		m.root[m.rune(i)] = i
	}
	return m, nil
}

// each calls f for the words of an image, with their values.
func (m *image) each(f func(word string, v uint32)) {
	var walk func(node uint32, word []rune)
	walk = func(node uint32, word []rune) {
		for c := m.child(node); c < m.child(node+1); c++ {
			w := append(word, m.rune(c))
			if v := m.val(c); v != 0 {
				f(string(w), v)
			}
			walk(c, w)
		}
	}
	walk(0, nil)
}
