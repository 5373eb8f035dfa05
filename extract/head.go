package extract

import (
	"strings"
)

// head is the top of an article: the title's lines and the byline below (or, on some
// templates, above) them.
type head struct {
	titleLo, titleHi int    // blocks, lo == hi if no line was found to be the title
	title            string // when it is only the first piece of its line
	exact            bool
	byLo, byHi       int // blocks, lo == hi if there is no byline
	items            []item
	start            int // first block that can belong to the body
}

// findHead looks for the pair of title and byline that stand best together.
func findHead(v *view, lines []lineKind) head {
	candidates := v.lessSites(titleCandidates(v, v.namesSite(lines)))
	if !anyStrong(candidates) {
		candidates = append(candidates, v.lessSites(headingCandidates(v))...)
	}
	clusters := bylines(v, lines, candidates)
	mass := textMass(v, lines)
	var best head
	top := 0.0
	for _, c := range clusters {
		s := c.score + min(2, float64(massWithin(mass, c.hi, c.hi+40))/60)
		h := head{byLo: c.lo, byHi: c.hi, items: c.items}
		pair, found := 0.0, false
		for _, sp := range candidates {
			g := gapScore(v, mass, sp, c)
			if g > 0 && g+sp.score > pair {
				pair, found = g+sp.score, true
				h.titleLo, h.titleHi, h.exact, h.title = sp.lo, sp.hi, sp.exact, sp.text
			}
		}
		if !found {
			h.titleLo, h.titleHi, pair = headingAbove(v, lines, c.lo)
			if lo, hi, p := headingBelow(v, lines, mass, c.hi); p > pair {
				h.titleLo, h.titleHi, pair = lo, hi, p
			}
			h.title = ""
		}
		if s += pair; s > top && (c.score >= 2 || pair >= 6 && c.score > 0) {
			top, best = s, h
		}
	}
	for _, sp := range candidates {
		s := sp.score + min(3, float64(massWithin(mass, sp.hi, sp.hi+40))/60)
		if s > top {
			top = s
			best = head{titleLo: sp.lo, titleHi: sp.hi, exact: sp.exact, title: sp.text}
		}
	}
	best.start = max(best.titleHi, best.byHi)
	best.widen(v)
	if best.byLo < best.byHi && best.titleHi > 0 && massWithin(mass, best.titleHi, best.byLo) > 120 {
		best.start = best.titleHi // the byline stands behind the text
	}
	return best
}

// widen takes into the byline the few short lines between it and the title: a writer or a
// medium without label above the date.
func (h *head) widen(v *view) {
	if h.byLo == h.byHi || h.titleLo == h.titleHi || h.titleHi > h.byLo || h.byLo-h.titleHi > 3 {
		return
	}
	lo := h.byLo
	for lo > h.titleHi && v.blocks[lo-1].chars <= 24 && v.blocks[lo-1].stops == 0 &&
		(v.blocks[lo-1].flags^v.blocks[h.byLo].flags)&fHidden == 0 {
		lo--
	}
	if lo < h.byLo {
		hi := h.byHi
		if n := len(h.items); n > 0 && h.items[n-1].lo >= int(v.blocks[hi-1].hi) {
			hi++ // the value of an open label
		}
		h.byLo = lo
		h.items = v.itemsOf(lo, hi)
	}
}

// gapScore says how well a title and a byline stand together, 0 if they do not: a title is
// at most a dozen lines above its byline (or two below it) with no text between them.
func gapScore(v *view, mass []int32, sp titleCandidate, c cluster) float64 {
	switch {
	case sp.hi <= c.lo:
		gap := c.lo - sp.hi
		if gap > 14 || massWithin(mass, sp.hi, c.lo) > 400 {
			return 0
		}
		return 5 - .25*float64(gap) - min(3, float64(massWithin(mass, sp.hi, c.lo))/60)
	case sp.lo >= c.hi:
		if gap := sp.lo - c.hi; gap <= 2 {
			return 2 - .5*float64(gap)
		}
	case sp.lo >= c.lo && sp.hi <= c.hi: // "来源：… 标题 … 时间" in one line group
		return 3
	}
	return 0
}

// clockWords are in the lines that tell today's date to the visitor.
var clockWords = []string{"今天是", "今日是", "现在是", "现在时间", "当前时间", "当前日期"}

// titleText is the text of the title's lines, spelled as in <title> when it was broken.
func (h *head) titleText(v *view) string {
	if h.title != "" {
		return h.title
	}
	if h.titleHi-h.titleLo > 1 {
		var b strings.Builder
		for i := h.titleLo; i < h.titleHi; i++ {
			b.WriteString(v.str(i))
		}
		for _, t := range []string{v.docTitle, v.meta("articletitle")} {
			if strings.Contains(t, b.String()) {
				return b.String()
			}
		}
	}
	var b strings.Builder
	for i := h.titleLo; i < h.titleHi; i++ {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(v.str(i))
	}
	return b.String()
}
