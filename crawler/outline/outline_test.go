package outline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func TestRead(t *testing.T) {
	long := strings.Repeat("一二三四五六七八九十", 50) // a text of 500 characters
	for _, c := range []struct {
		page string
		want Outline
	}{
		{"", Outline{}},
		{`<link rel="Canonical" href="/a?b=1&amp;c=2"><link rel=canonical href=/d><link rel=amphtml href=/e>`,
			Outline{Canonical: "/a?b=1&c=2"}},
		{"<title>a &amp; b</title><svg><title>c</title></svg>", Outline{Title: "a & b"}},
		{`<base target=x><base href=/a/><base href=/b/>`, Outline{Base: "/a/"}},
		{`<a href="?a=1&b=2">x</a><AREA HREF=m><a name=x>y</a><a href="">z</a>`,
			Outline{Refs: []Ref{{Link, "?a=1&b=2"}, {Link, "m"}}}},
		{`<iframe src=i></iframe><frame src=f><embed src=e><object data=o></object><img src=p>`,
			Outline{Refs: []Ref{{Frame, "i"}, {Part, "f"}, {Frame, "e"}, {Frame, "o"}}, Shows: []string{"p"}}},
		{`<img src=a data-original=b srcset="c 1x, d 2x"><style>p{background:url(e)}</style><td BACKGROUND="f" style="background:url('g&amp;h')">` +
			`<link rel="shortcut icon" href=i><link rel=next href=x><style>@font-face{src:url(j.eot),url(j.woff)}</style><img src=""><video poster=k src=x>`,
			Outline{Shows: []string{"a", "b", "c", "d", "e", "f", "g&h", "i", "j.woff", "k"}}},
		{`<meta http-equiv=Refresh content="0; URL='x'"><meta http-equiv=refresh content=5>`,
			Outline{Refs: []Ref{{Refresh, "x"}}}},
		{`<!-- <a href=c> --><script>"<a href=s>"</script><textarea><a href=t></textarea><noscript><a href=n></noscript>`, Outline{}},
		{"<p>" + long + "</p><p>" + long + "</p>", Outline{Prose: 1000 - slack}},
		{"<p>" + long + "</p><a>" + long + "</a><p>" + long + "</p>", Outline{}}, // a summary each
		{"<p>" + strings.Repeat("<i>短文</i>", 500) + "</p><select><option>" + long + long + "</select>", Outline{}},
		{"<p>" + strings.Repeat("&nbsp;", 500) + strings.Repeat("<p>"+long, 3), Outline{Prose: 1500 - slack}},
	} {
		if diff := cmp.Diff(c.want, Read([]byte(c.page))); diff != "" {
			t.Errorf("%.80s: %s", c.page, diff)
		}
	}
}

func TestBody(t *testing.T) {
	for page, want := range map[string]string{
		"<title>a</title><script>s</script>b  <p>c&nbsp;d": "b c d",
		"<head><style>s</style></head>\n<body>\n您访问的页面<br>不存在<script>x&lt;</script></body>": "您访问" +
			"的页面 不存在x&lt;",
		"<html><frameset><frame src=a><noframes>n</noframes></frameset>": "",
		"<div>a</div><title>b</title>":                                   "ab",
	} {
		if got := Body([]byte(page)); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%q: %q, want %q", page, got, want)
		}
	}
}

// TestTree: on the pages of many CMSes the outline has the links and the title that their trees have.
func TestTree(t *testing.T) {
	files, err := filepath.Glob("../listing/testdata/*.in")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	places := map[string]string{"a": "href", "area": "href", "iframe": "src", "frame": "src", "embed": "src",
		"object": "data"}
	for _, f := range files {
		page, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		var want, got Outline
		for n := range doc.Descendants() {
			if n.Data == "title" && n.Type == html.ElementNode && n.FirstChild != nil && want.Title == "" {
				want.Title = n.FirstChild.Data
			}
			for _, a := range n.Attr {
				if n.Type == html.ElementNode && a.Key == places[n.Data] && a.Val != "" {
					want.Refs = append(want.Refs, Ref{URL: a.Val})
				}
			}
		}
		o := Read(page)
		got.Title = o.Title
		for _, r := range o.Refs {
			if r.Kind != Refresh {
				got.Refs = append(got.Refs, Ref{URL: r.URL})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", filepath.Base(f), diff)
		}
	}
}

// BenchmarkRead reads a page of 60 links and 130 paragraphs, and parses it for comparison.
func BenchmarkRead(b *testing.B) {
	var p bytes.Buffer
	for range 60 {
		p.WriteString(`<a href="/a/123.html">相关链接</a> `)
	}
	for range 130 {
		p.WriteString("<p class=\"para\">为深入学习贯彻会议精神，推动各项工作落到实处，" +
			"各单位要结合实际认真组织实施，并于月底前报送总结材料。</p>\n")
	}
	b.Run("outline", func(b *testing.B) {
		b.SetBytes(int64(p.Len()))
		for b.Loop() {
			Read(p.Bytes())
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(p.Len()))
		for b.Loop() {
			if _, err := html.Parse(bytes.NewReader(p.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
