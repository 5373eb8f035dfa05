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

// systems are all manners, in the order in which sites get them.
var systems = []system{jcms{}, trs{}, api{}, vsb{}, webplus{}, asp, jpaas{}, postback{}, jsp,
	next{}, frame{}, mapped{}, php, jcmsUID{}, trsVars{}, spa{}}

// pickSystem gives site i its CMS and style. The first three are the demo's.
func pickSystem(i int, rng *rand.Rand) (system, style) {
	sys := systems[i%len(systems)]
	switch i {
	case 0:
		return sys, style{skin: "gov", charset: "utf-8", header: true, clock: true, date: "2006-01-02 15:04", editor: true,
			metas: true, noise: "counter", group: "新闻中心", crumb: " &gt; ", accent: "#0b5cab"}
	case 1:
		return sys, style{skin: "table", charset: "gbk", date: "2006年1月2日", author: true, noise: "clock",
			crumb: "&gt;&gt;", accent: "#a01c1c"}
	case 2:
		return sys, style{skin: "modern", charset: "utf-8", header: true, clock: true, date: "2006-01-02 15:04", author: true,
			editor: true,
			etag:   true, crumb: " / ", accent: "#16697a"}
	}
	return sys, pickStyle(rng)
}

func pickStyle(rng *rand.Rand) style {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	st := style{skin: one("gov", "table", "modern"), charset: one("utf-8", "utf-8", "gbk"), author: true,
		crumb: one(" &gt; ", "&gt;&gt;", " / ", " » "), group: one("", "", "新闻中心", "信息公开"),
		noise: one("", "counter", "clock"), accent: one("#0b5cab", "#a01c1c", "#16697a", "#2b6d3a", "#7a4a12", "#33418a")}
	st.etag = st.noise == ""
	st.clock = rng.IntN(2) == 0
	st.header = rng.IntN(3) > 0
	st.editor = st.skin != "table" && rng.IntN(2) == 0
	st.metas = rng.IntN(3) == 0
	st.soft = rng.IntN(4) == 0
	st.br = st.skin != "modern" && rng.IntN(4) == 0
	switch {
	case st.charset == "utf-8" && !st.header && rng.IntN(3) == 0:
		st.liar = "gb2312"
	case st.charset == "gbk" && st.header && rng.IntN(2) == 0:
		st.liar = "iso-8859-1"
	}
	day, clock := one("2006-01-02", "2006年1月2日", "2006/1/2", "2006.01.02"), one(" 15:04", " 15:04:00")
	if st.date = day; st.clock {
		st.date += clock
	}
	return st
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
