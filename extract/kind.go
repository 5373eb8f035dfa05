package extract

import "strings"

// kindOfPage decides between an article, a list of links and anything else. An article has
// a title above a byline, or running text that outweighs the links; a list has many titled
// links; a page without either (an error, a login) is other.
func kindOfPage(rd *reading) Kind {
	v := rd.v
	text, longest := int32(0), int32(0)
	for _, i := range rd.body.blocks {
		n := v.blocks[i].chars - v.blocks[i].linked
		text += n
		longest = max(longest, n)
	}
	rows, dated, told, linked := v.listRows()
	titled := rd.head.titleLo < rd.head.titleHi
	bylined := titled && rd.head.byLo < rd.head.byHi && rd.head.dated()
	switch {
	case rd.body.rule == "record":
		return KindArticle // the data of a society, a site, a project
	case bylined && (text >= 20 || rd.head.exact || rd.head.labelled()):
		return KindArticle // also a video, a picture or a document behind a title
	case told >= 4 && told*2 >= len(rd.body.blocks)/2:
		return KindList // titled links, each with its summary
	case dated >= 5 && linked > text/2 && !titled:
		return KindList
	case !bylined && dated >= 2 && longest < 60:
		return KindList // a short one: a few dated titles, and no paragraph but the footer
	case text >= 150 && text > linked/2 || titled && text >= 60 && rows < 40:
		if !isError(v, text) {
			return KindArticle
		}
		return KindOther
	case rows >= 8 || dated >= 3:
		return KindList
	case text >= 80 && longest >= 60 && !isError(v, text):
		return KindArticle
	}
	return KindOther
}

// labelled reports whether the byline has a label with its value.
func (h *head) labelled() bool {
	for i := range h.items {
		if it := &h.items[i]; (it.kind == labelSource || it.kind == labelDate) && it.closed == closedColon && it.value != "" {
			return true
		}
	}
	return false
}

// dated reports whether the byline shows a date.
func (h *head) dated() bool {
	for i := range h.items {
		if _, _, _, ok := h.items[i].date(); ok {
			return true
		}
	}
	return false
}

// listRows counts the lines that are a titled link, those of them with a date beside the
// link, those with a summary behind it, and the characters of all.
func (v *view) listRows() (rows, dated, told int, linked int32) {
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.linked < 8 || b.linked*10 < b.chars*5 || b.flags&(fHidden|fChrome) != 0 || b.han*3 < b.chars {
			continue
		}
		rows++
		if i+1 < len(v.blocks) && texty(&v.blocks[i+1]) && b.chars <= 60 && b.linked == b.chars {
			told++
		}
		linked += b.linked
		if b.chars > b.linked || i+1 < len(v.blocks) && v.blocks[i+1].chars <= 14 || i > 0 && v.blocks[i-1].chars <= 14 {
			for _, k := range []int{i, i + 1, i - 1} {
				if k >= 0 && k < len(v.blocks) && (k == i || v.blocks[k].chars <= 14) && looksDated(v.str(k)) {
					dated++
					break
				}
			}
		}
	}
	return rows, dated, told, linked
}

// looksDated reports whether a list row shows a date, with or without a year: 2022-10-27,
// [10-27], 10/27.
func looksDated(s string) bool {
	if _, _, _, ok := findDate(s); ok {
		return true
	}
	t := strings.Trim(s, "[]()（）【】 ")
	if len(t) < 3 || len(t) > 8 {
		return false
	}
	c := scanner{s: t}
	m, ok := c.number(1, 2)
	if !ok || m < 1 || m > 12 {
		return false
	}
	if _, ok = c.one("-/.月"); !ok {
		return false
	}
	d, ok := c.number(1, 2)
	return ok && d >= 1 && d <= 31
}

// isError recognises the pages that servers send instead of an article.
func isError(v *view, text int32) bool {
	if text > 300 {
		return false
	}
	return containsAny(v.docTitle, []string{"404", "403", "500", "502", "页面不存在", "找不到", "无法访问", "错误", "出错", "Not Found", "Error", "error", "登录", "访问受限", "网站维护"})
}
