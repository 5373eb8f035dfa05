package zh

import (
	"math"
	"unicode"
)

// Token is a piece of a text. Start and End count characters, not bytes.
type Token struct {
	Start, End int
	Sub        bool   // a dictionary word inside a longer one, or a part of a mixed token
	Pos        string // part of speech, "" where the dictionary has none
}

// Cutter cuts texts with a dictionary. It keeps its working memory: one goroutine at a time.
type Cutter struct {
	d      *Dict
	tokens []Token
	score  []float64
	next   []int32
	pos    []uint32
	runes  []rune
	buf    []byte
	at     []int32
}

// NewCutter returns a Cutter on d.
func NewCutter(d *Dict) *Cutter { return &Cutter{d: d} }

// class of a character: what it may stand together with.
type class uint8

const (
	other class = iota // white space, punctuation, control
	han                // one character can be a word
	alnum              // letters and digits that form words by standing together
)

func classOf(r rune) class {
	switch {
	case r < 0x80:
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return alnum
		}
		return other
	case 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || r >= 0x20000 && r <= 0x3FFFF || r == 0x3007 || 0xF900 <= r && r <= 0xFAFF:
		return han
	case 0x3040 <= r && r <= 0x30FF && r != 0x30FB || 0xAC00 <= r && r <= 0xD7AF:
		return han // kana and hangul: no spaces either
	case r < 0x2000 && (unicode.IsLetter(r) || unicode.IsMark(r)), unicode.IsDigit(r):
		return alnum
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return han
	}
	return other
}

// Cut cuts folded characters into words. The words (Sub unset) do not overlap and leave
// out only white space and punctuation; with subs, the dictionary words inside longer words
// (gse's search mode knows those of two and three characters only: 科学素质 would not be found
// in 全民科学素质行动) and the parts of tokens like covid-19 stand before the word that holds them. The result is valid until the next call.
func (c *Cutter) Cut(text []rune, subs bool) []Token {
	c.tokens = c.tokens[:0]
	for i := 0; i < len(text); {
		if classOf(text[i]) == other {
			i++
			continue
		}
		j := i + 1
		for j < len(text) && (classOf(text[j]) != other || joins(text, j)) {
			j++
		}
		c.run(text, i, j, subs)
		i = j
	}
	return c.tokens
}

// joins says whether the punctuation at i holds a mixed token together: covid-19, 3.5, a_b, 1,000.
func joins(text []rune, i int) bool {
	if i == 0 || i+1 >= len(text) || classOf(text[i-1]) != alnum || classOf(text[i+1]) != alnum {
		return false
	}
	switch text[i] {
	case '-', '_', '\'', '&', '+', '@', '/':
		return true
	case '.', ',', ':':
		return isDigit(text[i-1]) && isDigit(text[i+1])
	}
	return false
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// unitEnd returns where the unbreakable unit at i ends: one character, or a whole run of
// letters and digits.
func unitEnd(text []rune, i, end int) int {
	if classOf(text[i]) != alnum {
		return i + 1
	}
	for i++; i < end && (classOf(text[i]) == alnum || classOf(text[i]) == other); i++ {
	}
	return i
}

// run finds the most probable path through text[from:to], right to left.
func (c *Cutter) run(text []rune, from, to int, subs bool) {
	n := to - from
	if cap(c.score) < n+1 {
		c.score, c.next, c.pos = make([]float64, n+1, 2*n+64), make([]int32, n+1, 2*n+64), make([]uint32, n+1, 2*n+64)
	}
	score, next, pos := c.score[:n+1], c.next[:n+1], c.pos[:n+1]
	score[n] = 0
	inUnit := func(i int) bool { // no word begins or ends inside a unit
		return i > from && i < to && classOf(text[i]) != han && classOf(text[i-1]) != han
	}
	for i := to - 1; i >= from; i-- {
		if inUnit(i) {
			score[i-from] = math.Inf(-1)
			continue
		}
		end := unitEnd(text, i, to)
		best, at, val := -c.d.logT+score[end-from], end, uint32(0)
		for l, m := range c.d.layers {
			node := uint32(0)
			for j := i; j < to; {
				if node = m.step(node, text[j]); node == 0 {
					break
				}
				j++
				v := m.val(node)
				if v == 0 || inUnit(j) {
					continue
				}
				s := logs(v>>8) - c.d.logT + score[j-from]
				if s > best || s == best && (j > at || val == 0) {
					best, at, val = s, j, uint32(l)<<31|v
				}
			}
		}
		score[i-from], next[i-from], pos[i-from] = best, int32(at), val
	}
	for i := from; i < to; {
		j := int(next[i-from])
		if subs {
			c.subs(text, i, j)
		}
		p := ""
		if v := pos[i-from]; v != 0 {
			p = c.d.layers[v>>31].pos[v&0xFF]
		}
		c.tokens = append(c.tokens, Token{Start: i, End: j, Pos: p})
		i = j
	}
}

// subs appends the dictionary words inside text[i:j], and the parts of a mixed token.
func (c *Cutter) subs(text []rune, i, j int) {
	if j-i < 3 {
		return
	}
	if classOf(text[i]) == alnum {
		c.parts(text, i, j)
		return
	}
	for size := 2; size < j-i; size++ {
		for k := i; k+size <= j; k++ {
			if c.d.has(text[k : k+size]) {
				c.tokens = append(c.tokens, Token{Start: k, End: k + size, Sub: true})
			}
		}
	}
}

func (c *Cutter) parts(text []rune, i, j int) {
	for k := i; k < j; {
		if classOf(text[k]) == other {
			k++
			continue
		}
		e := k + 1
		for e < j && classOf(text[e]) == classOf(text[k]) {
			e++
		}
		if e-k < j-i {
			c.tokens = append(c.tokens, Token{Start: k, End: e, Sub: true})
		}
		k = e
	}
}

func (d *Dict) has(word []rune) bool {
	for _, m := range d.layers {
		node := uint32(0)
		for _, r := range word {
			if node = m.step(node, r); node == 0 {
				break
			}
		}
		if node != 0 && m.val(node) != 0 {
			return true
		}
	}
	return false
}

var logTable = func() (t [1 << 14]float64) {
	for i := range t {
		t[i] = math.Log(float64(max(i, 1)))
	}
	return
}()

// logs is the natural logarithm of a frequency.
func logs(freq uint32) float64 {
	if freq < uint32(len(logTable)) {
		return logTable[freq]
	}
	return math.Log(float64(freq))
}

// Content says whether a character is part of words: no white space, no punctuation.
func Content(r rune) bool { return classOf(r) != other }
