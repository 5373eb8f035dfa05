package urlkey

import (
	"fmt"
	"strings"
	"testing"

	"cundang/internal/charset"
)

// TestPlain holds the decision without a parse to both its promises: the URLs that sites are made of take it, and
// what it takes is what the parser would have made of it. All others are the parser's.
func TestPlain(t *testing.T) {
	for _, raw := range []string{
		"http://a/", "https://www.example.org.cn/", "http://a-b.c-d.example/art/2026/1.html?id=3&x=a,b;c:d+e~f@g!*()$",
		"http://a1.2b.example/",
		"http://h.example:8080/", "http://h.example:1/", "http://h.example:9/", "http://h.example:10000/",
		"http://h.example:65535/",
		"http://h.example:8/", "http://0.0.0.0/", "http://9.10.99.100/", "http://255.255.255.255:8000/a",
		"http://1.2.3.199/",
		"http://h.example/a//b/", "http://h.example/a..b/c.", "http://h.example/%E7%A7%91",
		"http://h.example/%aF%Fa%00%9f", "http://h.example/a?/b",
		"http://0a.za.az/", "http://z/zZaA09",
	} {
		if !plain(raw) {
			t.Errorf("%s is left to the parser", raw)
		}
		if u, err := parser.Parse(raw); err != nil || u.Href(true) != raw {
			t.Errorf("the parser makes %s of %s, %v", u.Href(true), raw, err)
		}
	}
	for _, raw := range []string{
		"", "http://", "http:///a", "http://h.example", "http://h.example?a", "ftp://h.example/", "HTTP://h.example/",
		"http:/h.example/", "//h.example/",
		"http://h.example:80/", "https://h.example:443/", "http://h.example:/", "http://h.example:0/",
		"http://h.example:08080/", "http://h.example:65536/",
		"http://h.example:99999/", "http://h.example:123456/", "http://h.example:8a/", "http://h.example:8080:1/",
		"http://h.example:80;/",
		"http://256.1.1.1/", "http://1.1.1.256/", "http://01.1.1.1/", "http://1.1.1.00/", "http://1.1.1/", "http://1/",
		"http://1.1.1.1.1/", "http://1..1.1/",
		"http://1.1.1.1000/", "http://1.1.1./", "http://1.1.1:1.1/", "http://1.1.1./1/",
		"http://xn--fiq.example/", "http://a--b.example/", "http://.example/", "http://h..example/", "http://h.example./",
		"http://h.1/", "http://h.1a/",
		"http://H.example/", "http://h_x.example/", "http://u@h.example/", "http://[::1]/", "http://h`.example/",
		"http://h{.example/", "http://h/.example",
		"http://h.example/./a", "http://h.example/../a", "http://h.example/a/.", "http://h.example/a/..",
		"http://h.example/.a", "http://h.example/%2e/a",
		"http://h.example/%", "http://h.example/%e", "http://h.example/%2", "http://h.example/%g0",
		"http://h.example/%0g", "http://h.example/%/0",
		"http://h.example/%0:", "http://h.example/%@0", "http://h.example/%0G", "http://h.example/%`0",
		"http://h.example/%0/a",
		"http://h.example/a b", "http://h.example/a#b", "http://h.example/科", "http://h.example/a\\b",
		"http://h.example/a|b", "http://h.example/a'b",
	} {
		if plain(raw) {
			t.Errorf("%s is taken as it stands", raw)
		}
	}
}

// TestJoin holds the references that are resolved without a parse to what the parser makes of them; base has no
// query, one, or one with slashes.
func TestJoin(t *testing.T) {
	for _, base := range []string{
		"http://h.example/a/b/c.html", "https://h.example:8080/a/b/c.html?x=1", "http://h.example/a/b/c.html?u=/d/e/f",
		"http://h.example/", "http://h.example/?x",
	} {
		b, err := parser.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		same := func(ref, got string) {
			t.Helper()
			u, err := b.Parse(ref)
			if err != nil || u.Href(true) != got {
				t.Errorf("%s on %s is %q, of the parser %q, %v", ref, base, got, u.Href(true), err)
			}
		}
		for _, ref := range []string{ // what links are
			"d.html", "d/e.html", "./d", "./", "././d", "../", "../d", "../../d", "../../../../d", "./../d", ".././d",
			"?y=2", "?", "/", "/d", "/d?e=/f",
			"//k.example/", "//k.example/d", "d#f", "/d#f", "?y#f", "http://k.example/d", "https://k.example",
			"http://k.example/", "d/", "d?u=/e", "dd..",
		} {
			got := join(base, ref)
			if got == "" {
				t.Errorf("%s on %s is left to the parser", ref, base)
				continue
			}
			same(ref, got)
		}
		for _, ref := range []string{ // what only the parser knows
			"", "#", "#f", "/\\d", "\\d", ".", "..", "../..", ".//d", "..//d", "./?y", ".d", "//k.example", "//", "///d",
			"d:e", "mailto:a@k.example", "d/../e",
			"d/./e", "/../d", "科.html", "d e", "http://k.example?y", "http://", "http:d", "//k.example:80/d",
			"http://K.example/",
		} {
			if got := join(base, ref); got != "" {
				same(ref, got)
				t.Errorf("%s on %s is %s without the parser", ref, base, got)
			}
		}
	}
	for _, base := range []string{"", "h.example/a", "http://h.example", "http://h.example/科/", "ftp://h.example/"} {
		if got := join(base, "d"); got != "" {
			t.Errorf("d on %q is %q", base, got)
		}
	}
}

// TestQueryBytes: the second byte of a character in GBK and Big5 may be an ASCII character, and then stays one, as
// browsers send it; all other bytes are escaped, and what a character set lacks is sent as a form would.
func TestQueryBytes(t *testing.T) {
	for _, c := range []struct {
		label string
		lead  byte
	}{{"gbk", 0x81}, {"big5", 0xA4}} {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail == 0x7F || trail > 0x7E && trail < 0xA1 && c.label == "big5" {
				continue
			}
			s := string(charset.DecodeAs([]byte{c.lead, byte(trail)}, c.label))
			if strings.ContainsRune(s, '\uFFFD') {
				t.Fatalf("%s %x %x: %q", c.label, c.lead, trail, s)
			}
			want := fmt.Sprintf("?%%%X%%%X", c.lead, trail)
			if trail < 0x7F {
				want = fmt.Sprintf("?%%%X%c", c.lead, trail)
			}
			if got := encodeQuery("?"+s, c.label); got != want {
				t.Errorf("%s: %s is sent as %s, want %s", c.label, s, got, want)
			}
		}
	}
	for _, c := range []struct{ ref, label, want string }{
		{"?科a\x7f1", "gbk", "?%BF%C6a\x7f1"}, {"?\u0080", "big5", "?%26%23128%3B"}, {"?€", "gbk", "?%80"}, {"?€",
			"gb18030", "?%A2%E3"},
		{"?\U00020087", "gbk", "?%26%23131207%3B"}, {"a科?x", "gbk", "a科?x"}, {"a?科#科", "gbk", "a?%BF%C6#科"},
		{"a#b?科", "gbk", "a#b?科"}, {"#?科", "gbk", "#?科"},
		{"?#科", "gbk", "?#科"}, {"?科", "", "?科"}, {"?科", "utf-8", "?科"}, {"?科", "no such", "?科"}, {"科",
			"gbk", "科"},
	} {
		if got := encodeQuery(c.ref, c.label); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.ref, c.label, got, c.want)
		}
	}
}
