package index

import "math"

// probe looks at the texts of the best candidates for what postings do not tell: where in
// the text the finds stand and how close together. A text is read once, character by character.
type probe struct {
	id    []uint16 // of a character of the query, from 1; by character, 0 for all others
	n     int      // characters of the query
	pairs []float32
	at    []int16 // pair of two characters of the query: at[a*n+b], -1 for none
	words []probeWord
	by    [][]int // words by their first pair
	alone []int   // words of one character, by character; -1 for none

	// findings in one text
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

// newProbe compiles a question; weights are those of its words and pairs, in order. Words
// inside words are left to the postings.
func newProbe(q question, words, pairs []float32) *probe {
	p := &probe{id: make([]uint16, 1<<16), pairs: pairs}
	number := func(r rune) int {
		if uint32(r) >= 1<<16 {
			return 0
		}
		if p.id[r] == 0 {
			p.n++
			p.id[r] = uint16(p.n)
		}
		return int(p.id[r])
	}
	for _, pr := range q.pairs {
		number(pr.A)
		number(pr.B)
	}
	p.at = make([]int16, (p.n+1)*(p.n+1))
	for i := range p.at {
		p.at[i] = -1
	}
	for i, pr := range q.pairs {
		if i < math.MaxInt16 {
			p.at[number(pr.A)*(p.n+1)+number(pr.B)] = int16(i)
		}
	}
	p.by = make([][]int, len(pairs))
	p.alone = make([]int, p.n+1)
	for i := range p.alone {
		p.alone[i] = -1
	}
	for i, w := range q.words {
		runes := []rune(w)
		if q.sub[i] || len(runes) == 0 || uint32(runes[0]) >= 1<<16 {
			continue
		}
		if len(runes) == 1 {
			if id := p.id[runes[0]]; id != 0 {
				p.alone[id] = len(p.words)
				p.words = append(p.words, probeWord{runes, words[i]})
			}
			continue
		}
		if pair := p.pair(runes[0], runes[1]); pair >= 0 {
			p.by[pair] = append(p.by[pair], len(p.words))
			p.words = append(p.words, probeWord{runes, words[i]})
		}
	}
	p.tf, p.first, p.count = make([]int32, len(pairs)), make([]int32, len(pairs)), make([]int32, len(pairs))
	p.wtf, p.wat = make([]int32, len(p.words)), make([]int32, len(p.words))
	return p
}

func (p *probe) pair(a, b rune) int {
	if uint32(a) >= 1<<16 || uint32(b) >= 1<<16 {
		return -1
	}
	i, j := p.id[a], p.id[b]
	if i == 0 || j == 0 {
		return -1
	}
	return int(p.at[int(i)*(p.n+1)+int(j)])
}

// probeBytes bounds how much of a text is read.
const probeBytes = 120000

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

// read looks at a folded text.
func (p *probe) read(runes []rune, average float32) (x [features]float32) {
	clear(p.tf)
	clear(p.wtf)
	p.events = p.events[:0]
	last := uint16(0)
	for i, r := range runes {
		id := uint16(0)
		if uint32(r) < 1<<16 {
			id = p.id[r]
		}
		if id == 0 {
			last = 0
			continue
		}
		if w := p.alone[id]; w >= 0 {
			p.see(w, int32(i))
		}
		if last == 0 {
			last = id
			continue
		}
		pair := p.at[int(last)*(p.n+1)+int(id)]
		last = id
		if pair < 0 {
			continue
		}
		at := int32(i - 1)
		if p.tf[pair] == 0 {
			p.first[pair] = at
		}
		p.tf[pair]++
		p.events = append(p.events, event{at, int32(pair)})
		for _, w := range p.by[pair] {
			if hasPrefix(runes[at:], p.words[w].runes) {
				p.see(w, at)
			}
		}
	}
	length := float32(len(runes))
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

func (p *probe) see(word int, at int32) {
	if p.wtf[word] == 0 {
		p.wat[word] = at
	}
	p.wtf[word]++
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
