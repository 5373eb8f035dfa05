package css

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen lists the addresses of a sheet, with their uses.
func seen(sheet string) (all []string) {
	Addresses(sheet, func(ref string, use Use) {
		all = append(all, [...]string{"image", "sheet", "font", "perhaps"}[use]+" "+ref)
	})
	return all
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		sheet string
		want  string
	}{
		{`a{background:url(x.png)}`, "image x.png"},
		{`a{background:URL( "x.png" )}`, "image x.png"},
		{`a{background:\75rl(x\.png)}`, "image x.png"},
		{`a{background:url(x y)} b{c:url(d'e)} f{g:url(h(i)} j{k:url(l)}`, "image l"},
		{`/* url(x) */ a{b:"url(y)"; c:'url(z)'}`, ""},
		{`@import "a.css"; @import url(b.css) screen; @import url("c.css") layer("x");`,
			"sheet a.css, sheet b.css, sheet c.css"},
		{`@import "a.css" supports(content: "x");`, "sheet a.css"},
		{`@namespace svg url(http://www.w3.org/2000/svg); @charset "utf-8"; a{b:url(c)}`, "image c"},
		{`@font-face{font-family:"f"; src:local("g"), url(h) format("woff2")} a{b:url(i)}`, "font h, image i"},
		{`@media print{@font-face{src:url(h)} a{b:url(i)}}`, "font h, image i"},
		{`a{b:url(x.woff2)}`, "font x.woff2"},
		{`a{background:image-set("x.png" type("image/png") 1x, url(y.png) 2x)}`, "image x.png, image y.png"},
		{`a{background:-webkit-image-set(url(x) 1x)} b{c:src("y")}`, "image x, image y"},
		{`a{b:format("x") local("y") attr("z")}`, ""},
		{`#url(x){a:b} a{color:#fff}`, ""},
		{`@url(x){a:b}`, ""},
		{`:root{--a:"x.png"} p{b:image-set(var(--a) 1x)}`, "image x.png"},
		{`p{b:image-set(var(--a) 1x)} :root{--a:var(--b);--b:"y.png";--c:"微软雅黑"}`, "image y.png"},
		{`:root{--a:"//h/x.png";--c:url(z)}`, "image z"}, // used by nobody here
		{`p{--a:"x"} q{b:var(--a)}`, ""},
		{`<!-- a{b:url(c)} --> d{e:url(f)}`, "image c, image f"},
		{`a{b:url(#c)}`, ""},
		{`a{b:url("c`, "image c"},
		{`a{b:url(c`, "image c"},
		{`a{b:url(\`, "image \ufffd"},
	} {
		if d := cmp.Diff(c.want, strings.Join(seen(c.sheet), ", ")); d != "" {
			t.Errorf("%s\n%s", c.sheet, d)
		}
	}
}

func TestRewrite(t *testing.T) {
	link := func(ref string, use Use) (string, bool) {
		return fmt.Sprintf("/%d/%s", use, ref), !strings.HasPrefix(ref, "no")
	}
	for _, c := range []struct{ sheet, want string }{
		{`a{b:url(c)}`, `a{b:url("/0/c")}`},
		{`a{b:url(no)}`, `a{b:url("#")}`},
		{`a{b:url(x y);c:d}`, `a{b:url(( );c:d}`},
		{"<!--\na.b{c:d}\n-->\ne{f:g}<!-- h{i:j}", "\na.b{c:d}\n\ne{f:g} h{i:j}"},
		{`@import "a"; <!-- b{c:d}`, `@import url("/1/a");  b{c:d}`},
		{`a <!-- b{c:d}`, `a <\!-- b{c:d}`}, // no rule for a browser either
		{`a{<!-- b:c}`, `a{<\!-- b:c}`},
		{`a-->b{c:d}`, `a-->b{c:d}`},
		{`a{--x:"http://h/i";--y:"\2f\2fh/j";--z:" \\\\h";--w:"no http://h"}`,
			`a{--x:"/3/http://h/i";--y:"/3///h/j";--z:"/3/ %5C%5Ch";--w:"no http://h"}`},
		{`a{b:src(var(--x),"c")} d{--x:"e"}`, `a{b:src(var(--x),"/0/c")} d{--x:"/0/e"}`},
		{`a{b:image-set("c" 1x)}`, `a{b:image-set(url("/0/c") 1x)}`},
		{`@namespace url(http://n);a{b:c}`, `@namespace "http://n";a{b:c}`},
		{"a{b:'c\nd'}", `a{b:"c"` + "\n" + `d"}"`},
		{`a{content:"\201C<"}`, `a{content:"“\3c "}`},
		{`a{b:url(#c)}`, `a{b:url("#c")}`},
		{`a)]}b{c:url(d)}`, `a)]}b{c:url("/0/d")}`},
	} {
		if got := Rewrite(c.sheet, link); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sheet, got, c.want)
		}
	}
}

// FuzzRewrite holds that a rewritten sheet names what was written into it and nothing else,
// and stays as it is when it is rewritten again.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{`@import "a"; b{c:url(d) image-set("e" 1x)}`, `<!-- a{--b:"//c";d:src(var(--b))} -->`,
		`a{b:url(\`, `@font-face{src:url('a')`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		once := Rewrite(sheet, func(string, Use) (string, bool) { return "x", true })
		again := Rewrite(once, func(ref string, _ Use) (string, bool) {
			if ref != "x" {
				t.Fatalf("%q in %q", ref, once)
			}
			return "x", true
		})
		if once != again {
			t.Fatalf("%q, then %q", once, again)
		}
	})
}
