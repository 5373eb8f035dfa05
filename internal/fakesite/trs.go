package fakesite

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// trs writes lists in the manner of TRS WCM: plain rows, relative links, further pages
// index_1.html … named by a createPageHTML call, articles tYYYYMMDD_ID.html.
type trs struct{}

func (trs) name() string { return "trs" }

func (trs) article(_ *Site, a *article) string {
	return fmt.Sprintf("/%s/%s/t%s_%d.html", a.column.slug, a.published.Format("200601"), a.published.Format("20060102"),
		52300+a.n*7)
}

func (trs) part(p string, n int) string {
	ext := path.Ext(p)
	return fmt.Sprintf("%s_%d%s", strings.TrimSuffix(p, ext), n-1, ext)
}

func (t trs) file(s *Site, a *article, i int, ext string) string {
	letter := "P"
	if ext == "png" {
		letter = "W"
	}
	return fmt.Sprintf("%s/%s0%s%09d%d.%s", path.Dir(t.article(s, a)), letter, a.published.Format("20060102"),
		(52300+a.n*7)*977, i, ext)
}

func (trs) column(c *column) string { return "/" + c.slug + "/" }

func (t trs) serve(s *Site, r *http.Request) (answer, bool) {
	c := s.columnBy(func(c *column) bool { return strings.HasPrefix(r.URL.Path, t.column(c)) })
	if c == nil {
		return answer{}, false
	}
	n := 0
	switch rest := strings.TrimPrefix(r.URL.Path, t.column(c)); rest {
	case "", "index.html":
	default:
		if _, err := fmt.Sscanf(rest, "index_%d.html", &n); err != nil || n < 1 {
			return answer{}, false
		}
	}
	page, pages := pageOf(s.rows(c), n, s.opts.PerPage)
	if page == nil && n > 0 {
		return answer{}, false
	}
	v := listView{Pager: fmt.Sprintf(`<script type="text/javascript" src="/images/page.js"></script><script>createPageHTML(%d, %d, "index", "html");</script>`, pages, n)}
	for _, a := range page {
		v.Rows = append(v.Rows, rowView{Href: "./" + strings.TrimPrefix(a.path, t.column(c)), Title: a.title,
			Short: short(a.title, 36), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}
