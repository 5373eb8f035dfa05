package fakesite

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
)

// api writes lists in the manner of sites whose pages fetch their rows as JSON, with the
// page number (from 0) in the path: /web/news/pagenews/COLUMN/PAGE/SIZE/skx.
type api struct{}

func (api) name() string { return "api" }

func (api) article(_ *Site, a *article) string {
	return fmt.Sprintf("/news/%s/%s/%d.html", a.column.slug, a.published.Format("2006/0102"), 300100+a.n*11)
}

func (api) part(p string, n int) string {
	ext := path.Ext(p)
	return fmt.Sprintf("%s_%d%s", strings.TrimSuffix(p, ext), n, ext)
}

func (api) file(_ *Site, a *article, i int, ext string) string {
	dir := "files"
	if ext == "png" {
		dir = "images"
	}
	return fmt.Sprintf("/upload/%s/%s/%x.%s", dir, a.published.Format("20060102"), 0x5f3a0000+a.n*4096+i*17, ext)
}

func (api) column(c *column) string { return "/list.html?column=" + c.slug }

func (p api) serve(s *Site, r *http.Request) (answer, bool) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/web/news/pagenews/"); ok {
		return p.rows(s, rest)
	}
	if r.URL.Path != "/list.html" {
		return answer{}, false
	}
	c := s.columnBy(func(c *column) bool { return c.slug == r.URL.Query().Get("column") })
	if c == nil {
		return answer{}, false
	}
	raw := fmt.Sprintf(`<ul class="news-list" id="newsList"><li class="loading">正在加载，请稍候……</li></ul>
<div class="pager" id="pager"></div>
<script src="/script/news.js"></script>
<script>
  // 列表接口：栏目/页码/每页条数/站点
  var listApi = "/web/news/pagenews/%s/0/%d/skx";
  fetch(listApi).then(function (r) { return r.json(); }).then(function (res) { renderList(res.data, listApi); });
</script>`, c.slug, s.opts.PerPage)
	return s.listPage(r, c, listView{Raw: raw}), true
}

type apiRow struct {
	ID      int    `json:"id"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Publish string `json:"publishTime"`
	Source  string `json:"source"`
}

func (p api) rows(s *Site, rest string) (answer, bool) {
	var page, size int
	slug, tail, _ := strings.Cut(rest, "/")
	if _, err := fmt.Sscanf(tail, "%d/%d/skx", &page, &size); err != nil || size < 1 {
		return answer{}, false
	}
	c := s.columnBy(func(c *column) bool { return c.slug == slug })
	if c == nil {
		return answer{}, false
	}
	all := s.rows(c)
	rows := []apiRow{}
	part, pages := pageOf(all, page, size)
	for _, a := range part {
		rows = append(rows, apiRow{ID: 300100 + a.n*11, Title: a.title, URL: a.path,
			Publish: a.published.Format("2006-01-02 15:04:05"), Source: a.source})
	}
	body, err := json.Marshal(map[string]any{"code": 200, "msg": "操作成功", "data": map[string]any{
		"total": len(all), "page": page, "size": size, "pages": pages, "rows": rows}})
	if err != nil {
		return answer{status: http.StatusInternalServerError}, true
	}
	return answer{status: http.StatusOK, typ: "application/json;charset=UTF-8", body: body}, true
}
