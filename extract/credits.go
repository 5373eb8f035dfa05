package extract

import "strings"

// readCredits reads the credits at the end of an article: labelled lines in and below the body
// (责任编辑：…, 来源：…), lines and brackets that end it (（记者 张三）, （办公室 供稿）,
// 文/李四), and a reporter's line that begins it (见习记者 王五). It returns the blocks that are credits and
// nothing else, which are no body.
func readCredits(v *view, lines []lineKind, b body, h head, f *fields) map[int]bool {
	drop := map[int]bool{}
	if len(b.blocks) == 0 {
		return drop
	}
	n := len(b.blocks)
	for i := max(h.start, b.blocks[0]-4); i <= b.blocks[min(1, n-1)]; i++ {
		if v.blocks[i].flags&fHidden == 0 && (i < h.byLo || i >= h.byHi) && readerLine(v, i, f) {
			drop[i] = true
		}
	}
	for k := max(0, n-4); k < n; k++ {
		i := b.blocks[k]
		if lineCreditsOnly(v, i, f) {
			drop[i] = true
			continue
		}
		last := k == n-1 || allDroppedOrShort(v, b.blocks[k+1:])
		if last {
			closingBracket(v.str(i), i, f)
		}
	}
	below(v, lines, b, h, f)
	return drop
}

// allDroppedOrShort reports whether only short lines follow.
func allDroppedOrShort(v *view, rest []int) bool {
	for _, i := range rest {
		if texty(&v.blocks[i]) {
			return false
		}
	}
	return true
}

// readerLine reads a first line that is a byline of its own: 见习记者 王一凡, 文/张三, 本报记者 李四.
func readerLine(v *view, i int, f *fields) bool {
	b := &v.blocks[i]
	if b.chars > 40 || b.stops > 0 {
		return false
	}
	its := items(v.pieces(i, nil))
	if len(its) == 0 {
		return false
	}
	for k := range its {
		switch its[k].kind {
		case labelAuthor, labelReporter, labelSource, labelEditor, labelContributor:
		default:
			return false
		}
	}
	readByline(its, "first-line", .93, f)
	return true
}

// lineCreditsOnly reads a line that is a credit as a whole.
func lineCreditsOnly(v *view, i int, f *fields) bool {
	b := &v.blocks[i]
	if b.chars > 60 || b.stops > 0 {
		return false
	}
	s := strings.TrimSpace(v.str(i))
	if who, ok := contributorOf(s); ok {
		f.contributor.add(Candidate{Rule: "tail-line", Value: who, Raw: s, Confidence: .93, Block: i})
		return true
	}
	if isBracketed(s) {
		return closingBracket(s, i, f) && runes(s) <= 30
	}
	return false
}

// contributorOf reads （办公室 供稿）, 供稿：办公室 is read by its label.
func contributorOf(s string) (string, bool) {
	t := strings.TrimSpace(strings.Trim(s, "（）()【】[] 。"))
	for _, w := range []string{"联合供稿", "供稿", "投稿", "报送"} {
		if strings.HasSuffix(t, w) {
			who := strings.TrimSpace(strings.TrimSuffix(t, w))
			if n := runes(who); n >= 2 && n <= 30 && !strings.ContainsAny(who, "，。；：:") {
				return who, true
			}
		}
	}
	return "", false
}

func isBracketed(s string) bool {
	return (strings.HasPrefix(s, "（") || strings.HasPrefix(s, "(") || strings.HasPrefix(s, "【") ||
		strings.HasPrefix(s, "[")) &&
		(strings.HasSuffix(s, "）") || strings.HasSuffix(s, ")") || strings.HasSuffix(s, "】") || strings.HasSuffix(s, "]"))
}

// closingBracket reads the bracket that ends a text: （记者 魏伟）, （评论员 罗博 萧海川）,
// （张巨峰）, （德清县发改局）, （作者：王晓璐）, （来源：上海证券报）. It reports
// whether the bracket is a credit.
func closingBracket(s string, i int, f *fields) bool {
	s = strings.TrimSpace(s)
	end := len(s)
	for _, c := range []string{"）", ")", "】", "]"} {
		if strings.HasSuffix(s, c) {
			end = len(s) - len(c)
		}
	}
	if end == len(s) {
		return false
	}
	open := strings.LastIndexAny(s[:end], "（([【")
	if open < 0 {
		return false
	}
	raw := s[open:]
	_, w := firstRuneLen(raw)
	in := strings.TrimSpace(s[open+w : end])
	if n := runes(in); n < 2 || n > 40 {
		return false
	}
	if who, ok := contributorOf(in); ok {
		f.contributor.add(Candidate{Rule: "tail-bracket", Value: who, Raw: raw, Confidence: .9, Block: i})
		return true
	}
	its := items([]piece{{text: in, sep: sepLine}})
	if len(its) > 0 && its[0].kind != labelNone {
		if strings.HasPrefix(its[0].label, "作者") && its[0].kind == labelContent { // （作者单位：…）
			return false
		}
		if its[0].closed != closedBare || its[0].kind == labelReporter || its[0].kind == labelAuthor {
			for k := range its {
				weight := .9
				if its[k].kind == labelSource {
					weight = .5
				}
				readByline(its[k:k+1], "tail-bracket", weight, f)
			}
			return true
		}
		return false
	}
	for _, w := range []string{"作者", "本文作者", "文章作者"} {
		if rest, ok := strings.CutPrefix(in, w); ok {
			for _, is := range []string{"系", "为", "是", " "} {
				if p := parsePeople(strings.TrimPrefix(rest, is)); p.known() && len(p.writers) > 0 && strings.HasPrefix(rest, is) {
					f.author.add(Candidate{Rule: "tail-bracket", Value: strings.Join(p.writers, " "), Raw: raw,
						Confidence: .85, Block: i})
					return true
				}
			}
		}
	}
	for _, w := range roleWords {
		if j := strings.Index(in, w); j > 0 && allNames(cleanAuthor(in[j:])) { // 总台央视记者 张三
			f.author.add(Candidate{Rule: "tail-bracket", Value: cleanAuthor(in[j:]), Raw: raw, Confidence: .85, Block: i})
			return true
		}
	}
	if allPeople(in) {
		f.author.add(Candidate{Rule: "tail-name", Value: authorsOf(cleanAuthor(in)), Raw: raw, Confidence: .8, Block: i})
		return true
	}
	if isOrg(in) && hanCount(in) >= 4 && !strings.ContainsAny(in, "，。；：:、") && isOffice(in) {
		f.contributor.add(Candidate{Rule: "tail-office", Value: in, Raw: raw, Confidence: .7, Block: i})
		return true
	}
	return false
}

// isOffice reports whether a name ends as offices end: （德清县发改局）. Media (BBC, 新华社) are no
// contributors.
func isOffice(s string) bool {
	for _, e := range []string{"局", "委", "办", "部", "科", "处", "室", "科协", "学会", "协会", "办公室",
		"政府", "党委", "支部", "街道", "镇", "乡", "中心", "厅", "工会", "妇联", "团委", "联", "法院",
		"检察院", "医院", "学院", "大学", "研究所", "研究院"} {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

func firstRuneLen(s string) (rune, int) {
	for i, r := range s {
		if i > 0 {
			return firstRune(s), i
		}
		_ = r
	}
	return firstRune(s), len(s)
}

// below reads the labelled lines that stand behind the last paragraph.
func below(v *view, lines []lineKind, b body, h head, f *fields) {
	last := b.blocks[len(b.blocks)-1]
	at := max(0, len(b.blocks)-8)
	lo := b.blocks[at]
	plain := 0
	for i := lo; i < len(v.blocks) && i < last+40 && plain < 12; i++ {
		bl := &v.blocks[i]
		if bl.flags&(fHidden|fRecord) != 0 || i >= h.byLo && i < h.byHi {
			continue
		}
		for at < len(b.blocks) && b.blocks[at] < i {
			at++
		}
		if at < len(b.blocks)-3 && b.blocks[at] == i { // lines of the text, but for its last ones
			continue
		}
		if i > last && (lines[i] == lineEnd || texty(bl) && bl.flags&fChrome == 0 && lines[i] == linePlain) {
			if lines[i] != lineEnd || plain > 6 {
				return
			}
		}
		if i > last {
			plain++
		}
		if bl.chars > 100 || bl.stops > 1 {
			continue
		}
		if i > last {
			dateBelow(v, i, f)
		}
		if tailWords.in(unspaced(v.str(i))) == "" {
			continue
		}
		its := items(v.pieces(i, nil))
		for k := range its {
			switch its[k].kind {
			case labelNone:
				continue
			case labelSource: // 1 of 5 right: it names where pictures or quotes are from
				weight := .6
				if k > 0 || bl.chars > 30 {
					weight = .5
				}
				readByline(its[k:k+1], "tail", weight, f)
			case labelAuthor, labelReporter:
				readByline(its[k:k+1], "tail", .9, f)
			case labelDate, labelUpdated:
				weight := .75
				if i > last && containsAny(its[k].label, publishWords) {
					weight = .985 // the site's own time; a day above the text may be that of a paper
				}
				readByline(its[k:k+1], "tail", weight, f)
			default:
				readByline(its[k:k+1], "tail", .98, f)
			}
		}
	}
}

// dateBelow reads the moment that templates print without a label below the text.
func dateBelow(v *view, i int, f *fields) {
	b := &v.blocks[i]
	s := v.str(i)
	d, lo, hi, ok := findDate(s)
	if !ok || b.linked > 0 || b.chars > 45 || runes(s[:lo]) > 4 || runes(s[hi:]) > 16 || isCitation(s) || v.signs(i) {
		return
	}
	switch {
	case d.HasClock:
		f.addDate(Candidate{Rule: "date-below", Raw: s, Confidence: .72, Block: i}, d)
	case b.elem >= 0 && v.elems[b.elem].role == roleByline:
		f.addDate(Candidate{Rule: "date-below", Raw: s, Confidence: .65, Block: i}, d)
	}
}

// readCited reads the dates that say when a text was printed elsewhere or signed: dates of the page
// when it shows no other.
func readCited(v *view, b body, h head, f *fields) {
	n := len(b.blocks)
	if n == 0 {
		return
	}
	if _, d, i, ok := signedBy(v, b); ok {
		f.addDate(Candidate{Rule: "signature", Raw: v.str(i), Confidence: .65, Block: i}, d)
	}
	for i := h.titleHi; i <= b.blocks[min(1, n-1)]; i++ {
		citedDate(v, i, f)
	}
	for k := max(2, n-3); k < n; k++ {
		citedDate(v, b.blocks[k], f)
	}
}

func citedDate(v *view, i int, f *fields) {
	if b := &v.blocks[i]; b.chars > 60 || b.flags&fHidden != 0 || !isCitation(v.str(i)) {
		return
	}
	if d, _, _, ok := findDate(v.str(i)); ok {
		f.addDate(Candidate{Rule: "cited-date", Raw: v.str(i), Confidence: .5, Block: i}, d)
	}
}

var tailWords = newLexicon([]string{"编辑", "责编", "作者", "记者", "来源", "供稿", "文/", "文|",
	"文｜", "文丨", "撰稿", "撰文", "選稿", "选稿", "發布", "发布", "时间", "日期", "通讯员",
	"執筆", "來源", "編輯", "責編", "執", "执笔", "采写", "稿源", "文︱", "作者︱", "文／"})
