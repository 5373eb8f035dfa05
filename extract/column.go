package extract

import "strings"

// crumbSeps part the steps of a breadcrumb.
const crumbSeps = ">＞»›→〉》"

// hereWords begin breadcrumbs.
var hereWords = []string{"当前位置", "您的位置", "您当前的位置", "您的当前位置", "你的位置",
	"您现在的位置", "您所在的位置", "当前所在位置", "所在位置", "现在位置", "位置",
	"目前位置", "導航", "导航", "现在的位置", "您现在所在的位置", "你当前位置", "當前位置",
	"目前位置", "您在这里", "您所在位置", "你所在的位置", "当前页面", "当前栏目"}

// readColumn finds the breadcrumb above the article, unless the profile did. Where the page shows none, the column is
// that of the list it was found on.
func readColumn(rd *reading) {
	if rd.column == nil {
		rd.column = breadcrumb(rd.v, rd.head, rd.bodyStart(), &rd.fields.column)
	}
	if c, ok := rd.fields.column.best(); rd.column == nil && ok {
		rd.column = []string{c.Value}
	}
}

func breadcrumb(v *view, h head, bodyLo int, f *field) []string {
	end := len(v.blocks)
	if bodyLo > h.titleLo { // a text above the title is no body: that one stands in a frame
		end = bodyLo
	}
	if h.titleHi > h.titleLo {
		end = min(end, h.titleLo+1)
	}
	var best []string
	at := Candidate{Block: -1}
	top := 0
	for i := 0; i < end; i++ {
		b := &v.blocks[i]
		if b.chars > 200 || b.flags&fHidden != 0 {
			continue
		}
		steps, raw, score := crumbAt(v, i, end)
		if score == 0 {
			continue
		}
		if richer(steps, score, best, top) {
			top, best = score, steps
			at = Candidate{Rule: "breadcrumb", Raw: raw, Confidence: .9, Block: i}
			if score < 4 {
				at.Confidence = .75
			}
		}
	}
	if best == nil {
		if c := v.meta(metaColumn...); c != "" {
			f.add(Candidate{Rule: "meta-columnname", Value: c, Raw: c, Confidence: .85, Block: -1})
			return []string{c}
		}
		return nil
	}
	best = dropTitle(best, v, h)
	at.Value = strings.Join(best, " > ")
	f.add(at)
	return best
}

// richer reports whether a breadcrumb is better than the best before it: of two that begin at
// home the one with more steps, otherwise the one with more marks of a breadcrumb; the last of
// equals is nearest to the article.
func richer(steps []string, score int, best []string, top int) bool {
	if len(best) > 0 && isHome(steps[0]) && isHome(best[0]) && len(steps) != len(best) {
		return len(steps) > len(best)
	}
	if score != top {
		return score > top || len(best) == 1 && len(steps) > 1 && isHome(steps[0]) && isHome(best[0])
	}
	return true
}

func isHome(step string) bool {
	switch step {
	case "首页", "网站首页", "主页", "首頁", "本站首页", "网站主页":
		return true
	}
	return strings.HasSuffix(step, "首页")
}

// crumbAt reads a breadcrumb that begins with block i; cells and list items that go on are
// joined.
func crumbAt(v *view, i, end int) (steps []string, raw string, score int) {
	s := v.str(i)
	rest, here := cutHere(s)
	home := strings.HasPrefix(rest, "首页") || strings.HasPrefix(rest, "网站首页") ||
		strings.HasPrefix(rest, "主页") || strings.HasPrefix(rest, "首頁")
	crumb := v.blocks[i].elem >= 0 && v.crumbRole(v.blocks[i].elem)
	seps := strings.Count(rest, ">") > 0 || strings.ContainsAny(rest, crumbSeps)
	if !here && !(seps && (home || crumb || v.blocks[i].linked > 0)) && !(crumb && home) {
		return nil, "", 0
	}
	if strings.Contains(s, "。") {
		return nil, "", 0
	}
	j := v.crumbEnd(i, end)
	raw = joinBlocks(v, i, j)
	steps = v.crumbSteps(i, j)
	n := 0
	for _, st := range steps {
		if runes(st) <= 30 {
			n++
		}
	}
	if n == 0 || n > 10 || len(steps) == 1 && !here || !anyHan(steps) {
		return nil, "", 0
	}
	score = 1
	if here {
		score += 3
	}
	if home || len(steps) > 0 && strings.Contains(steps[0], "首页") {
		score += 2
	}
	if crumb {
		score++
	}
	return steps, raw, score
}

// crumbRole reports whether an element or one of its next ancestors is named as breadcrumb.
func (v *view) crumbRole(e int32) bool {
	for d := 0; e >= 0 && d < 4; e, d = v.elems[e].parent, d+1 {
		if v.elems[e].role == roleCrumb {
			return true
		}
	}
	return false
}

// sameLine reports whether two short blocks stand in the same row: items of one list, cells
// of one row, or children of one small element.
func (v *view) sameLine(i, j int) bool {
	a, b := v.blocks[i].elem, v.blocks[j].elem
	for d := 0; a >= 0 && d < 5; a, d = v.elems[a].parent, d+1 {
		if v.ancestor(a, b) {
			return v.elems[a].hi-v.elems[a].lo <= 12 && v.charsIn(a) <= 160
		}
	}
	return false
}

func (v *view) charsIn(e int32) int32 {
	n := int32(0)
	for i := v.elems[e].lo; i < v.elems[e].hi && int(i) < len(v.blocks); i++ {
		n += v.blocks[i].chars
	}
	return n
}

// cutHere cuts the words that introduce a breadcrumb.
func cutHere(s string) (string, bool) {
	t := strings.TrimLeft(s, " [【·■▪●>»")
	w := hasPrefixAny(t, hereWords)
	if w == "" {
		return s, false
	}
	rest := strings.TrimLeft(t[len(w):], " :：是在")
	if w == "位置" && len(rest) == len(t[len(w):]) {
		return s, false
	}
	return rest, true
}

// crumbEnd returns the block behind a breadcrumb that begins at i: steps in cells or items
// of their own are joined while a separator says that more follows, or none was seen yet.
func (v *view) crumbEnd(i, end int) int {
	j := i + 1
	bare := false // the first line is only 当前位置：
	if t, here := cutHere(v.str(i)); here && strings.Trim(t, crumbSeps+" ：:") == "" {
		bare = true
	}
	sepless := !strings.ContainsAny(v.str(i), crumbSeps)
	for j < end && j < i+12 && v.sameLine(i, j) {
		b := &v.blocks[j]
		if b.chars > 40 || b.flags&(fHidden|fHeading) != 0 {
			break
		}
		if last, first := lastRune(v.str(j-1)), firstRune(v.str(j)); !bare && !strings.ContainsRune(crumbSeps, last) &&
			!strings.ContainsRune(crumbSeps, first) && !(sepless && b.linked > 0) {
			break
		}
		bare = bare && j == i && strings.Trim(v.str(j), crumbSeps+" ") == ""
		j++
	}
	return j
}

func joinBlocks(v *view, lo, hi int) string {
	s := v.str(lo)
	for k := lo + 1; k < hi; k++ {
		s += " " + v.str(k)
	}
	return s
}

// crumbSteps reads the steps of a breadcrumb. A piece that follows another without a
// separator ends it ("… > 正文 | 申请入驻"), when separators part the rest.
func (v *view) crumbSteps(lo, hi int) []string {
	var ps []piece
	for k := lo; k < hi; k++ {
		ps = v.pieces(k, ps)
	}
	all := joinBlocks(v, lo, hi)
	rest, _ := cutHere(all)
	if !strings.ContainsAny(rest, crumbSeps) {
		return splitPlain(rest, ps)
	}
	var steps []string
	parted := true
	for k, p := range ps {
		t := p.text
		if k == 0 {
			t, _ = cutHere(t)
		}
		for t != "" {
			at := strings.IndexAny(t, crumbSeps)
			word := t
			if at >= 0 {
				word = t[:at]
			}
			if w := strings.TrimSpace(word); strings.Trim(w, "-=–—·:：") != "" && !isHereOnly(w) {
				if !parted && len(steps) == 1 && isHome(w) {
					steps = steps[:0] // the site's name stands before 首页
				}
				if !parted && len(steps) > 0 {
					return cleanSteps(steps)
				}
				steps = append(steps, w)
				parted = false
			}
			if at < 0 {
				break
			}
			parted = true
			_, n := firstRuneLen(t[at:])
			t = t[at+n:]
		}
	}
	return cleanSteps(steps)
}

func isHereOnly(w string) bool {
	t, here := cutHere(w)
	return here && strings.Trim(t, " :：") == ""
}

// splitPlain reads steps that no arrow parts: a slash, a bar, a dash or only elements do.
func splitPlain(rest string, ps []piece) []string {
	for _, alt := range []string{"/", "／", "|", "｜", "－", " - ", "-", "—", "·", "::", "\\"} {
		if strings.Contains(rest, alt) {
			return cleanSteps(strings.Split(rest, alt))
		}
	}
	var steps []string
	for k, p := range ps {
		t := p.text
		if k == 0 {
			t, _ = cutHere(t)
		}
		if !isHereOnly(t) {
			steps = append(steps, t)
		}
	}
	return cleanSteps(steps)
}

func anyHan(steps []string) bool {
	for _, s := range steps {
		if hanCount(s) > 0 {
			return true
		}
	}
	return false
}

func cleanSteps(in []string) []string {
	var out []string
	for _, s := range in {
		s = strings.Trim(squash(s), " :：|/-—[]【】·")
		switch s {
		case "", "正文", "内容", "详情", "详细内容", "文章正文", "内容页", "详细页", "当前页",
			"信息内容", "文章内容", "内容详情", "新闻详情", "文章详情", "新闻内容", "新闻正文",
			"信息详情", "详细信息", "浏览文章", "查看信息", "列表", "细览", "查看内容", "返回首页",
			"返回", "内容页面", "查看", "阅读", "详情页", "内容正文", "信息正文", "正文内容",
			"正文页", "文章页", "文章", "页面", "详细", "当前文章", "新闻页", "信息内容页",
			"内容详细", "资讯详情", "公告详情", "通知详情":
			continue
		}
		if n := runes(s); n <= 6 && (strings.HasSuffix(s, "正文") || strings.HasSuffix(s, "详情") ||
			strings.HasSuffix(s, "内容页")) {
			continue
		}
		out = append(out, s)
	}
	return out
}

// dropTitle takes the article's own title from the end of a breadcrumb.
func dropTitle(steps []string, v *view, h head) []string {
	n := len(steps)
	if n == 0 {
		return steps
	}
	last := key(steps[n-1])
	t := key(h.titleText(v))
	if len(t) >= 12 && (last == t || strings.HasPrefix(t, strings.TrimSuffix(last, "…")) && len(last) > 18) {
		return steps[:n-1]
	}
	if n > 1 && runes(steps[n-1]) > 30 {
		return steps[:n-1]
	}
	return steps
}
