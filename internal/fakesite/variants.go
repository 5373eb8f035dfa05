package fakesite

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// jcmsUID is jcms with its other pager: plain rows, further pages by uid and pageNum.
type jcmsUID struct{ jcms }

func (jcmsUID) name() string { return "jcms-uid" }

func (j jcmsUID) serve(s *Site, r *http.Request) (answer, bool) {
	c := s.columnBy(func(c *column) bool { return j.column(c) == r.URL.Path })
	if c == nil {
		return answer{}, false
	}
	n := 1
	if p := r.URL.Query().Get("pageNum"); p != "" {
		var err error
		if n, err = strconv.Atoi(p); err != nil {
			return answer{}, false
		}
	}
	page, pages := pageOf(s.rows(c), n-1, s.opts.PerPage)
	v := listView{Pager: pagerOf(n, pages, false,
		func(n int) string { return fmt.Sprintf("index.html?uid=%d&pageNum=%d", 2000+c.id, n) }) +
		fmt.Sprintf(`<script>var totalPage = "%d";</script>`, pages)}
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 36), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}

// trsVars is TRS with a home-made pager: a script counts through variables of the page.
type trsVars struct{ trs }

func (trsVars) name() string { return "trs-vars" }

func (t trsVars) serve(s *Site, r *http.Request) (answer, bool) {
	for _, c := range s.columns {
		rest, ok := strings.CutPrefix(r.URL.Path, t.column(c))
		if !ok {
			continue
		}
		n := 0
		if rest != "" && rest != "index.html" {
			if _, err := fmt.Sscanf(rest, "index_%d.html", &n); err != nil || n < 1 {
				return answer{}, false
			}
		}
		page, pages := pageOf(s.rows(c), n, s.opts.PerPage)
		if page == nil && n > 0 {
			return answer{}, false
		}
		v := listView{Pager: fmt.Sprintf(`<div class="pager"><script>
var currentPage = %d;//所在页从0开始
var countPage = %d//共多少页
for (var i = 0; i < countPage; i++) { document.write(" <a href=index" + (i ? "_" + i : "") + ".html>" + (i + 1) + "</a>"); }
</script></div>`, n, pages)}
		for _, a := range page {
			v.Rows = append(v.Rows, rowView{Href: "./" + strings.TrimPrefix(a.path, t.column(c)), Title: a.title,
				Short: short(a.title, 36), Date: a.published.Format("2006-01-02")})
		}
		return s.listPage(r, c, v), true
	}
	return answer{}, false
}
