package zh

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed data/dict.img
var builtinImage []byte

// Version names the way text is cut. It changes when the same dictionary would give other terms.
const Version = "zh4"

// Dict is a dictionary, ready to cut. It is immutable and safe for concurrent use.
type Dict struct {
	layers []*image // the operator's words first: of two equal ones the first counts
	total  float64  // sum of the frequencies
	hash   string
}

var builtin = sync.OnceValues(func() (*Dict, error) { return newDict(builtinImage, nil) })

// Builtin returns the dictionary that is compiled in.
func Builtin() (*Dict, error) { return builtin() }

// Load returns the built-in dictionary with the operator's own lines before it. A line is a
// word, optionally followed by a frequency and a part of speech; empty lines and lines that
// begin with # are skipped. Without a frequency a word gets one high enough to stay whole.
// A line that cannot be read is an error that names it.
func Load(lines []string) (*Dict, error) {
	if len(lines) == 0 {
		return Builtin()
	}
	own, err := ParseWords(lines)
	if err != nil {
		return nil, err
	}
	if len(own) == 0 {
		return Builtin()
	}
	return newDict(builtinImage, own)
}

func newDict(img []byte, own []Entry) (*Dict, error) {
	base, err := openImage(img)
	if err != nil {
		return nil, err
	}
	d := &Dict{layers: []*image{base}, total: base.total}
	sum := sha256.New()
	sum.Write(base.hash[:])
	if len(own) > 0 {
		b, err := Compile(own)
		if err != nil {
			return nil, err
		}
		layer, err := openImage(b)
		if err != nil {
			return nil, err
		}
		sum.Write(layer.hash[:])
		d.total += layer.total
		layer.each(func(word string, _ uint32) {
			freq, _, _ := d.Lookup(word)
			d.total -= float64(freq)
		})
		d.layers = []*image{layer, base}
	}
	d.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return d, nil
}

// wholeFreq keeps a word whole that comes without a frequency: higher than that of
// any path through the characters it is made of.
const wholeFreq = 20000

// ParseWords reads dictionary lines (see Load).
func ParseWords(lines []string) ([]Entry, error) {
	var out []Entry
	for i, line := range lines {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if strings.ContainsFunc(f[0], unicode.IsControl) || !utf8.ValidString(f[0]) {
			return nil, fmt.Errorf("dictionary line %d: %q has characters that are no text", i+1, f[0])
		}
		e := Entry{Word: f[0], Freq: wholeFreq, Pos: "n"}
		if len(f) > 1 {
			n, err := strconv.Atoi(f[1])
			if err != nil || n < 1 {
				return nil, fmt.Errorf("dictionary line %d: frequency %q of %q is not a positive number", i+1, f[1], f[0])
			}
			e.Freq = n
		}
		if len(f) > 2 {
			e.Pos = f[2]
		}
		if len(f) > 3 {
			return nil, fmt.Errorf("dictionary line %d: %q: a line is word, frequency, part of speech", i+1, line)
		}
		out = append(out, e)
	}
	return out, nil
}

// Hash names the words of a dictionary: 16 hexadecimal digits.
func (d *Dict) Hash() string { return d.hash }

// Lookup finds a word, folded or not: its frequency and part of speech.
func (d *Dict) Lookup(word string) (freq int, pos string, ok bool) {
	runes := FoldRunes(nil, word)
	for _, m := range d.layers {
		node := uint32(0)
		for _, r := range runes {
			if node = m.step(node, r); node == 0 {
				break
			}
		}
		if node != 0 {
			if v := m.val(node); v != 0 {
				return int(v >> 8), m.pos[v&0xFF], true
			}
		}
	}
	return 0, "", false
}
