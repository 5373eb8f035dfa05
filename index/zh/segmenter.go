package zh

import (
	"github.com/go-ego/gse"
)

// gse cuts, for the index and for queries alike. Its Segmenter does not have to know the whole dictionary,
// which would take a second and 110 MB to load: the distance gse gives a word is log total − log
// frequency, so that one with the words that occur in a text, and a token for the frequency of all the others,
// cuts the text into the same words. Which words occur in a text the image tells in microseconds.

// filler is the token that stands for the words a text does not have. No text that is cut has it.
const filler = "\x01"

// segment is gse's cut: the most probable path through a piece of text, without the hidden Markov model.
var segment = (*gse.Segmenter).Segment

// vocabulary is the words of the dictionary that some texts have, and the Segmenter that knows them.
type vocabulary struct {
	d     *Dict
	has   [][]uint64 // by layer and node of its image: the word is known; nil before the first
	words []known
	of    map[string]bool // texts whose words are all known
	seg   *gse.Segmenter  // of the words, nil before it is built
}

// known is a word and where its image has it.
type known struct {
	text  string
	layer int
	node  uint32
}

func newVocabulary(d *Dict) vocabulary { return vocabulary{d: d, of: map[string]bool{}} }

// forget drops all words.
func (v *vocabulary) forget() {
	for _, w := range v.words {
		v.has[w.layer][w.node/64] = 0
	}
	clear(v.of)
	v.words, v.seg = v.words[:0], nil
}

// learn adds the words of a folded text and says whether there were new ones.
func (v *vocabulary) learn(text []rune) (fresh bool) {
	if v.has == nil { // 90 KB, which those that only ask for pairs of characters do without
		for _, m := range v.d.layers {
			v.has = append(v.has, make([]uint64, (m.nodes+63)/64))
		}
	}
	for layer, m := range v.d.layers {
		has := v.has[layer]
		for i := range text {
			node := uint32(0)
			for j := i; j < len(text); j++ {
				if node = m.step(node, text[j]); node == 0 {
					break
				}
				if m.val(node) != 0 && has[node/64]&(1<<(node%64)) == 0 {
					has[node/64] |= 1 << (node % 64)
					v.words = append(v.words, known{string(text[i : j+1]), layer, node})
					fresh = true
				}
			}
		}
	}
	return fresh
}

// segmenter returns a Segmenter that knows the words of a text. One that was not announced, nor is a part of
// one that was, gets a vocabulary of its own.
func (v *vocabulary) segmenter(t *cutText) *gse.Segmenter {
	if old := len(v.words); !v.of[t.text] && v.learn(t.runes) && old > 0 {
		v.forget()
		v.learn(t.runes)
	}
	if v.seg == nil {
		v.seg = v.build()
	}
	return v.seg
}

// build returns gse's Segmenter of the words.
func (v *vocabulary) build() *gse.Segmenter {
	s := &gse.Segmenter{SkipLog: true, NotLoadHMM: true, Dict: gse.NewDict()}
	s.Dict.Tokens = make([]gse.Token, 0, len(v.words)+1)
	for layer := range v.d.layers { // the operator's words first: of two equal ones gse keeps the first
		for _, w := range v.words {
			if w.layer == layer {
				m := v.d.layers[layer]
				val := m.val(w.node)
				add(s, w.text, float64(val>>8), m.pos[val&0xFF])
			}
		}
	}
	if rest := v.d.total - s.Dict.TotalFreq(); rest > 0 {
		add(s, filler, rest, "")
	}
	s.CalcToken()
	return s
}

func add(s *gse.Segmenter, word string, freq float64, pos string) {
	if err := s.AddToken(word, freq, pos); err != nil {
		panic(err) // gse refuses only words that Compile leaves out
	}
}

// Learn makes ready to cut some texts and what is part of them. Others can be cut as well, but each
// takes a preparation of its own.
func (c *Cutter) Learn(texts ...string) {
	c.known.forget()
	var runes []rune
	for _, t := range texts {
		runes = FoldRunes(runes[:0], t)
		c.known.learn(runes)
		c.known.of[t] = true
	}
}
