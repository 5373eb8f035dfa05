package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cundang/internal/urlkey"
)

func TestPages(t *testing.T) {
	w := newWorld(t).furnish()
	srv := w.serve()
	tests := []struct {
		name, path string
		status     int
		has        []string
	}{
		{"first page", "/", 200, []string{"共 3 篇", "白石市园艺学会", "2024-03-12", "已删除", "已修改"}},
		{"search", "/?q=科普", 200, []string{"<mark>科普</mark>", "共 2 篇",
			"/api/v1/export?collapse=site&amp;format=csv&amp;q=%E7%A7%91%E6%99%AE&amp;sort=relevance"}},
		{"english", "/?q=科普&lang=en", 200, []string{"2 articles", `<html lang="en">`}},
		{"facet", "/?site=baishi", 200, []string{"共 1 篇", `aria-current="true"><span>baishi`}},
		{"year bar", "/", 200, []string{"from=2023-05", "<rect"}},
		{"nothing", "/?q=zzqqxx", 200, []string{"没有找到文章"}},
		{"bad date", "/?from=x", 400, []string{"日期应写成"}},
		{"bad sort", "/?sort=x", 400, nil},
		{"article", "/a/" + urlkey.ID(goneURL), 200, []string{"清源县举办全国科普日活动", "已删除",
			"citation_title", "GB/T 7714", "label 来源", `title="label 来源 · 70% · 来源：x"`, "sha256:",
			"/replay/20221027020000im_/" + pngURL, "方敏"}},
		{"old version", "/a/" + urlkey.ID(editedURL) + "?v=1", 200, []string{"六月十日", "这不是最新版本"}},
		{"article at", "/a/" + urlkey.ID(editedURL) + "?at=2023-05-31", 200, []string{"六月十日"}},
		{"no article", "/a/00000000000000000000", 404, []string{"没有找到"}},
		{"no version", "/a/" + urlkey.ID(editedURL) + "?v=9", 404, nil},
		{"diff", "/a/" + urlkey.ID(editedURL) + "/diff", 200, []string{"六月十<ins>二</ins>日"}},
		{"diff by sentence", "/a/" + urlkey.ID(editedURL) + "/diff?from=1&to=2&by=sentence", 200,
			[]string{"<del>第五次代表大会定于六月十日召开"}},
		{"replay frame", "/replay/20221027020000/" + goneURL, 200, []string{"<iframe", `sandbox="allow-none"`}},
		{"replay", "/replay/20221027020000mp_/" + goneURL, 200,
			[]string{"清源县举办全国科普日活动", "im_/" + pngURL, "未存档：1 个样式表或图片"}},
		{"lost picture", "/replay/20221027020000im_/http://kx.qingyuan.example/images/lost.png", 404,
			[]string{"<svg", "未存档"}},
		{"lost page", "/replay/20221027020000/http://kx.qingyuan.example/none", 404, []string{"存档里没有这个网址"}},
		{"captures", "/timemap/html/" + editedURL, 200, []string{"2023-06-02 10:00"}},
		{"changes", "/changes", 200,
			[]string{"共 2 次修改与删除", "<ins>二</ins>", "2023-02-01 10:00", "2023-06-02 10:00"}},
		{"changes of a site", "/changes?site=baishi", 200, []string{"还没有变动"}},
		{"trends", "/trends?term=科普,代表大会&interval=year", 200, []string{"<circle", "2024", "CSV"}},
		{"trends empty", "/trends", 200, []string{"至多六个词语"}},
		{"trends too many", "/trends?term=a,b,c,d,e,f,g", 400, nil},
		{"kwic", "/kwic?term=科普&order=right", 200, []string{"<mark>科普</mark>", "2 篇文章", "CSV"}},
		{"kwic empty", "/kwic", 200, []string{"输入一个词语"}},
		{"kwic too wide", "/kwic?term=科普&width=999", 400, nil},
		{"search feed", "/feeds/search?site=qingyuan", 200, []string{"<feed", "清源县举办全国科普日活动"}},
		{"changes feed", "/feeds/changes", 200, []string{"&lt;ins&gt;二&lt;/ins&gt;", "[已删除]"}},
		{"no saved feed", "/feeds/saved/none", 404, nil},
		{"saved", "/saved", 200, []string{"还没有收藏"}},
		{"crawls", "/crawls", 200, []string{"清源县科协", "每天 02:00", "<meter", "作者：88%"}},
		{"a run", "/crawls/20261119-1", 200, []string{"timeout after 30s", "404 three times"}},
		{"no run", "/crawls/none", 404, nil},
		{"review", "/review", 200, []string{"55%", "内容过大，只读取开头部分",
			"http://kx.qingyuan.gov.cn/yuan.html", "cundang archive import FILE"}},
		{"review one", "/review/" + urlkey.ID(goneURL), 200, []string{"<iframe", "label 来源", "现行规则会读成"}},
		{"help", "/help", 200, []string{"NEAR/5"}},
		{"api", "/api", 200, []string{"/api/v1/search", "openapi.json"}},
		{"metrics", "/metrics", 200, []string{"cundang_http_request_seconds"}},
		{"live", "/livez", 200, []string{"ok"}},
		{"ready", "/readyz", 200, []string{"ok"}},
		{"openapi", "/openapi.json", 200, []string{`"openapi":"3.1.0"`}},
		{"no page", "/nothing", 404, []string{"没有找到"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, query, _ := strings.Cut(tt.path, "?")
			if query != "" {
				v, err := url.ParseQuery(query)
				if err != nil {
					t.Fatal(err)
				}
				path += "?" + v.Encode()
			}
			res, body := fetch(t, "GET", srv.URL+path)
			if res.StatusCode != tt.status {
				t.Fatalf("status %d, want %d\n%s", res.StatusCode, tt.status, body)
			}
			for _, h := range tt.has {
				if !strings.Contains(body, h) {
					t.Errorf("lacks %q in\n%s", h, body)
				}
			}
		})
	}
}

// The whole page weighs little: HTML without results, style and script.
func TestWeight(t *testing.T) {
	w := newWorld(t)
	srv := w.serve()
	_, page := fetch(t, "GET", srv.URL+"/")
	// Nothing but the style sheet stands before the first paint.
	if n := strings.Count(page, `rel="stylesheet"`); n != 1 ||
		strings.Count(page, "<script") != strings.Count(page, `" defer></script>`) || strings.Contains(page, "<img") {
		t.Errorf("the first paint waits for %d style sheets, or for a script or picture", n)
	}
	total := len(page)
	for _, name := range []string{"app.css", "app.js"} {
		res, body := fetch(t, "GET", srv.URL+"/static/"+name)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", name, res.StatusCode)
		}
		total += len(body)
	}
	if t.Logf("search page without results: %d bytes", total); total > 60<<10 {
		t.Errorf("search page weighs %d bytes", total)
	}
}
