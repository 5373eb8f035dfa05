package outline

import (
	"strings"
	"testing"
)

func TestLeadsTo(t *testing.T) {
	for _, c := range []struct{ name, header, page, want string }{
		{"nothing", "", `<p>欢迎</p>`, ""},
		{"header", "0;url=/menu.html", `<body>ok</body>`, "/menu.html"},
		{"header on a long page", "5; URL=/menu.html", strings.Repeat("<p>学会历史</p>", 9000), "/menu.html"},
		{"header of a reload", "300", `<body>ok</body>`, ""},
		{"script", "", `<html><head><title>跳转</title><script>window.location.href="/menu.html";</script></head><body></body></html>`, "/menu.html"},
		{"replace", "", `<script>location.replace('index/')</script>`, "index/"},
		{"put together", "", `<script>var dir = "/cms"; top.location = dir + "/index.html"</script>`, "/cms/index.html"},
		{"later", "", `<p>正在跳转，如果没有反应请<a href=/menu.html>点击这里</a></p><script>setTimeout("location.href='/menu.html'", 3000)</script>`, "/menu.html"},
		{"body", "", `<script>function go(){ self.location = "/menu.html" }</script><body onload="go()"></body>`,
			"/menu.html"},
		{"comment of old", "", "<script><!--\nlocation.href = '/menu.html'\n//--></script>", "/menu.html"},
		{"a button", "", `<body><button onclick="location.href='/menu.html'">进入</button><script>function go(){ location.href = "/x" }</script></body>`, ""},
		{"phones", "", `<script>if (navigator.userAgent.match(/Mobile/)) location.href = "/m/"</script>`, ""},
		{"out of a frame", "", `<script>if (top != self) top.location = self.location</script>`, ""},
		{"a page with text", "", `<p>` + strings.Repeat("学会成立于一九五六年。", 20) +
			`</p><script>location.href = "/menu.html"</script>`, ""},
		{"a page with links", "", `<a href=1>一</a><a href=2>二</a><a href=3>三</a><a href=4>四</a><script>location.href = "/menu.html"</script>`, ""},
	} {
		if got := LeadsTo([]byte(c.page), "http://www.kexie.example/", c.header); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRefresh(t *testing.T) {
	for content, want := range map[string]string{
		"0; url=x": "x", "0;URL=x": "x", "5, url = x ": "x", "0; 'x'": "x", `0;url="x y" z`: "x y", "0 x": "x", ".5; x": "x",
		"0;url=urls.html": "urls.html", "0; urls.html": "urls.html",
		"": "", "0": "", "0;": "", "x": "", "url=x": "", "0x; url=y": "", "-1; url=x": "", "0; url=": "",
	} {
		if got := refresh(content); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}
