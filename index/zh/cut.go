package zh

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/go-ego/gse"
)

// Token is a piece of a text. Start and End count characters, not bytes.
type Token struct {
	Start, End int
	Sub        bool   // a dictionary word inside a longer one, or a part of a mixed token
	Pos        string // part of speech, "" where the dictionary has none
}

// Cutter cuts texts with a dictionary, by gse. It keeps its working memory, and the last texts as they were
// cut: an article is asked for its words, its pairs and its names. One goroutine at a time.
type Cutter struct {
	d     *Dict
	known vocabulary
	texts [4]cutText
	next  int
}

// cutText is a text, folded and cut.
type cutText struct {
	text   string
	runes  []rune  // folded
	buf    []byte  // the same as UTF-8
	folded string  // and once more, for the terms to share
	at     []int32 // where each character begins in buf
	tokens []Token // with the words inside words
	isCut  bool
}

// NewCutter returns a Cutter on d.
func NewCutter(d *Dict) *Cutter { return &Cutter{d: d, known: newVocabulary(d)} }

// fold folds a text, unless it is one of the last.
func (c *Cutter) fold(text string) *cutText {
	for i := range c.texts {
		if t := &c.texts[i]; t.text == text && t.folded != "" {
			return t
		}
	}
	t := &c.texts[c.next]
	c.next = (c.next + 1) % len(c.texts)
	t.text, t.isCut = text, false
	t.runes, t.buf, t.at, t.tokens = FoldRunes(t.runes[:0], text), t.buf[:0], t.at[:0], t.tokens[:0]
	for _, r := range t.runes {
		t.at = append(t.at, int32(len(t.buf)))
		t.buf = utf8.AppendRune(t.buf, r)
	}
	t.at = append(t.at, int32(len(t.buf)))
	t.folded = string(t.buf)
	return t
}

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
	case 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || r >= 0x20000 && r <= 0x3FFFF || r == 0x3007 ||
		0xF900 <= r && r <= 0xFAFF:
		return han
	case 0x3040 <= r && r <= 0x30FF && r != 0x30FB || 0xAC00 <= r && r <= 0xD7AF:
		return han // kana and hangul: no spaces either
	case r < 0x2000 && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)), unicode.IsDigit(r):
		return alnum
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return han
	}
	return other
}

// maxRun bounds what gse gets at once, in characters. It adds up distances in 32 bits, so that a path
// through a text of a million characters without punctuation would be a matter of rounding; overlap is how much
// of a piece is cut again with the next one, more than the longest word.
const (
	maxRun  = 1000
	overlap = 64
)

// cut cuts a folded text into words. The words (Sub unset) do not overlap and leave
// out only white space and punctuation; the dictionary words inside longer words
// (gse's search mode knows those of two and three characters only: 科学素质 would not be found
// in 全民科学素质行动) and the parts of tokens like covid-19 stand before the word that holds them.
func (c *Cutter) cut(t *cutText) {
	if t.isCut {
		return
	}
	seg := c.known.segmenter(t)
	for i := 0; i < len(t.runes); {
		if classOf(t.runes[i]) == other {
			i++
			continue
		}
		j := i + 1
		for j < len(t.runes) && (classOf(t.runes[j]) != other || joins(t.runes, j)) {
			j++
		}
		c.run(seg, t, i, j)
		i = j
	}
	t.isCut = true
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

// inUnit says whether position i is inside a unit that is not cut: letters and digits, and the
// punctuation that holds them together. gse parts them at punctuation and at characters of three bytes.
func inUnit(text []rune, i, from, to int) bool {
	return i > from && i < to && classOf(text[i]) != han && classOf(text[i-1]) != han
}

// run cuts the characters from to to with gse, which sees neither punctuation (but what joins units) nor
// white space nor invalid UTF-8.
func (c *Cutter) run(seg *gse.Segmenter, t *cutText, from, to int) {
	start, pos := from, ""
	for i := from; i < to; {
		end := min(i+maxRun, to)
		last := end // no word that begins behind is believed
		if end < to {
			last = end - overlap
		}
		base := t.at[i]
		bytes := int32(0)
		for _, s := range segment(seg, t.buf[base:t.at[end]]) {
			if i >= last {
				break
			}
			if int32(s.Start()) != bytes || s.End() <= s.Start() {
				panic(fmt.Sprintf("gse: a segment from %d to %d follows one that ends at %d", s.Start(), s.End(), bytes))
			}
			bytes = int32(s.End())
			i += utf8.RuneCount(t.buf[base+int32(s.Start()) : base+bytes])
			if t.at[i] != base+bytes {
				panic(fmt.Sprintf("gse: a segment ends inside a character, at %d", bytes))
			}
			if pos = ""; !(s.Token().Freq() == 1 && s.Token().Pos() == "x") { // x is what gse calls a word it does not know
				pos = s.Token().Pos()
			}
			if inUnit(t.runes, i, from, to) {
				continue
			}
			if t.at[start] != base+int32(s.Start()) {
				pos = ""
			}
			c.subs(t, start, i)
			t.tokens = append(t.tokens, Token{Start: start, End: i, Pos: pos})
			start = i
		}
		if bytes == 0 {
			panic("gse: no segments")
		}
	}
}

// subs appends the dictionary words inside the word from i to j, and the parts of a mixed one.
func (c *Cutter) subs(t *cutText, i, j int) {
	if j-i < 3 {
		return
	}
	text := t.runes
	if classOf(text[i]) == han {
		for size := 2; size < j-i; size++ {
			for k := i; k+size <= j; k++ {
				if classOf(text[k]) == han && c.d.has(text[k:k+size]) {
					t.tokens = append(t.tokens, Token{Start: k, End: k + size, Sub: true})
				}
			}
		}
	}
	for k := i; k < j; {
		e := k + 1
		for e < j && classOf(text[e]) == classOf(text[k]) {
			e++
		}
		if classOf(text[k]) == alnum {
			t.parts(k, e, j-i)
		}
		k = e
	}
}

// parts appends the letters and digits from i to j, which are a part of a word of size characters, and what they are
// made of where letters meet digits: 2017 and mv of 2017mv. A single character is found as a string and needs no term.
func (t *cutText) parts(i, j, size int) {
	part := func(k, e int) {
		if e-k > 1 && e-k < size {
			t.tokens = append(t.tokens, Token{Start: k, End: e, Sub: true})
		}
	}
	part(i, j)
	for k := i; k < j; {
		e := k + 1
		for e < j && unicode.IsDigit(t.runes[e]) == unicode.IsDigit(t.runes[k]) {
			e++
		}
		if e-k < j-i {
			part(k, e)
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

// Content says whether a character is part of words: no white space, no punctuation.
func Content(r rune) bool { return classOf(r) != other }
