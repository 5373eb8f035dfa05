package extract

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// titleCandidate is a run of lines that the document's own titles confirm as the title.
type titleCandidate struct {
	lo, hi int
	score  float64
	text   string // when the title is only the first piece of the line
	exact  bool   // equal to the whole <title> or to ArticleTitle
}

// titleCandidates finds the lines that repeat the document's title or its ArticleTitle.
func titleCandidates(v *view, site bool) []titleCandidate {
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
	var out []titleCandidate
	var buf, joined []byte
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars < 2 || b.chars > 150 || b.flags&fRecord != 0 {
			continue
		}
		buf = squeeze(buf, v.str(i))
		hi := i + 1
		k := buf
		if !inTitle(k, doc, art, cut) {
			if sp, ok := v.pieceCandidate(i, doc, art, docRunes); ok {
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
		out = append(out, scoreTitle(v, i, hi, k, doc, art, n, docRunes))
	}
	return out
}

// titled reports whether a block is a heading or stands in an element named as title.
func (v *view) titled(i int) bool {
	b := &v.blocks[i]
	return b.linked == 0 && b.elem >= 0 && b.flags&(fHidden|fChrome) == 0 &&
		(b.flags&fHeading != 0 || v.elems[b.elem].role == roleTitle)
}

// pieceCandidate finds a title that shares its line with the byline: <h1>title<span>date</span></h1>.
func (v *view) pieceCandidate(i int, doc, art []byte, docRunes int) (titleCandidate, bool) {
	b := &v.blocks[i]
	if b.mlo == b.mhi || b.elem < 0 || b.flags&(fHeading|fBold|fCentered) == 0 && v.elems[b.elem].role != roleTitle {
		return titleCandidate{}, false
	}
	ps := v.pieces(i, nil)
	if len(ps) < 2 {
		return titleCandidate{}, false
	}
	k := squeeze(nil, ps[0].text)
	n := utf8.RuneCount(k)
	if n < 6 || !inTitle(k, doc, art, false) {
		return titleCandidate{}, false
	}
	sp := scoreTitle(v, i, i+1, k, doc, art, n, docRunes)
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

// siteKeys are the names that a page gives its site, as keys: its metas, the first or last part of
// <title> when that names an organisation or ends as sites do.
func (v *view) siteKeys() []string {
	var out []string
	if n := key(v.siteName()); n != "" {
		out = append(out, n)
	}
	parts := strings.FieldsFunc(v.docTitle, func(r rune) bool { return strings.ContainsRune("_|｜-－–—", r) })
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if (i == 0 || i == len(parts)-1) && len(parts) > 1 && (isOrg(p) || strings.HasSuffix(p, "网站")) {
			out = append(out, key(p))
		}
	}
	if len(parts) == 1 && isOrg(v.docTitle) {
		out = append(out, v.keyTitle)
	}
	return out
}

// lessSites lowers the candidates that are the site's own name: a title only where nothing else is one.
func (v *view) lessSites(candidates []titleCandidate) []titleCandidate {
	sites := v.siteKeys()
	for i := range candidates {
		if c := &candidates[i]; c.hi-c.lo == 1 && slices.Contains(sites, key(v.str(c.lo))) {
			c.score -= 5
		}
	}
	return candidates
}

// anyStrong reports whether one of the candidates is surely a title.
func anyStrong(candidates []titleCandidate) bool {
	for i := range candidates {
		if candidates[i].score >= 6 {
			return true
		}
	}
	return false
}

// headingCandidates are the headings of a page whose <title> is empty or names only the site.
func headingCandidates(v *view) []titleCandidate {
	var out []titleCandidate
	set := false // a line set apart above the text was seen
	for i := range v.blocks {
		b := &v.blocks[i]
		if !set && v.setApart(i) {
			set = true
			out = append(out, titleCandidate{lo: i, hi: i + 1, score: 1.2})
			continue
		}
		if b.flags&fHeading == 0 && (b.elem < 0 || v.elems[b.elem].role != roleTitle) ||
			b.flags&(fHidden|fChrome|fRecord) != 0 || b.chars < 6 && !v.opensText(i) || b.chars > 90 || b.linked*2 > b.chars ||
			b.stops > 2 {
			continue
		}
		s := titleCandidate{lo: i, hi: i + 1, score: 1.5}
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

// setApart reports whether a line is bold or centred as a title is, no heading, with running text
// below it: old templates and editors print titles so.
func (v *view) setApart(i int) bool {
	b := &v.blocks[i]
	if b.flags&(fBold|fCentered) == 0 || b.flags&(fHeading|fHidden|fChrome|fRecord|fDocHead|fItem) != 0 || b.chars < 8 ||
		b.chars > 70 || b.han < 5 || b.linked > 0 || b.stops > 0 {
		return false
	}
	s := v.str(i)
	if docNumberIn(s) != "" || signer(s) != "" && runes(s) < 14 || strings.ContainsAny(s, ">»©|") {
		return false
	}
	for k := i + 1; k < len(v.blocks) && k < i+6; k++ {
		if texty(&v.blocks[k]) {
			return true
		}
		if v.blocks[k].linked*2 > v.blocks[k].chars {
			return false
		}
	}
	return false
}

// opensText reports whether running text follows a line directly.
func (v *view) opensText(i int) bool {
	for k := i + 1; k < len(v.blocks) && k < i+4; k++ {
		if b := &v.blocks[k]; texty(b) || b.linked*2 > b.chars {
			return b.linked*2 <= b.chars
		}
	}
	return false
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

func scoreTitle(v *view, lo, hi int, k, doc, art []byte, n, docRunes int) titleCandidate {
	b := &v.blocks[lo]
	s := titleCandidate{lo: lo, hi: hi, score: .4 * float64(min(n, 24))}
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
		if b.flags&(fHidden|fRecord) != 0 || lines[i] != linePlain {
			continue
		}
		seen++
		if b.chars < 4 || b.chars > 120 || b.linked*2 > b.chars {
			continue
		}
		titled := b.elem >= 0 && v.elems[b.elem].role == roleTitle
		if b.flags&fHeading == 0 && !titled && !(b.flags&fBold != 0 && seen <= 2) {
			if plain < 0 && seen <= 2 && b.chars >= 8 && b.han >= 5 && b.linked == 0 && b.flags&(fChrome|fItem) == 0 &&
				!strings.ContainsAny(v.str(i), ">»›。") {
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
