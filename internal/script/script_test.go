package script

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// page is the page that the tests' scripts stand in.
var page = Host{
	URL: "http://www.qixiang.example/list?cid=7",
	Value: func(selector string) (string, bool) {
		v, ok := map[string]string{`#size`: "15", `[id="cid"]`: "7"}[selector]
		return v, ok
	},
	Form: func(_ string, set map[string]string) (string, bool) { return "k=1&p=" + set["#p"], true },
	Default: func(name string) (string, bool) {
		if name == "page" || name == "pageNo" {
			return "1", true
		}
		return "", false
	},
}

// show writes effects, one a line.
func show(e Effects) string {
	var lines []string
	for _, s := range e.Leads {
		lines = append(lines, "to "+s)
	}
	for _, r := range e.Asks {
		lines = append(lines, strings.TrimSpace(r.Method+" "+r.URL+" "+r.Body+" "+r.ContentType))
	}
	for k, v := range e.Fields {
		lines = append(lines, k+"="+v)
	}
	for k, v := range e.Actions {
		lines = append(lines, k+" action "+v)
	}
	for _, s := range e.Submits {
		lines = append(lines, "submit "+s)
	}
	return strings.Join(lines, "\n")
}

func TestRun(t *testing.T) {
	for _, c := range []struct{ name, code, click, want string }{
		{"function", `function go(n){ location.href = "/l?p=" + n; }`, `go(2)`, "to /l?p=2"},
		{"expression", `var go = function (n) { window.location = '/l_' + (n - 1) + '.html' }`, `javascript:go('3')`, "to /l_2.html"},
		{"arrow", "const go = n => window.open(`/l?p=${n}&s=${10 * 2}`)", `return go(2);`, "to /l?p=2&s=20"},
		{"replace", `function go(n){ self.location.replace("/l?p=" + n) }`, `go(2);return false`, "to /l?p=2"},
		{"variables", `var base = "/l", cid = "7"; function go(n){ var u = base + "?cid=" + cid; u += "&p=" + n; document.location.href = u }`, `go(4)`, "to /l?cid=7&p=4"},
		{"first page", `function go(n){ location.href = n == 1 ? "index.html" : "index_" + (n-1) + ".html" }`, `go(1)`, "to index.html"},
		{"later page", `function go(n){ if (n <= 1) { location.href = "index.html"; } else { location.href = "index_" + (n-1) + ".html"; } }`, `go(5)`, "to index_4.html"},
		{"guard", `function go(n){ if (n < 1 || n > total) return; location.href = "/l?p=" + n }`, `go(2)`, "to /l?p=2"},
		{"known guard", `var total = 3; function go(n){ if (n > total) return; location.href = "/l?p=" + n }`, `go(4)`, ""},
		{"helper", `function url(n){ return "/l?p=" + n } function go(n){ location.href = url(n) }`, `go(2)`, "to /l?p=2"},
		{"object", `var pager = { base: "/l?p=", go: function (n) { location.href = this.base + n } };`, `pager.go(2)`, "to /l?p=2"},
		{"query kept", `function go(n){ location.href = location.pathname + location.search + "&p=" + n }`, `go(2)`, "to /list?cid=7&p=2"},
		{"field read", `function go(n){ location.href = "/l?p=" + n + "&s=" + $("#size").val() + "&c=" + document.getElementById("cid").value }`, `go(2)`, "to /l?p=2&s=15&c=7"},
		{"unknown field", `function go(n){ location.href = "/l?p=" + n + "&s=" + $("#nothing").val() }`, `go(2)`, ""},
		{"attribute", `function go(a){ location.href = "/l?p=" + a.getAttribute("data-p") }`, `go(this)`, "to /l?p=6"},
		{"number", `function go(n){ location.href = "/l?p=" + parseInt(n) + "&from=" + (n - 1) * 20 }`, `go("2")`, "to /l?p=2&from=20"},
		{"form by jQuery", `function go(n){ $("#p").val(n); $("#f").submit(); }`, `go(2)`, "#p=2\nsubmit #f"},
		{"form by name", `function go(n){ document.f.page.value = n; document.f.action = "/x"; document.f.submit(); }`, `go(2)`,
			`form[name="f"] [name="page"], form[id="f"] [name="page"]=2` + "\n" + `form[name="f"], form[id="f"] action /x` + "\n" + `submit form[name="f"], form[id="f"]`},
		{"form by number", `function go(n){ document.forms[0].page.value = n; document.forms[0].submit(); }`, `go(2)`, `form [name="page"]=2` + "\nsubmit form"},
		{"unknown function", ``, `go(2)`, ""},
		{"void", `function go(n){ location.href = "/l?p=" + n }`, `javascript:void(0);`, ""},
		{"comment", "/* function go(n){ location.href='/old' } */ // x\nfunction go(n){ location.href = '/l?p=' + n }", `go(2)`, "to /l?p=2"},
		{"asked", `function go(n){ $.ajax({ url: "/api/list", type: "post", data: { p: n, size: 10 } }) }`, `go(2)`, "POST /api/list p=2&size=10 application/x-www-form-urlencoded"},
		{"loop", `function go(n){ for (var i = 0; i < 9; i++) { x(i) } while (true) y(); location.href = "/l?p=" + n }`, `go(2)`, "to /l?p=2"},
		{"recursion", `function go(n){ go(n + 1) }`, `go(2)`, ""},
		{"regular expression", `function go(n){ var u = location.href.replace(/[&?]p=\d+/g, ""); location.href = "/l?p=" + n }`, `go(2)`, "to /l?p=2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := show(Load(c.code, page).Run(c.click, map[string]string{"data-p": "6"}))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLoaded(t *testing.T) {
	const (
		asForm = " application/x-www-form-urlencoded"
		asJSON = " application/json"
	)
	for _, c := range []struct{ name, code, want string }{
		{"ajax", `$.ajax({url:"/api/a",data:{id:3}})`, "GET /api/a?id=3"},
		{"ajax of two", `jQuery.ajax("/api/a", {method:"POST", data:"id=3"})`, "POST /api/a id=3" + asForm},
		{"ajax json", `$(function(){ $.ajax({url:"/api/a",type:"POST",contentType:"application/json",data:JSON.stringify({id:"3",pageNo:1})}) })`, `POST /api/a {"id":"3","pageNo":1}` + asJSON},
		{"get", `$(document).ready(function(){ $.get("/api/a?x=1", {id:3}, function(d){ show(d) }) })`, "GET /api/a?x=1&id=3"},
		{"json", `$.getJSON("/api/a", function(d){})`, "GET /api/a"},
		{"post", `$.post("/api/a", {id:3, q:"气象"}, function(d){}, "json")`, "POST /api/a id=3&q=%E6%B0%94%E8%B1%A1" + asForm},
		{"fetch", `window.onload = function(){ fetch("/api/a?p=1").then(r => r.json()).then(show) }`, "GET /api/a?p=1"},
		{"fetch json", `fetch('/api/a', {method:'POST', headers:{'Content-Type':'application/json'}, body: JSON.stringify({p:1})})`, `POST /api/a {"p":1}` + asJSON},
		{"fetch form", `fetch('/api/a', {method:'POST', body: new URLSearchParams({p:1, c:"7"})})`, "POST /api/a p=1&c=7" + asForm},
		{"fetch form by parts", `const d = new URLSearchParams(); d.append("p", 1); fetch('/api/a', {method:'POST', body: d})`, "POST /api/a p=1" + asForm},
		{"axios get", `axios.get("/api/a", {params: {p: 1}}).then(function(r){})`, "GET /api/a?p=1"},
		{"axios post", `axios.post("/api/a", {p: 1})`, `POST /api/a {"p":1}` + asJSON},
		{"axios", `axios({method:"post", url:"/api/a", data:{p:1}, params:{c:2}})`, `POST /api/a?c=2 {"p":1}` + asJSON},
		{"axios form", `axios.post("/api/a", Qs.stringify({p: 1}))`, "POST /api/a p=1" + asForm},
		{"function called", `var pageNo = 1; function load(){ $.post("/api/a", {pageNo: pageNo}) } load();`, "POST /api/a pageNo=1" + asForm},
		{"parameter", `function load(p){ $.post("/api/a", {p: p}) } load(1);`, "POST /api/a p=1" + asForm},
		{"object", `var query = {c: "7"}; query.p = 1; $.post("/api/a", query)`, "POST /api/a c=7&p=1" + asForm},
		{"spread", `const q = {c:7}; fetch("/api/a", {method:"POST", body: JSON.stringify({...q, p:1})})`, `POST /api/a {"c":7,"p":1}` + asJSON},
		{"shorthand", `const p = 1; axios.post("/api/a", {p})`, `POST /api/a {"p":1}` + asJSON},
		{"vue", `new Vue({el:"#app", data:{q:{p:1}}, mounted(){ this.load() }, methods:{ load(){ this.$http.post("/api/a", this.q) } }})`, `POST /api/a {"p":1}` + asJSON},
		{"vue with data", `new Vue({data(){ return {p:1} }, created: function(){ var that = this; $.post("/api/a", {p: that.p}) }})`, "POST /api/a p=1" + asForm},
		{"xhr", `var x = new XMLHttpRequest(); x.open("POST", "/api/a"); x.setRequestHeader("Content-Type", "application/json"); x.send(JSON.stringify({p:1}))`, `POST /api/a {"p":1}` + asJSON},
		{"xhr get", `var x = new XMLHttpRequest(); x.open("get", "/api/a?p=1", true); x.send(null)`, "GET /api/a?p=1"},
		{"layui", `layui.use(['table','jquery'], function(){ var $ = layui.jquery; $.post("/api/a", {p:1}) })`, "POST /api/a p=1" + asForm},
		{"layui table", `layui.use('table', function(){ var table = layui.table; table.render({elem:'#t', url:'/api/a', page:true, where:{c:7}}) })`, "GET /api/a?c=7&page=1&limit=10"},
		{"query", `function getQueryString(name){ var r = location.search.substr(1).match(new RegExp(name)); return r } $.post("/api/a", {cid: getQueryString("cid")})`, "POST /api/a cid=7" + asForm},
		{"query by API", `const q = new URLSearchParams(location.search); axios.post("/api/a", {cid: q.get("cid")})`, `POST /api/a {"cid":"7"}` + asJSON},
		{"against caches", `$.get("/api/a?p=1&_=" + new Date().getTime())`, "GET /api/a?p=1&_=1"},
		{"default", `var page; $.post("/api/a", {page: page, pageNo: $("#x").text()})`, "POST /api/a page=1&pageNo=1" + asForm},
		{"what only a browser knows", `$.post("/api/a", {token: localStorage.getItem("t")})`, ""},
		{"not called", `function load(){ $.post("/api/a", {p: 1}) }`, ""},
		{"moved", `window.location.href = "/menu.html";`, "to /menu.html"},
		{"moved within", `(function(){ location.replace('/menu.html') })()`, "to /menu.html"},
		{"moved later", `setTimeout(function(){ top.location = "/menu.html" }, 500)`, "to /menu.html"},
		{"phones only", `if (/Android|iPhone/.test(navigator.userAgent)) { location.href = "/m/" }`, ""},
		{"out of frames", `if (top != self) { top.location.href = "/x" }`, ""},
		{"of a button", `function go(){ location.href = "/x" } $("#b").click(function(){ location.href = "/y" })`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, show(Load(c.code, page).Loaded)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestIdle(t *testing.T) {
	p := Load(`function load(page){ $.post("/api/a", {page: page, c: 7}) } function other(x){ $.post("/api/b", {x: x.y}) } var o = {get: function(){ $.get("/api/c") }}; function used(){ $.get("/api/d") } used()`, page)
	if d := cmp.Diff("POST /api/a page=1&c=7 application/x-www-form-urlencoded\nGET /api/c", show(Effects{Asks: p.Idle()})); d != "" {
		t.Error(d)
	}
}

func TestClick(t *testing.T) {
	p := Load(`$(".next").click(function(){ location.href = "/l?p=" + $(this).attr("data-p") }); $(document).on("click", ".prev", function(){ location.href = "/l?p=" + this.dataset.p })`, page)
	var got []string
	for _, h := range p.Handlers {
		got = append(got, h.Selector+" "+show(p.Click(h, map[string]string{"data-p": "2"})))
	}
	if d := cmp.Diff([]string{".next to /l?p=2", ".prev to /l?p=2"}, got); d != "" {
		t.Error(d)
	}
}

// What one click changes is not there at the next.
func TestClicksApart(t *testing.T) {
	p := Load(`var at = 1; function next(){ at++; location.href = "/l?p=" + at }`, page)
	for range 2 {
		if got := show(p.Run("next()", nil)); got != "to /l?p=2" {
			t.Error(got)
		}
	}
}

// Scripts made to cost time or memory end.
func TestHostile(t *testing.T) {
	many := strings.Repeat
	for name, code := range map[string]string{
		"brackets":   many("(", 100000),
		"objects":    many("{a:", 100000),
		"calls":      "function f(){ f(); f(); f() } f()",
		"long body":  "function f(){ return " + many(";", 100000) + "} " + many("f();", 50000),
		"doubling":   "var s = 'xxxxxxxxxxxxxxxx';" + many("s += s;", 50000),
		"arrows":     many("a=>", 100000),
		"templates":  "`" + many("${`", 50000),
		"conditions": many("if(1)", 100000),
		"ternaries":  many("1?", 100000),
		"members":    "a" + many(".b", 100000),
		"not":        many("!", 100000) + "a",
		"strings":    many(`"`, 100001),
		"keys":       "var o = {};" + many("o[o.n=o.n+1]=1;", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			p := Load(code, page)
			p.Run(code[:min(len(code), 10000)], nil)
			p.Idle()
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(`var a = {b: [1, "x"]}; function go(n){ if (n > 1) location.href = "/l?p=" + n; else return }`, `go(2)`)
	f.Add("new Vue({data(){return{p:1}},mounted(){this.l()},methods:{l(){fetch(`/a?p=${this.p}`)}}})", `x?y:z`)
	f.Fuzz(func(t *testing.T, code, click string) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			p := Load(code, page)
			p.Run(click, nil)
			p.Idle()
		}()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("goes on and on")
		}
	})
}
