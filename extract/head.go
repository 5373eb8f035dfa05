package extract

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
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

// spot is a run of lines that the document's own titles confirm as the title.
type spot struct {
	lo, hi int
	score  float64
	text   string // when the title is only the first piece of the line
	exact  bool   // equal to the whole <title> or to ArticleTitle
}

// cluster is a run of lines that look like a byline.
type cluster struct {
	lo, hi int
	items  []item
	score  float64
	dates  int
}

// findHead looks for the pair of title and byline that stand best together.
func findHead(v *view, lines []lineKind) head {
	spots := titleSpots(v, v.namesSite(lines))
	if !anyStrong(spots) {
		spots = append(spots, headingSpots(v)...)
	}
	clusters := bylines(v, lines, spots)
	mass := textMass(v, lines)
	var best head
	top := 0.0
	for _, c := range clusters {
		s := c.score + min(2, float64(massWithin(mass, c.hi, c.hi+40))/60)
		h := head{byLo: c.lo, byHi: c.hi, items: c.items}
		pair, found := 0.0, false
		for _, sp := range spots {
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
	for _, sp := range spots {
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
	for lo > h.titleHi && v.blocks[lo-1].chars <= 24 && v.blocks[lo-1].stops == 0 && (v.blocks[lo-1].flags^v.blocks[h.byLo].flags)&fHidden == 0 {
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
func gapScore(v *view, mass []int32, sp spot, c cluster) float64 {
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

// titleSpots finds the lines that repeat the document's title or its ArticleTitle.
func titleSpots(v *view, site bool) []spot {
	doc := []byte(v.keyTitle)
	if site {
		doc = nil
	}
	art := []byte(key(v.meta("articletitle", "og:title")))
	docRunes := utf8.RuneCount(doc)
	cut := strings.HasSuffix(v.docTitle, "…") || strings.HasSuffix(v.docTitle, "...")
	if len(doc) == 0 && len(art) == 0 {
		return nil
	}
	var out []spot
	var buf, joined []byte
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars < 2 || b.chars > 150 {
			continue
		}
		buf = squeeze(buf, v.str(i))
		hi := i + 1
		k := buf
		if !inTitle(k, doc, art, cut) {
			if sp, ok := v.pieceSpot(i, doc, art, docRunes); ok {
				out = append(out, sp)
			}
			continue
		}
		// a title broken over lines of one element
		for hi < len(v.blocks) && hi < i+5 && v.siblings(hi-1, hi) {
			next := squeeze(nil, v.str(hi))
			joined = append(append(joined[:0], k...), next...)
			if !inTitle(joined, doc, art, false) {
				break
			}
			k = append([]byte(nil), joined...)
			hi++
		}
		n := utf8.RuneCount(k)
		if n < 4 && !bytes.Equal(k, doc) && !bytes.Equal(k, art) && !(bytes.HasPrefix(doc, k) && v.titled(i)) {
			continue // 章程, 简介: short titles are believed where a heading opens <title>
		}
		out = append(out, scoreSpot(v, i, hi, k, doc, art, n, docRunes))
	}
	return out
}

// titled reports whether a block is a heading or stands in an element named as title.
func (v *view) titled(i int) bool {
	b := &v.blocks[i]
	return b.linked == 0 && b.flags&(fHidden|fChrome) == 0 && (b.flags&fHeading != 0 || v.elems[b.elem].role == roleTitle)
}

// pieceSpot finds a title that shares its line with the byline: <h1>title<span>date</span></h1>.
func (v *view) pieceSpot(i int, doc, art []byte, docRunes int) (spot, bool) {
	b := &v.blocks[i]
	if b.mlo == b.mhi || b.flags&(fHeading|fBold|fCentered) == 0 && v.elems[b.elem].role != roleTitle {
		return spot{}, false
	}
	ps := v.pieces(i, nil)
	if len(ps) < 2 {
		return spot{}, false
	}
	k := squeeze(nil, ps[0].text)
	n := utf8.RuneCount(k)
	if n < 6 || !inTitle(k, doc, art, false) {
		return spot{}, false
	}
	sp := scoreSpot(v, i, i+1, k, doc, art, n, docRunes)
	sp.text = ps[0].text
	return sp, true
}

// namesSite reports whether <title> is the name of the site and says nothing of the page: it
// ends in 网站 or the like, or the page's own legal lines name it.
func (v *view) namesSite(lines []lineKind) bool {
	t := v.docTitle
	if runes(t) > 24 || t == "" {
		return false
	}
	if t == v.siteName() {
		return true
	}
	for _, e := range []string{"网站", "官网", "门户", "首页", "网"} {
		if strings.HasSuffix(t, e) && isOrg(t) {
			return true
		}
	}
	if !isOrg(t) {
		return false
	}
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-12; i-- {
		if s := v.str(i); lines[i] == lineLegal && strings.Contains(s, t) || s == t && i >= len(lines)-6 {
			return true
		}
	}
	return false
}

// anyStrong reports whether one of the spots is surely a title.
func anyStrong(spots []spot) bool {
	for i := range spots {
		if spots[i].score >= 6 {
			return true
		}
	}
	return false
}

// headingSpots are the headings of a page whose <title> is empty or names only the site.
func headingSpots(v *view) []spot {
	var out []spot
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.flags&fHeading == 0 || b.flags&(fHidden|fChrome) != 0 || b.chars < 6 || b.chars > 90 || b.linked*2 > b.chars || b.stops > 2 {
			continue
		}
		s := spot{lo: i, hi: i + 1, score: 1.5}
		if b.elem >= 0 && v.elems[b.elem].role == roleTitle {
			s.score++
		}
		for e := b.elem; e >= 0; e = v.elems[e].parent {
			if a := v.elems[e].node.DataAtom; isHeading(a) {
				if a == atom.H1 {
					s.score += 1.5
				}
				break
			}
		}
		out = append(out, s)
	}
	return out
}

// siblings reports whether two blocks stand in one element, or in neighbouring elements of
// the same kind.
func (v *view) siblings(i, j int) bool {
	a, b := v.blocks[i].elem, v.blocks[j].elem
	if a == b {
		return true
	}
	x, y := &v.elems[a], &v.elems[b]
	return x.parent == y.parent && x.node.DataAtom == y.node.DataAtom && attr(x.node, "class") == attr(y.node, "class")
}

// inTitle reports whether a line is a part of the document's title, or the title is the
// beginning of the line because the CMS cut it (cut).
func inTitle(k, doc, art []byte, cut bool) bool {
	if len(k) == 0 {
		return false
	}
	return bytes.Contains(doc, k) || bytes.Equal(k, art) || len(k) > 0 && len(art) > 0 && bytes.HasPrefix(art, k) ||
		len(doc) >= 30 && cut && bytes.HasPrefix(k, doc) && len(k) < 3*len(doc)
}

func scoreSpot(v *view, lo, hi int, k, doc, art []byte, n, docRunes int) spot {
	b := &v.blocks[lo]
	s := spot{lo: lo, hi: hi, score: .4 * float64(min(n, 24))}
	if docRunes > 0 && n <= docRunes {
		s.score += 4 * float64(n) / float64(docRunes)
	}
	if bytes.Equal(k, art) {
		s.score += 8
		s.exact = true
	}
	if bytes.Equal(k, doc) {
		s.exact = true
	}
	if b.flags&fHeading != 0 {
		s.score += 3
	}
	if b.elem >= 0 {
		if r := v.elems[b.elem].role; r == roleTitle {
			s.score += 2
		}
	}
	if b.flags&(fBold|fCentered) != 0 {
		s.score++
	}
	if b.linked*2 > b.chars {
		s.score -= 4
	}
	if b.flags&fChrome != 0 {
		s.score -= 3
	}
	if b.flags&fHidden != 0 {
		s.score -= 5
	}
	if b.flags&fItem != 0 {
		s.score -= 2
	}
	if lo > 0 && isColon(lastRune(v.str(lo-1))) && v.blocks[lo-1].chars <= 8 {
		s.score -= 6 // 标题：…, a field of the table above an official document
	}
	return s
}

// headingAbove takes the line above a byline for the title when the document's titles are
// of no use: a heading or an element named as title among the lines above.
func headingAbove(v *view, lines []lineKind, at int) (lo, hi int, score float64) {
	seen, plain := 0, -1
	for i := at - 1; i >= 0 && seen < 6; i-- {
		b := &v.blocks[i]
		if b.flags&fHidden != 0 || lines[i] != linePlain {
			continue
		}
		seen++
		if b.chars < 4 || b.chars > 120 || b.linked*2 > b.chars {
			continue
		}
		titled := b.elem >= 0 && v.elems[b.elem].role == roleTitle
		if b.flags&fHeading == 0 && !titled && !(b.flags&fBold != 0 && seen <= 2) {
			if plain < 0 && seen <= 2 && b.chars >= 8 && b.han >= 5 && b.linked == 0 && b.flags&(fChrome|fItem) == 0 && !strings.ContainsAny(v.str(i), ">»›。") {
				plain = i
			}
			continue
		}
		lo = i
		for lo > 0 && v.blocks[lo-1].elem == b.elem && i-lo < 3 {
			lo--
		}
		return lo, i + 1, 3 - .3*float64(seen)
	}
	if plain >= 0 {
		return plain, plain + 1, 1.5
	}
	return 0, 0, 0
}

// headingBelow takes the line below a byline for the title, on templates that print the
// byline first: a line set apart (heading, bold, centred, named) with text behind it.
func headingBelow(v *view, lines []lineKind, mass []int32, at int) (lo, hi int, score float64) {
	for i, seen := at, 0; i < len(v.blocks) && seen < 4; i++ {
		b := &v.blocks[i]
		if b.flags&(fHidden|fChrome) != 0 || lines[i] != linePlain || b.chars < 3 {
			continue
		}
		if seen++; mass[i+1] > mass[i] {
			return 0, 0, 0
		}
		if b.chars < 6 || b.chars > 90 || b.linked > 0 || b.han < 4 || massWithin(mass, i, i+4) == 0 {
			continue
		}
		if v.titled(i) || b.flags&(fBold|fCentered) != 0 || seen == 1 && b.chars >= 10 {
			return i, i + 1, 1.2
		}
	}
	return 0, 0, 0
}

// infoWords are the words that make a line worth reading as a byline.
var infoWords = newLexicon([]string{"来源", "時間", "时间", "日期", "发布", "作者", "编辑", "责编", "记者", "稿源", "出处", "來源", "發佈", "發布", "記者", "文章出", "摘自", "转自", "供稿", "文/", "文|", "文｜", "撰稿", "通讯员", "原创", "浏览", "点击", "字号", "字体", "來自", "来自"})

// clockWords are in the lines that tell today's date to the visitor.
var clockWords = []string{"今天是", "今日是", "现在是", "现在时间", "当前时间", "当前日期"}

// bylines finds the runs of short lines that hold dates and labels.
func bylines(v *view, lines []lineKind, spots []spot) []cluster {
	var out []cluster
	last := -10
	var ps []piece
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars > 200 || b.stops > 1 || b.chars < 2 || b.flags&fHidden != 0 && b.chars > 80 {
			continue
		}
		s := v.str(i)
		if containsAny(s, clockWords) {
			continue
		}
		_, _, _, dated := findDate(s)
		if !dated && infoWords.in(s) == "" {
			continue
		}
		ps = v.pieces(i, ps[:0])
		its := items(ps)
		score := infoScore(its, dated)
		if v.isRow(i) && !leads(its) {
			continue // a list's link with its date
		}
		if texty(b) && !leads(its) {
			continue // a sentence of the text that names a date
		}
		if score <= 0 {
			continue
		}
		if b.linked == b.chars && !dated {
			continue
		}
		if n := len(out); n > 0 && joinable(v, spots, last, i) {
			out[n-1].hi = i + 1
			out[n-1].items = append(out[n-1].items, its...)
			if dated {
				out[n-1].dates++
			}
		} else {
			c := cluster{lo: i, hi: i + 1, items: its}
			if dated {
				c.dates = 1
			}
			out = append(out, c)
		}
		last = i
	}
	for k := range out {
		out[k].items = v.itemsOf(max(0, out[k].lo), out[k].hi+openEnd(v, &out[k]))
		out[k].score = clusterScore(v, &out[k])
	}
	return out
}

// isRow reports whether a line is a row of a list of links: a titled link in it, or alone
// in the cell or item before it.
func (v *view) isRow(i int) bool {
	b := &v.blocks[i]
	if b.linked >= 8 && b.han >= 8 && 2*b.linked > b.chars {
		return true
	}
	if i == 0 || b.chars > 14 {
		return false
	}
	p := &v.blocks[i-1]
	return p.linked >= 8 && p.han >= 5 && p.linked*10 >= p.chars*9 && p.flags&(fItem|fCell) != 0 && b.flags&(fItem|fCell) != 0
}

// leads reports whether a line begins with a byline's label.
func leads(its []item) bool {
	if len(its) == 0 || its[0].closed == closedBare {
		return false
	}
	switch its[0].kind {
	case labelSource, labelDate, labelAuthor, labelPublisher, labelUpdated, labelEditor:
		return runes(its[0].value) <= 40
	}
	return false
}

// itemsOf reads a run of lines together: a label's value may stand in the next line.
func (v *view) itemsOf(lo, hi int) []item {
	var ps []piece
	for i := lo; i < hi && i < len(v.blocks); i++ {
		if b := &v.blocks[i]; b.chars <= 200 && b.stops <= 1 && (b.flags^v.blocks[lo].flags)&fHidden == 0 {
			ps = v.pieces(i, ps)
		}
	}
	return items(ps)
}

// openEnd is 1 when a run ends with a label whose value can only be the next line.
func openEnd(v *view, c *cluster) int {
	n := len(c.items)
	if n == 0 || c.items[n-1].value != "" || c.hi >= len(v.blocks) {
		return 0
	}
	switch c.items[n-1].kind {
	case labelSource, labelAuthor, labelDate, labelEditor, labelPublisher, labelContributor:
		if v.blocks[c.hi].chars <= 30 {
			return 1
		}
	}
	return 0
}

// joinable reports whether the byline line i goes on with the one at last: near, of the
// same visibility, no title and no text between.
func joinable(v *view, spots []spot, last, i int) bool {
	if i-last > 6 || (v.blocks[i].flags^v.blocks[last].flags)&fHidden != 0 {
		return false
	}
	for j := last + 1; j < i; j++ {
		if texty(&v.blocks[j]) {
			return false
		}
	}
	for _, sp := range spots {
		if sp.lo > last && sp.lo < i && (sp.exact || sp.score >= 6) {
			return false
		}
	}
	return true
}

// infoScore weighs what one line says.
func infoScore(its []item, dated bool) float64 {
	s := 0.0
	for i := range its {
		if its[i].closed == closedBare && its[i].value == "" {
			continue
		}
		switch its[i].kind {
		case labelSource, labelDate:
			s += 2
		case labelAuthor, labelReporter, labelPublisher, labelUpdated, labelEditor, labelContributor:
			s++
		case labelOther:
			s += .5
		}
	}
	if dated {
		s++
	}
	return s
}

// clusterScore weighs a run: each kind of field once.
func clusterScore(v *view, c *cluster) float64 {
	var seen [labelContent + 1]bool
	s := 0.0
	for i := range c.items {
		it := &c.items[i]
		if seen[it.kind] {
			continue
		}
		switch it.kind {
		case labelSource:
			s += 3
		case labelDate:
			if _, _, _, ok := findDate(it.value); ok {
				s += 3
			} else {
				s++
			}
		case labelAuthor, labelPublisher:
			s += 1.5
		case labelUpdated:
			s++
			if _, _, _, ok := findDate(it.value); ok {
				s++
			}
		case labelReporter:
			s++
		case labelOther:
			if it.closed != closedBare {
				s++
			}
		case labelNone:
			if _, _, _, ok := findDate(it.value); !ok {
				continue
			}
			s += 2.5
		case labelContent, labelIndex, labelNumber, labelIssuer, labelDocOther:
			s-- // the table above an official document
		}
		seen[it.kind] = true
	}
	if c.dates > 3 && !seen[labelSource] {
		s -= 4 // the dates of a list
	}
	b := &v.blocks[c.lo]
	if b.flags&fHidden != 0 {
		s -= 3
	}
	if b.flags&fChrome != 0 {
		s -= 2
	}
	if b.elem >= 0 && v.elems[b.elem].role == roleByline {
		s++
	}
	return s
}

// textMass sums, up to each block, the characters of lines that read as running text.
func textMass(v *view, lines []lineKind) []int32 {
	m := make([]int32, len(v.blocks)+1)
	digests := v.digests()
	for i := range v.blocks {
		m[i+1] = m[i]
		b := &v.blocks[i]
		if b.flags&(fHidden|fChrome) == 0 && lines[i] == linePlain && texty(b) && !(digests && v.isDigest(i)) {
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
	e := v.elems[b.elem].parent
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
	if plain < 15 || b.linked*2 > b.chars {
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
