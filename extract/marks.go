package extract

import (
	"strings"

	"golang.org/x/net/html"
)

// bodyMarks are ids and classes that a CMS or editor gives the element around an article's
// text: TRS (TRS_Editor), jcms/大汉 (zoom), UCAP (UCAPCONTENT, pages_content), 博达
// (v_news_content, vsb_content), 新势力/wp (wp_articlecontent), 易站通 (easysite-news-text), and
// the usual names of template makers and portals.
var bodyMarks = map[string]bool{
	"trs_editor": true, "trs_ueditor": true, "trs_preappend": true, "trs_view": true, "zoom": true, "fontzoom": true,
	"zoomcon": true, "ucapcontent": true, "pages_content": true, "v_news_content": true, "vsb_content": true,
	"wp_articlecontent": true, "easysite-news-text": true, "easysite-news-content": true, "js_content": true,
	"p_content": true, "p-detail": true, "endtext": true, "post_body": true, "post_text": true, "artibody": true,
	"article_content": true, "article-content": true, "articlecontent": true, "articlebody": true, "article-body": true,
	"article_body": true, "news_content": true, "newscontent": true, "news-content": true, "bt_content": true,
	"main-txt": true, "content_main": true, "contentmain": true, "the_content": true, "contenttext": true,
	"content_text": true, "detailcontent": true, "detail-content": true, "detail_content": true, "downloadcontent": true,
	"ivs_content": true, "cmsarticlecontent": true, "art_content": true, "artcontent": true, "art_con": true,
	"con_con": true, "contxt": true, "textcontent": true, "news_txt": true, "xl_content": true, "xwcontent": true,
	"info_content": true, "infocontent": true, "arc_content": true, "arcbody": true, "entry-content": true,
	"post-content": true, "rm_txt_con": true, "newstext": true, "news_body": true, "rich_media_content": true,
	"article_text": true, "articletext": true, "txtcontent": true, "bodytext": true, "zhengwen": true, "neirong": true,
	"wenzhang": true, "conzw": true, "xxgk_content": true, "mainbody": true, "newsbody": true, "left_zw": true,
	"mce-content-body": true, "view_content": true, "gp-articlecontent": true, "ewb-article-content": true,
	"ewb-info-content": true, "infodetail": true, "pagecontent": true, "article-detail": true, "article-con": true,
	"articlecon": true, "newscon": true, "news_con": true, "dochtmlcon": true,
}

// isBodyMark reports whether an element's name, its id or one of its classes marks a body.
// It is the matcher bodyContainers: bodyMarks says in one lookup what some hundred selectors
// would have to be asked for, and in any case of the letters.
func isBodyMark(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	if n.Data == "ucapcontent" {
		return true
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
		if strings.HasPrefix(string(k), "vsb_content") || strings.HasPrefix(string(k),
			"vsbcontent") && string(k) != "vsbcontent_end" && string(k) != "vsbcontent_start" && string(k) != "vsbcontent_img" {
			return true
		}
	}
	return false
}

// marked returns the element that a CMS marks as the body: of all marked elements the one
// with the most text behind the start, of nested ones with about the same text the inner.
func (s *selector) marked() int32 {
	best, most := int32(-1), int32(0)
	for _, i := range s.v.bodies {
		e := &s.v.elems[i]
		if e.flags&fHidden != 0 || int(e.hi) <= s.start {
			continue
		}
		m := s.textIn(e)
		if m > most && float64(m) > 1.02*float64(most) ||
			best >= 0 && s.v.ancestor(best, i) && float64(m) >= .9*float64(most) {
			best, most = i, m
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
			if hi = int(r.block); massWithin(s.textMass, max(lo, s.start), hi) > 0 {
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
	return (strings.Contains(t, "正文") || strings.Contains(t, "文章内容")) && (strings.Contains(t, "begin") ||
		strings.Contains(t, "start") || strings.Contains(t, "开始") || strings.HasSuffix(t, "-s") ||
		strings.HasSuffix(t, "_s"))
}

func isBodyEnd(t string) bool {
	switch t {
	case "/enpcontent", "contentend", "<$[信息内容]>end", "zjeg_rss.content.end", "contend":
		return true
	}
	return (strings.Contains(t, "正文") || strings.Contains(t, "文章内容")) && (strings.Contains(t, "end") ||
		strings.Contains(t, "结束") || strings.HasSuffix(t, "-e") || strings.HasSuffix(t, "_e"))
}
