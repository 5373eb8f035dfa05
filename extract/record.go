package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
)

// record is a table or list of labels with their values: the head of an official document, or the
// data of a society, a site or a project, which is a text of its own.
type record struct {
	lo, hi   int // blocks
	items    []item
	official bool // labels of official documents (索引号, 发文机关 …)
}

var (
	tableRows = cascadia.MustCompile("tr")
	rowCells  = cascadia.MustCompile("td, th")

	termLists  = cascadia.MustCompile("dl")
	terms      = cascadia.MustCompile("dt")
	termValues = cascadia.MustCompile("dd")
)

// findRecords finds the records of a page and marks their lines.
func (v *view) findRecords() []record {
	var out []record
	for _, e := range v.elements(v.doc.FindMatcher(innerTables)) {
		el := &v.elems[e]
		if el.hi-el.lo < 4 || el.hi-el.lo > 120 || el.flags&fHidden != 0 {
			continue
		}
		if r, ok := readRecord(goquery.NewDocumentFromNode(el.node).FindMatcher(tableRows)); ok {
			r.lo, r.hi = int(el.lo), int(el.hi)
			out = append(out, r)
		}
	}
	for _, e := range v.elements(v.doc.FindMatcher(termLists)) {
		if r, ok := readTerms(goquery.NewDocumentFromNode(v.elems[e].node).Selection); ok {
			r.lo, r.hi = int(v.elems[e].lo), int(v.elems[e].hi)
			out = append(out, r)
		}
	}
	out = append(out, v.lineRecords()...)
	out = append(out, v.pairLines(out)...)
	for _, r := range out {
		mark := fRecord
		if r.official {
			mark = fDocHead
		}
		for i := r.lo; i < r.hi && i < len(v.blocks); i++ {
			v.blocks[i].flags |= mark
		}
	}
	return out
}

// readTerms reads a list of terms (dl) whose terms are labels.
func readTerms(list *goquery.Selection) (record, bool) {
	var r record
	terms := list.FindMatcher(terms)
	terms.Each(func(_ int, dt *goquery.Selection) {
		if it, ok := labelCell(squash(dt.Text())); ok {
			it.value = squash(dt.NextMatcher(termValues).Text())
			r.items = append(r.items, it)
		}
	})
	r.official = official(r.items)
	return r, len(r.items) >= 3 && 5*len(r.items) >= 4*terms.Length() && (r.official || len(r.items) >= 4)
}

// readRecord reads the rows of a table as label and value by turns, or as a row of labels above a
// row of values.
func readRecord(rows *goquery.Selection) (record, bool) {
	var cells [][]string
	rows.Each(func(_ int, tr *goquery.Selection) {
		var row []string
		tr.ChildrenMatcher(rowCells).Each(func(_ int, td *goquery.Selection) { row = append(row, squash(td.Text())) })
		if len(row) > 0 {
			cells = append(cells, row)
		}
	})
	if r, ok := across(cells); ok {
		return r, true
	}
	var r record
	good := 0
	for _, row := range cells {
		pairs := 0
		for k := 0; k+1 < len(row); k += 2 {
			if it, ok := labelCell(row[k]); ok {
				it.value = row[k+1]
				r.items = append(r.items, it)
				pairs++
			}
		}
		if pairs > 0 && pairs == len(row)/2 {
			good++
		}
	}
	if len(r.items) < 3 || 5*good < 4*len(cells) {
		return record{}, false
	}
	r.official = official(r.items)
	return r, r.official || len(cells) >= 4
}

// across reads a table whose first row holds the labels of the second.
func across(cells [][]string) (record, bool) {
	if len(cells) != 2 || len(cells[0]) != len(cells[1]) || len(cells[0]) < 3 {
		return record{}, false
	}
	var r record
	for k := range cells[0] {
		if it, ok := labelCell(cells[0][k]); ok {
			it.value = cells[1][k]
			r.items = append(r.items, it)
		}
	}
	r.official = official(r.items)
	return r, r.official && 2*len(r.items) > len(cells[0])
}

// labelCell reads a cell that holds a label and nothing else: one that the tables know, or a short
// word with a colon.
func labelCell(s string) (item, bool) {
	t := strings.Trim(s, " []【】")
	k, word, n, _ := matchLabel(t)
	if k != labelNone && n == len(t) {
		return item{kind: k, label: word, closed: closedColon}, true
	}
	if n := runes(t); n >= 2 && n <= 16 && isColon(lastRune(t)) {
		return item{kind: labelContent, label: strings.TrimRight(t, "：:∶ "), closed: closedColon}, true
	}
	return item{}, false
}

// official reports whether labels are those of an official document.
func official(items []item) bool {
	n, sure := 0, 0
	for i := range items {
		switch items[i].kind {
		case labelIndex, labelNumber:
			n++
			sure++
		case labelIssuer, labelSigned, labelDocOther, labelPublisher:
			n++
		}
	}
	return sure > 0 && n >= 2 && len(items) >= 3
}

// lineRecords finds the heads of official documents that are set as lists or lines: at least three
// lines in a row that begin with a label and its colon.
func (v *view) lineRecords() []record {
	var out []record
	var r record
	var ps []piece
	end := func() {
		if len(r.items) >= 3 && official(r.items) {
			r.official = true
			out = append(out, r)
		}
		r = record{}
	}
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars > 120 || b.flags&(fHidden|fRecord|fDocHead|fHeading) != 0 || b.linked*2 > b.chars {
			end()
			continue
		}
		s := strings.TrimLeft(v.str(i), "[【 ")
		var its []item
		if _, known := labelTable[lowerFirst(s)]; known {
			ps = v.pieces(i, ps[:0])
			its = items(ps)
		}
		if len(its) == 0 || !recordLabels(its) {
			if n := len(r.items); n > 0 && r.items[n-1].value == "" && b.chars <= 60 { // the value in an element of its own
				r.items[n-1].value = v.str(i)
				r.hi = i + 1
				continue
			}
			end()
			continue
		}
		if r.hi == 0 {
			r.lo = i
		}
		r.hi = i + 1
		r.items = append(r.items, its...)
	}
	end()
	return out
}

// pairLines finds records that are set as lines: four in a row or more that are a short label, a
// colon and a value, most of them with labels that no byline has.
func (v *view) pairLines(known []record) []record {
	var out []record
	var r record
	bylined := 0
	end := func() {
		if n := len(r.items); n >= 4 && 2*bylined < n &&
			!slices.ContainsFunc(known, func(k record) bool { return k.lo < r.hi && r.lo < k.hi }) {
			out = append(out, r)
		}
		r, bylined = record{}, 0
	}
	for i := range v.blocks {
		b := &v.blocks[i]
		it, ok := item{}, false
		if b.chars <= 200 && b.flags&(fHidden|fHeading|fChrome) == 0 && b.linked*2 <= b.chars {
			it, ok = pairLine(v.str(i))
		}
		if !ok {
			end()
			continue
		}
		if r.hi > 0 && !v.together(r.lo, i+1) {
			end()
		}
		if r.hi == 0 {
			r.lo = i
		}
		r.hi = i + 1
		r.items = append(r.items, it)
		switch it.kind {
		case labelContent, labelDocOther, labelTitle:
		default:
			bylined++
		}
	}
	end()
	return out
}

// together reports whether lines stand in one element with little else.
func (v *view) together(lo, hi int) bool {
	e := v.around(lo, hi-1)
	return e >= 0 && int(v.elems[e].hi-v.elems[e].lo) <= hi-lo+4
}

// pairLine reads a line that is a label of two to eight Chinese characters, a colon and a value.
func pairLine(s string) (item, bool) {
	i := strings.IndexAny(s[:min(len(s), 40)], ":：")
	if i < 0 {
		return item{}, false
	}
	_, w := firstRuneLen(s[i:])
	label := strings.ReplaceAll(s[:i], " ", "")
	n := hanCount(label)
	if n < 2 || n > 8 || n != utf8.RuneCountInString(label) || strings.TrimSpace(s[i+w:]) == "" {
		return item{}, false
	}
	it, ok := labelCell(label + "：")
	it.value = strings.TrimSpace(s[i+w:])
	return it, ok
}

// recordLabels reports whether all items of a line are fields of a document's head.
func recordLabels(its []item) bool {
	for i := range its {
		switch it := &its[i]; it.kind {
		case labelIndex, labelNumber, labelIssuer, labelSigned, labelDocOther, labelPublisher, labelDate, labelUpdated,
			labelTitle, labelSource:
			if it.closed != closedColon {
				return false
			}
		case labelNone:
			if i == 0 || runes(it.value) > 12 {
				return false
			}
		default:
			if it.closed != closedColon || i == 0 {
				return false
			}
		}
	}
	return true
}

// readRecords reads the fields of the records of an official document; of other records only a
// date that its label calls the page's.
func (rd *reading) readRecords() {
	for _, r := range rd.records {
		for i := range r.items {
			it := &r.items[i]
			d, _, _, dated := it.date()
			switch {
			case it.kind == labelDate && dated && (r.official || containsAny(it.label, publishWords)):
				rd.fields.addDate(Candidate{Rule: "record", Raw: it.label + "：" + it.value, Confidence: .93, Block: r.lo}, d)
			case !r.official:
			case it.kind == labelUpdated && dated, it.kind == labelSigned && dated:
				rd.fields.addDate(Candidate{Rule: "record", Raw: it.label + "：" + it.value, Confidence: .66, Block: r.lo}, d)
			case it.kind == labelTitle && runes(it.value) >= 4:
				rd.fields.title.add(Candidate{Rule: "record", Value: squash(it.value), Raw: it.value, Confidence: .85, Block: r.lo})
			}
		}
	}
}
