package listing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dozen is a list of ten dated rows, the pager behind them.
func dozen(pager string) string {
	return made(`<li><a href="/n/{n}01.html">{t}</a><span>2024-{m}-{d}</span></li>`, `<ul class="list">{rows}</ul>`+pager)
}

// Where the next page is: the pager and the scripts of the page, and what is asked for.
func TestPagers(t *testing.T) {
	const at = "http://www.qixiang.example/xw/index.html"
	for _, c := range []struct{ name, pager, want string }{
		{"address", `<a href="index_2.html">下一页</a>`, "GET http://www.qixiang.example/xw/index_2.html"},
		{"older", `<a href="/?paged=2">« 较早的文章</a><a href="/?paged=0">较新的文章 »</a>`, "GET http://www.qixiang.example/?paged=2"},
		{"older in English", `<a href="/page/2/">Older posts →</a>`, "GET http://www.qixiang.example/page/2/"},

		{"address and number, unknown function", `<a href="javascript:void(0)" onclick="jump(2,'/servlet/n?cid=7&amp;rows=20')">下一页</a>`, ""},
		{"number behind", `<a href="#" onclick="jump('/servlet/n?cid=7', 2); return false">下一页</a>`, ""},
		{"many numbers", `<a href="javascript:jump(2,20,400,'/n/list1')">下一页</a>`, ""},
		{"address with the number", `<a href="javascript:jump(2,'/xw/index_2.html')">下一页</a>`, "GET http://www.qixiang.example/xw/index_2.html"},
		{"address with the number less one", `<a href="javascript:;" onclick="jump('/xw/index_1.html',2)">下一页</a>`, "GET http://www.qixiang.example/xw/index_1.html"},
		{"address with the number in its query", `<a href="#" onclick="jump('/n?cid=7&page=2',2)">下一页</a>`, "GET http://www.qixiang.example/n?cid=7&page=2"},
		{"address with a place for the number", `<a href="#" onclick="jump('/n?cid=7&page=1',2)">下一页</a>`, "GET http://www.qixiang.example/n?cid=7&page=2"},
		{"address that ends where the number belongs", `<a href="#" onclick="jump('/n?cid=7&page=',2)">下一页</a>`, "GET http://www.qixiang.example/n?cid=7&page=2"},
		{"address alone", `<a href="#" onclick="jump('/xw/more.jsp')">下一页</a>`, "GET http://www.qixiang.example/xw/more.jsp"},

		{"function", `<a href="javascript:void(0);" onclick="toPage(2)">下一页</a><script>function toPage(n){ location.href = "/xw?page=" + n }</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"function in the address", `<a href="javascript:toPage(2)">下一页</a><script>var toPage = function(n){ window.location.replace("/xw/" + n + ".html") }</script>`, "GET http://www.qixiang.example/xw/2.html"},
		{"span", `<span onclick="toPage(2)">下一页</span><script>function toPage(n){ self.location = "/xw?page=" + n }</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"button", `<input type="button" value="下一页" onclick="toPage(2)"><script>function toPage(n){ location = "/xw?page=" + n }</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"function with an address", `<a onclick="jump(2,20,'/n?cid=7')" href="#">下一页</a><script>function jump(p,s,u){ location.href = u + "&p=" + p + "&s=" + s }</script>`, "GET http://www.qixiang.example/n?cid=7&p=2&s=20"},
		{"numbers only", `<div class="pages"><span class="cur">1</span><a href="javascript:toPage(2)">2</a><a href="javascript:toPage(3)">3</a></div><script>function toPage(n){ location.href = "/xw?page=" + n }</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"handler", `<a href="javascript:;" class="pg" data-page="2">下一页</a><script>$(function(){ $(".pg").on("click", function(){ location.href = "/xw?page=" + $(this).attr("data-page") }) })</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"handler by identity", `<a href="#" id="nx">下一页</a><script>var cur = 1; document.getElementById("nx").onclick = function(){ location.href = "/xw?page=" + (cur + 1) }</script>`, "GET http://www.qixiang.example/xw?page=2"},
		{"ajax", `<a href="#" onclick="more(2)">下一页</a><script>function more(p){ $.post("/api/news/list", {cid: 7, page: p}, show) }</script>`, "POST http://www.qixiang.example/api/news/list cid=7&page=2"},

		{"form", `<a href="javascript:void(0)" onclick="toPage(2)">下一页</a><form id="f" action="/xw"><input type="hidden" name="cid" value="7"><input type="hidden" name="pageNo" value="1"></form>` +
			`<script>function toPage(n){ $("[name=pageNo]").val(n); $("#f").submit() }</script>`, "GET http://www.qixiang.example/xw?cid=7&pageNo=2"},
		{"form that posts", `<a href="javascript:toPage(2)">下一页</a><form name="f" action="/xw" method="post"><input type="hidden" name="cid" value="7"><input type="hidden" name="seite" value="1"></form>` +
			`<script>function toPage(n){ document.f.seite.value = n; document.f.submit() }</script>`, "POST http://www.qixiang.example/xw cid=7&seite=2"},
		{"form whose script is elsewhere", `<a href="javascript:void(0)" onclick="toPage(2)">下一页</a><form action="/xw"><input name="pageNo" value="1"></form>`, "GET http://www.qixiang.example/xw?pageNo=2"},
		{"form with another action", `<a href="javascript:toPage(2)">下一页</a><form id="f" action="/so"><input name="k" value="1"></form>` +
			`<script>function toPage(n){ var f = document.getElementById("f"); f.action = "/xw/" + n; f.submit() }</script>`, "GET http://www.qixiang.example/xw/2?k=1"},

		{"function elsewhere", `<a href="javascript:void(0);" onclick="toPage(2);">下一页</a><script src="/page.js"></script>`, ""},
		{"function that needs a browser", `<a href="javascript:toPage(2);">下一页</a><script>function toPage(n){ location.href = localStorage.base + n }</script>`, ""},
		{"last page", `<a href="javascript:void(0);" class="disabled" onclick="toPage(2)">下一页</a><script>function toPage(n){ location.href = "/xw?page=" + n }</script>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := Expand(Page{URL: at, ContentType: "text/html", Body: []byte(dozen(c.pager)), Listed: true})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(l.Next) > 0 {
				n := l.Next[0]
				got = strings.TrimSpace(n.Method + " " + n.URL + " " + n.Body)
			}
			if d := cmp.Diff(c.want, got); d != "" || len(l.Rows) != 10 {
				t.Errorf("%d rows, next %s", len(l.Rows), d)
			}
		})
	}
}

// Lists that a script fetches: what it asks for is asked for.
func TestFetchedLists(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"json", `$.ajax({url:"/api/news/page",type:"POST",contentType:"application/json",data:JSON.stringify({channelId:"12",pageNo:1,pageSize:15})})`,
			`POST http://www.qixiang.example/api/news/page {"channelId":"12","pageNo":1,"pageSize":15} application/json`},
		{"json from variables", `var cid = "12", page = 1; function load(){ $.ajax({type:"post",url:"/cms/article/list",contentType:"application/json;charset=utf-8",data:JSON.stringify({cid:cid,page:page,rows:20})}) } load()`,
			`POST http://www.qixiang.example/cms/article/list {"cid":"12","page":1,"rows":20} application/json;charset=utf-8`},
		{"form", `$.post("/news/query.do", {columnId: 12, page: 1, rows: 15}, function(d){})`, "POST http://www.qixiang.example/news/query.do columnId=12&page=1&rows=15 application/x-www-form-urlencoded"},
		{"form as text", `$.ajax({url:"/news/query.do",method:"POST",data:"columnId=12&page=1"})`, "POST http://www.qixiang.example/news/query.do columnId=12&page=1 application/x-www-form-urlencoded"},
		{"fetch", `fetch("/api/list",{method:"POST",headers:{"Content-Type":"application/json"},body:JSON.stringify({c:12,p:1})})`, `POST http://www.qixiang.example/api/list {"c":12,"p":1} application/json`},
		{"fetch of a form", `fetch("/api/list",{method:"POST",headers:{"Content-Type":"application/x-www-form-urlencoded"},body:"c=12&p=1"})`, "POST http://www.qixiang.example/api/list c=12&p=1 application/x-www-form-urlencoded"},
		{"fetch by GET", `const u = "/api/list"; fetch(u + "?c=12&p=1")`, "GET http://www.qixiang.example/api/list?c=12&p=1"},
		{"data of a GET", `$.ajax({url:"/api/list",data:{c:12,page:1}})`, "GET http://www.qixiang.example/api/list?c=12&page=1"},
		{"axios", `axios.post("/api/list",{c:12,page:1}).then(r=>{})`, `POST http://www.qixiang.example/api/list {"c":12,"page":1} application/json`},
		{"called later", `function load(pageNo){ axios.post("/api/list",{c:12,pageNo:pageNo}) }`, `POST http://www.qixiang.example/api/list {"c":12,"pageNo":1} application/json`},
		{"a form of the page", `$.post("/api/list", $("#q").serialize())`, "POST http://www.qixiang.example/api/list cid=12&page=1 application/x-www-form-urlencoded"},
		{"counter", `$.post("/api/visit/add", {page: 1})`, ""},
		{"vote", `$.ajax({url:"/api/vote",type:"POST",data:{id:1}})`, ""},
		{"something that may change something", `$.post("/api/do", {id: 1})`, ""},
		{"token", `fetch("/api/list",{method:"POST",body:JSON.stringify({page:1,sign:sign()})})`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := `<body><div class="nav"><a href="/a/">首页</a></div><ul id="list"></ul><form id="q"><input name="cid" value="12"><input name="page" value="1"></form><script>` + c.code + `</script></body>`
			l, err := Expand(Page{URL: "http://www.qixiang.example/tz/", Body: []byte(body), Listed: true})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(l.Next) > 0 {
				n := l.Next[0]
				got = strings.TrimSpace(n.Method + " " + n.URL + " " + n.Body + " " + n.ContentType)
			}
			if d := cmp.Diff(c.want, got); d != "" || len(l.Next) > 1 {
				t.Errorf("%d requests: %s", len(l.Next), d)
			}
		})
	}
}

// Further pages of a list that is asked for by POST are asked for alike.
func TestPostedPages(t *testing.T) {
	answer := `{"total":45,"rows":[` + strings.Repeat(`{"title":"省气象学会召开常务理事会议","url":"/n/1.html","publishTime":"2024-09-28"},`, 14) +
		`{"title":"台风路径预报技术研讨班开班","url":"/n/2.html","publishTime":"2024-09-27"}]}`
	for _, c := range []struct{ name, post, want, key string }{
		{"json", `{"cid":"7","pageNo":1,"pageSize":15}`, `{"cid":"7","pageNo":2,"pageSize":15}`, "__wb_method=POST&cid=7&pageNo=2&pageSize=15"},
		{"json in quotes", `{"q":{"page":"2"},"rows":15}`, `{"q":{"page":"3"},"rows":15}`, "__wb_method=POST&page=3&rows=15"},
		{"form", "cid=7&page=1&rows=15", "cid=7&page=2&rows=15", "__wb_method=POST&cid=7&page=2&rows=15"},
		{"last", `{"pageNo":3,"pageSize":15}`, "", ""},
		{"no number", `{"cid":"7"}`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Page{URL: "http://www.qixiang.example/api/list", Base: "http://www.qixiang.example/tz/", ContentType: "application/json",
				Body: []byte(answer), Post: c.post, PostType: "text/x", Listed: true}
			l, err := Expand(p)
			if err != nil || len(l.Rows) != 2 {
				t.Fatalf("%d rows, %v", len(l.Rows), err)
			}
			if c.want == "" {
				if len(l.Next) > 0 {
					t.Errorf("next %v", l.Next)
				}
				return
			}
			n := l.Next[0]
			if n.Method != "POST" || n.URL != p.URL || n.Body != c.want || n.ContentType != "text/x" || n.Key() != p.URL+"?"+c.key {
				t.Errorf("next %+v, key %s", n, n.Key())
			}
		})
	}
}
