package fakesite

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// frame writes articles whose body stands in an iframe of its own address; lists take
// the page in the query.
type frame struct{}

func (frame) name() string { return "frame" }

func (frame) article(_ *Site, a *article) string {
	return fmt.Sprintf("/portal/article/%d.action", 50200+a.n)
}

func (frame) part(p string, n int) string {
	return strings.TrimSuffix(p, ".action") + fmt.Sprintf("_%d.action", n)
}

func (frame) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/portal/upload/%d_%d.%s", 50200+a.n, i, ext)
}

func (frame) column(c *column) string {
	return fmt.Sprintf("/portal/work/more.action?categoryno=%d", c.id)
}

func (f frame) serve(s *Site, r *http.Request) (answer, bool) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/portal/content/"); ok {
		return f.content(s, rest)
	}
	if r.URL.Path != "/portal/work/more.action" {
		return answer{}, false
	}
	c := s.columnBy(func(c *column) bool { return strconv.Itoa(c.id) == r.URL.Query().Get("categoryno") })
	n := 1
	if p := r.URL.Query().Get("pageNo"); p != "" {
		var err error
		if n, err = strconv.Atoi(p); err != nil {
			return answer{}, false
		}
	}
	if c == nil {
		return answer{}, false
	}
	page, pages := pageOf(s.rows(c), n-1, s.opts.PerPage)
	v := listView{Pager: pagerOf(n, pages, false,
		func(n int) string { return f.column(c) + fmt.Sprintf("&pageNo=%d", n) })}
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}

// content answers with the body of an article alone.
func (f frame) content(s *Site, rest string) (answer, bool) {
	id, err := strconv.Atoi(strings.TrimSuffix(rest, ".html"))
	if err != nil {
		return answer{}, false
	}
	for _, a := range s.articles {
		if 50200+a.n == id && a.state == Live {
			return s.html(http.StatusOK, []byte("<html><head><meta charset=\""+s.style.charset+"\"></head><body>\n"+
				s.bodyHTML(a, 1)+s.filesHTML(a)+"</body></html>")), true
		}
	}
	return answer{}, false
}
