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
	case rd.listing():
		return KindList
	case !bylined && rd.isErrorPage(text):
		return KindOther
	case rd.body.rule == "pictures" && titled && !bylined:
		return KindArticle
	case rd.body.rule == "record":
		return KindArticle // the data of a society, a site, a project
	case bylined && (text >= 20 || rd.head.exact || rd.head.labelled()):
		return KindArticle // also a video, a picture or a document behind a title
	case told >= 4 && told*2 >= len(rd.body.blocks)/2:
		return KindList // titled links, each with its summary
	case dated >= 5 && linked > text/2 && !titled:
		return KindList
	case !bylined && dated >= 2 && longest < 60 && !(titled && text >= 100 && !v.linkNamed(rd.head.titleText(v))):
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

// listing reports whether a page is a list of other pages, whatever it says above them: rows of a
// titled link with a date or a summary below it, one after the other. Rows behind the text of an
// article (相关文章) are no list page.
func (rd *reading) listing() bool {
	v := rd.v
	var all, before, told int32 // running text of the page, above the first row, in summaries
	rows, dates, summaries, first, last := 0, 0, 0, -1, -1
	for i := range v.blocks {
		b := &v.blocks[i]
		if b.flags&(fHidden|fChrome) != 0 || rd.lines[i] == lineLegal {
			continue
		}
		if rd.lines[i] == lineEnd && rows < 3 && all >= 60 {
			break
		}
		if texty(b) {
			all += b.chars - b.linked
		}
		if !v.titledLink(i) || rd.lines[i] != linePlain {
			continue
		}
		dated, sum := v.teaser(i)
		if !dated && sum == 0 {
			continue
		}
		if last >= 0 && i-last > 8 && rows < 3 {
			rows, dates, summaries, told, first = 0, 0, 0, 0, -1
		}
		if first < 0 {
			first, before = i, all
		}
		last = i
		rows++
		if dated {
			dates++
		}
		if sum > 0 {
			summaries++
			told += sum
		}
	}
	if rows < 3 || rd.ownText() >= 30 {
		return false
	}
	h := &rd.head
	titled := h.titleLo < h.titleHi
	if summaries >= 3 && 10*told >= 6*all {
		return true
	}
	return dates >= 5 && before <= 200 && all-before-told <= 100 && (before < 60 || !titled || v.linkNamed(h.titleText(v)))
}

// linkNamed reports whether a link of the page has a text for its name: the menu's or breadcrumb's
// link to a column that is so called.
func (v *view) linkNamed(text string) bool {
	k := key(text)
	for i := range v.links {
		if l := &v.links[i]; int(l.hi-l.lo) <= 3*len(k)+16 && key(v.text[l.lo:l.hi]) == k {
			return true
		}
	}
	return false
}

// ownText counts the running text of the body of a page with title and dated byline, without the
// summaries of other pages: an article beside lists has some.
func (rd *reading) ownText() int32 {
	h, v := &rd.head, rd.v
	if h.titleLo == h.titleHi || h.byLo == h.byHi || !h.dated() || v.inRow(h.byLo) {
		return 0
	}
	n := int32(0)
	for _, i := range rd.body.blocks {
		if b := &v.blocks[i]; texty(b) && !v.inRow(i) {
			n += b.chars - b.linked
		}
	}
	return n
}

// inRow reports whether a line stands with a titled link above it in one small element.
func (v *view) inRow(i int) bool {
	for k := i; k >= 0 && k >= i-4; k-- {
		if v.titledLink(k) {
			e := v.around(k, i)
			return e >= 0 && v.elems[e].hi-v.elems[e].lo <= 8
		}
	}
	return false
}

// titledLink reports whether a line is a link long enough to be the title of another page, with
// little else but a date beside it.
func (v *view) titledLink(i int) bool {
	b := &v.blocks[i]
	if b.linked < 5 || b.han < 4 {
		return false
	}
	return b.linked*10 >= b.chars*5 ||
		b.linked >= 8 && b.linked*10 >= b.chars*2 && b.chars <= 120 && b.stops == 0 && looksDatedIn(v.str(i))
}

// teaser reports whether a titled link is a row of a list: a date in its line or within the next
// ones, and how much summary stands below it.
func (v *view) teaser(i int) (dated bool, summary int32) {
	b := &v.blocks[i]
	dated = b.chars > b.linked && looksDatedIn(v.str(i))
	for k := i + 1; k < len(v.blocks) && k <= i+4; k++ {
		n := &v.blocks[k]
		if n.flags&fHidden != 0 {
			continue
		}
		if e := v.around(i, k); e < 0 || v.elems[e].hi-v.elems[e].lo > 8 {
			break // not of one row
		}
		if n.linked >= 5 && n.linked*10 >= n.chars*8 && n.han > 4 {
			break
		}
		if texty(n) && n.chars-n.linked >= 25 {
			summary += n.chars - n.linked
		} else if n.chars <= 60 && looksDatedIn(v.str(k)) {
			dated = true
		}
	}
	return dated, summary
}

// looksDatedIn reports whether a short line shows a date, with or without a year.
func looksDatedIn(s string) bool {
	if _, _, _, ok := findDate(s); ok {
		return true
	}
	return looksDated(s)
}

// isErrorPage recognises the pages that sites answer with instead of an article, in their full
// template too: a short text that speaks of the page itself, or whose title is 提示.
func (rd *reading) isErrorPage(text int32) bool {
	if text > 300 {
		return false
	}
	v := rd.v
	if isError(v, text) {
		return true
	}
	said := -1 // characters before the message
	n := int32(0)
	for _, i := range rd.body.blocks {
		if s := v.str(i); errorWords.in(s) != "" && containsAny(s, errorObjects) {
			said = int(n)
			break
		}
		n += v.blocks[i].chars
	}
	title := key(rd.head.titleText(v))
	if title == "" {
		title = v.keyTitle
	}
	return said == 0 && text <= 200 || said >= 0 && errorTitles[title]
}

var (
	errorWords = newLexicon([]string{"不存在", "已删除", "已被删除", "被管理员删除", "没有权限",
		"无权访问", "无权查看", "没有查看", "找不到", "未找到", "无法找到", "无法访问",
		"无法显示", "已失效", "已过期", "已下线", "参数错误", "参数有误", "非法操作", "非法访问",
		"请先登录", "请登录后", "尚未审核", "未通过审核", "访问出错", "出错了", "沒有找到",
		"找不到您", "已移除", "暂时无法"})
	errorObjects = []string{"页面", "文章", "内容", "信息", "网页", "链接", "栏目", "资源", "文件",
		"网址", "地址", "访问", "权限", "参数", "操作", "登录", "新闻", "頁面", "文档", "数据"}
	errorTitles = map[string]bool{"提示": true, "提示信息": true, "系统提示": true, "错误提示": true,
		"温馨提示": true, "信息提示": true, "出错啦": true, "出错了": true, "错误": true,
		"错误信息": true, "操作提示": true, "友情提示": true, "系统信息": true, "访问提示": true,
		"404": true, "页面不存在": true}
)

// isError recognises the pages that servers send instead of an article.
func isError(v *view, text int32) bool {
	if text > 300 {
		return false
	}
	return containsAny(v.docTitle, []string{"404", "403", "500", "502", "页面不存在", "找不到", "无法访问",
		"错误", "出错", "Not Found", "Error", "error", "登录", "访问受限", "网站维护"})
}
