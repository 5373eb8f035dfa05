package extract

// textMass sums, up to each block, the characters of lines that read as running text.
func textMass(v *view, lines []lineKind) []int32 {
	m := make([]int32, len(v.blocks)+1)
	digests := v.digests()
	for i := range v.blocks {
		m[i+1] = m[i]
		b := &v.blocks[i]
		if b.flags&(fHidden|fChrome|fDocHead) == 0 && lines[i] == linePlain && texty(b) && !(digests && v.isDigest(i)) {
			m[i+1] += b.chars - b.linked
		}
	}
	return m
}

// isDigest reports whether a block is the summary below the link to another article: the
// two stand alone in one small element.
func (v *view) isDigest(i int) bool {
	if i == 0 {
		return false
	}
	p, b := &v.blocks[i-1], &v.blocks[i]
	if p.linked < 8 || p.linked < p.chars || !texty(b) {
		return false
	}
	e := v.parentOf(i)
	return e >= 0 && v.elems[e].hi-v.elems[e].lo <= 4 && v.within(i-1, e)
}

// digests reports whether a page has a list of links with summaries: three of them.
func (v *view) digests() bool {
	n := 0
	for i := range v.blocks {
		if v.isDigest(i) {
			if n++; n == 3 {
				return true
			}
		}
	}
	return false
}

// texty reports whether a block reads as running text.
func texty(b *block) bool {
	plain := b.chars - b.linked
	if plain < 15 || b.linked*2 > b.chars || b.flags&fByline != 0 {
		return false
	}
	return b.stops > 0 || b.commas > 0 && plain >= 25 || plain >= 60
}

func massWithin(m []int32, lo, hi int) int32 {
	hi = min(hi, len(m)-1)
	if lo >= hi {
		return 0
	}
	return m[hi] - m[lo]
}
