package fakesite

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// query writes lists of scripts that take column and page in the query: ASP, JSP, PHP.
// Its articles have ids in the query too.
type query struct {
	cms     string
	list    string // path
	col     string // parameter of the column
	page    string // parameter of the page, from 1
	show    string // path of articles
	id      string // parameter of the article
	rest    string // further fixed parameters of lists, "&lx=1"
	numbers bool   // the pager shows numbers, not 下一页
}

var (
	asp = query{cms: "asp", list: "/class.asp", col: "id", page: "page", show: "/show.asp", id: "id"}
	jsp = query{cms: "jsp", list: "/web/list.jsp", col: "strColId", page: "pageNum", show: "/web/detail.jsp",
		id: "strInfoId", numbers: true}
	php = query{cms: "php", list: "/index.php", col: "catid", page: "p", show: "/index.php", id: "aid", rest: "&m=content"}
)

func (q query) name() string { return q.cms }

func (q query) article(_ *Site, a *article) string {
	return fmt.Sprintf("%s?%s=%d", q.show, q.id, 3100+a.n)
}

func (q query) part(p string, n int) string { return fmt.Sprintf("%s&page=%d", p, n) }

func (q query) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/uploadfile/%s/%d%02d.%s", a.published.Format("200601"), 3100+a.n, i, ext)
}

func (q query) column(c *column) string { return q.at(c, 1) }

func (q query) at(c *column, n int) string {
	u := fmt.Sprintf("%s?%s=%d%s", q.list, q.col, c.id, q.rest)
	if n > 1 {
		u += fmt.Sprintf("&%s=%d", q.page, n)
	}
	return u
}

func (q query) serve(s *Site, r *http.Request) (answer, bool) {
	get := r.URL.Query()
	if r.URL.Path != q.list || get.Get(q.col) == "" {
		return answer{}, false
	}
	c := s.columnBy(func(c *column) bool { return strconv.Itoa(c.id) == get.Get(q.col) })
	n := 1
	if p := get.Get(q.page); p != "" {
		var err error
		if n, err = strconv.Atoi(p); err != nil {
			return answer{}, false
		}
	}
	if c == nil {
		return answer{}, false
	}
	page, pages := pageOf(s.rows(c), n-1, s.opts.PerPage)
	if n < 1 || n > pages {
		page = nil // as these scripts do: an empty list
	}
	v := listView{Pager: pagerOf(n, pages, q.numbers, func(n int) string { return q.at(c, n) })}
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006/1/2")})
	}
	return s.listPage(r, c, v), true
}

// pagerOf writes a pager of numbers, or of 首页 上一页 下一页 尾页.
func pagerOf(n, pages int, numbers bool, at func(int) string) string {
	var b strings.Builder
	link := func(text string, to int) {
		fmt.Fprintf(&b, `<a href="%s">%s</a> `, strings.ReplaceAll(at(to), "&", "&amp;"), text)
	}
	b.WriteString(`<div class="pager">`)
	if !numbers {
		fmt.Fprintf(&b, "共%d页 第%d页 ", pages, n)
		if n > 1 {
			link("首页", 1)
			link("上一页", n-1)
		}
		if n < pages {
			link("下一页", n+1)
			link("尾页", pages)
		}
	} else {
		for i := 1; i <= pages; i++ {
			if i == n {
				fmt.Fprintf(&b, `<span class="cur">%d</span> `, i)
			} else if i < n+5 && i > n-5 {
				link(strconv.Itoa(i), i)
			}
		}
	}
	b.WriteString("</div>")
	return b.String()
}

// next writes static lists that link their successors with rel=next.
type next struct{}

func (next) name() string { return "next" }

func (next) article(_ *Site, a *article) string {
	return fmt.Sprintf("/content/%s/content_%d.shtml", a.published.Format("2006-01/02"), 88000+a.n)
}

func (next) part(p string, n int) string {
	return strings.TrimSuffix(p, ".shtml") + fmt.Sprintf("_%d.shtml", n)
}

func (next) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/attachement/%s/%d-%d.%s", a.published.Format("200601"), 88000+a.n, i, ext)
}

func (next) column(c *column) string { return "/" + c.slug + "/index.shtml" }

func (x next) serve(s *Site, r *http.Request) (answer, bool) {
	c := s.columnBy(func(c *column) bool { return strings.HasPrefix(r.URL.Path, "/"+c.slug+"/") })
	if c == nil {
		return answer{}, false
	}
	n := 1
	if r.URL.Path != x.column(c) {
		if _, err := fmt.Sscanf(r.URL.Path, "/"+c.slug+"/more-%d.shtml", &n); err != nil {
			return answer{}, false
		}
	}
	page, pages := pageOf(s.rows(c), n-1, s.opts.PerPage)
	if n < 1 || n > pages {
		return answer{}, false
	}
	v := listView{}
	if n < pages {
		v.Pager = fmt.Sprintf(`<div class="pager"><a rel="next" href="more-%d.shtml">›</a></div>`, n+1)
	}
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006.01.02")})
	}
	return s.listPage(r, c, v), true
}
