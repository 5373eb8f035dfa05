package replay

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func rewriter(t testing.TB) Rewriter {
	t.Helper()
	base, err := url.Parse("http://www.example-kx.org.cn/art/2022/10/27/art_1.html")
	if err != nil {
		t.Fatal(err)
	}
	return Rewriter{Base: base, Prefix: "/replay/20221027120000"}
}

func TestHTML(t *testing.T) {
	const p, site = "/replay/20221027120000", "http://www.example-kx.org.cn"
	tests := []struct{ name, in, has, hasNot string }{
		{"relative link", `<a href="../x.html?a=1&b=2">甲</a>`,
			`href="` + p + "mp_/" + site + `/art/2022/10/x.html?a=1&amp;b=2"`, ""},
		{"image", `<img src=/i/a.png onerror=alert(1)>`, `src="` + p + "im_/" + site + `/i/a.png"`, "onerror"},
		{"lazy image", `<img src=blank.gif data-original="/i/b.jpg">`, `src="` + p + "im_/" + site + `/i/b.jpg"`,
			"blank.gif"},
		{"other host", `<img src="//tracker.example/p.gif">`, p + "im_/http://tracker.example/p.gif", `"//tracker`},
		{"srcset", `<img srcset="/a.png 1x,/w=2,h=1/b.png 2x">`,
			`srcset="` + p + "im_/" + site + "/a.png 1x, " + p + "im_/" + site + `/w=2,h=1/b.png 2x"`, ""},
		{"script", `<p>甲</p><script src=/x.js></script><script>alert(1)</script>`, "<p>甲</p>", "script"},
		{"javascript link", `<a href=" jAvascript:alert(1)">x</a>`, "<a>x</a>", "avascript"},
		{"javascript with a tab", "<a href=\"java\tscript:alert(1)\">x</a>", "<a>x</a>", "script:"},
		{"meta refresh", `<meta http-equiv=refresh content="0;url=http://evil.example/">`, "", "evil.example"},
		{"base", `<base href="http://other.example/dir/"><a href=z>z</a>`, p + "mp_/http://other.example/dir/z", "<base"},
		{"form", `<form action=/go method=post><button formaction=/other>g</button></form>`, "<form", "action"},
		{"iframe", `<iframe src="/f.html" srcdoc="<script>1</script>"></iframe>`, p + "mp_/" + site + "/f.html", "srcdoc"},
		{"svg", `<svg><use href="http://evil.example/x.svg#a"/><image xlink:href="/i.png"/><script>1</script><a xlink:href="javascript:1">t</a></svg>`, p + "im_/" + site + "/i.png", "evil.example"},
		{"css", `<div style="background:u\72l( '/bg.png' )">x</div>`, p + "im_/" + site + "/bg.png", "u\\72l"},
		{"style sheet", `<style>@import "/a.css"; b{background:url(//evil.example/x)}</style>`, p + "cs_/" + site + "/a.css",
			`(//evil`},
		{"preconnect", `<link rel="preconnect stylesheet" href="http://evil.example">`, "", "evil.example"},
		{"conditional comment", `<!--[if IE]><script src=x></script><![endif]-->ok`, "ok", "script"},
		{"plaintext", `<plaintext><script>alert(1)</script>`, "<pre>", "<script"},
		{"noscript", `<noscript><img src="/n.png"></noscript>`, p + "im_/" + site + "/n.png", ""},
		{"noscript hides", `<noscript><style></noscript><img src=http://evil.example/x></style></noscript>`, "",
			"evil.example"},
		{"svg attribute", `<svg><rect mask="u\72l(http://evil.example/m#a)" fill="url(#g)"/></svg>`,
			`mask="url(&#34;` + p + `im_/http://evil.example/m#a&#34;)" fill="url(&#34;#g&#34;)"`, "72l"},
		{"object", `<object data="/x.swf"><embed src="/y.swf"></object>t`, "t", ".swf"},
		{"broken markup", `<p><b>甲<i>乙</p><a href='http://evil.example/"onclick=x'>丙`, "丙", "onclick=x'"},
		{"svg animation", `<svg><a><animate attributeName=href to="http://evil.example/"/><text>t</text></a></svg>`,
			"<text>t", "evil.example"},
		{"fragment", `<a href="#top">t</a>`, `href="#top"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := rewriter(t).HTML([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if tt.has != "" && !strings.Contains(string(out), tt.has) {
				t.Errorf("lacks %q:\n%s", tt.has, out)
			}
			if tt.hasNot != "" && strings.Contains(string(out), tt.hasNot) {
				t.Errorf("still has %q:\n%s", tt.hasNot, out)
			}
		})
	}
}

func TestCSS(t *testing.T) {
	const p = "/replay/20221027120000"
	tests := []struct{ in, want string }{
		{`a{b:url(x.png)}`, `a{b:url("` + p + `im_/http://www.example-kx.org.cn/art/2022/10/27/x.png")}`},
		{`a{b:url("x.png" )}`, `a{b:url("` + p + `im_/http://www.example-kx.org.cn/art/2022/10/27/x.png")}`},
		{`@import url(//h.example/a.css);`, `@import url("` + p + `cs_/http://h.example/a.css");`},
		{`@import '/a.css' screen;`, `@import url("` + p + `cs_/http://www.example-kx.org.cn/a.css") screen;`},
		{`a{b:url(javascript:alert(1))}`, `a{b:url(( ))}`},
		{`a{content:"url(x)"}`, `a{content:"url(x)"}`},
		{`a{b:image-set("x.png" 1x)}`, `a{b:image-set(url("` + p +
			`im_/http://www.example-kx.org.cn/art/2022/10/27/x.png") 1x)}`},
		{`@font-face{src:url(/f.woff2)}`, `@font-face{src:url("` + p + `oe_/http://www.example-kx.org.cn/f.woff2")}`},
		{`/* url(x) */a{}`, ` a{}`},
		{`</noscript><img src="http://h.example/x">a{b:c}`, `<><>a{b:c}`},
		{`@media (400px<width){a{b:c}}`, `@media (400px<width){a{b:c}}`},
		{`@property --x{syntax:"<url>";initial-value:"http://h.example/x"}`,
			`@property --x{syntax:"\3c url>";initial-value:"` + p + `oe_/http://h.example/x"}`},
		{`a{b:image-set(var(--n,"x.png") 1x type("image/png"))}`,
			`a{b:image-set(var(--n,"` + p + `im_/http://www.example-kx.org.cn/art/2022/10/27/x.png") 1x type("image/png"))}`},
		{`a{content:"</style><script>"}`, `a{content:"\3c /style>\3c script>"}`},
	}
	for _, tt := range tests {
		if got := rewriter(t).CSS(tt.in); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// Queries are asked for in the document's encoding, paths in UTF-8, as browsers do.
func TestCharset(t *testing.T) {
	const p = "/replay/20221027120000"
	for _, tt := range []struct{ charset, in, want string }{
		{"gbk", `<a href="搜索.asp?词=科普#甲">`,
			p + "mp_/http://www.example-kx.org.cn/art/2022/10/27/%E6%90%9C%E7%B4%A2.asp?%B4%CA=%BF%C6%C6%D5#甲"},
		{"gb18030", `<img src="/t.asp?f=图.png">`, p + "im_/http://www.example-kx.org.cn/t.asp?f=%CD%BC.png"},
		{"big5", `<a href="?k=科">`, p + "mp_/http://www.example-kx.org.cn/art/2022/10/27/art_1.html?k=%AC%EC"},
		{"utf-8", `<a href="?k=科">`, p + "mp_/http://www.example-kx.org.cn/art/2022/10/27/art_1.html?k=%E7%A7%91"},
		{"gbk", `<base href="/列/"><a href="甲?k=科">`,
			p + "mp_/http://www.example-kx.org.cn/%E5%88%97/%E7%94%B2?k=%BF%C6"},
		{"gbk", `<style>p{background:url(b.asp?f=图)}</style>`,
			p + "im_/http://www.example-kx.org.cn/art/2022/10/27/b.asp?f=%CD%BC"},
		{"gbk", `<img srcset="b.asp?f=图 2x">`, p + "im_/http://www.example-kx.org.cn/art/2022/10/27/b.asp?f=%CD%BC 2x"},
	} {
		rw := rewriter(t)
		rw.Charset = tt.charset
		out, err := rw.HTML([]byte(tt.in))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), tt.want) {
			t.Errorf("%s in %s lacks %s:\n%s", tt.in, tt.charset, tt.want, out)
		}
	}
}

// FuzzHTML: whatever stands in a page, a browser that parses the result finds no script,
// no handler and no address that does not lead back into the archive.
func FuzzHTML(f *testing.F) {
	f.Add([]byte(`<svg><style><a title="</style><img src=x onerror=alert(1)>">`))
	f.Add([]byte(`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`))
	f.Add([]byte(`<form><div></form><form><input formaction=//x></form><select><style></select><script>1</script>`))
	f.Add([]byte(`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`))
	f.Fuzz(func(t *testing.T, page []byte) {
		rw := rewriter(t)
		out, err := rw.HTML(page)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := parse(out)
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if dropped[strings.ToLower(n.Data)] {
				t.Errorf("element %s in\n%s", n.Data, out)
			}
			for _, a := range n.Attr {
				key := strings.ToLower(a.Key)
				if strings.HasPrefix(key, "on") || refused[key] && (key != "rel" || n.Data != "link") {
					t.Errorf("attribute %s=%q in\n%s", a.Key, a.Val, out)
				}
				if key == "href" || key == "src" || key == "xlink:href" || key == "poster" || key == "background" {
					if _, ok := rw.accept(a.Val, Image); !ok {
						t.Errorf("address %s=%q in\n%s", a.Key, a.Val, out)
					}
				}
			}
		}
	})
}
