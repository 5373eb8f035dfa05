package zh

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Stored text is packed with a fixed table of words: a text of the index takes about 40 % of
// its UTF-8, less than deflate at its best leaves of it, and unpacks several times as fast,
// which is what reading many texts for one query is about.
//
// The first packSingles entries are one byte, the rest two (a byte ≥ packSingles, then the
// low byte); packRaw is followed by the length and the bytes of what the table lacks.

// packTable is made by gen.go from the frequencies of gse's dictionary, an entry a line, in the
// order of the codes. Line 11 (a line end) is written \n. Changing it changes the format of the index.
//
//go:embed data/pack.txt
var packTable string

const (
	packSingles = 128
	packRaw     = 0xFF
	packEntries = packSingles + (packRaw-packSingles)<<8
)

var packWords = sync.OnceValue(func() []string {
	words := strings.Split(strings.TrimSuffix(packTable, "\n"), "\n")
	for i, w := range words {
		if w == `\n` {
			words[i] = "\n"
			break
		}
	}
	return words
})

var packTrie = sync.OnceValues(func() (*image, error) {
	words := packWords()
	list := make([]Entry, len(words))
	for i, w := range words {
		list[i] = Entry{Word: w, Freq: i + 1}
	}
	slices.SortFunc(list, func(a, b Entry) int { return slices.Compare([]rune(a.Word), []rune(b.Word)) })
	return openImage(layOut(list, []string{""}))
})

// Pack appends s packed to dst. Any bytes can be packed.
func Pack(dst []byte, s string) ([]byte, error) {
	m, err := packTrie()
	if err != nil {
		return dst, err
	}
	raw := 0 // s[raw:i] is not in the table
	for i := 0; i < len(s); {
		node, code, end := uint32(0), uint32(0), i
		for j := i; j < len(s); {
			r, n := utf8.DecodeRuneInString(s[j:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			if node = m.step(node, r); node == 0 {
				break
			}
			j += n
			if v := m.val(node); v != 0 {
				code, end = v>>8, j
			}
		}
		if end == i {
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
			continue
		}
		dst = packLiteral(dst, s[raw:i])
		if code--; code < packSingles {
			dst = append(dst, byte(code))
		} else {
			code -= packSingles
			dst = append(dst, byte(packSingles+code>>8), byte(code))
		}
		i, raw = end, end
	}
	return packLiteral(dst, s[raw:]), nil
}

func packLiteral(dst []byte, s string) []byte {
	if s == "" {
		return dst
	}
	dst = append(dst, packRaw)
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

var errPacked = errors.New("packed text is damaged")

// packed is the table of Unpack: all words in one text, word i between at[i] and at[i+1].
type packed struct {
	text string // with packWide bytes to spare
	at   []uint32
}

// packWide is how many bytes Unpack copies for a word that is not longer, whatever its length: a copy of
// fixed size is a few instructions, one of unknown size is a call.
const packWide = 16

var packText = sync.OnceValue(func() packed {
	words := packWords()
	p := packed{at: make([]uint32, 1, len(words)+1)}
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w)
		p.at = append(p.at, uint32(b.Len()))
	}
	b.WriteString(strings.Repeat(" ", packWide))
	p.text = b.String()
	return p
})

// Unpack appends the text of b to dst.
func Unpack(dst []byte, b []byte) ([]byte, error) {
	table := packText()
	n := len(dst)
	dst = dst[:cap(dst)]
	for i := 0; i < len(b); {
		c := int(b[i])
		i++
		switch {
		case c < packSingles:
		case c == packRaw:
			l, size := binary.Uvarint(b[i:])
			if size <= 0 || l > uint64(len(b)-i-size) {
				return dst[:n], errPacked
			}
			i += size
			dst = append(dst[:n], b[i:i+int(l)]...)
			n = len(dst)
			dst = dst[:cap(dst)]
			i += int(l)
			continue
		case i < len(b):
			c = packSingles + (c-packSingles)<<8 + int(b[i])
			i++
		default:
			return dst[:n], errPacked
		}
		if c >= len(table.at)-1 {
			return dst[:n], errPacked
		}
		from, to := table.at[c], table.at[c+1]
		if len(dst)-n < packWide || to-from > packWide {
			dst = append(dst[:n], table.text[from:to]...)
			n = len(dst)
			dst = dst[:cap(dst)]
			continue
		}
		copy(dst[n:n+packWide], table.text[from:from+packWide])
		n += int(to - from)
	}
	return dst[:n], nil
}
