package fakesite

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// jpaas writes lists in the manner of 大汉 jpaas: the page holds only a script element
// that names the unit to build; the answer is JSON with the rows as HTML.
type jpaas struct{ jcms }

func (jpaas) name() string { return "jpaas" }

func (jpaas) column(c *column) string { return "/" + c.slug + "/index.html" }

func (jpaas) article(_ *Site, a *article) string {
	y, m, d := a.published.Date()
	return fmt.Sprintf("/%s/art/%d/art_%08x%04x.html", a.column.slug, y, (int(m)*100+d)*7919+a.n, a.n)
}

const unitPath = "/api-gateway/jpaas-publish-server/front/page/build/unit"

func (p jpaas) serve(s *Site, r *http.Request) (answer, bool) {
	if r.URL.Path == unitPath {
		return p.unit(s, r), true
	}
	c := s.columnBy(func(c *column) bool { return p.column(c) == r.URL.Path })
	if c == nil {
		return answer{}, false
	}
	raw := fmt.Sprintf(`<div class="list-box" id="unit%d"></div>
<script parseType="bulidstatic" url="%s" queryData="{'webId':'%s','pageId':'p%d','parseType':'bulidstatic','pageType':'column','tagId':'当前栏目list','tplSetId':'t1'}"></script>
<script src="/script/jpaas.js"></script>`, c.id, unitPath, s.ID, c.id)
	return s.listPage(r, c, listView{Raw: raw}), true
}

func (p jpaas) unit(s *Site, r *http.Request) answer {
	q := r.URL.Query()
	c := s.columnBy(func(c *column) bool { return fmt.Sprintf("p%d", c.id) == q.Get("pageId") })
	param := struct {
		PageNo   int `json:"pageNo"`
		PageSize int `json:"pageSize"`
	}{1, s.opts.PerPage}
	if raw := q.Get("paramJson"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &param); err != nil {
			return answer{status: http.StatusBadRequest}
		}
	}
	if c == nil || param.PageSize < 1 {
		return answer{status: http.StatusOK, typ: "application/json",
			body: []byte(`{"success":false,"message":"页面不存在","code":"500"}`)}
	}
	page, pages := pageOf(s.rows(c), param.PageNo-1, param.PageSize)
	var b strings.Builder
	b.WriteString(`<ul class="cf">`)
	for _, a := range page {
		fmt.Fprintf(&b, `<li><a href="%s" target="_blank" title="%s">%s</a><span class="fr">%s</span></li>`, a.path,
			html.EscapeString(a.title), html.EscapeString(short(a.title, 36)), a.published.Format("2006-01-02"))
	}
	fmt.Fprintf(&b, `</ul><div class="pagination" id="pg%d"></div><script>var totalPage = "%d", pageNo = "%d", pageSize = "%d";</script>`, c.id, pages, param.PageNo, param.PageSize)
	body, err := json.Marshal(map[string]any{"success": true, "message": "操作成功", "code": "200",
		"data": map[string]any{"html": b.String(), "jsUrls": []string{}, "cssUrls": []string{}}})
	if err != nil {
		return answer{status: http.StatusInternalServerError}
	}
	return answer{status: http.StatusOK, typ: "application/json;charset=UTF-8", body: body}
}
