package extract

import "slices"

// body is the chosen text: the blocks that belong to it, in order.
type body struct {
	blocks    []int
	elem      int32 // the element around them, -1 if unknown
	rule      string
	agreement float64 // overlap with the best independent candidate, 0 … 1
	others    []bodyCandidate
	lo, hi    int // where the pictures of a body without text stand
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
func findBody(v *view, lines []lineKind, h head, records []record) body {
	s := newSelector(v, lines, h)
	if b, ok := s.pictures(); ok {
		return b
	}
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
	b := s.agree(cands)
	if r, ok := s.data(records, b); ok {
		return r
	}
	return b
}

// data is the body of a page that is a record: the table of labels and values, when it holds more
// than the text that was found elsewhere.
func (s *selector) data(records []record, b body) (body, bool) {
	for _, r := range records {
		if r.official || r.hi <= s.h.titleHi || massWithin(s.textMass, s.h.start, r.lo) > 0 {
			continue
		}
		out := body{elem: -1, rule: "record", agreement: .9, others: b.others}
		var chars, beside int32
		for i := r.lo; i < r.hi; i++ {
			if s.v.blocks[i].flags&(fHidden|fChrome) == 0 {
				out.blocks = append(out.blocks, i)
				chars += s.v.blocks[i].chars
			}
		}
		for _, i := range b.blocks {
			if i < r.lo || i >= r.hi {
				out.blocks = append(out.blocks, i)
				beside += s.v.blocks[i].chars
			}
		}
		if chars < beside || s.h.byLo < s.h.byHi && beside > 0 {
			continue
		}
		if len(b.blocks) > 0 && b.blocks[len(b.blocks)-1] > r.hi+20 { // text of another thing
			out.blocks = out.blocks[:len(out.blocks)-len(b.blocks)]
		}
		slices.Sort(out.blocks)
		return out, true
	}
	return body{}, false
}

// pictures is the body of a page that shows pictures or a film below its title and no text: the
// captions, if there are any. Text elsewhere on such a page is not its body.
func (s *selector) pictures() (body, bool) {
	if s.h.titleLo == s.h.titleHi {
		return body{}, false
	}
	if s.h.byLo == s.h.byHi {
		return s.emptyContainer()
	}
	lo, hi := s.h.start, s.h.start
	for hi < len(s.v.blocks) && s.lines[hi] != lineLegal && !s.isFooter(hi) && !(s.lines[hi] == lineEnd && s.stops(hi)) {
		hi++
	}
	if massWithin(s.textMass, lo, hi) > 0 {
		end := s.besidePictures(lo, hi)
		if end < 0 || massWithin(s.textMass, lo, end) > 0 {
			return body{}, false
		}
		hi = end
	}
	shown := 0
	for _, k := range s.v.players {
		if int(k) >= lo && int(k) <= hi {
			shown++
		}
	}
	for i := range s.v.pictures {
		if s.shows(&s.v.pictures[i], lo, hi) {
			shown++
		}
	}
	if shown == 0 || s.listed(lo, hi) {
		return body{}, false
	}
	b := body{elem: -1, rule: "pictures", agreement: .95, lo: lo, hi: hi}
	for _, i := range s.selectBlocks(lo, hi, -1) {
		if s.v.blocks[i].linked == 0 {
			b.blocks = append(b.blocks, i)
		}
	}
	return b, true
}

// shows reports whether a picture stands between two blocks and is no ornament.
func (s *selector) shows(p *picture, lo, hi int) bool {
	return int(p.block) >= lo && int(p.block) <= hi && !p.hidden && !s.v.inChrome(p.elem) &&
		!isIcon(p, attr(p.node, "src"))
}

// emptyContainer is the body of a page without a byline whose container of the text, as its CMS marks
// it, holds pictures and no text.
func (s *selector) emptyContainer() (body, bool) {
	if s.marked() >= 0 {
		return body{}, false
	}
	for _, e := range s.v.bodies {
		el := &s.v.elems[e]
		if el.flags&fHidden != 0 || int(el.lo) < s.h.titleHi {
			continue
		}
		for i := range s.v.pictures {
			if p := &s.v.pictures[i]; s.v.ancestor(e, p.elem) && s.shows(p, int(el.lo), int(el.hi)) {
				return body{elem: -1, rule: "pictures", agreement: .95, lo: int(el.lo), hi: int(el.hi)}, true
			}
		}
	}
	return body{}, false
}

// besidePictures returns where the element ends that holds the title and the first picture or film
// below it, when the text behind that element is short and stands in no container of a text: a side
// bar. -1 if there is no such element.
func (s *selector) besidePictures(lo, hi int) int {
	e := int32(-1)
	for i := range s.v.pictures {
		if p := &s.v.pictures[i]; s.shows(p, lo, hi) {
			e = p.elem
			break
		}
	}
	if e < 0 {
		return -1
	}
	for e >= 0 && !s.v.within(s.h.titleLo, e) {
		e = s.v.elems[e].parent
	}
	if e < 0 || int(s.v.elems[e].hi) >= hi || massWithin(s.textMass, int(s.v.elems[e].hi), hi) > 300 {
		return -1
	}
	end := int(s.v.elems[e].hi)
	for i := end; i < hi; i++ {
		if s.textMass[i+1] == s.textMass[i] {
			continue
		}
		if i == end {
			return -1 // text goes on directly; a side bar has a heading
		}
		for k := s.v.blocks[i].elem; k >= 0; k = s.v.elems[k].parent {
			if s.v.elems[k].role == roleBody && !s.v.within(s.h.titleLo, k) || slices.Contains(s.v.bodies, k) {
				return -1
			}
		}
	}
	return end
}

// listed reports whether a range holds a list of links.
func (s *selector) listed(lo, hi int) bool {
	n := 0
	for i := lo; i < hi; i++ {
		if b := &s.v.blocks[i]; b.linked >= 8 && b.linked*10 >= b.chars*8 && b.flags&(fChrome|fHidden) == 0 {
			n++
		}
	}
	return n >= 4
}

func (s *selector) isFooter(i int) bool {
	for e := s.v.blocks[i].elem; e >= 0; e = s.v.elems[e].parent {
		if s.v.elems[e].role == roleFooter {
			return true
		}
	}
	return false
}

// inChrome reports whether an element stands around the article.
func (v *view) inChrome(e int32) bool {
	for ; e >= 0; e = v.elems[e].parent {
		if v.elems[e].role.chrome() {
			return true
		}
	}
	return false
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
