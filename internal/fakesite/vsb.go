package fakesite

import (
	"fmt"
	"net/http"
	"strings"
)

// vsb writes lists in the manner of 博达 VSB: xwzx.htm is the first page, older pages
// count down (xwzx/4.htm … xwzx/1.htm), articles are info/COLUMN/ID.htm.
type vsb struct{}

func (vsb) name() string { return "vsb" }

func (vsb) article(_ *Site, a *article) string {
	return fmt.Sprintf("/info/%d/%d.htm", 1000+a.column.id, 2100+a.n)
}

func (vsb) part(p string, n int) string {
	return strings.TrimSuffix(p, ".htm") + fmt.Sprintf("_%d.htm", n)
}

func (vsb) file(_ *Site, a *article, i int, ext string) string {
	if ext == "png" {
		return fmt.Sprintf("/__local/%X/%02X/%d.png", 0xA0+a.n%80, i, 91000+a.n*31)
	}
	return fmt.Sprintf("/system/_content/download/%d_%d.%s", 91000+a.n*31, i, ext)
}

func (vsb) column(c *column) string { return "/" + c.slug + ".htm" }

func (v vsb) serve(s *Site, r *http.Request) (answer, bool) {
	var c *column
	n := 0 // from 0, the newest
	for _, col := range s.columns {
		rest, ok := strings.CutPrefix(r.URL.Path, "/"+col.slug)
		if !ok {
			continue
		}
		_, pages := pageOf(s.rows(col), 0, s.opts.PerPage)
		if rest == ".htm" {
			c = col
			break
		}
		var k int
		if _, err := fmt.Sscanf(rest, "/%d.htm", &k); err == nil && k >= 1 && k < pages {
			c, n = col, pages-k
			break
		}
	}
	if c == nil {
		return answer{}, false
	}
	page, pages := pageOf(s.rows(c), n, s.opts.PerPage)
	at := func(n int) string { // address of page n from a list page's own folder
		up := ""
		if strings.Count(r.URL.Path, "/") > 1 {
			up = "../"
		}
		if n == 0 {
			return up + c.slug + ".htm"
		}
		return fmt.Sprintf("%s%s/%d.htm", up, c.slug, pages-n)
	}
	var b strings.Builder
	fmt.Fprintf(
		&b, `<div class="pb_sys_common pb_sys_normal pager"><span class="p_t">共%d条</span> <span class="p_pages">`,
		len(s.rows(c)))
	for i := range pages {
		if i == n {
			fmt.Fprintf(&b, `<span class="p_no_d">%d</span>`, i+1)
		} else if i < n+3 && i > n-3 || i == pages-1 {
			fmt.Fprintf(&b, `<span class="p_no"><a href="%s">%d</a></span>`, at(i), i+1)
		}
	}
	if n+1 < pages {
		fmt.Fprintf(&b, `<span class="p_next p_fun"><a href="%s">下页</a></span><span class="p_last p_fun"><a href="%s">尾页</a></span>`, at(n+1), at(pages-1))
	} else {
		b.WriteString(`<span class="p_next_d p_fun_d">下页</span><span class="p_last_d p_fun_d">尾页</span>`)
	}
	b.WriteString("</span></div>")
	v0 := listView{Pager: b.String()}
	for i, a := range page {
		v0.Rows = append(v0.Rows, rowView{ID: fmt.Sprintf("line_u9_%d", i), Href: up(r.URL.Path) +
			strings.TrimPrefix(a.path, "/"), Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v0), true
}

// up leads from a page's folder to the root.
func up(path string) string { return strings.Repeat("../", strings.Count(path, "/")-1) }
