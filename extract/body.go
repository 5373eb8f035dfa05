package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// body is the chosen text: the blocks that belong to it, in order.
type body struct {
	blocks    []int
	elem      int32 // the element around them, -1 if unknown
	rule      string
	agreement float64 // overlap with the best independent candidate, 0 … 1
	others    []bodyCandidate
}

type bodyCandidate struct {
	rule   string
	lo, hi int // range of blocks
	elem   int32
	blocks []int
	mass   int32
}

// bodyMarks are ids and classes that a CMS or editor gives the element around an article's
// text: TRS (TRS_Editor), jcms/大汉 (zoom), UCAP (UCAPCONTENT, pages_content), 博达
// (v_news_content, vsb_content), 新势力/wp (wp_articlecontent), 易站通 (easysite-news-text), and
// the usual names of template makers and portals.
var bodyMarks = map[string]bool{
	"trs_editor": true, "trs_ueditor": true, "trs_preappend": true, "trs_view": true, "zoom": true, "fontzoom": true, "zoomcon": true, "ucapcontent": true, "pages_content": true,
	"v_news_content": true, "vsb_content": true, "wp_articlecontent": true, "easysite-news-text": true, "easysite-news-content": true,
	"js_content": true, "p_content": true, "p-detail": true, "endtext": true, "post_body": true, "post_text": true, "artibody": true, "article_content": true,
	"article-content": true, "articlecontent": true, "articlebody": true, "article-body": true, "article_body": true, "news_content": true, "newscontent": true, "news-content": true,
	"bt_content": true, "main-txt": true, "content_main": true, "contentmain": true, "the_content": true, "contenttext": true, "content_text": true, "detailcontent": true, "detail-content": true, "detail_content": true, "downloadcontent": true,
	"ivs_content": true, "cmsarticlecontent": true, "art_content": true, "artcontent": true, "art_con": true, "con_con": true, "contxt": true, "textcontent": true, "news_txt": true, "xl_content": true, "xwcontent": true, "info_content": true, "infocontent": true, "arc_content": true, "arcbody": true, "entry-content": true, "post-content": true, "rm_txt_con": true, "newstext": true, "news_body": true, "rich_media_content": true, "article_text": true, "articletext": true, "txtcontent": true, "bodytext": true, "zhengwen": true, "neirong": true, "wenzhang": true, "conzw": true, "xxgk_content": true, "mainbody": true, "newsbody": true, "left_zw": true, "mce-content-body": true, "view_content": true, "gp-articlecontent": true, "ewb-article-content": true, "ewb-info-content": true, "infodetail": true, "pagecontent": true, "article-detail": true, "article-con": true, "articlecon": true, "newscon": true, "news_con": true, "dochtmlcon": true,
}

// isBodyMark reports whether an element's id or one of its classes marks a body.
func isBodyMark(e *elem) bool {
	n := e.node
	if n.Data == "ucapcontent" || n.DataAtom == atom.Article && len(n.Attr) == 0 {
		return n.Data == "ucapcontent"
	}
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "itemprop":
			if strings.EqualFold(a.Val, "articleBody") {
				return true
			}
		case "id", "class":
			if markWord(a.Val) {
				return true
			}
		}
	}
	return false
}

func markWord(s string) bool {
	var buf [40]byte
	for s != "" {
		w := s
		if i := strings.IndexByte(s, ' '); i >= 0 {
			w, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		if len(w) < 4 || len(w) > len(buf) {
			continue
		}
		for i := 0; i < len(w); i++ {
			c := w[i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			buf[i] = c
		}
		k := buf[:len(w)]
		if bodyMarks[string(k)] {
			return true
		}
		if strings.HasPrefix(string(k), "vsb_content") || strings.HasPrefix(string(k), "vsbcontent") && string(k) != "vsbcontent_end" && string(k) != "vsbcontent_start" && string(k) != "vsbcontent_img" {
			return true
		}
	}
	return false
}

// findBody gathers candidates and chooses by agreement: each is compared with the others by
// the characters they share, and the one the others confirm most wins.
func findBody(v *view, lines []lineKind, h head) body {
	s := newSelector(v, lines, h)
	start := s.start
	var cands []bodyCandidate
	add := func(rule string, lo, hi int, e int32) {
		if lo < start {
			lo = start
		}
		if lo >= hi {
			return
		}
		c := bodyCandidate{rule: rule, lo: lo, hi: hi, elem: e}
		c.blocks = s.pick(lo, hi, e)
		for _, i := range c.blocks {
			c.mass += v.blocks[i].chars
		}
		if len(c.blocks) > 0 {
			cands = append(cands, c)
		}
	}
	if e := s.marked(); e >= 0 {
		add("container", int(v.elems[e].lo), int(v.elems[e].hi), e)
	}
	if lo, hi := s.remarked(); lo < hi {
		add("comment-marks", lo, hi, -1)
	}
	if e := s.densest(); e >= 0 {
		add("density", int(v.elems[e].lo), int(v.elems[e].hi), e)
	}
	if lo, hi := s.region(); lo < hi {
		add("below-byline", lo, hi, -1)
	}
	return s.agree(cands)
}

// priors order candidates whose agreement is equal: a CMS that names its body is seldom wrong.
var priors = map[string]float64{"container": .3, "comment-marks": .1, "density": .15, "below-byline": 0}

// agree chooses the candidate that the others confirm most.
func (s *selector) agree(cands []bodyCandidate) body {
	if len(cands) == 0 {
		return body{elem: -1}
	}
	best, top := 0, -1.0
	agreement := 0.0
	for i := range cands {
		sum, most := priors[cands[i].rule], 0.0
		if cands[i].rule == "density" && s.farFrom(cands, i) {
			sum = -.1 // text directly below a byline beats text far from it
		}
		for j := range cands {
			if i == j {
				continue
			}
			o := overlap(s.v, cands[i].blocks, cands[j].blocks)
			sum += o
			most = max(most, o)
		}
		if sum > top {
			best, top, agreement = i, sum, most
		}
	}
	b := body{blocks: cands[best].blocks, elem: cands[best].elem, rule: cands[best].rule, agreement: agreement}
	for i := range cands {
		if i != best {
			b.others = append(b.others, cands[i])
		}
	}
	return b
}

// farFrom reports whether a candidate shares next to nothing with the text directly below
// the byline, which is there.
func (s *selector) farFrom(cands []bodyCandidate, i int) bool {
	for j := range cands {
		if cands[j].rule == "below-byline" && s.h.byLo < s.h.byHi && cands[j].mass >= 30 {
			return overlap(s.v, cands[i].blocks, cands[j].blocks) < .3
		}
	}
	return false
}

// overlap is the F1 of the characters of two ascending lists of blocks.
func overlap(v *view, a, b []int) float64 {
	var in, na, nb int32
	j := 0
	for _, i := range a {
		na += v.blocks[i].chars
		for j < len(b) && b[j] < i {
			j++
		}
		if j < len(b) && b[j] == i {
			in += v.blocks[i].chars
		}
	}
	for _, i := range b {
		nb += v.blocks[i].chars
	}
	if na+nb == 0 {
		return 0
	}
	return 2 * float64(in) / float64(na+nb)
}

// selector makes body candidates of one page.
type selector struct {
	v     *view
	lines []lineKind
	h     head
	start int
	mass  []int32
}

func newSelector(v *view, lines []lineKind, h head) *selector {
	s := &selector{v: v, lines: lines, h: h, start: h.start, mass: textMass(v, lines)}
	if massWithin(s.mass, s.start, len(v.blocks)) == 0 {
		s.start = 0
	}
	return s
}

// marked returns the element that a CMS marks as the body: of all marked elements the one
// with the most text behind the start, of nested ones with about the same text the inner.
func (s *selector) marked() int32 {
	best, most := int32(-1), int32(0)
	for i := range s.v.elems {
		e := &s.v.elems[i]
		if len(e.node.Attr) == 0 && e.node.DataAtom != 0 || e.flags&fHidden != 0 || int(e.hi) <= s.start || !isBodyMark(e) {
			continue
		}
		m := s.textIn(e)
		if m > most && float64(m) > 1.02*float64(most) {
			best, most = int32(i), m
		} else if best >= 0 && s.v.ancestor(best, int32(i)) && float64(m) >= .9*float64(most) {
			best, most = int32(i), m
		}
	}
	if most < 10 {
		return -1
	}
	return best
}

// textIn counts the characters outside links of an element behind the start.
func (s *selector) textIn(e *elem) int32 {
	lo := max(int(e.lo), s.start)
	n := int32(0)
	for i := lo; i < int(e.hi) && i < len(s.v.blocks); i++ {
		b := &s.v.blocks[i]
		if b.flags&fHidden == 0 && s.lines[i] == linePlain {
			n += b.chars - b.linked
		}
	}
	return n
}

// remarked returns the region between a pair of comments (or metas) that name the body.
func (s *selector) remarked() (lo, hi int) {
	open := ""
	for _, r := range s.v.remarks {
		t := strings.ToLower(r.text)
		if open == "" {
			if isBodyStart(t) {
				open, lo = t, int(r.block)
			}
			continue
		}
		if isBodyEnd(t) {
			if hi = int(r.block); massWithin(s.mass, max(lo, s.start), hi) > 0 {
				return lo, hi
			}
			open = ""
		}
	}
	return 0, 0
}

func isBodyStart(t string) bool {
	switch t {
	case "enpcontent", "contentstart", "<$[信息内容]>begin", "zjeg_rss.content.begin", "contstart":
		return true
	}
	return (strings.Contains(t, "正文") || strings.Contains(t, "文章内容")) && (strings.Contains(t, "begin") || strings.Contains(t, "start") || strings.Contains(t, "开始") || strings.HasSuffix(t, "-s") || strings.HasSuffix(t, "_s"))
}

func isBodyEnd(t string) bool {
	switch t {
	case "/enpcontent", "contentend", "<$[信息内容]>end", "zjeg_rss.content.end", "contend":
		return true
	}
	return (strings.Contains(t, "正文") || strings.Contains(t, "文章内容")) && (strings.Contains(t, "end") || strings.Contains(t, "结束") || strings.HasSuffix(t, "-e") || strings.HasSuffix(t, "_e"))
}

// densest scores elements by the running text directly below them, as readability does, and
// climbs while the parent adds text and few links.
func (s *selector) densest() int32 {
	v := s.v
	score := make([]float64, len(v.elems))
	_, end := s.region()
	for i := s.start; i < len(v.blocks); i++ {
		m := float64(s.mass[i+1] - s.mass[i])
		if m == 0 {
			continue
		}
		if i >= end { // behind a line that ends articles: comments, summaries of others
			m *= .3
		}
		m = min(m, 600) + 20*float64(v.blocks[i].stops)
		share := 1.0
		for e, d := v.blocks[i].elem, 0; e >= 0 && d < 5; e, d = v.elems[e].parent, d+1 {
			score[e] += m * share
			if d > 0 {
				share *= .75
			}
		}
	}
	linked, chars := s.sums()
	best, top := int32(-1), 0.0
	for e := range score {
		if score[e] == 0 {
			continue
		}
		el := &v.elems[e]
		lo, hi := max(int(el.lo), s.start), int(el.hi)
		if lo >= hi {
			continue
		}
		x := score[e] * (1 - float64(linked[hi]-linked[lo])/float64(1+chars[hi]-chars[lo]))
		if el.role == roleBody {
			x *= 1.2
		}
		if s.start > 0 { // far below the byline: comments, other articles
			x *= 1 / (1 + .01*float64(lo-s.start))
		}
		if x > top {
			best, top = int32(e), x
		}
	}
	if best < 0 {
		return -1
	}
	return s.climb(best, linked, chars)
}

// sums returns prefix sums of linked and of all characters that show.
func (s *selector) sums() (linked, chars []int32) {
	n := len(s.v.blocks)
	linked, chars = make([]int32, n+1), make([]int32, n+1)
	for i := range s.v.blocks {
		b := &s.v.blocks[i]
		linked[i+1], chars[i+1] = linked[i], chars[i]
		if b.flags&fHidden == 0 {
			linked[i+1] += b.linked
			chars[i+1] += b.chars
		}
	}
	return linked, chars
}

// climb goes up from e while an ancestor adds running text and is no wrapper of the page.
func (s *selector) climb(e int32, linked, chars []int32) int32 {
	v := s.v
	cur := s.outOfLine(e, linked, chars)
	for p, d := v.elems[cur].parent, 0; p >= 0 && d < 4; p, d = v.elems[p].parent, d+1 {
		lo, hi := max(int(v.elems[p].lo), s.start), int(v.elems[p].hi)
		clo, chi := max(int(v.elems[cur].lo), s.start), int(v.elems[cur].hi)
		have := massWithin(s.mass, clo, chi)
		extra := massWithin(s.mass, lo, hi) - have
		if extra <= 0 {
			continue
		}
		first, last := s.strong(lo, hi) // links behind the last paragraph are cut later
		first, last = min(first, clo), max(last, chi)
		links := (linked[last] - linked[first]) - (linked[chi] - linked[clo])
		all := (chars[last] - chars[first]) - (chars[chi] - chars[clo])
		if float64(links) > .3*float64(all) && all > 120 || s.ends(first, clo) || s.ends(chi, last) {
			break
		}
		cur = p
	}
	return cur
}

// outOfLine goes from the element of a single line to its parent: a body is at least what
// stands around a paragraph, with its headings and signature, unless that is a list of links.
func (s *selector) outOfLine(e int32, linked, chars []int32) int32 {
	el := &s.v.elems[e]
	p := el.parent
	if el.hi-el.lo != 1 || p < 0 {
		return e
	}
	lo, hi := max(int(s.v.elems[p].lo), s.start), int(el.hi)
	for hi < int(s.v.elems[p].hi) && s.lines[hi] != lineEnd && s.lines[hi] != lineLegal && s.v.blocks[hi].flags&fChrome == 0 {
		hi++
	}
	if lo >= hi || hi-lo > 60 || 10*(linked[hi]-linked[lo]) > 3*(chars[hi]-chars[lo]) {
		return e
	}
	return p
}

// strong returns the first block of running text in a range, and the one behind the last.
func (s *selector) strong(lo, hi int) (int, int) {
	for lo < hi && s.mass[lo+1] == s.mass[lo] {
		lo++
	}
	for hi > lo && s.mass[hi] == s.mass[hi-1] {
		hi--
	}
	return lo, hi
}

// ends reports whether a line that ends an article stands between two blocks.
func (s *selector) ends(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if s.lines[i] == lineEnd || s.lines[i] == lineLegal || s.v.blocks[i].flags&fChrome != 0 {
			return true
		}
	}
	return false
}

// region is the text behind the byline up to the first line that ends an article.
func (s *selector) region() (lo, hi int) {
	lo = s.start
	seen := int32(0)
	last := lo
	for i := lo; i < len(s.v.blocks); i++ {
		m := s.mass[i+1] - s.mass[i]
		seen += m
		if m > 0 || seen > 0 && s.v.dataTable(i) >= 0 {
			last = i + 1
		}
		if seen == 0 {
			continue
		}
		if s.stops(i) {
			if i-last <= 12 {
				return lo, i // the lines between are the article's signature, or no plain lines
			}
			break
		}
		if i-last > 25 && s.v.dataTable(i) < 0 {
			break
		}
	}
	return lo, s.signature(last)
}

// stops reports whether a line surely is behind an article's text: a footer, chrome, a pager,
// or a heading over links. 转载 and 进入 also stand in the rules of a competition.
func (s *selector) stops(i int) bool {
	b := &s.v.blocks[i]
	switch {
	case b.flags&fChrome != 0 && b.flags&fHidden == 0:
		return true
	case s.lines[i] == lineLegal:
		return b.stops == 0 || footerWords.in(s.v.str(i)) != ""
	case s.lines[i] == lineEnd:
		return b.flags&fHeading != 0 || b.linked > 0 || i+1 < len(s.v.blocks) && (s.isLink(i+1) || s.lines[i+1] != linePlain) || pagerWords.at(s.v.str(i)) != "" || b.chars <= 6
	}
	return false
}

// signature extends a region over the short lines directly behind its last paragraph that
// share its parent: the signature and date of a notice.
func (s *selector) signature(last int) int {
	if last == 0 || last > len(s.v.blocks) {
		return last
	}
	parent := s.parentOf(last - 1)
	for n := 0; last < len(s.v.blocks) && n < 6; n++ {
		b := &s.v.blocks[last]
		if s.lines[last] != linePlain || b.linked > 0 || s.parentOf(last) != parent || b.flags&fHidden != 0 {
			break
		}
		last++
	}
	return last
}

func (s *selector) parentOf(i int) int32 {
	e := s.v.blocks[i].elem
	if e >= 0 {
		return s.v.elems[e].parent
	}
	return -1
}
