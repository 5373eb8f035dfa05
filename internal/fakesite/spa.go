package fakesite

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// spa is a site whose pages are empty: a script fills lists and articles from JSON answers,
// whose rows carry the whole text (the manner of 吉林科协).
type spa struct{}

func (spa) name() string { return "spa" }

func (spa) article(_ *Site, a *article) string {
	return fmt.Sprintf("/detail.html?id=%d", 700100+a.n*3)
}

// part is never asked for: such articles are not split.
func (spa) part(p string, n int) string { return fmt.Sprintf("%s&page=%d", p, n) }

func (spa) file(_ *Site, a *article, i int, ext string) string {
	return fmt.Sprintf("/oss/%s/%d_%d.%s", a.published.Format("200601"), 700100+a.n*3, i, ext)
}

func (spa) column(c *column) string { return "/channel.html?code=" + c.slug }

func (spa) serve(s *Site, r *http.Request) (answer, bool) {
	q := r.URL.Query()
	switch r.URL.Path {
	case "/channel.html":
		c := s.columnBy(func(c *column) bool { return c.slug == q.Get("code") })
		if c == nil {
			return answer{}, false
		}
		return s.listPage(r, c, listView{Raw: fmt.Sprintf(`<ul id="rows"></ul><script>
  var api = "/api/article/page?channel=%s&pageNum=1&pageSize=%d";
  fetch(api).then(function (r) { return r.json(); }).then(function (res) { showRows(res.data.records); });
</script>`, c.slug, s.opts.PerPage)}), true
	case "/api/article/page":
		return spaRows(s, q.Get("channel"), q.Get("pageNum"), q.Get("pageSize"))
	}
	return answer{}, false
}

// shell is what stands at the address of an article: the text is not in it.
func (s *Site) shell(r *http.Request) answer {
	v := s.view(s.Name, "")
	v.List.Raw = `<div id="detail" data-id="` + r.URL.Query().Get("id") +
		`"></div><script src="/script/detail.js"></script>`
	return s.html(http.StatusOK, s.execute("list", v))
}

type spaRow struct {
	ID      int    `json:"id"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Publish string `json:"publishTime"`
	Source  string `json:"source"`
	Author  string `json:"author"`
	Editor  string `json:"editor"`
	Content string `json:"content"`
	Hits    int    `json:"hits"`
}

func spaRows(s *Site, slug, pageNum, pageSize string) (answer, bool) {
	c := s.columnBy(func(c *column) bool { return c.slug == slug })
	page, err := strconv.Atoi(pageNum)
	size, err2 := strconv.Atoi(pageSize)
	if c == nil || err != nil || err2 != nil || page < 1 || size < 1 {
		return answer{}, false
	}
	all := s.rows(c)
	part, pages := pageOf(all, page-1, size)
	rows := []spaRow{}
	for _, a := range part {
		row := spaRow{ID: 700100 + a.n*3, Title: a.title, URL: a.path, Publish: a.published.Format("2006-01-02 15:04:05"),
			Source: a.source, Author: a.author, Editor: a.editor, Content: s.bodyHTML(a, 1) + s.filesHTML(a), Hits: a.views}
		if a.tail != "" {
			row.Author = "" // named there
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any{"code": 0, "data": map[string]any{
		"total": len(all), "pageNum": page, "pageSize": size, "pages": pages, "records": rows}}); err != nil {
		return answer{status: http.StatusInternalServerError}, true
	}
	return s.dated(answer{status: http.StatusOK, typ: "application/json;charset=UTF-8", body: []byte(b.String())},
		s.now), true
}
