package extract

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// role is what the name of an element (tag, id, class) says about its content. Names are
// hints: they weigh candidates and never decide alone.
type role uint8

const (
	roleNone role = iota
	roleHeader
	roleFooter
	roleNav
	roleCrumb
	roleComment
	roleShare
	roleSide
	roleRelated
	roleDialog
	roleTitle
	roleByline
	roleBody
)

// chrome reports whether the role stands around an article and is never part of it.
func (r role) chrome() bool {
	switch r {
	case roleHeader, roleFooter, roleNav, roleComment, roleShare, roleSide, roleRelated, roleDialog:
		return true
	}
	return false
}

// wordRoles maps the words that ids and classes are made of to roles. English and pinyin
// words that the Chinese CMSes and template makers use.
var wordRoles = map[string]role{
	"header": roleHeader, "topbar": roleHeader, "toolbar": roleHeader, "topnav": roleNav,
	"footer": roleFooter, "foot": roleFooter, "copyright": roleFooter, "copyrights": roleFooter, "banquan": roleFooter,
	"dibu": roleFooter, "youlian": roleFooter, "friendlink": roleFooter,
	"nav": roleNav, "menu": roleNav, "navbar": roleNav, "navigation": roleNav, "daohang": roleNav, "navigator": roleNav,
	"subnav": roleNav,
	"crumb":  roleCrumb, "crumbs": roleCrumb, "breadcrumb": roleCrumb, "breadcrumbs": roleCrumb,
	"breadcrumbnav": roleCrumb, "position": roleCrumb, "location": roleCrumb, "weizhi": roleCrumb, "dqwz": roleCrumb,
	"dangqian": roleCrumb, "path": roleCrumb, "bread": roleCrumb, "mianbaoxie": roleCrumb,
	"comment": roleComment, "comments": roleComment, "pinglun": roleComment, "reply": roleComment, "replies": roleComment,
	"tie": roleComment, "discuss": roleComment, "liuyan": roleComment, "gentie": roleComment,
	"share": roleShare, "bdsharebuttonbox": roleShare, "bdshare": roleShare, "fenxiang": roleShare, "jiathis": roleShare,
	"qrcode": roleShare, "ewm": roleShare, "erweima": roleShare, "sharebox": roleShare, "addthis": roleShare,
	"sidebar": roleSide, "aside": roleSide, "side": roleSide, "rank": roleSide, "ranking": roleSide, "paihang": roleSide,
	"hotnews": roleSide, "toplist": roleSide,
	"related": roleRelated, "relate": roleRelated, "relation": roleRelated, "relatednews": roleRelated,
	"relatedlinks": roleRelated, "xiangguan": roleRelated, "xggj": roleRelated, "recommend": roleRelated,
	"tuijian": roleRelated, "prevnext": roleRelated, "pagelink": roleRelated, "nextpage": roleRelated,
	"prenextbox": roleRelated, "reco": roleRelated, "interest": roleRelated,
	"modal": roleDialog, "dialog": roleDialog, "popup": roleDialog, "popwin": roleDialog, "cookie": roleDialog,
	"cookies": roleDialog, "cookiebar": roleDialog, "consent": roleDialog, "gdpr": roleDialog, "toast": roleDialog,
	"lightbox": roleDialog, "tanchuang": roleDialog, "tanceng": roleDialog,
	"title": roleTitle, "biaoti": roleTitle, "headline": roleTitle, "subject": roleTitle, "bt": roleTitle,
	"tit": roleTitle, "ucaptitle": roleTitle, "articletitle": roleTitle, "arttitle": roleTitle,
	"byline": roleByline, "source": roleByline, "laiyuan": roleByline, "pubtime": roleByline, "pubdate": roleByline,
	"publishtime": roleByline, "author": roleByline, "fbsj": roleByline, "fabu": roleByline,
	"body": roleBody, "content": roleBody, "article": roleBody, "articlecontent": roleBody, "zoom": roleBody,
	"detail": roleBody, "zhengwen": roleBody, "neirong": roleBody, "text": roleBody,
}

// roleOf reads the words of an element's tag, id and class.
func roleOf(n *html.Node) role {
	switch n.DataAtom {
	case atom.Nav:
		if wordsRole(attr(n, "class")) == roleCrumb {
			return roleCrumb
		}
		return roleNav
	case atom.Footer:
		return roleFooter
	case atom.Aside:
		return roleSide
	}
	r := roleNone
	for i := range n.Attr {
		if k := n.Attr[i].Key; k != "id" && k != "class" {
			continue
		}
		if got := wordsRole(n.Attr[i].Val); got != roleNone && (r == roleNone || got.chrome() && !r.chrome()) {
			r = got
		}
	}
	return r
}

// wordsRole returns the role of the first word of s that has one; a word that names chrome
// wins ("content-footer" is a footer).
func wordsRole(s string) role {
	if len(s) > 200 {
		s = s[:200]
	}
	var word [32]byte
	n, prevLower := 0, false
	r := roleNone
	end := func() {
		if n > 1 {
			if got, ok := wordRoles[string(word[:n])]; ok && (r == roleNone || got.chrome() && !r.chrome()) {
				r = got
			}
		}
		n = 0
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			if prevLower {
				end()
			}
			c += 'a' - 'A'
			prevLower = false
		case c >= 'a' && c <= 'z':
			prevLower = true
		default:
			end()
			prevLower = false
			continue
		}
		if n < len(word) {
			word[n] = c
			n++
		}
	}
	end()
	return r
}
