package fakesite

import (
	"fmt"
	"net/http"
	"strings"
)

// webplus writes lists in the manner of webplus: COLUMN/list.htm, list2.htm …, articles
// /YYYY/MMDD/cCaA/page.htm.
type webplus struct{}

func (webplus) name() string { return "webplus" }

func (webplus) article(_ *Site, a *article) string {
	return fmt.Sprintf("/%s/c%da%d/page.htm", a.published.Format("2006/0102"), 7000+a.column.id, 41000+a.n*3)
}

func (webplus) part(p string, n int) string {
	return strings.TrimSuffix(p, "page.htm") + fmt.Sprintf("page_%d.htm", n)
}

func (webplus) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/_upload/article/files/%02x/%02x/%08x%d.%s", a.n%256, a.column.id%256, a.n*7919, i, ext)
}

func (webplus) column(c *column) string { return "/" + c.slug + "/list.htm" }

func (w webplus) serve(s *Site, r *http.Request) (answer, bool) {
	c := s.columnBy(func(c *column) bool { return strings.HasPrefix(r.URL.Path, "/"+c.slug+"/list") })
	if c == nil {
		return answer{}, false
	}
	n := 1
	if r.URL.Path != w.column(c) {
		if _, err := fmt.Sscanf(strings.TrimPrefix(r.URL.Path, "/"+c.slug+"/"), "list%d.htm", &n); err != nil {
			return answer{}, false
		}
	}
	rows := s.rows(c)
	page, pages := pageOf(rows, n-1, s.opts.PerPage)
	if n < 1 || n > pages {
		return answer{}, false
	}
	at := func(n int) string {
		if n == 1 {
			return w.column(c)
		}
		return fmt.Sprintf("/%s/list%d.htm", c.slug, n)
	}
	prev, next := `<a class="prev" href="javascript:void(0);"><span>上一页</span></a>`,
		`<a class="next" href="javascript:void(0);"><span>下一页&gt;&gt;</span></a>`
	if n > 1 {
		prev = fmt.Sprintf(`<a class="prev" href="%s"><span>上一页</span></a>`, at(n-1))
	}
	if n < pages {
		next = fmt.Sprintf(`<a class="next" href="%s"><span>下一页&gt;&gt;</span></a>`, at(n+1))
	}
	v := listView{Pager: fmt.Sprintf(`<div id="wp_paging_w6" class="pager"><ul class="wp_paging clearfix"><li class="pages_count"><span class="per_page">每页&nbsp;<em class="per_count">%d</em>&nbsp;记录</span><span class="all_count">总共&nbsp;<em class="all_count">%d</em>&nbsp;记录</span></li><li class="page_nav">%s%s</li><li class="page_jump"><span class="pages"><em class="curr_page">%d</em>/<em class="all_pages">%d</em></span></li></ul></div>`,
		s.opts.PerPage, len(rows), prev, next, n, pages)}
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}
