package extract

import (
	"strings"
	"unicode/utf8"
)

// fields are the candidates of every field of one page.
type fields struct {
	title, source, author, editor, contributor, published, column field
	dates                                                         []Date // of published's candidates, in order
}

// addDate keeps a date's candidate together with the parsed date.
func (f *fields) addDate(c Candidate, d Date) {
	c.Value = d.String()
	f.published.add(c)
	f.dates = append(f.dates, d)
}

// date returns the parsed date of the best candidate.
func (f *fields) date() (Date, Candidate, bool) {
	c, ok := f.published.best()
	if !ok {
		return Date{}, c, false
	}
	for i := range f.published.list {
		if f.published.list[i] == c {
			return f.timeOf(f.dates[i], c), c, true
		}
	}
	return Date{}, c, false
}

// timeOf adds to a day that a meta tag, an address or a list gives the time that the page itself
// shows for that day, and to a day below the text the time that any of them gives.
func (f *fields) timeOf(d Date, c Candidate) Date {
	below := strings.HasPrefix(c.Rule, "tail-") || c.Rule == "signature"
	if d.HasClock || c.Block >= 0 && !below {
		return d
	}
	for i := range f.published.list {
		if o := &f.published.list[i]; (o.Block >= 0 || below) && f.dates[i].HasClock && f.dates[i].sameDay(d) {
			return f.dates[i]
		}
	}
	return d
}

// readTitle gathers titles: the confirmed line, the meta tags, <title> without its suffix.
func readTitle(v *view, h head, f *field) {
	line := h.titleText(v)
	art := v.meta("articletitle")
	switch {
	case line != "" && art != "" && key(line) == key(art):
		f.add(Candidate{Rule: "line-is-articletitle", Value: squash(line), Raw: line, Confidence: .99, Block: h.titleLo})
	case line != "" && v.keyTitle != "" && strings.Contains(v.keyTitle, key(line)) &&
		utf8.RuneCountInString(key(line)) >= 2:
		c := .97
		if !h.exact && utf8.RuneCountInString(key(line)) < 6 {
			c = .8
		}
		f.add(Candidate{Rule: "line-in-title", Value: squash(line), Raw: line, Confidence: c, Block: h.titleLo})
	case line != "":
		c := .75
		if v.titled(h.titleLo) {
			c = .84
		}
		f.add(Candidate{Rule: "line-above-byline", Value: squash(line), Raw: line, Confidence: c, Block: h.titleLo})
	}
	if art != "" {
		f.add(Candidate{Rule: "meta-articletitle", Value: art, Raw: art, Confidence: .93, Block: -1})
	}
	for _, r := range v.remarks {
		if r.text == "<$[标题]>begin" && int(r.block) <= len(v.blocks) {
			if t := v.remarkValue(r); t != "" {
				f.add(Candidate{Rule: "comment-marks", Value: t, Raw: t, Confidence: .97, Block: int(r.block)})
			}
		}
	}
	if og := v.meta("og:title", "twitter:title", "weibo:article:title"); og != "" {
		c := .7
		if strings.HasPrefix(v.keyTitle, key(og)) {
			c = .85
		}
		f.add(Candidate{Rule: "meta-og-title", Value: og, Raw: og, Confidence: c, Block: -1})
	}
	if v.docTitle != "" {
		t := cutSuffix(v.docTitle, v.siteName())
		c := .5
		if t != v.docTitle {
			c = .65
		}
		f.add(Candidate{Rule: "title-element", Value: t, Raw: v.docTitle, Confidence: c, Block: -1})
	}
	f.agree(func(a, b string) bool { return key(a) == key(b) })
}

// remarkValue returns the text between a jcms field comment and its end.
func (v *view) remarkValue(open remark) string {
	end := strings.TrimSuffix(open.text, "begin") + "end"
	for _, r := range v.remarks {
		if r.pos >= open.pos && r.text == end {
			return squash(v.text[open.pos:r.pos])
		}
	}
	return ""
}

// cutSuffix takes site and column names from the end of a <title>. Separators also stand
// inside titles, so only a tail that names the site, or stands behind the last of the
// strong separators, is cut.
func cutSuffix(t, site string) string {
	for _, sep := range []string{"_", "--", "——", " - ", "－", " | ", "|", "-", "–", "—", " "} {
		i := strings.Index(t, sep)
		if sep == "-" || sep == "－" || sep == " " || sep == "——" || sep == "—" || sep == "–" {
			i = strings.LastIndex(t, sep)
		}
		if i <= 0 {
			continue
		}
		head, tail := strings.TrimSpace(t[:i]), strings.TrimSpace(t[i+len(sep):])
		if runes(head) < 4 {
			continue
		}
		if sep == " " && tail != site {
			continue
		}
		if strong := sep == "_" || sep == "--" || sep == " - " || sep == " | " || sep == "|"; strong || tail == site ||
			isOrg(tail) || strings.HasSuffix(tail, "网") || strings.HasSuffix(tail, "网站") {
			return head
		}
	}
	return t
}

// readByline reads the fields of a byline's items. weight scales the confidences: a byline
// in the page's head is surer than labels at its tail.
func readByline(its []item, where string, weight float64, f *fields) {
	for i := range its {
		it := &its[i]
		weight := weight
		if it.closed == closedBare && it.kind == labelEditor {
			weight *= .95 // a label without its colon
		}
		raw := it.label + "：" + it.value
		if it.label == "" {
			raw = it.value
		}
		switch it.kind {
		case labelSource:
			value := it.value
			if d, lo, hi, ok := findDate(value); ok && lo > 0 && hi == len(value) { // 来源：溪口晚报 2021-08-03
				value = strings.TrimSpace(value[:lo])
				f.addDate(Candidate{Rule: where + "-date", Raw: it.value, Confidence: .9 * weight, Block: it.lo}, d)
			}
			medium, writers := splitSource(value)
			if s := cleanSource(medium); s != "" {
				f.source.add(Candidate{Rule: where + "-label", Value: s, Raw: raw, Confidence: .98 * weight, Block: it.lo})
			}
			if writers != "" {
				f.author.add(Candidate{Rule: where + "-source", Value: writers, Raw: raw, Confidence: .9 * weight, Block: it.lo})
			}
		case labelPublisher, labelIssuer:
			if s := cleanSource(it.value); s != "" && isOrg(s) {
				f.source.add(Candidate{Rule: where + "-publisher", Value: s, Raw: raw, Confidence: .6 * weight, Block: it.lo})
			}
		case labelAuthor, labelReporter:
			if s := cleanAuthorValue(it); s != "" {
				f.author.add(Candidate{Rule: where + "-label", Value: s, Raw: raw, Confidence: .97 * weight, Block: it.lo})
			}
		case labelEditor:
			if s := cleanEditor(it.value); s != "" {
				f.editor.add(Candidate{Rule: where + "-label", Value: s, Raw: raw, Confidence: .96 * weight, Block: it.lo})
			}
		case labelContributor:
			if s := trimMarks(it.value); s != "" && runes(s) <= 40 {
				f.contributor.add(Candidate{Rule: where + "-label", Value: s, Raw: raw, Confidence: .95 * weight, Block: it.lo})
			}
		case labelDate, labelUpdated, labelSigned:
			if d, _, _, ok := it.date(); ok {
				c := .98
				switch it.kind {
				case labelUpdated:
					c = .7
				case labelSigned:
					c = .6
				}
				f.addDate(Candidate{Rule: where + "-label", Raw: raw, Confidence: c * weight, Block: it.lo}, d)
			}
		}
	}
}

// cleanSource cuts from a source's value what bylines append to it.
func cleanSource(s string) string {
	if d, lo, hi, ok := findDate(s); ok && !d.Time.IsZero() {
		if before := strings.TrimSpace(s[:lo]); before != "" {
			s = before
		} else {
			s = s[hi:]
		}
	}
	for _, cut := range []string{"【", "[", "字体", "字号", "浏览", "点击", "阅读", "分享", "打印",
		"我要评论", "我有话说", "评论", "收藏", "作者", "编辑", "大 中 小", "纠错", "\t", "（责任",
		"(责任", "原创稿"} {
		i := strings.Index(s, cut)
		if i >= 0 &&
			hasPrefixAny(s[i+len(cut):], []string{"部", "室", "学", "会", "社", "杂志", "周", "报", "网"}) != "" {
			continue // 编辑部, 阅读杂志社
		}
		if i > 0 {
			s = s[:i]
		} else if i == 0 && cut != "[" && cut != "【" {
			return ""
		}
	}
	s = strings.TrimFunc(s, func(r rune) bool {
		return isBlank(r) || strings.ContainsRune("|｜丨/／·•,，;；、:：_~[]【】()（）<>-—－", r)
	})
	if strings.Count(s, "《") != strings.Count(s, "》") {
		s = strings.Trim(s, "《》")
	}
	if opens := strings.Count(s, "（") + strings.Count(s, "("); opens > strings.Count(s, "）")+strings.Count(s, ")") {
		s += "）"
	}
	n := runes(s)
	if n < 2 || n > 50 || strings.ContainsAny(s, "。！？") || n > 20 && strings.ContainsAny(s, "，,") || isNumber(s) {
		return ""
	}
	if k, _, m, _ := matchLabel(s); k != labelNone && m == len(s) {
		return ""
	}
	if emptyValues[s] || toolWords[string(squeeze(nil, s))] {
		return ""
	}
	return s
}

// emptyValues are what templates print where nothing was entered.
var emptyValues = map[string]bool{"无": true, "暂无": true, "未知": true, "null": true, "undefined": true,
	"NULL": true, "不详": true, "请选择": true, "none": true, "None": true, "--": true, "其他": true}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// cleanAuthorValue accepts names and offices, no numbers, accounts or sentences.
func cleanAuthorValue(it *item) string {
	s := it.value
	if _, lo, _, ok := findDate(s); ok {
		s = s[:lo]
	}
	for _, cut := range []string{"【", "[", "字体", "字号", "浏览", "点击", "阅读", "分享", "打印",
		"评论", "来源", "责任编辑"} {
		if i := strings.Index(s, cut); i >= 0 {
			s = s[:i]
		}
	}
	s = authorsOf(cleanAuthor(s))
	switch {
	case it.closed == closedSlash:
		if !penNames(s) {
			return ""
		}
	case it.kind == labelReporter, it.closed == closedBare:
		if !allNames(s) {
			return ""
		}
	}
	if n := runes(s); n < 2 || n > 40 || strings.ContainsAny(s, "。！？：:@") || isAccount(s) || emptyValues[s] {
		return ""
	}
	return s
}

// penNames reports whether s can be the names behind "文/" or "执笔/": each two to five Chinese
// characters. The slash is a label as sure as a colon, so pen names need no surname.
func penNames(s string) bool {
	ns := splitNames(s)
	for _, n := range ns {
		if k := runes(n); k < 2 || k > 5 || hanCount(n) != k || notNames[n] || n == "图片" || n == "摄影" {
			return false
		}
	}
	return len(ns) > 0 && len(ns) <= 6
}

// isAccount reports whether a value is the name of a CMS account: admin, a number, 管理员.
func isAccount(s string) bool {
	if hanCount(s) == 0 {
		for _, r := range s {
			if r >= '0' && r <= '9' {
				return true
			}
		}
		if strings.HasSuffix(strings.ToLower(s), "admin") {
			return true
		}
		switch strings.ToLower(s) {
		case "admin", "administrator", "root", "system", "editor", "webmaster", "test", "user":
			return true
		}
		return false
	}
	switch s {
	case "管理员", "系统管理员", "超级管理员", "网站管理员", "网络管理员", "本站编辑",
		"网站编辑":
		return true
	}
	return false
}

// cleanEditor keeps the names of an editor's value.
func cleanEditor(s string) string {
	for _, cut := range []string{"【", "[", "来源", "审核", "校对", "浏览", "点击", "打印", "关闭",
		"分享", "_NN", "_NF"} {
		if i := strings.Index(s, cut); i > 0 {
			s = s[:i]
		}
	}
	if _, lo, _, ok := findDate(s); ok {
		s = s[:lo]
	}
	s = trimMarks(s)
	if i := strings.IndexAny(s, "_)）]】"); i > 0 {
		s = s[:i]
	}
	if hanCount(s) == 0 && isAccount(s) {
		return ""
	}
	if n := runes(s); n < 2 && hanCount(s) == 0 || n > 40 || strings.ContainsAny(s, "。！？") {
		return ""
	}
	if p := parsePeople(s); p.known() && p.roles > 0 { // 柳成荫 校对 温知夏
		for i := range s {
			if i > 0 && s[i-1] == ' ' && otherRoles[splitNames(s[i:])[0]] {
				s = s[:i]
				break
			}
		}
	}
	if padded(s) {
		s = strings.Join(splitNames(s), " ")
	}
	return trimMarks(s)
}
