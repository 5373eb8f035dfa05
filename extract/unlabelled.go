package extract

import (
	"strings"

	"cundang/archive"
)

// readUnlabelled reads a byline's values that have no label: the date, the medium or the writer
// beside it ("石佳/中国青年报 2019-09-24", "2019-09-26 10:56 证券时报网").
func readUnlabelled(v *view, h head, f *fields) {
	dated := -1
	for i := range h.items {
		it := &h.items[i]
		if it.kind != labelNone && it.kind != labelOther && it.kind != labelTitle {
			if it.kind == labelDate || it.kind == labelUpdated {
				if _, _, _, ok := it.date(); ok {
					dated = i
				}
			}
			continue
		}
		if it.kind != labelNone && it.kind != labelOther {
			continue
		}
		d, lo, hi, ok := it.date()
		if !ok {
			continue
		}
		if it.kind == labelNone {
			f.addDate(Candidate{Rule: "byline-date", Raw: it.value, Confidence: .95, Block: it.lo}, d)
			dated = i
			besideDate(it.value[:lo], f, .75)
			besideDate(it.value[hi:], f, .8)
		} else {
			f.addDate(Candidate{Rule: "byline-date", Raw: it.value, Confidence: .7, Block: it.lo}, d)
		}
	}
	if dated < 0 {
		splitDate(v, h, f)
		return
	}
	if dated+1 < len(h.items) {
		besideItem(&h.items[dated+1], f, .8)
		linkedMedium(v, &h.items[dated+1], f)
	}
	if dated > 0 {
		besideItem(&h.items[dated-1], f, .75)
	}
	if dated > 1 && h.items[dated-1].kind == labelNone {
		besideItem(&h.items[dated-2], f, .6)
	}
}

// linkedMedium reads a link directly behind the date: portals link the medium a story is
// from and give it no label.
func linkedMedium(v *view, it *item, f *fields) {
	if it.kind != labelNone || !v.isLinkAt(it.lo) {
		return
	}
	s := cleanSource(it.value)
	if n := runes(s); n < 2 || n > 14 || hanCount(s) < 2 || toolWords[string(squeeze(nil, s))] ||
		containsAny(s, []string{"评论", "分享", "打印", "收藏", "频道", "首页", "参与", "关注", "订阅",
			"举报", "纠错", "我有话说", "下载"}) {
		return
	}
	f.source.add(Candidate{Rule: "link-behind-date", Value: s, Raw: it.value, Confidence: .7, Block: it.lo})
}

// isLinkAt reports whether a link begins at an offset of the text.
func (v *view) isLinkAt(at int) bool {
	for i := range v.links {
		if int(v.links[i].lo) == at || int(v.links[i].lo) == at-1 {
			return int(v.links[i].hi) > at
		}
	}
	return false
}

func besideItem(it *item, f *fields, conf float64) {
	if it.kind == labelNone {
		if _, _, _, ok := it.date(); !ok {
			besideDate(it.value, f, conf)
		}
	}
}

// besideDate reads an unlabelled value next to the date: a medium, a writer, or both.
func besideDate(s string, f *fields, conf float64) {
	s = trimMarks(s)
	if n := runes(s); n < 2 || n > 24 || strings.ContainsAny(s, "。！？，:：@") || strings.Contains(s, "www.") ||
		strings.Contains(s, "http") {
		return
	}
	if toolWords[string(squeeze(nil, s))] || containsAny(s, []string{"浏览", "阅读", "评论", "字号", "打印",
		"分享", "参与", "点击", "收藏", "首页", "频道", "客户端下载"}) {
		return
	}
	if allPeople(s) {
		f.author.add(Candidate{Rule: "beside-date", Value: authorsOf(cleanAuthor(s)), Raw: s, Confidence: conf * .9,
			Block: -1})
		return
	}
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '／' || r == ' ' }) {
		switch {
		case allNames(p):
			f.author.add(Candidate{Rule: "beside-date", Value: cleanAuthor(p), Raw: s, Confidence: conf * .9, Block: -1})
		case isOrg(p) && hanCount(p) >= 2:
			if src := cleanSource(p); src != "" {
				f.source.add(Candidate{Rule: "beside-date", Value: src, Raw: s, Confidence: conf, Block: -1})
			}
		}
	}
}

// splitDate joins a date that a template splits over elements: "21" above "2024年02月" or
// "2024-02".
func splitDate(v *view, h head, f *fields) {
	lo, hi := h.titleLo-4, h.start+4
	for i := max(lo, 0); i < min(hi, len(v.blocks)); i++ {
		b := &v.blocks[i]
		if b.chars < 6 || b.chars > 9 || b.flags&fHidden != 0 {
			continue
		}
		ym := strings.TrimRight(squash(v.str(i)), "月-/. ")
		for _, j := range []int{i - 1, i + 1} {
			if j < 0 || j >= len(v.blocks) || v.blocks[j].chars > 3 {
				continue
			}
			day := strings.TrimRight(v.str(j), "日 ")
			if len(day) > 2 || !isNumber(day) || day == "" {
				continue
			}
			sep := "-"
			if strings.Contains(ym, "年") {
				sep = "月"
			} else if strings.Contains(ym, "/") {
				sep = "/"
			} else if strings.Contains(ym, ".") {
				sep = "."
			}
			if d, at, _, ok := findDate(ym + sep + day); ok && at == 0 {
				f.addDate(Candidate{Rule: "split-date", Raw: v.str(i) + " " + v.str(j), Confidence: .9, Block: i}, d)
				return
			}
		}
	}
}

// readMetas reads what meta tags say, and trusts them as measured: ContentSource 15 of 16
// right, PubDate 13 of 17, and not at all when it is the moment the page was generated.
func readMetas(v *view, url string, f *fields) {
	if s := cleanSource(strings.TrimPrefix(strings.TrimPrefix(v.meta("contentsource"), "来源："), "来源:")); s != "" {
		f.source.add(Candidate{Rule: "meta-contentsource", Value: s, Raw: s, Confidence: .9, Block: -1})
	}
	for _, n := range []string{"mediaid", "source"} {
		raw := v.meta(n)
		s := cleanSource(strings.TrimPrefix(strings.TrimPrefix(raw, "来源："), "来源:"))
		if s != "" && hanCount(s) > 1 {
			f.source.add(Candidate{Rule: "meta-" + n, Value: s, Raw: raw, Confidence: .7, Block: -1})
		}
	}
	if s := cleanSource(v.meta("article:author")); s != "" && isOrg(s) { // what media portals write there
		f.source.add(Candidate{Rule: "meta-article-author", Value: s, Raw: s, Confidence: .55, Block: -1})
	}
	made, hasMade := v.generated()
	for k, n := range metaDate {
		raw := v.meta(n)
		d, _, _, ok := findDate(raw)
		if !ok {
			continue
		}
		c := .8 - .02*float64(k)
		if hasMade && made.sameDay(d) {
			c = .2
		}
		f.addDate(Candidate{Rule: "meta-" + strings.ReplaceAll(n, " ", ""), Raw: raw, Confidence: c, Block: -1}, d)
	}
	if d, raw, ok := urlDate(url); ok {
		f.addDate(Candidate{Rule: "url", Raw: raw, Confidence: .7, Block: -1}, d)
	}
	for _, r := range v.remarks {
		if r.text == "<$[信息来源]>begin" || r.text == "<$[来源]>begin" {
			if s := cleanSource(v.remarkValue(r)); s != "" {
				f.source.add(Candidate{Rule: "comment-marks", Value: s, Raw: s, Confidence: .95, Block: int(r.block)})
			}
		}
	}
}

// urlDate reads the date that CMSes put into the address of an article: t20221027_123.html,
// /art/2024/10/14/art_1.html, /2022/1027/c123.html, /2022-10/27/content_1.htm, /202210/t20221027_….
func urlDate(url string) (Date, string, bool) {
	if i := strings.Index(url, "://"); i >= 0 {
		url = url[i+3:]
		if i = strings.IndexByte(url, '/'); i >= 0 {
			url = url[i:]
		}
	}
	for i := 0; i+8 <= len(url); i++ {
		if url[i] != '2' && url[i] != '1' || i > 0 && url[i-1] >= '0' && url[i-1] <= '9' {
			continue
		}
		// up to 8 digits with single separators
		digits, j := make([]byte, 0, 8), i
		for j < len(url) && len(digits) < 8 {
			c := url[j]
			if c >= '0' && c <= '9' {
				digits = append(digits, c)
			} else if (c == '/' || c == '-' || c == '_') && len(digits) >= 4 && url[j-1] >= '0' && url[j-1] <= '9' {
				if len(digits) == 5 || len(digits) == 7 {
					digits = append(digits[:len(digits)-1], '0', digits[len(digits)-1])
				}
			} else {
				break
			}
			j++
		}
		if len(digits) == 7 {
			digits = append(digits[:6], '0', digits[6])
		}
		if len(digits) != 8 || j < len(url) && url[j] >= '0' && url[j] <= '9' && !timeDigits(url[j:]) {
			continue
		}
		s := string(digits)
		if d, _, ok := dateAt(s[:4] + "-" + s[4:6] + "-" + s[6:]); ok {
			return d, url[i:j], true
		}
	}
	return Date{}, "", false
}

// timeDigits reports whether six digits of a time follow (20221027093012).
func timeDigits(s string) bool {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n == 6 || n == 4
}

// readNamed reads short values of elements that a template names after the field: class
// author, id media_name, class source. Only near the head, and only where no label is.
func readNamed(v *view, h head, f *fields) {
	lo := max(0, min(h.titleLo, h.byLo)-3)
	if h.byLo == h.byHi {
		lo = max(0, h.titleLo-3)
	}
	hi := h.start + 4
	for e := range v.elems {
		el := &v.elems[e]
		if int(el.lo) < lo || int(el.lo) >= hi || el.hi-el.lo > 2 || el.lo >= el.hi || el.flags&fHidden != 0 {
			continue
		}
		kind, account := namedField(el)
		if kind == labelNone {
			continue
		}
		text := squash(v.elemText(int32(e)))
		its := items([]piece{{text: text, sep: sepLine}})
		if len(its) != 1 || its[0].kind != labelNone || text == "" {
			continue
		}
		switch kind {
		case labelSource:
			if s := cleanSource(text); s != "" && runes(s) <= 20 && (account || hanCount(s) >= 2 && !allNames(s)) {
				f.source.add(Candidate{Rule: "named-element", Value: s, Raw: text, Confidence: .8, Block: int(el.lo)})
			}
		case labelAuthor:
			s := cleanAuthor(text)
			if n := runes(s); n >= 2 && n <= 12 && hanCount(s) >= 2 && !isAccount(s) &&
				!containsAny(s, []string{"网", "编辑", "来源", "报", "频道", "关注", "订阅"}) {
				f.author.add(Candidate{Rule: "named-element", Value: s, Raw: text, Confidence: .75, Block: int(el.lo)})
			}
		}
	}
}

// elemText is the text of one small element.
func (v *view) elemText(e int32) string {
	n := v.elems[e].node
	var b strings.Builder
	innerText(n, &b, 0)
	return b.String()
}

// namedField reads the words of an element's id and class. An account (the name of a WeChat
// channel) may be written in any letters.
func namedField(e *elem) (kind labelKind, account bool) {
	for i := range e.node.Attr {
		a := &e.node.Attr[i]
		if a.Key != "id" && a.Key != "class" || len(a.Val) > 60 {
			continue
		}
		for _, name := range strings.Fields(strings.ToLower(a.Val)) {
			switch name {
			case "media_name", "media-name", "medianame", "js_name", "profile_nickname", "media":
				return labelSource, true
			}
			for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) {
				switch w {
				case "author", "zuozhe", "writer":
					return labelAuthor, false
				case "source", "laiyuan", "origin", "nickname":
					return labelSource, false
				}
			}
		}
	}
	return labelNone, false
}

// readCapture reads what the crawler noted about a page: the date, title and column of the
// list row it was found in. They fill gaps and confirm.
func readCapture(p Page, f *fields) {
	if p.Capture == nil {
		return
	}
	n := p.Capture.Fields
	if d, _, _, ok := findDate(n[archive.FieldListed]); ok {
		f.addDate(Candidate{Rule: "list-row", Raw: n[archive.FieldListed], Confidence: .6, Block: -1}, d)
	}
	if c := squash(n[archive.FieldColumn]); c != "" {
		f.column.add(Candidate{Rule: "list", Value: c, Raw: c, Confidence: .6, Block: -1})
	}
	if t := squash(n[archive.FieldTitle]); runes(t) >= 4 && !strings.HasSuffix(t, "…") && !strings.HasSuffix(t, "...") {
		f.title.add(Candidate{Rule: "list-row", Value: t, Raw: t, Confidence: .6, Block: -1})
	}
}
