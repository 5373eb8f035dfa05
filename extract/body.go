package extract

// body is the chosen text: the blocks that belong to it, in order.
type body struct {
	blocks    []int
	elem      int32 // the element around them, -1 if unknown
	rule      string
	agreement float64 // overlap with the best independent candidate, 0 … 1
	others    []bodyCandidate
}

type bodyCandidate struct {
	rule   string
	lo, hi int // range of blocks
	elem   int32
	blocks []int
	mass   int32
}

// findBody gathers candidates and chooses by agreement: each is compared with the others by
// the characters they share, and the one the others confirm most wins.
func findBody(v *view, lines []lineKind, h head) body {
	s := newSelector(v, lines, h)
	start := s.start
	var cands []bodyCandidate
	add := func(rule string, lo, hi int, e int32) {
		if lo < start {
			lo = start
		}
		if lo >= hi {
			return
		}
		c := bodyCandidate{rule: rule, lo: lo, hi: hi, elem: e}
		c.blocks = s.selectBlocks(lo, hi, e)
		for _, i := range c.blocks {
			c.mass += v.blocks[i].chars
		}
		if len(c.blocks) > 0 {
			cands = append(cands, c)
		}
	}
	if e := s.marked(); e >= 0 {
		add("container", int(v.elems[e].lo), int(v.elems[e].hi), e)
	}
	if lo, hi := s.remarked(); lo < hi {
		add("comment-marks", lo, hi, -1)
	}
	if e := s.densest(); e >= 0 {
		add("density", int(v.elems[e].lo), int(v.elems[e].hi), e)
	}
	if lo, hi := s.region(); lo < hi {
		add("below-byline", lo, hi, -1)
	}
	return s.agree(cands)
}

// priors order candidates whose agreement is equal: a CMS that names its body is seldom wrong.
var priors = map[string]float64{"container": .3, "comment-marks": .1, "density": .15, "below-byline": 0}

// agree chooses the candidate that the others confirm most.
func (s *selector) agree(cands []bodyCandidate) body {
	if len(cands) == 0 {
		return body{elem: -1}
	}
	best, top := 0, -1.0
	agreement := 0.0
	for i := range cands {
		sum, most := priors[cands[i].rule], 0.0
		if cands[i].rule == "density" && s.farFrom(cands, i) {
			sum = -.1 // text directly below a byline beats text far from it
		}
		for j := range cands {
			if i == j {
				continue
			}
			o := overlap(s.v, cands[i].blocks, cands[j].blocks)
			sum += o
			most = max(most, o)
		}
		if sum > top {
			best, top, agreement = i, sum, most
		}
	}
	b := body{blocks: cands[best].blocks, elem: cands[best].elem, rule: cands[best].rule, agreement: agreement}
	for i := range cands {
		if i != best {
			b.others = append(b.others, cands[i])
		}
	}
	return b
}

// farFrom reports whether a candidate shares next to nothing with the text directly below
// the byline, which is there.
func (s *selector) farFrom(cands []bodyCandidate, i int) bool {
	for j := range cands {
		if cands[j].rule == "below-byline" && s.h.byLo < s.h.byHi && cands[j].mass >= 30 {
			return overlap(s.v, cands[i].blocks, cands[j].blocks) < .3
		}
	}
	return false
}

// overlap is the F1 of the characters of two ascending lists of blocks.
func overlap(v *view, a, b []int) float64 {
	var in, na, nb int32
	j := 0
	for _, i := range a {
		na += v.blocks[i].chars
		for j < len(b) && b[j] < i {
			j++
		}
		if j < len(b) && b[j] == i {
			in += v.blocks[i].chars
		}
	}
	for _, i := range b {
		nb += v.blocks[i].chars
	}
	if na+nb == 0 {
		return 0
	}
	return 2 * float64(in) / float64(na+nb)
}

// selector makes body candidates of one page.
type selector struct {
	v        *view
	lines    []lineKind
	h        head
	start    int
	textMass []int32
}

func newSelector(v *view, lines []lineKind, h head) *selector {
	s := &selector{v: v, lines: lines, h: h, start: h.start, textMass: textMass(v, lines)}
	if massWithin(s.textMass, s.start, len(v.blocks)) == 0 {
		s.start = 0
	}
	return s
}
