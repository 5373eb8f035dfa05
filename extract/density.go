package extract

// densest scores elements by the running text directly below them, as readability does, and
// climbs while the parent adds text and few links.
func (s *selector) densest() int32 {
	v := s.v
	score := make([]float64, len(v.elems))
	_, end := s.region()
	for i := s.start; i < len(v.blocks); i++ {
		m := float64(s.textMass[i+1] - s.textMass[i])
		if m == 0 {
			continue
		}
		if i >= end { // behind a line that ends articles: comments, summaries of others
			m *= .3
		}
		m = min(m, 600) + 20*float64(v.blocks[i].stops)
		share := 1.0
		for e, d := v.blocks[i].elem, 0; e >= 0 && d < 5; e, d = v.elems[e].parent, d+1 {
			score[e] += m * share
			if d > 0 {
				share *= .75
			}
		}
	}
	linked, chars := s.sums()
	best, top := int32(-1), 0.0
	for e := range score {
		if score[e] == 0 {
			continue
		}
		el := &v.elems[e]
		lo, hi := max(int(el.lo), s.start), int(el.hi)
		if lo >= hi {
			continue
		}
		x := score[e] * (1 - float64(linked[hi]-linked[lo])/float64(1+chars[hi]-chars[lo]))
		if el.role == roleBody {
			x *= 1.2
		}
		if s.start > 0 { // far below the byline: comments, other articles
			x *= 1 / (1 + .01*float64(lo-s.start))
		}
		if x > top {
			best, top = int32(e), x
		}
	}
	if best < 0 {
		return -1
	}
	return s.climb(best, linked, chars)
}

// sums returns prefix sums of linked and of all characters that show.
func (s *selector) sums() (linked, chars []int32) {
	n := len(s.v.blocks)
	linked, chars = make([]int32, n+1), make([]int32, n+1)
	for i := range s.v.blocks {
		b := &s.v.blocks[i]
		linked[i+1], chars[i+1] = linked[i], chars[i]
		if b.flags&fHidden == 0 {
			linked[i+1] += b.linked
			chars[i+1] += b.chars
		}
	}
	return linked, chars
}

// climb goes up from e while an ancestor adds running text and is no wrapper of the page.
func (s *selector) climb(e int32, linked, chars []int32) int32 {
	v := s.v
	cur := s.outOfLine(e, linked, chars)
	for p, d := v.elems[cur].parent, 0; p >= 0 && d < 4; p, d = v.elems[p].parent, d+1 {
		lo, hi := max(int(v.elems[p].lo), s.start), int(v.elems[p].hi)
		clo, chi := max(int(v.elems[cur].lo), s.start), int(v.elems[cur].hi)
		have := massWithin(s.textMass, clo, chi)
		extra := massWithin(s.textMass, lo, hi) - have
		if extra <= 0 {
			continue
		}
		first, last := s.strong(lo, hi) // links behind the last paragraph are cut later
		first, last = min(first, clo), max(last, chi)
		links := (linked[last] - linked[first]) - (linked[chi] - linked[clo])
		all := (chars[last] - chars[first]) - (chars[chi] - chars[clo])
		if float64(links) > .3*float64(all) && all > 120 || s.ends(first, clo) || s.ends(chi, last) {
			break
		}
		cur = p
	}
	return cur
}

// outOfLine goes from the element of a single line to its parent: a body is at least what
// stands around a paragraph, with its headings and signature, unless that is a list of links.
func (s *selector) outOfLine(e int32, linked, chars []int32) int32 {
	el := &s.v.elems[e]
	p := el.parent
	if el.hi-el.lo != 1 || p < 0 {
		return e
	}
	lo, hi := max(int(s.v.elems[p].lo), s.start), int(el.hi)
	for hi < int(s.v.elems[p].hi) && s.lines[hi] != lineEnd && s.lines[hi] != lineLegal &&
		s.v.blocks[hi].flags&fChrome == 0 {
		hi++
	}
	if lo >= hi || hi-lo > 60 || 10*(linked[hi]-linked[lo]) > 3*(chars[hi]-chars[lo]) {
		return e
	}
	return p
}

// strong returns the first block of running text in a range, and the one behind the last.
func (s *selector) strong(lo, hi int) (int, int) {
	for lo < hi && s.textMass[lo+1] == s.textMass[lo] {
		lo++
	}
	for hi > lo && s.textMass[hi] == s.textMass[hi-1] {
		hi--
	}
	return lo, hi
}

// ends reports whether a line that ends an article stands between two blocks.
func (s *selector) ends(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if s.lines[i] == lineEnd || s.lines[i] == lineLegal || s.v.blocks[i].flags&fChrome != 0 {
			return true
		}
	}
	return false
}

// region is the text behind the byline up to the first line that ends an article.
func (s *selector) region() (lo, hi int) {
	lo = s.start
	seen := int32(0)
	last := lo
	for i := lo; i < len(s.v.blocks); i++ {
		m := s.textMass[i+1] - s.textMass[i]
		seen += m
		if m > 0 || seen > 0 && s.v.dataTable(i) >= 0 {
			last = i + 1
		}
		if seen == 0 {
			continue
		}
		if s.stops(i) {
			if i-last <= 12 {
				return lo, i // the lines between are the article's signature, or no plain lines
			}
			break
		}
		if i-last > 25 && s.v.dataTable(i) < 0 {
			break
		}
	}
	return lo, s.signature(last)
}

// stops reports whether a line surely is behind an article's text: a footer, chrome, a pager,
// or a heading over links. 转载 and 进入 also stand in the rules of a competition.
func (s *selector) stops(i int) bool {
	b := &s.v.blocks[i]
	switch {
	case b.flags&fChrome != 0 && b.flags&fHidden == 0:
		return true
	case s.lines[i] == lineLegal:
		return b.stops == 0 || footerWords.in(s.v.str(i)) != ""
	case s.lines[i] == lineEnd:
		return b.flags&fHeading != 0 || b.linked > 0 || i+1 < len(s.v.blocks) && (s.isLink(i+1) ||
			s.lines[i+1] != linePlain) || pagerWords.at(s.v.str(i)) != "" || b.chars <= 6
	}
	return false
}

// signature extends a region over the short lines directly behind its last paragraph that
// share its parent: the signature and date of a notice.
func (s *selector) signature(last int) int {
	if last == 0 || last > len(s.v.blocks) {
		return last
	}
	parent := s.v.parentOf(last - 1)
	for n := 0; last < len(s.v.blocks) && n < 6; n++ {
		b := &s.v.blocks[last]
		if s.lines[last] != linePlain || b.linked > 0 || s.v.parentOf(last) != parent || b.flags&fHidden != 0 {
			break
		}
		last++
	}
	return last
}

func (v *view) parentOf(i int) int32 {
	if e := v.blocks[i].elem; e >= 0 {
		return v.elems[e].parent
	}
	return -1
}
