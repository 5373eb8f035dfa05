package index

import (
	"math"
	"slices"
	"sync"

	"cundang/index/zh"
)

// probe looks at the texts of the best candidates for what postings do not tell: where in
// the text the finds stand and how close together. A text is read once, character by character.
type probe struct {
	id    []uint16 // of a character of the query, from 1; by character, 0 for all others
	chars []rune   // by id
	pairs []float32
	at    []int16 // pair of two characters of the query: at[a*(n+1)+b], -1 for none; n characters
	words []probeWord
	ends  [][]int // words of several characters by the id of their last
	alone []int   // words of one character, by id; -1 for none

	// where it is in a text, and what it found
	pos       int32   // characters before
	last      uint16  // id of the character before
	run       []rune  // the characters of the query right before
	tf, first []int32 // of pairs
	wtf, wat  []int32 // of words
	events    []event
	count     []int32
}

type probeWord struct {
	runes  []rune
	weight float32
}

type event struct {
	at   int32
	pair int32
}

// probes are used again: their tables are large.
var probes = sync.Pool{New: func() any {
	return &probe{id: make([]uint16, 1<<16), chars: make([]rune, 1)}
}}

// newProbe compiles a question; weights are those of its words and pairs, in order. Words
// inside words are left to the postings. The caller releases it.
func newProbe(q *Rank, words, pairs []float32) *probe {
	p := probes.Get().(*probe)
	p.pairs, p.words = pairs, p.words[:0]
	for _, pr := range q.Pairs {
		p.number(pr.A)
		p.number(pr.B)
	}
	for i, w := range q.Words {
		runes := []rune(w)
		if q.Sub[i] || len(runes) == 0 || len(runes) == 1 && p.idOf(runes[0]) == 0 {
			continue
		}
		if len(runes) > 1 && !slices.ContainsFunc(q.Pairs, func(pr zh.Pair) bool { return pr.A == runes[0] && pr.B == runes[1] }) {
			continue
		}
		p.words = append(p.words, probeWord{runes, words[i]})
	}
	for _, w := range p.words {
		for _, r := range w.runes {
			p.number(r)
		}
	}
	n := len(p.chars)
	p.at = slices.Grow(p.at[:0], n*n)[:n*n]
	for i := range p.at {
		p.at[i] = -1
	}
	for i, pr := range q.Pairs {
		if a, b := int(p.idOf(pr.A)), int(p.idOf(pr.B)); a > 0 && b > 0 && i < math.MaxInt16 {
			p.at[a*n+b] = int16(i)
		}
	}
	p.alone, p.ends = make([]int, n), make([][]int, n)
	for i := range p.alone {
		p.alone[i] = -1
	}
	for i, w := range p.words {
		if end := p.idOf(w.runes[len(w.runes)-1]); len(w.runes) == 1 {
			p.alone[end] = i
		} else {
			p.ends[end] = append(p.ends[end], i)
		}
	}
	p.tf, p.first, p.count = make([]int32, len(pairs)), make([]int32, len(pairs)), make([]int32, len(pairs))
	p.wtf, p.wat = make([]int32, len(p.words)), make([]int32, len(p.words))
	return p
}

// release lets another query use the memory.
func (p *probe) release() {
	for _, r := range p.chars {
		p.id[r] = 0
	}
	p.chars = p.chars[:1]
	probes.Put(p)
}

func (p *probe) number(r rune) {
	if r < 1<<16 && p.id[r] == 0 {
		p.id[r] = uint16(len(p.chars))
		p.chars = append(p.chars, r)
	}
}

func (p *probe) idOf(r rune) uint16 {
	if r >= 1<<16 {
		return 0
	}
	return p.id[r]
}

// begin starts a text.
func (p *probe) begin() {
	clear(p.tf)
	clear(p.wtf)
	p.events, p.run = p.events[:0], p.run[:0]
	p.pos, p.last = 0, 0
}

// see looks at the next characters of a text, folded.
func (p *probe) see(runes []rune) {
	n := len(p.chars)
	for _, r := range runes {
		id := p.idOf(r)
		if id == 0 {
			p.last = 0
			p.pos++
			continue
		}
		if p.last == 0 {
			p.run = p.run[:0]
		}
		p.run = append(p.run, r)
		if w := p.alone[id]; w >= 0 {
			p.find(w, p.pos)
		}
		if p.last != 0 {
			if pair := p.at[int(p.last)*n+int(id)]; pair >= 0 {
				if p.tf[pair] == 0 {
					p.first[pair] = p.pos - 1
				}
				p.tf[pair]++
				p.events = append(p.events, event{p.pos - 1, int32(pair)})
			}
			for _, w := range p.ends[id] {
				if word := p.words[w].runes; len(p.run) >= len(word) && slices.Equal(p.run[len(p.run)-len(word):], word) {
					p.find(w, p.pos-int32(len(word))+1)
				}
			}
		}
		p.last = id
		p.pos++
	}
}

func (p *probe) find(word int, at int32) {
	if p.wtf[word] == 0 {
		p.wat[word] = at
	}
	p.wtf[word]++
}

// Features of a candidate: sums of the weights of what was found.
const (
	xPairs   = iota // pairs, with frequencies, as BM25
	xLead1          // words first seen in the first 60 characters
	xLead2          // … 120
	xLead3          // … 250
	xPair1          // pairs first seen in the first 60 characters
	xPair2          // … 120
	xWin1           // most pairs within 30 characters
	xWin2           // … 80
	xWin3           // … 200
	xLength         // logarithm of the length in characters
	xCover          // words found anywhere
	xWords          // words, with frequencies, as BM25
	features        // their number
)

// end returns the features of the text.
func (p *probe) end(average float32) (x [features]float32) {
	length := float32(p.pos)
	for i, n := range p.tf {
		if n == 0 {
			continue
		}
		w, tf := p.pairs[i], float32(n)
		x[xPairs] += w * tf * 1.9 / (tf + 0.9*(0.6+0.4*length/average))
		if p.first[i] < 60 {
			x[xPair1] += w
		}
		if p.first[i] < 120 {
			x[xPair2] += w
		}
	}
	for i, n := range p.wtf {
		if n == 0 {
			continue
		}
		w := p.words[i].weight
		tf := float32(n)
		x[xWords] += w * tf * 1.9 / (tf + 0.9*(0.6+0.4*length/average))
		x[xCover] += w
		if p.wat[i] < 60 {
			x[xLead1] += w
		}
		if p.wat[i] < 120 {
			x[xLead2] += w
		}
		if p.wat[i] < 250 {
			x[xLead3] += w
		}
	}
	x[xWin1], x[xWin2], x[xWin3] = p.window(30), p.window(80), p.window(200)
	x[xLength] = float32(math.Log(float64(length) + 1))
	return x
}

func hasPrefix(text, word []rune) bool {
	if len(text) < len(word) {
		return false
	}
	for i, r := range word {
		if text[i] != r {
			return false
		}
	}
	return true
}

// window is the greatest weight of different pairs within size characters.
func (p *probe) window(size int32) float32 {
	clear(p.count)
	var now, best float32
	from := 0
	for _, e := range p.events {
		if p.count[e.pair]++; p.count[e.pair] == 1 {
			now += p.pairs[e.pair]
		}
		for e.at-p.events[from].at >= size {
			old := p.events[from].pair
			if p.count[old]--; p.count[old] == 0 {
				now -= p.pairs[old]
			}
			from++
		}
		best = max(best, now)
	}
	return best
}
