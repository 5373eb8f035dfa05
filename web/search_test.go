package web

import (
	"html/template"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"cundang/extract"
	"cundang/index"
)

// Whatever an article's values hold, they are text on the search page and open no element or attribute.
func TestPartsEscape(t *testing.T) {
	st, err := loadStatic()
	if err != nil {
		t.Fatal(err)
	}
	p, err := loadPages(st, func(id string) string { return id })
	if err != nil {
		t.Fatal(err)
	}
	elements := func(name string, data any) (tags, texts []string) {
		var b strings.Builder
		if err := p.byLang["zh"]["search"].ExecuteTemplate(&b, name, data); err != nil {
			t.Fatal(err)
		}
		for z := html.NewTokenizer(strings.NewReader(b.String())); z.Next() != html.ErrorToken; {
			tok := z.Token()
			switch tok.Type {
			case html.StartTagToken, html.SelfClosingTagToken:
				tag := tok.Data
				for _, a := range tok.Attr {
					tag += " " + a.Key
				}
				tags = append(tags, tag)
			case html.TextToken:
				texts = append(texts, tok.Data)
			}
		}
		return tags, texts
	}
	for _, odd := range []string{"宁夏科协", `"><script>alert(1)</script>`, "a & b", "甲'乙", "{{.}}",
		"javascript:alert(1)", "\u2028"} {
		address := template.URL("/?site=" + url.QueryEscape(odd))
		rows := hitRows(
			[]index.Hit{{Article: extract.Article{ID: "0a1b", URL: "http://kx.example/1", Title: extract.Text(odd),
				Source: extract.Text(odd), Author: extract.Text(odd), Column: []string{odd}}}})
		for name, c := range map[string]struct {
			data any
			tags []string
		}{
			"facetvalue": {facetValue{address, odd, 1234, 0, true}, []string{"li", "a href aria-current", "span", "i"}},
			"hit":        {rows[0], []string{"article class", "h3", "a href", "p class", "span", "span", "span", "span class"}},
			"timeline": {timeline{Bars: []bar{{URL: address, Label: odd, Count: 1}}},
				[]string{"figure class data-timeline", "figcaption", "span",
					"small", "span class", "svg width height role aria-label", "line x1 x2 y1 y2 class",
					"a href data-label aria-label",
					"title", "rect x width y height class", "rect x width y height class"}},
		} {
			tags, texts := elements(name, c.data)
			if diff := cmp.Diff(c.tags, tags); diff != "" {
				t.Errorf("%s of %q (-want +got):\n%s", name, odd, diff)
			}
			if !strings.Contains(strings.Join(texts, "\n"), odd) {
				t.Errorf("%s of %q shows %q", name, odd, texts)
			}
		}
	}
}

// An address put together from slots asks the same as one that is encoded whole.
func TestSlots(t *testing.T) {
	for _, raw := range []string{"", "q=%E7%A7%91", "q=a%26b&site=x&site=y&offset=20&sort=-published",
		"author=a&to=2022&from=2021&as_of=2023&state=gone"} {
		v, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		q, err := parseQuestion(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range filters {
			add := q.slots("/", f.Param)
			if got, want := add[0]+url.QueryEscape("甲 乙")+add[1], q.toggled(f.Param, "甲 乙").At("/"); got != want {
				t.Errorf("%s, one more %s: %s, want %s", raw, f.Param, got, want)
			}
		}
		dates := q.between("", "").slots("/", "from", "to")
		if got, want := dates[0]+"2020"+dates[1]+"2020"+dates[2], q.between("2020", "2020").At("/"); got != want {
			t.Errorf("%s between: %s, want %s", raw, got, want)
		}
	}
}

// A version stands from its first capture on, however late it was seen again.
func TestSince(t *testing.T) {
	w := newWorld(t)
	const page = "http://kx.qingyuan.example/v.html"
	for _, c := range []struct{ at, text, source string }{
		{"2024-01-01 10:00:00", "第一稿。", "本会"}, {"2024-01-05 10:00:00", "第一稿。", "本会"},
		{"2024-02-01 10:00:00", "第二稿。", "本会"}, {"2024-02-09 10:00:00", "第二稿。", "本会"},
		{"2024-03-01 10:00:00", "第二稿。", "云溪日报"},
	} {
		w.article(page, c.at, "<p>"+c.text, func(a *extract.Article) {
			a.Title, a.Source, a.Published = "章程", extract.Text(c.source), extract.Date{}
			a.Paragraphs = []extract.Paragraph{{Kind: "p", Text: c.text}}
		})
	}
	srv := w.serve()
	id := idOf(page)
	for at, want := range map[string]string{"2024-01-03": "第一稿。", "2024-01-31": "第一稿。",
		"2024-02-03": "第二稿。", "2023": ""} {
		_, body := fetch(t, "GET", srv.URL+"/a/"+id+"?at="+at)
		if (want == "") == strings.Contains(body, "稿。") || !strings.Contains(body, want) {
			t.Errorf("at %s lacks %q", at, want)
		}
	}
	_, body := fetch(t, "GET", srv.URL+"/api/v1/articles/"+id+"/diff?from=1&to=2")
	for _, want := range []string{`"from_since":"2024-01-01T10:00:00+08:00"`, `"from_fetched":"2024-01-05T10:00:00+08:00"`,
		`"to_since":"2024-02-01T10:00:00+08:00"`} {
		if !strings.Contains(body, want) {
			t.Errorf("diff lacks %s\n%s", want, body)
		}
	}
	_, body = fetch(t, "GET", srv.URL+"/a/"+id+"/diff?from=2&to=3")
	for _, want := range []string{"<del>本会</del>", "<ins>云溪日报</ins>", "2024-02-01 10:00"} {
		if !strings.Contains(body, want) {
			t.Errorf("page of the diff lacks %s", want)
		}
	}
}
