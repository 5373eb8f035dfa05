package fakesite

import (
	"math/rand/v2"
	"net/http"
)

// system is the manner of a CMS: how it writes addresses, lists and pagers.
type system interface {
	name() string
	article(s *Site, a *article) string                 // path of an article
	part(path string, n int) string                     // path of page n ≥ 2 of a split article
	file(s *Site, a *article, i int, ext string) string // path of document or picture i of an article
	column(c *column) string                            // path of a column's first list page
	serve(s *Site, r *http.Request) (answer, bool)      // list pages and paging endpoints; s.mu is held
}

// answer is what a site sends back.
type answer struct {
	status int
	typ    string
	body   []byte
	header map[string]string
}

// pickSystem gives site i its CMS and style. The first three are the demo's.
func pickSystem(i int, rng *rand.Rand) (system, style) {
	switch i {
	case 0:
		return jcms{}, style{skin: "gov", charset: "utf-8", header: true, clock: true, date: "2006-01-02 15:04", author: false, editor: true,
			metas: true, noise: "counter", group: "新闻中心", crumb: " &gt; ", accent: "#0b5cab"}
	case 1:
		return trs{}, style{skin: "table", charset: "gbk", date: "2006年1月2日", author: true, noise: "clock", crumb: "&gt;&gt;", accent: "#a01c1c"}
	default:
		return api{}, style{skin: "modern", charset: "utf-8", header: true, clock: true, date: "2006-01-02 15:04", author: true, editor: true,
			etag: true, crumb: " / ", accent: "#16697a"}
	}
}

// pageOf cuts page n (from 0) out of rows and says how many pages there are.
func pageOf(rows []*article, n, per int) (page []*article, pages int) {
	pages = max(1, (len(rows)+per-1)/per)
	if n < 0 || n >= pages {
		return nil, pages
	}
	return rows[n*per : min(len(rows), (n+1)*per)], pages
}

func (s *Site) columnBy(ok func(*column) bool) *column {
	for _, c := range s.columns {
		if ok(c) {
			return c
		}
	}
	return nil
}
