package extract

import "strings"

// selectBlocks takes from a range the blocks that belong to a body: without the head's lines, tools,
// credits, links and everything behind the line that ends the article.
func (s *selector) selectBlocks(lo, hi int, e int32) []int {
	v := s.v
	var out []int
	kept := int32(0)
	var first []string
	credits := -10 // the last line of credits seen below text
	for i := lo; i < hi && i < len(v.blocks); i++ {
		b := &v.blocks[i]
		if b.flags&(fHidden|fDocHead) != 0 || i >= s.h.byLo && i < s.h.byHi || i >= s.h.titleLo && i < s.h.titleHi {
			continue
		}
		strong := s.textMass[i+1]-s.textMass[i] > 0
		if b.flags&fChrome != 0 && !s.inside(e, i) {
			continue
		}
		if strong && kept > 0 && s.copyBegins(first, i, hi) {
			for n := len(out); n > 0 && s.textMass[out[n-1]+1] == s.textMass[out[n-1]]; n-- {
				out = out[:n-1] // the copy's own title and byline
			}
			break
		}
		if s.lines[i] != linePlain && v.dataTable(i) < 0 {
			if s.lines[i] == lineEnd && kept > 0 && s.endsHere(i, hi, kept, credits) {
				break
			}
			continue
		}
		if b.linked*10 >= b.chars*7 && b.chars < 100 && !s.inSentence(i) {
			continue
		}
		if s.isCredits(i) {
			if kept > 0 {
				credits = i
			}
			continue
		}
		if kept == 0 && (s.repeatsTitle(i) || summaryWords.at(v.str(i)) != "") {
			continue
		}
		out = append(out, i)
		if strong && len(first) < 2 {
			first = append(first, opening(v.str(i)))
		}
		kept += s.textMass[i+1] - s.textMass[i]
	}
	return s.dropListHeads(out)
}

// endsHere reports whether a line that names what follows an article (相关阅读, 网友评论) ends
// it: little text follows, or the line is a heading or a link list, or the credits stand
// directly above it. An article may name 相关新闻 in its middle and go on.
func (s *selector) endsHere(i, hi int, kept int32, credits int) bool {
	rest := massWithin(s.textMass, i, hi)
	if 2*rest <= kept || i-credits <= 3 || pagerWords.at(strings.TrimLeft(s.v.str(i), "【[ ")) != "" {
		return true
	}
	heads := s.v.blocks[i].flags&fHeading != 0 || i+1 < len(s.v.blocks) && s.isLink(i+1)
	return heads && rest <= 3*kept
}

// summaryWords begin the abstract that templates print above the text.
var summaryWords = newLexicon([]string{"核心提示：", "核心提示:", "内容摘要：", "内容提要：",
	"文章摘要：", "【核心提示】", "【内容摘要】", "【内容提要】", "摘要：", "摘要:",
	"导读：", "导读:", "内容导读：", "【摘要】", "【导读】", "导语："})

// pagerWords begin the lines that lead to the articles before and behind: nothing of this
// article follows them.
var pagerWords = newLexicon([]string{"上一篇", "下一篇", "上一条", "下一条", "上篇", "下篇",
	"前一篇", "后一篇", "上一则", "下一则", "上一則", "下一則"})

// dropListHeads takes from the end of a body the headings of link lists: short lines behind
// the last paragraph that links follow directly.
func (s *selector) dropListHeads(out []int) []int {
	last := len(out)
	for last > 0 && s.textMass[out[last-1]+1] == s.textMass[out[last-1]] {
		last--
	}
	if last == 0 {
		return out
	}
	for k := last; k < len(out); k++ {
		i := out[k]
		if i+2 < len(s.v.blocks) && s.v.blocks[i].chars <= 20 && s.isLink(i+1) &&
			(s.isLink(i+2) || s.v.blocks[i+1].flags&fItem != 0) && !strings.HasPrefix(s.v.str(i), "附") {
			return out[:k]
		}
	}
	return out
}

// isLink reports whether a block is a link and little else.
func (s *selector) isLink(i int) bool {
	b := &s.v.blocks[i]
	return s.lines[i] == linePlain && b.linked > 3 && b.linked*10 >= b.chars*6
}

// copyBegins reports whether a second copy of the text (for phones, for sharing) begins with
// block i: it opens as the first paragraph does, and so does the one behind it. first are
// the openings of the first two paragraphs that were kept.
func (s *selector) copyBegins(first []string, i, hi int) bool {
	if len(first) == 0 || first[0] == "" || opening(s.v.str(i)) != first[0] {
		return false
	}
	if len(first) == 1 {
		return true
	}
	for k := i + 1; k < hi && k < len(s.v.blocks) && k < i+30; k++ {
		if s.textMass[k+1] > s.textMass[k] {
			return opening(s.v.str(k)) == first[1]
		}
	}
	return true
}

// opening is the beginning of a paragraph by which a copy is known; "" for short ones.
func opening(s string) string {
	if len(s) < 60 {
		return ""
	}
	return clip(s, 60)
}

// inside reports whether block i's chrome mark comes from an element outside e, so that it
// says nothing inside it.
func (s *selector) inside(e int32, i int) bool {
	if e < 0 {
		return false
	}
	for k := s.v.blocks[i].elem; k >= 0 && k != e; k = s.v.elems[k].parent {
		if s.v.elems[k].role.chrome() {
			return false
		}
	}
	return true
}

// inSentence reports whether a linked block is a piece of a sentence that a line break or a
// block-level link cut out of a paragraph.
func (s *selector) inSentence(i int) bool {
	b := &s.v.blocks[i]
	return b.stops > 0 && b.commas > 0 && b.linked < b.chars
}

// repeatsTitle reports whether a line above the text repeats the title.
func (s *selector) repeatsTitle(i int) bool {
	if s.v.blocks[i].chars > 120 || s.h.titleLo == s.h.titleHi {
		return false
	}
	return string(squeeze(nil, s.v.str(i))) == string(squeeze(nil, s.h.titleText(s.v)))
}

// isCredits reports whether a line holds nothing but labelled credits: 来源, 责任编辑, 审核 ….
// Dates and content labels (时间, 地点, 联系人) are part of notices.
func (s *selector) isCredits(i int) bool {
	b := &s.v.blocks[i]
	if b.chars > 80 || b.stops > 0 {
		return false
	}
	str := s.v.str(i)
	first := firstRune(str)
	if _, ok := labelTable[lowerFirst(str)]; !ok && isHan(first) {
		return false
	}
	its := items(s.v.pieces(i, nil))
	credits := 0
	for k := range its {
		it := &its[k]
		switch it.kind {
		case labelSource, labelEditor, labelAuthor, labelReporter, labelContributor, labelOther, labelPublisher:
			if it.closed == closedBare && it.kind != labelReporter && it.kind != labelEditor {
				return false
			}
			credits++
		case labelNone:
			if runes(trimMarks(it.value)) > 8 {
				return false
			}
		case labelContent:
			if k == 0 || !allPeople(it.value) { // 编务：丁宁 among credits
				return false
			}
		default:
			return false
		}
	}
	return credits > 0
}
