package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html/atom"
)

// dataTable returns the innermost table around block i if it shows data, -1 otherwise.
func (v *view) dataTable(i int) int32 {
	if v.blocks[i].flags&fCell == 0 {
		return -1
	}
	for e := v.blocks[i].elem; e >= 0; e = v.elems[e].parent {
		if v.elems[e].node.DataAtom == atom.Table {
			if v.elems[e].flags&fData != 0 {
				return e
			}
			return -1
		}
	}
	return -1
}

// markTables finds the tables that show data: at least two rows of two cells or more, no
// table inside, cells short on average and mostly no links. Other tables are layout.
func (v *view) markTables() {
	for _, e := range v.elements(v.doc.FindMatcher(innerTables)) {
		el := &v.elems[e]
		table := goquery.NewDocumentFromNode(el.node)
		if table.FindMatcher(secondCells).Length() < 2 {
			continue
		}
		var chars, linked int32
		for i := el.lo; i < el.hi && int(i) < len(v.blocks); i++ {
			chars += v.blocks[i].chars
			linked += v.blocks[i].linked
		}
		if int(chars) <= 80*table.FindMatcher(tableCells).Length() && 2*linked <= chars {
			el.flags |= fData
		}
	}
}

// showBody uncovers a body that the page hides until a script has run (visibility:hidden on
// the marked element): it holds more running text than all that shows.
func (v *view) showBody() {
	var shown int32
	for i := range v.blocks {
		if b := &v.blocks[i]; b.flags&fHidden == 0 && texty(b) {
			shown += b.chars - b.linked
		}
	}
	for _, e := range v.bodies {
		el := &v.elems[e]
		if el.flags&fHidden == 0 || el.hi <= el.lo {
			continue
		}
		var text int32
		for i := el.lo; i < el.hi; i++ {
			if b := &v.blocks[i]; texty(b) {
				text += b.chars - b.linked
			}
		}
		if text < 100 || text < 2*shown {
			continue
		}
		for k := e; k < int32(len(v.elems)) && v.elems[k].lo < el.hi; k++ {
			if v.ancestor(e, k) {
				v.elems[k].flags &^= fHidden
			}
		}
		for i := el.lo; i < el.hi; i++ {
			v.blocks[i].flags &^= fHidden
		}
		return
	}
}

// markChrome marks the blocks inside elements whose names say that they stand around the
// article. An element that holds half of the page's running text is no chrome whatever its
// name ("header-main", "nav-content").
func (v *view) markChrome() {
	n := len(v.blocks)
	mass := make([]int32, n+1)
	for i := range v.blocks {
		mass[i+1] = mass[i]
		if b := &v.blocks[i]; b.flags&fHidden == 0 && texty(b) {
			mass[i+1] += b.chars - b.linked
		}
	}
	for e := range v.elems {
		el := &v.elems[e]
		if !el.role.chrome() {
			continue
		}
		lo, hi := int(el.lo), min(int(el.hi), n)
		text := mass[hi] - mass[lo]
		if 2*text > mass[n] && (el.role != roleDialog || text >= 300) || v.holdsHeading(lo, hi) {
			el.role = roleNone
			continue
		}
		for i := lo; i < hi; i++ {
			v.blocks[i].flags |= fChrome
		}
	}
}

// holdsHeading reports whether one of the blocks is a heading that repeats the document's
// title: an article's own <header>.
func (v *view) holdsHeading(lo, hi int) bool {
	for i := lo; i < hi && i < lo+40; i++ {
		b := &v.blocks[i]
		if b.flags&fHeading != 0 && b.chars >= 6 && b.linked == 0 {
			if k := key(v.str(i)); len(k) > 12 && strings.Contains(v.keyTitle, k) {
				return true
			}
		}
	}
	return false
}
