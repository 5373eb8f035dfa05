package extract

import "strings"

// group returns what a model says about an address, nil if nothing.
func (m *Model) group(url string) *LearnedGroup {
	if m == nil {
		return nil
	}
	p := Pattern(url)
	for i := range m.Groups {
		if m.Groups[i].Pattern == p {
			return &m.Groups[i]
		}
	}
	return nil
}

// applyLearned uses what was learnt about the site where the page bears it out, and leaves
// the generic reading as it is everywhere else.
func applyLearned(m *Model, url string, rd *reading) {
	g := m.group(url)
	if g == nil {
		return
	}
	rd.learnedBody(g)
	rd.learnedByline(g)
	if s := g.Suffix.Value; s != "" && strings.HasSuffix(rd.v.docTitle, s) {
		if t := strings.TrimSpace(strings.TrimSuffix(rd.v.docTitle, s)); runes(t) >= 4 {
			rd.fields.title.add(Candidate{Rule: "title-minus-learned-suffix", Value: t, Raw: rd.v.docTitle, Confidence: .92,
				Block: -1})
		}
	}
}

// learnedBody takes the learnt container's text without the site's repeated lines: when it
// holds what the generic reading holds beside those lines, or when the generic candidates
// did not agree among themselves. Otherwise it drops the repeated lines only, and never
// half of a body.
func (rd *reading) learnedBody(g *LearnedGroup) {
	if rd.body.rule == "profile" {
		return
	}
	v := rd.v
	known := map[string]bool{}
	for _, l := range g.Lines {
		known[l] = true
	}
	generic := rd.without(known, rd.body.blocks)
	e, found := rd.learnedContainer(g)
	learned := rd.without(known, found)
	o := overlap(v, learned, generic)
	switch {
	case len(learned) > 0 && len(generic) > 0 && o >= .9,
		len(learned) > 0 && rd.body.agreement < .9 && (o >= .5 || len(generic) == 0 || rd.body.agreement < .5):
		if overlap(v, learned, rd.body.blocks) == 1 {
			return
		}
		rd.body.others = append(rd.body.others, bodyCandidate{rule: rd.body.rule, elem: rd.body.elem, blocks: rd.body.blocks})
		rd.body = body{blocks: learned, elem: e, rule: "learned", agreement: max(rd.body.agreement, .9),
			others: rd.body.others}
	case len(generic) > 0 && 2*v.chars(generic) > v.chars(rd.body.blocks):
		rd.body.blocks = generic
	}
}

func (v *view) chars(blocks []int) int32 {
	n := int32(0)
	for _, i := range blocks {
		n += v.blocks[i].chars
	}
	return n
}

// without returns the blocks that are no repeated lines.
func (rd *reading) without(known map[string]bool, blocks []int) []int {
	var out []int
	for _, i := range blocks {
		if k := lineKey(rd.v, i); k == "" || !known[k] {
			out = append(out, i)
		}
	}
	return out
}

// learnedContainer finds the learnt element on this page: of several the one with the most
// text behind the byline.
func (rd *reading) learnedContainer(g *LearnedGroup) (int32, []int) {
	if g.Container.Value == "" {
		return -1, nil
	}
	v := rd.v
	s := newSelector(v, rd.lines, rd.head)
	s.start = rd.head.start
	best, most := int32(-1), int32(0)
	for e := range v.elems {
		el := &v.elems[e]
		if el.flags&fHidden != 0 || int(el.hi) <= rd.head.start || v.signature(int32(e)) != g.Container.Value {
			continue
		}
		if m := s.textIn(el); m > most {
			best, most = int32(e), m
		}
	}
	if best < 0 {
		return -1, nil
	}
	return best, s.selectBlocks(max(int(v.elems[best].lo), rd.head.start), int(v.elems[best].hi), best)
}

// learnedByline reads the learnt byline element when the generic rules found none.
func (rd *reading) learnedByline(g *LearnedGroup) {
	if g.Byline.Value == "" || rd.head.byLo < rd.head.byHi {
		return
	}
	v := rd.v
	for e := range v.elems {
		el := &v.elems[e]
		if el.flags&fHidden != 0 || el.hi <= el.lo || el.hi-el.lo > 12 || v.signature(int32(e)) != g.Byline.Value {
			continue
		}
		its := v.itemsOf(int(el.lo), int(el.hi))
		readByline(its, "learned", .92, &rd.fields)
		for k := range its {
			if d, _, _, ok := its[k].date(); ok && its[k].kind == labelNone {
				rd.fields.addDate(Candidate{Rule: "learned", Raw: its[k].value, Confidence: .88, Block: its[k].lo}, d)
			}
		}
		return
	}
}
