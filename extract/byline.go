package extract

import (
	"slices"
	"strings"
)

// cluster is a run of lines that look like a byline.
type cluster struct {
	lo, hi int
	items  []item
	score  float64
	dates  int
}

// infoWords are the words that make a line worth reading as a byline.
var infoWords = newLexicon([]string{"来源", "時間", "时间", "日期", "发布", "作者", "编辑", "责编",
	"记者", "稿源", "出处", "來源", "發佈", "發布", "記者", "文章出", "摘自", "转自", "供稿",
	"文/", "文|", "文｜", "撰稿", "通讯员", "原创", "浏览", "点击", "字号", "字体", "來自", "来自"})

// markBylines marks the lines that would pass for running text by their length, commas and
// stops, and are bylines by what they say: several writers, a stop behind the last name.
func (v *view) markBylines() {
	var ps []piece
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars > 200 || b.stops > 1 || !texty(b) {
			continue
		}
		s := v.str(i)
		if _, _, _, dated := findDate(s); !dated && infoWords.in(unspaced(s)) == "" {
			continue
		}
		ps = v.pieces(i, ps[:0])
		if isByline(items(ps)) {
			b.flags |= fByline
		}
	}
}

// isByline reports whether items are a byline and nothing else: at least two fields, one of
// them with its label, and every value as short as its kind allows. A sentence that begins
// with a label or a date has a long rest.
func isByline(its []item) bool {
	fields, labelled := 0, 0
	for i := range its {
		it := &its[i]
		_, lo, hi, dated := it.date()
		if strings.ContainsAny(strings.TrimSuffix(it.value, "。"), "。！？") || lo > 120 ||
			lo > 30 && !parsePeople(it.value[:lo]).known() || dated && runes(it.value[hi:]) > 20 {
			return false
		}
		switch it.kind {
		case labelNone:
			if dated {
				fields++
				if p := parsePeople(it.value[:lo]); p.known() { // 果业中心 秦岭、何山 2021-08-03
					fields++
					labelled++
				}
			} else if runes(it.value) > 12 && !allPeople(it.value) && !isDocNumber(it.value) {
				return false
			}
			continue
		case labelAuthor, labelReporter, labelEditor, labelContributor:
			if n := runes(it.value); n > 12 && strings.ContainsAny(it.value, "，,；、") &&
				!parsePeople(it.value).known() && n > 30 {
				return false
			}
			if it.closed == closedBare && !parsePeople(it.value).known() {
				return false
			}
		case labelSource, labelPublisher:
			if runes(it.value) > 40 || it.closed == closedBare {
				return false
			}
		case labelDate, labelUpdated:
			if !dated && it.value != "" {
				return false
			}
		case labelContent:
			return false
		default:
			if runes(it.value) > 20 {
				return false
			}
		}
		if it.closed != closedBare && it.value != "" {
			labelled++
		}
		fields++
	}
	return fields >= 2 && labelled >= 1
}

// bylines finds the runs of short lines that hold dates and labels.
func bylines(v *view, lines []lineKind, candidates []titleCandidate) []cluster {
	var out []cluster
	last := -10
	cited := -1 // a bracket with a medium and a date: the byline of pages that show no other date
	var ps []piece
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.chars > 200 || b.stops > 1 || b.chars < 2 || b.flags&fRecord != 0 || b.flags&fHidden != 0 && b.chars > 80 {
			continue
		}
		s := v.str(i)
		if containsAny(s, clockWords) {
			continue
		}
		_, lo, hi, dated := findDate(s)
		if !dated && infoWords.in(unspaced(s)) == "" && !republicDay(s) {
			continue
		}
		ps = v.pieces(i, ps[:0])
		its := items(ps)
		for k := range its {
			if _, _, _, ok := its[k].date(); ok {
				dated = true
			}
		}
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
		if b.linked*10 >= b.chars*8 && !(dated && runes(s[:lo])+runes(s[hi:]) <= 6) {
			continue // a link whose text or address names a date: that of another page
		}
		if !leads(its) && v.signs(i) {
			continue
		}
		if !leads(its) && isCitation(s) {
			if isBracketed(s) && cited < 0 {
				cited = i
			}
			continue
		}
		if n := len(out); n > 0 && joinable(v, candidates, last, i) {
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
	if cited >= 0 && !slices.ContainsFunc(out, func(c cluster) bool { return c.dates > 0 }) {
		out = append(out, cluster{lo: cited, hi: cited + 1, dates: 1})
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
	if rowLike(b) && (i > 0 && rowLike(&v.blocks[i-1]) || i+1 < len(v.blocks) && rowLike(&v.blocks[i+1])) {
		return true
	}
	if i == 0 || b.chars > 14 {
		return false
	}
	p := &v.blocks[i-1]
	return p.linked >= 8 && p.han >= 5 && p.linked*10 >= p.chars*9 && p.flags&(fItem|fCell) != 0 &&
		b.flags&(fItem|fCell) != 0
}

// rowLike reports whether a line is a linked title and little else; rows stand one above the other.
func rowLike(b *block) bool {
	return b.linked >= 5 && b.han >= 5 && 3*b.linked >= b.chars && b.flags&(fItem|fCell) != 0
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
func joinable(v *view, candidates []titleCandidate, last, i int) bool {
	if i-last > 6 || (v.blocks[i].flags^v.blocks[last].flags)&fHidden != 0 {
		return false
	}
	for j := last + 1; j < i; j++ {
		if texty(&v.blocks[j]) {
			return false
		}
	}
	for _, sp := range candidates {
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
			if _, _, _, ok := it.date(); ok {
				s += 3
			} else {
				s++
			}
		case labelAuthor, labelPublisher:
			s += 1.5
		case labelUpdated:
			s++
			if _, _, _, ok := it.date(); ok {
				s++
			}
		case labelReporter:
			s++
		case labelOther:
			if it.closed != closedBare {
				s++
			}
		case labelNone:
			if _, _, _, ok := it.date(); !ok {
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
