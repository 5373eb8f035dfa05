package urlkey

import (
	"errors"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{"http://www.nxkx.org/kxsz/", "http://www.nxkx.org/kxsz/"},
		{"HTTP://WWW.NXKX.ORG/Kxsz/", "http://www.nxkx.org/Kxsz/"},
		{"http://www.nxkx.org", "http://www.nxkx.org/"},
		{"http://www.nxkx.org:80/a#b", "http://www.nxkx.org/a"},
		{"https://www.nxkx.org:443/a#", "https://www.nxkx.org/a"},
		{"http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"},
		{"http://127.1/a", "http://127.0.0.1/a"},
		{"http://0x7f.1/a", "http://127.0.0.1/a"},
		{"http://a.cn/a/./b/../c", "http://a.cn/a/c"},
		{"http://a.cn/a/%2e%2E/c", "http://a.cn/c"},
		{"http://a.cn/a/.%2e", "http://a.cn/"},
		{"http://a.cn\\a\\b", "http://a.cn/a/b"},
		{"http:a.cn/a", "http://a.cn/a"},
		{"http://a.cn/a?b=1&a=2", "http://a.cn/a?b=1&a=2"},
		{"http://a.cn/a?", "http://a.cn/a?"},
		{" http://a.cn/a\n", "http://a.cn/a"},
		{"http://a.cn/a\tb", "http://a.cn/ab"},
		{"http://a.cn/科协?q=科协#科协", "http://a.cn/%E7%A7%91%E5%8D%8F?q=%E7%A7%91%E5%8D%8F"},
		{"http://a.cn/%e7%a7%91", "http://a.cn/%e7%a7%91"},
		{"http://中国科协.cn/a", "http://xn--fiqy8jzrd8s4c.cn/a"},
		{"http://a.cn/\xbf\xc6?q=\xd0\xad", "http://a.cn/%BF%C6?q=%D0%AD"},
		{"http://a.cn/a b?c d", "http://a.cn/a%20b?c%20d"},
		{"http://u:p@a.cn/", "http://u:p@a.cn/"},
		{"http://a.cn/a?x='y'", "http://a.cn/a?x=%27y%27"},
		{"http://a.cn//a//b", "http://a.cn//a//b"},
		{"http://a.cn/a%b", "http://a.cn/a%b"},
	} {
		got, err := Clean(tt.raw)
		if err != nil || got != tt.want {
			t.Errorf("Clean(%q) = %q, %v; want %q", tt.raw, got, err, tt.want)
		}
	}
	for _, raw := range []string{"", "/a", "a.cn/a", "//a.cn/a", "ftp://a.cn/", "javascript:void(0)", "mailto:a@a.cn",
		"data:text/html,x", "http://", "http://a b/", "http://a.cn:99999/", "about:blank", "file:///etc/passwd",
		"http://1.2.3.4.5/", "http://[::1/"} {
		if got, err := Clean(raw); !errors.Is(err, ErrNotWeb) {
			t.Errorf("Clean(%q) = %q, %v; want ErrNotWeb", raw, got, err)
		}
	}
}

func TestResolve(t *testing.T) {
	const base = "http://www.example.org.cn/xw/tz/index.html?p=1"
	for _, tt := range []struct{ ref, charset, want string }{
		{"./202210/t20221027_1.html", "", "http://www.example.org.cn/xw/tz/202210/t20221027_1.html"},
		{"../kx/", "", "http://www.example.org.cn/xw/kx/"},
		{"/art/1.html", "", "http://www.example.org.cn/art/1.html"},
		{"//b.cn/a", "", "http://b.cn/a"},
		{"?p=2", "", "http://www.example.org.cn/xw/tz/index.html?p=2"},
		{"", "", "http://www.example.org.cn/xw/tz/index.html?p=1"},
		{"#top", "gbk", "http://www.example.org.cn/xw/tz/index.html?p=1"},
		{"  index_1.html\n", "", "http://www.example.org.cn/xw/tz/index_1.html"},
		{"https://b.cn/a#x", "gbk", "https://b.cn/a"},
		// What Chromium and Firefox send for such links, by the Encoding Standard.
		{"/s?q=科协", "gbk", "http://www.example.org.cn/s?q=%BF%C6%D0%AD"},
		{"/s?q=科协", "gb2312", "http://www.example.org.cn/s?q=%BF%C6%D0%AD"},
		{"/s?q=科协", "gb18030", "http://www.example.org.cn/s?q=%BF%C6%D0%AD"},
		{"/s?q=科协", "utf-8", "http://www.example.org.cn/s?q=%E7%A7%91%E5%8D%8F"},
		{"/s?q=科协", "", "http://www.example.org.cn/s?q=%E7%A7%91%E5%8D%8F"},
		{"/s?q=科協", "big5", "http://www.example.org.cn/s?q=%AC%EC%A8%F3"},
		{"/s?q=科协", "utf-16le", "http://www.example.org.cn/s?q=%E7%A7%91%E5%8D%8F"},
		{"/s?q=科协", "no-such-charset", "http://www.example.org.cn/s?q=%E7%A7%91%E5%8D%8F"},
		{"/科?q=协#科", "gbk", "http://www.example.org.cn/%E7%A7%91?q=%D0%AD"},
		{"/s?q=丂", "gbk", "http://www.example.org.cn/s?q=%81@"},
		{"/s?q=€", "gbk", "http://www.example.org.cn/s?q=%80"},
		{"/s?q=é😀", "gbk", "http://www.example.org.cn/s?q=%A8%A6%26%23128512%3B"},
		{"/s?q=😀", "gb18030", "http://www.example.org.cn/s?q=%949%FC6"},
		{"/s?q=%BF%C6 '\"", "gbk", "http://www.example.org.cn/s?q=%BF%C6%20%27%22"},
		{"/s#?q=科", "gbk", "http://www.example.org.cn/s"},
	} {
		got, err := Resolve(base, tt.ref, tt.charset)
		if err != nil || got != tt.want {
			t.Errorf("Resolve(%q, %q) = %q, %v; want %q", tt.ref, tt.charset, got, err, tt.want)
		}
	}
	for _, ref := range []string{"javascript:void(0)", "mailto:a@b.cn", "data:,x", "tel:123", "http://"} {
		if got, err := Resolve(base, ref, ""); !errors.Is(err, ErrNotWeb) {
			t.Errorf("Resolve(%q) = %q, %v; want ErrNotWeb", ref, got, err)
		}
	}
	if got, err := Resolve("not a url", "a.html", ""); !errors.Is(err, ErrNotWeb) {
		t.Errorf("Resolve on a bad base = %q, %v", got, err)
	}
}

func TestHostAndID(t *testing.T) {
	for _, tt := range []struct{ clean, host string }{
		{"http://www.nxkx.org/a", "www.nxkx.org"},
		{"http://127.0.0.1:8080/a", "127.0.0.1:8080"},
		{"http://u:p@a.cn:81/", "a.cn:81"},
		{"http://a.cn?b", "a.cn"},
		{"http://[::1]:8080/", "[::1]:8080"},
		{"a.cn", ""},
		{"", ""},
	} {
		if got := Host(tt.clean); got != tt.host {
			t.Errorf("Host(%q) = %q, want %q", tt.clean, got, tt.host)
		}
	}
	// printf %s http://www.nxkx.org/ | sha256sum | cut -c1-20
	if got, want := ID("http://www.nxkx.org/"), "62c634c1acb7781dacce"; got != want {
		t.Errorf("ID = %s, want %s", got, want)
	}
}

// Clean is idempotent, and its short cut agrees with the parser.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"http://a.cn/a/%2e/b?c#d", "http://1.2/", "http://a.cn:080/",
		"https://xn--fiqs8s.cn/科?协", "http://a.cn/\xff", "http://a.0x1/", "http://a.1/", "http://A.cn/..a/.b?/./"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if plain(raw) {
			u, err := parser.Parse(raw)
			if err != nil || u.Href(true) != raw {
				t.Fatalf("plain(%q), but the parser says %v, %v", raw, u, err)
			}
		}
		clean, err := Clean(raw)
		if err != nil {
			return
		}
		again, err := Clean(clean)
		if err != nil || again != clean {
			t.Fatalf("Clean(%q) = %q, cleaned again %q, %v", raw, clean, again, err)
		}
		if Host(clean) == "" || strings.ContainsAny(clean, " \t\n\r#") {
			t.Fatalf("Clean(%q) = %q", raw, clean)
		}
	})
}

// The short cut of Resolve agrees with the parser.
func FuzzJoin(f *testing.F) {
	f.Add("http://a.cn/b/c/d.html?e/f", "../../../x.html#y")
	f.Add("https://a.cn/", "./../a/b?c")
	f.Add("http://a.cn//b//c", "../d")
	f.Add("http://a.cn/b;c", "d:e")
	f.Add("http://a.b/c", "/\\d")
	f.Fuzz(func(t *testing.T, base, ref string) {
		got := join(base, ref)
		if got == "" {
			return
		}
		b, err := parser.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		u, err := b.Parse(ref)
		if err != nil || u.Href(true) != got {
			t.Fatalf("join(%q, %q) = %q, the parser says %v, %v", base, ref, got, u, err)
		}
	})
}

func FuzzResolve(f *testing.F) {
	f.Add("../a?q=科协#x", "gbk")
	f.Add("?\xff", "big5")
	f.Add("//b/?é", "iso-2022-jp")
	f.Fuzz(func(t *testing.T, ref, charset string) {
		clean, err := Resolve("http://www.example.org.cn/a/b.html", ref, charset)
		if err != nil {
			return
		}
		if again, err := Clean(clean); err != nil || again != clean {
			t.Fatalf("Resolve(%q, %q) = %q, cleaned %q, %v", ref, charset, clean, again, err)
		}
	})
}

func BenchmarkClean(b *testing.B) {
	b.Run("clean", func(b *testing.B) {
		for b.Loop() {
			Clean("http://127.0.0.1:8080/kxsz/nxkxyq/202210/t20221027_123.html")
		}
	})
	b.Run("parsed", func(b *testing.B) {
		for b.Loop() {
			Clean("http://www.nxkx.org/kxsz/nxkxyq/202210/t20221027_123.html#a")
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	for b.Loop() {
		Resolve("http://www.nxkx.org/kxsz/nxkxyq/index.html", "./202210/t20221027_123.html", "gbk")
	}
}
