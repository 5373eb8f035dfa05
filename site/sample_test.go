package site

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func samples(form string, n int) []Sample {
	var all []Sample
	for i := range n {
		title, date := fmt.Sprintf("第%d次工作会议召开", i+1), fmt.Sprintf("2024-05-%02d", i+1)
		all = append(all, Sample{HTML: fmt.Appendf(nil, form, title, fmt.Sprintf("2024年5月%d日", i+1)), Title: title,
			Date: date})
	}
	return all
}

func TestInduce(t *testing.T) {
	const form = `<html><head><title>%[1]s - 示例科协</title></head><body><div class="top">2030-01-01</div>
<div id="main"><span class="bt big">%[1]s</span><ul class="xx"><li>发布：%[2]s</li><li>点击：5</li></ul></div></body></html>`
	all := samples(form, 5)
	if got, want := TitleSelector(all), "span.bt"; got != want {
		t.Errorf("title by %q, want %q", got, want)
	}
	if got, want := DateSelector(all), "ul.xx li"; got != want {
		t.Errorf("date by %q, want %q", got, want)
	}
	all[2].Title = "别的标题" // a list that shortens one
	if got := TitleSelector(all); got != "span.bt" {
		t.Errorf("one of five differs: %q", got)
	}
	all[3].Title = "又一个"
	if got := TitleSelector(all); got != "" {
		t.Errorf("two of five differ: %q", got)
	}
	if got := TitleSelector(all[:1]); got != "" {
		t.Errorf("learned %q from one page", got)
	}
}

func TestCommonName(t *testing.T) {
	page := func(title, head string) []byte {
		return []byte("<html><head>" + head + "<title>" + title + "</title></head></html>")
	}
	for _, tt := range []struct {
		name  string
		pages [][]byte
		want  string
	}{
		{"suffix", [][]byte{page("甲事-通知公告-示例科协", ""), page("乙事-通知公告-示例科协", "")},
			"示例科协"},
		{"underscore", [][]byte{page("甲事_示例科协", ""), page("乙物_示例科协", "")}, "示例科协"},
		{"meta", [][]byte{page("甲", `<meta name="SiteName" content="示例省科协">`)}, "示例省科协"},
		{"nothing shared", [][]byte{page("甲事", ""), page("乙物", "")}, ""},
		{"chance", [][]byte{page("学会召开会议", ""), page("学会筹备会议", "")}, ""},
		{"one title for all", [][]byte{page("示例科协", ""), page("示例科协", "")}, "示例科协"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := CommonName(tt.pages); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestTrial(t *testing.T) {
	p := load(t, `seeds: [{url: 'http://a.example/tz/'}, {url: 'http://a.example/old/'}]
scope: [{deny: /print/}, {deny: /never/}]
urls: {drop: [ref]}
lists: {articles: ['/t\d+\.html'], row: ul.l li}
reading: {title: h1, body: '#gone'}
`)
	trial := NewTrial(p)
	for _, u := range []string{"http://a.example/tz/", "http://a.example/t1.html?ref=x", "http://a.example/print/t1.html",
		"http://a.example/t1.html?ref=x"} {
		trial.URL(u)
	}
	if err := trial.Page([]byte(`<ul class=l><li>一条</li></ul>`), true); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{`<h1>标题</h1>`, `<h1> </h1>`} {
		if err := trial.Page([]byte(page), false); err != nil {
			t.Fatal(err)
		}
	}
	want := []TriedRule{
		{"seeds[0]", "http://a.example/tz/", 3, 1, "http://a.example/tz/"},
		{"seeds[1]", "http://a.example/old/", 3, 0, ""},
		{"scope[0]", "deny /print/", 3, 1, "http://a.example/print/t1.html"},
		{"scope[1]", "deny /never/", 3, 0, ""},
		{"urls.drop[0]", "ref", 3, 1, "http://a.example/t1.html?ref=x"},
		{"lists.articles[0]", `/t\d+\.html`, 3, 2, "http://a.example/t1.html?ref=x"},
		{"lists.row", "ul.l li", 1, 1, "一条"},
		{"reading.title", "h1", 2, 1, "标题"},
		{"reading.body", "#gone", 2, 0, ""},
	}
	if d := cmp.Diff(want, trial.Rules()); d != "" {
		t.Error(d)
	}
}
