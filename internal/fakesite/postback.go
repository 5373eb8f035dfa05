package fakesite

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// postback writes lists in the manner of ASP.NET WebForms: further pages are a POST of
// the page's own form with __EVENTTARGET and __EVENTARGUMENT.
type postback struct{}

func (postback) name() string { return "aspnet" }

func (postback) article(_ *Site, a *article) string {
	return fmt.Sprintf("/NewsShow.aspx?ID=%d", 6200+a.n)
}

func (postback) part(p string, n int) string { return fmt.Sprintf("%s&Page=%d", p, n) }

func (postback) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/UpLoadFile/%s/%d_%d.%s", a.published.Format("20060102"), 6200+a.n, i, ext)
}

func (postback) column(c *column) string { return fmt.Sprintf("/NewsList.aspx?ID=%d", c.id) }

func (p postback) serve(s *Site, r *http.Request) (answer, bool) {
	if r.URL.Path != "/NewsList.aspx" {
		return answer{}, false
	}
	c := s.columnBy(func(c *column) bool { return strconv.Itoa(c.id) == r.URL.Query().Get("ID") })
	if c == nil {
		return answer{}, false
	}
	n := 1
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			return answer{status: http.StatusBadRequest}, true
		}
		// The server knows the page it sent by the view state, and refuses a foreign one.
		if !strings.HasPrefix(r.PostForm.Get("__VIEWSTATE"), fmt.Sprintf("/wEPDwUK%d", c.id)) {
			return answer{status: http.StatusInternalServerError, typ: "text/html",
				body: []byte("<html><body>Validation of viewstate MAC failed.</body></html>")}, true
		}
		if r.PostForm.Get("__EVENTTARGET") == "AspNetPager1" {
			var err error
			if n, err = strconv.Atoi(r.PostForm.Get("__EVENTARGUMENT")); err != nil {
				return answer{status: http.StatusInternalServerError}, true
			}
		}
	}
	page, pages := pageOf(s.rows(c), n-1, s.opts.PerPage)
	if n < 1 || n > pages {
		return answer{}, false
	}
	v := listView{Form: fmt.Sprintf("/NewsList.aspx?ID=%d", c.id),
		State: fmt.Sprintf("/wEPDwUK%d-%d-%d", c.id, n, len(s.rows(c)))}
	var b strings.Builder
	b.WriteString(`<div id="AspNetPager1" class="pager">`)
	for i := 1; i <= pages; i++ {
		switch {
		case i == n:
			fmt.Fprintf(&b, `<span>%d</span> `, i)
		case i < n+5 && i > n-5:
			fmt.Fprintf(&b, `<a href="javascript:__doPostBack('AspNetPager1','%d')">%d</a> `, i, i)
		}
	}
	if n < pages {
		fmt.Fprintf(&b, `<a href="javascript:__doPostBack('AspNetPager1','%d')">下一页</a>`, n+1)
	}
	b.WriteString("</div>")
	v.Pager = b.String()
	for _, a := range page {
		v.Rows = append(v.Rows, rowView{Href: strings.TrimPrefix(a.path, "/"), Title: a.title, Short: short(a.title, 40),
			Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}
