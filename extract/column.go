package extract

import "strings"

// crumbSeps part the steps of a breadcrumb.
const crumbSeps = ">＞»›→＞〉》"

// hereWords begin breadcrumbs.
var hereWords = []string{"当前位置", "您的位置", "您当前的位置", "您的当前位置", "你的位置", "您现在的位置", "您所在的位置", "当前所在位置", "所在位置", "现在位置", "位置", "目前位置", "導航", "导航", "现在的位置", "您现在所在的位置", "你当前位置", "當前位置", "目前位置", "您在这里", "您所在位置", "你所在的位置", "当前页面", "当前栏目"}

// readColumn finds the breadcrumb above the article.
func readColumn(v *view, h head, bodyLo int) ([]string, Candidate) {
	end := len(v.blocks)
	if bodyLo > 0 {
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
		if score >= top { // the last of equals is nearest to the article
			top, best = score, steps
			at = Candidate{Rule: "breadcrumb", Raw: raw, Confidence: .9, Block: i}
			if score < 4 {
				at.Confidence = .75
			}
		}
	}
	if best == nil {
		if c := v.meta(metaColumn...); c != "" {
			return []string{c}, Candidate{Rule: "meta-columnname", Value: c, Raw: c, Confidence: .85, Block: -1}
		}
		return nil, at
	}
	best = dropTitle(best, v, h)
	if len(best) == 0 {
		return nil, Candidate{Block: -1}
	}
	at.Value = strings.Join(best, " > ")
	return best, at
}

// crumbAt reads a breadcrumb that begins with block i; cells and list items that go on are
// joined.
func crumbAt(v *view, i, end int) (steps []string, raw string, score int) {
	s := v.str(i)
	rest, here := cutHere(s)
	home := strings.HasPrefix(rest, "首页") || strings.HasPrefix(rest, "网站首页") || strings.HasPrefix(rest, "主页") || strings.HasPrefix(rest, "首頁")
	crumb := v.blocks[i].elem >= 0 && v.crumbRole(v.blocks[i].elem)
	seps := strings.Count(rest, ">") > 0 || strings.ContainsAny(rest, crumbSeps)
	if !here && !(seps && (home || crumb || v.blocks[i].linked > 0)) && !(crumb && home) {
		return nil, "", 0
	}
	if strings.Contains(s, "。") {
		return nil, "", 0
	}
	raw = s
	j := i + 1
	for j < end && j < i+12 && v.sameLine(i, j) && v.blocks[j].chars <= 40 && v.blocks[j].flags&fHidden == 0 && v.blocks[j].flags&fHeading == 0 {
		raw += " " + v.str(j)
		j++
	}
	text, _ := cutHere(raw)
	steps = splitCrumb(text)
	if len(steps) == 1 && !strings.ContainsAny(text, crumbSeps) { // steps parted by elements only
		steps = nil
		for k := i; k < j; k++ {
			t, _ := cutHere(v.str(k))
			for _, p := range v.pieces(k, nil) {
				if pt, _ := cutHere(p.text); trimMarks(pt) != "" && strings.Contains(t, pt) {
					steps = append(steps, trimMarks(pt))
				}
			}
		}
	}
	n := 0
	for _, st := range steps {
		if runes(st) <= 30 {
			n++
		}
	}
	if n == 0 || n > 10 || len(steps) == 1 && !here {
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

// splitCrumb splits at the separators; a bar or slash parts only when nothing better does.
func splitCrumb(s string) []string {
	set := crumbSeps
	if !strings.ContainsAny(s, set) {
		for _, alt := range []string{"/", "／", "|", "｜", "－", " - ", "-", "—", "·", "::", "\\"} {
			if strings.Contains(s, alt) {
				return cleanSteps(strings.Split(s, alt))
			}
		}
		if f := strings.Fields(s); len(f) > 1 {
			return cleanSteps(f)
		}
		return cleanSteps([]string{s})
	}
	return cleanSteps(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(set, r) }))
}

func cleanSteps(in []string) []string {
	var out []string
	for _, s := range in {
		s = strings.Trim(squash(s), " :：|/-—[]【】·")
		switch s {
		case "", "正文", "内容", "详情", "详细内容", "文章正文", "内容页", "详细页", "当前页", "信息内容", "文章内容", "内容详情", "新闻详情", "文章详情", "新闻内容", "新闻正文", "信息详情", "详细信息", "浏览文章", "查看信息", "列表", "细览":
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
