package fakesite

import (
	"fmt"
	"html"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// jcms writes lists in the manner of 大汉 jcms: the rows stand in an XML island, further
// rows come from dataproxy.jsp, articles are /art/YYYY/M/D/art_COLUMN_ID.html.
type jcms struct{}

func (jcms) name() string { return "jcms" }

func (jcms) article(_ *Site, a *article) string {
	y, m, d := a.published.Date()
	return fmt.Sprintf("/art/%d/%d/%d/art_%d_%d.html", y, m, d, a.column.id, 10400+a.n*13)
}

func (jcms) part(p string, n int) string {
	ext := path.Ext(p)
	return fmt.Sprintf("%s_%d%s", strings.TrimSuffix(p, ext), n, ext)
}

func (jcms) file(_ *Site, a *article, i int, ext string) string {
	y, m, d := a.published.Date()
	if ext == "png" {
		return fmt.Sprintf("/picture/0/%02d%02d%02d%05d%d.png", y%100, m, d, 10400+a.n*13, i)
	}
	return fmt.Sprintf("/attach/0/%02d%02d%02d%05d%d.%s", y%100, m, d, 10400+a.n*13, i, ext)
}

func (jcms) column(c *column) string { return fmt.Sprintf("/col/col%d/index.html", c.id) }

func (j jcms) serve(s *Site, r *http.Request) (answer, bool) {
	if r.URL.Path == "/module/web/jpage/dataproxy.jsp" {
		return j.proxy(s, r), true
	}
	c := s.columnBy(func(c *column) bool { return j.column(c) == r.URL.Path })
	if c == nil {
		return answer{}, false
	}
	rows := s.rows(c)
	page, pages := pageOf(rows, 0, s.opts.PerPage)
	unit := 6000 + c.id
	island := fmt.Sprintf(`<div id="%d" class="default_pgContainer_box"><script type="text/xml"><datastore>
%s<totalrecord>%d</totalrecord><totalpage>%d</totalpage>
<recordset>
%s</recordset></datastore></script></div>
<div class="default_pgContainer"></div>
<div class="default_pgPanel"><div>共<span class="default_pgTotalPage">%d</span>页 <a class="default_pgBtn default_pgNext" title="下页" href="javascript:void(0)">下一页</a></div></div>
<script src="/script/jpage.js"></script>
<script>initPage(%d, {total: %d, perpage: %d});</script>`,
		unit, j.nextGroup(s, c, len(page)+1, len(rows)), len(rows), pages, j.records(page), pages, unit, len(rows),
		s.opts.PerPage)
	return s.listPage(r, c, listView{Raw: island}), true
}

// nextGroup links to the rows from start (from 1) on, "" if there are none.
func (j jcms) nextGroup(s *Site, c *column, start, total int) string {
	if start > total {
		return ""
	}
	q := fmt.Sprintf(
		"startrecord=%d&endrecord=%d&perpage=%d&col=1&webid=1&columnid=%d&unitid=%d&webname=%s&permissiontype=0",
		start, min(total, start+2*s.opts.PerPage-1), s.opts.PerPage, c.id, 6000+c.id, "kx")
	return `<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?` + q + `"></a>]]></nextgroup>` + "\n"
}

func (jcms) records(rows []*article) string {
	var b strings.Builder
	for _, a := range rows {
		fmt.Fprintf(
			&b, `<record><![CDATA[<li><a href="%s" title="%s" target="_blank">%s</a><span>%s</span></li>]]></record>`+"\n",
			a.path, html.EscapeString(a.title), html.EscapeString(short(a.title, 32)), a.published.Format("2006-01-02"))
	}
	return b.String()
}

// proxy answers GET and POST alike, as the product does.
func (j jcms) proxy(s *Site, r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return answer{status: http.StatusBadRequest}
	}
	id, _ := strconv.Atoi(r.Form.Get("columnid"))
	c := s.columnBy(func(c *column) bool { return c.id == id })
	start, _ := strconv.Atoi(r.Form.Get("startrecord"))
	end, _ := strconv.Atoi(r.Form.Get("endrecord"))
	if c == nil || start < 1 {
		return answer{status: http.StatusOK, typ: "text/xml;charset=UTF-8",
			body: []byte("<datastore><totalrecord>0</totalrecord></datastore>")}
	}
	rows := s.rows(c)
	end = min(end, len(rows))
	var group []*article
	if start <= end {
		group = rows[start-1 : end]
	}
	_, pages := pageOf(rows, 0, s.opts.PerPage)
	body := fmt.Sprintf(
		"<?xml version='1.0' "+
			"encoding='UTF-8'?><datastore>%s<totalrecord>%d</totalrecord><totalpage>%d</totalpage><recordset>\n"+
			"%s</recordset></datastore>",
		j.nextGroup(s, c, end+1, len(rows)), len(rows), pages, j.records(group))
	return answer{status: http.StatusOK, typ: "text/xml;charset=UTF-8", body: []byte(body)}
}

// short cuts a title as lists do, by characters.
func short(t string, n int) string {
	if r := []rune(t); len(r) > n {
		return string(r[:n]) + "..."
	}
	return t
}
