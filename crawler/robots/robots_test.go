package robots

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/internal/locale"
)

var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

// TestVectors are the cases of Google's published robots.txt test suite (google/robotstxt,
// robots_test.cc), as a table of what one agent may and may not fetch. Where they
// contradict RFC 9309 (escapes of unreserved characters are decoded) the RFC stands.
func TestVectors(t *testing.T) {
	const foo = "user-agent: FooBot"
	long := func(c string, verb string) string {
		p := "/x/"
		return p + strings.Repeat(c, 2083*8-len(p)-len(verb)+1-len(p)+3)
	}
	longA, longB := long("a", "allow: "), long("b", "allow: ")
	groups := lines("allow: /foo/bar/", "", foo, "disallow: /", "allow: /x/", "user-agent: BarBot", "disallow: /",
		"allow: /y/", "", "",
		"allow: /w/", "user-agent: BazBot", "", foo, "allow: /z/", "disallow: /")
	cased := func(agent, allow, disallow string) string {
		return lines(agent+": FooBot", allow+": /x/", disallow+": /")
	}
	named := func(agent string) string { return lines("User-Agent: "+agent, "Allow: /x/", "Disallow: /") }
	fish := []string{"/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html",
		"/fish.html?id=anything"}
	for _, c := range []struct {
		name, text, agent string
		yes, no           []string
	}{
		{"empty file", "", "FooBot", []string{"", "/", "/x/y"}, nil},
		{"empty agent", lines(foo, "disallow: /"), "", []string{""}, nil},
		{"empty URL", lines(foo, "disallow: /"), "FooBot", nil, []string{""}},
		{"line", lines(foo, "disallow: /"), "FooBot", nil, []string{"/x/y"}},
		{"other lines", lines("foo: FooBot", "bar: /"), "FooBot", []string{"/x/y"}, nil},
		{"no colon", lines("user-agent FooBot", "disallow /"), "FooBot", nil, []string{"/x/y"}},
		{"groups, FooBot", groups, "FooBot", []string{"/x/b", "/z/d"}, []string{"/y/c", "/foo/bar/"}},
		{"groups, BarBot", groups, "BarBot", []string{"/y/c", "/w/a"}, []string{"/z/d", "/foo/bar/"}},
		{"groups, BazBot", groups, "BazBot", []string{"/z/d"}, []string{"/foo/bar/"}},
		{"sitemap does not end a group", lines("User-agent: BarBot", "Sitemap: https://foo.bar/sitemap", "User-agent: *",
			"Disallow: /"), "FooBot", nil, []string{"/"}},
		{"sitemap does not end a group, named", lines("User-agent: BarBot", "Sitemap: https://foo.bar/sitemap",
			"User-agent: *", "Disallow: /"), "BarBot", nil, []string{"/"}},
		{"unknown line does not end a group", lines("User-agent: FooBot", "Invalid-Unknown-Line: unknown", "User-agent: *",
			"Disallow: /"), "FooBot", nil, []string{"/"}},
		{"unknown line does not end a group, other", lines("User-agent: FooBot", "Invalid-Unknown-Line: unknown",
			"User-agent: *", "Disallow: /"), "BarBot", nil, []string{"/"}},
		{"the most specific group", lines("user-agent: googlebot-news", "Disallow: /bar/", "", "user-agent: *",
			"Disallow: /baz/", "", "", "user-agent: googlebot", "Disallow: /foo/"),
			"googlebot-news", []string{"/baz/", "/qux/", "/foo/"}, []string{"/bar/"}},
		{"upper case", cased("USER-AGENT", "ALLOW", "DISALLOW"), "FooBot", []string{"/x/y"}, []string{"/a/b"}},
		{"lower case", cased("user-agent", "allow", "disallow"), "FooBot", []string{"/x/y"}, []string{"/a/b"}},
		{"camel case", cased("uSeR-aGeNt", "AlLoW", "dIsAlLoW"), "FooBot", []string{"/x/y"}, []string{"/a/b"}},
		{"agent FOO BAR", named("FOO BAR"), "Foo", []string{"/x/y"}, []string{"/a/b"}},
		{"agent foo bar", named("foo bar"), "Foo", []string{"/x/y"}, []string{"/a/b"}},
		{"agent FoO bAr", named("FoO bAr"), "foo", []string{"/x/y"}, []string{"/a/b"}},
		{"agent up to a space", lines("User-Agent: *", "Disallow: /", "User-Agent: Foo Bar", "Allow: /x/", "Disallow: /"),
			"Foo", []string{"/x/y"}, nil},
		{"agent with a space", lines("User-Agent: *", "Disallow: /", "User-Agent: Foo Bar", "Allow: /x/", "Disallow: /"),
			"Foo Bar", nil, []string{"/x/y"}},
		{"global group, named", lines("user-agent: *", "allow: /", foo, "disallow: /"), "FooBot", nil, []string{"/x/y"}},
		{"global group, other", lines("user-agent: *", "allow: /", foo, "disallow: /"), "BarBot", []string{"/x/y"}, nil},
		{"only specific groups", lines(foo, "allow: /", "user-agent: BarBot", "disallow: /", "user-agent: BazBot",
			"disallow: /"), "QuxBot", []string{"/x/y"}, nil},
		{"paths are case-sensitive", lines(foo, "disallow: /X/"), "FooBot", []string{"/x/y"}, []string{"/X/y"}},
		{"longest: disallow", lines(foo, "disallow: /x/page.html", "allow: /x/"), "FooBot", nil, []string{"/x/page.html"}},
		{"longest: allow", lines(foo, "allow: /x/page.html", "disallow: /x/"), "FooBot", []string{"/x/page.html"},
			[]string{"/x/"}},
		{"empty patterns", lines(foo, "disallow: ", "allow: "), "FooBot", []string{"/x/page.html"}, nil},
		{"equal: root", lines(foo, "disallow: /", "allow: /"), "FooBot", []string{"/x/page.html"}, nil},
		{"with and without slash", lines(foo, "disallow: /x", "allow: /x/"), "FooBot", []string{"/x/"}, []string{"/x"}},
		{"equal: page", lines(foo, "disallow: /x/page.html",
			"allow: /x/page.html"), "FooBot", []string{"/x/page.html"}, nil},
		{"longest with a star", lines(foo, "allow: /page", "disallow: /*.html"), "FooBot", []string{"/page"},
			[]string{"/page.html"}},
		{"longest against a star", lines(foo, "allow: /x/page.", "disallow: /*.html"), "FooBot", []string{"/x/page.html"},
			[]string{"/x/y.html"}},
		{"own group only", lines("User-agent: *", "Disallow: /x/", "User-agent: FooBot", "Disallow: /y/"), "FooBot",
			[]string{"/x/page"}, []string{"/y/page"}},
		{"query with a URL", lines("User-agent: FooBot", "Disallow: /",
			"Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par"),
			"FooBot",
			[]string{"/foo/bar?qux=taz&baz=http://foo.bar?tar&par"}, nil},
		{"three-byte character", lines("User-agent: FooBot", "Disallow: /", "Allow: /foo/bar/ツ"), "FooBot",
			[]string{"/foo/bar/%E3%83%84"}, nil},
		{"encoded three-byte character", lines("User-agent: FooBot", "Disallow: /", "Allow: /foo/bar/%E3%83%84"), "FooBot",
			[]string{"/foo/bar/%E3%83%84"}, nil},
		{"encoded ASCII", lines("User-agent: FooBot", "Disallow: /", "Allow: /foo/bar/%62%61%7A"), "FooBot",
			[]string{"/foo/bar/%62%61%7A", "/foo/bar/baz"}, nil},
		{"star within", lines("User-agent: FooBot", "Disallow: /foo/bar/quz", "Allow: /foo/*/qux"), "FooBot",
			[]string{"/foo/quz", "/foo//quz", "/foo/bax/quz"}, []string{"/foo/bar/quz"}},
		{"dollar", lines("User-agent: FooBot", "Disallow: /foo/bar$", "Allow: /foo/bar/qux"), "FooBot",
			[]string{"/foo/bar/qux", "/foo/bar/", "/foo/bar/baz"}, []string{"/foo/bar"}},
		{"comments", lines("User-agent: FooBot", "# Disallow: /", "Disallow: /foo/quz#qux", "Allow: /"), "FooBot",
			[]string{"/foo/bar"}, []string{"/foo/quz"}},
		{"index.html is its folder", lines("User-Agent: *", "Allow: /allowed-slash/index.html", "Disallow: /"), "foobot",
			[]string{"/allowed-slash/", "/allowed-slash/index.html"}, []string{"/allowed-slash/index.htm", "/anyother-url"}},
		{"long line: disallow", lines(foo, "disallow: "+longA+"/qux"), "FooBot", []string{"/fux"}, []string{longA + "/fux"}},
		{"long line: allow", lines(foo, "disallow: /", "allow: "+longA+"/qux", "allow: "+longB+"/qux"), "FooBot",
			[]string{longA + "/qux", longB + "/fux"}, []string{"/"}},
		{"/fish", lines(foo, "disallow: /", "allow: /fish"), "FooBot", fish,
			[]string{"/bar", "/Fish.asp", "/catfish", "/?id=fish"}},
		{"/fish*", lines(foo, "disallow: /", "allow: /fish*"), "FooBot", fish,
			[]string{"/bar", "/Fish.bar", "/catfish", "/?id=fish"}},
		{"/fish/", lines(foo, "disallow: /", "allow: /fish/"), "FooBot",
			[]string{"/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"},
			[]string{"/bar", "/fish", "/fish.html", "/Fish/Salmon.html"}},
		{"/*.php", lines(foo, "disallow: /", "allow: /*.php"), "FooBot",
			[]string{"/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html",
				"/filename.php/", "/index?f=filename.php/"},
			[]string{"/bar", "/php/", "/index?php", "/windows.PHP"}},
		{"/*.php$", lines(foo, "disallow: /", "allow: /*.php$"), "FooBot", []string{"/filename.php", "/folder/filename.php"},
			[]string{"/bar", "/filename.php?parameters", "/filename.php/", "/filename.php5", "/php/", "/filename?php",
				"/aaaphpaaa", "//windows.PHP"}},
		{"/fish*.php", lines(foo, "disallow: /", "allow: /fish*.php"), "FooBot",
			[]string{"/fish.php", "/fishheads/catfish.php?parameters"}, []string{"/bar", "/Fish.PHP"}},
		{"precedence /p", lines(foo, "allow: /p", "disallow: /"), "FooBot", []string{"/page"}, nil},
		{"precedence /folder", lines(foo, "allow: /folder", "disallow: /folder"), "FooBot", []string{"/folder/page"}, nil},
		{"precedence /page", lines(foo, "allow: /page", "disallow: /*.htm"), "FooBot", nil, []string{"/page.htm"}},
		{"precedence /$", lines(foo, "allow: /$", "disallow: /"), "FooBot", []string{"/"}, []string{"/page.html"}},
		{"DOS line ends", "User-Agent: foo\r\nAllow: /some/path\r\nUser-Agent: bar\r\n\r\n\r\nDisallow: /\r\n", "bar", nil,
			[]string{"/x"}},
		{"Mac line ends", "User-Agent: foo\rAllow: /some/path\rUser-Agent: bar\r\r\rDisallow: /\r", "bar", nil,
			[]string{"/x"}},
		{"no final line end", "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\nDisallow: /", "bar", nil,
			[]string{"/x"}},
		{"mixed line ends", "User-Agent: foo\nAllow: /some/path\r\nUser-Agent: bar\n\r\n\nDisallow: /", "bar", nil,
			[]string{"/x"}},
		{"BOM", "\xEF\xBB\xBFUser-Agent: foo\nDisallow: /AnyValue\n", "foo", nil, []string{"/AnyValue"}},
		{"two bytes of a BOM", "\xEF\xBBUser-Agent: foo\nDisallow: /AnyValue\n", "foo", nil, []string{"/AnyValue"}},
		{"one byte of a BOM", "\xEFUser-Agent: foo\nDisallow: /AnyValue\n", "foo", nil, []string{"/AnyValue"}},
		{"broken BOM", "\xEF\x11\xBFUser-Agent: foo\nDisallow: /AnyValue\n", "foo", []string{"/AnyValue"}, nil},
		{"BOM in the middle", "User-Agent: foo\n\xEF\xBB\xBFDisallow: /AnyValue\n", "foo", []string{"/AnyValue"}, nil},
	} {
		r := Rules{Text: c.text, Status: 200, Fetched: t0, Good: t0}
		url := func(p string) string {
			if p == "" {
				return ""
			}
			return "http://foo.bar" + p
		}
		for _, p := range c.yes {
			if d := r.decide(url(p), c.agent); !d.Allowed {
				t.Errorf("%s: %.80s is disallowed by %d %q", c.name, p, d.Line, d.Rule)
			}
		}
		for _, p := range c.no {
			if d := r.decide(url(p), c.agent); d.Allowed {
				t.Errorf("%s: %.80s is allowed by %d %q", c.name, p, d.Line, d.Rule)
			}
		}
	}
}

// TestNormalForm compares rules and URLs after RFC 9309, 2.2.2: octets count, not how they are written.
func TestNormalForm(t *testing.T) {
	for _, c := range []struct {
		rule    string
		yes, no []string // URLs the rule names, URLs it does not
	}{
		{"/科普/", []string{"/科普/1.html", "/%E7%A7%91%E6%99%AE/1.html", "/%e7%a7%91%e6%99%ae/1.html"},
			[]string{"/科協/1.html", "/%C7%A7%91%E6%99%AE/"}},
		{"/%e7%a7%91%e6%99%ae/", []string{"/科普/1.html", "/%E7%A7%91%E6%99%AE/", "/%e7%A7%91%E6%99%ae/x"},
			[]string{"/%e7%a7%91/"}},
		{"/%7Ejoe/", []string{"/~joe/a", "/%7ejoe/a", "/%7Ejoe/a"}, []string{"/joe/"}},
		{"/~joe/", []string{"/~joe/a", "/%7ejoe/a"}, nil},
		{"/%61dmin/", []string{"/admin/", "/%61dmin/", "/a%64min/"}, []string{"/Admin/", "/%41dmin/"}},
		{"/admin", []string{"/%61%64%6d%69%6e", "/admin.asp"}, []string{"/adm%2Fin"}},
		{"/a%2fb", []string{"/a%2Fb", "/a%2fb/c"}, []string{"/a/b"}},
		{"/a/b", []string{"/a/b"}, []string{"/a%2Fb"}},
		{"/x%2Ay", []string{"/x*y", "/x%2ay"}, []string{"/xy", "/xzy"}},
		{"/x*y", []string{"/xy", "/xzy", "/x*y", "/x%2Ay"}, []string{"/xz"}},
		{"/p%24", []string{"/p$", "/p%24", "/p$/more"}, []string{"/p"}},
		{"/p$", []string{"/p"}, []string{"/p$", "/p%24", "/p/x"}},
		{"/$price/", []string{"/$price/1", "/%24price/1"}, []string{"/price/1"}},
		{"/a b/", []string{"/a%20b/c"}, []string{"/a+b/", "/ab/"}},
		{"/{id}", []string{"/%7Bid%7D", "/%7bid%7d"}, []string{"/id"}},
		{"/100%", []string{"/100%25", "/100%"}, []string{"/100"}},
		{"/%zz", []string{"/%zz", "/%25zz"}, nil},
		{"/s?q=%e7%a7%91", []string{"/s?q=%E7%A7%91", "/s?q=科&p=2"}, []string{"/s?q=", "/s%3Fq=%E7%A7%91"}},
		{"/go?u=https://h.example", []string{"/go?u=https://h.example/1", "/go?u=https%3A%2F%2Fh.example"},
			[]string{"/go?u=h.example"}},
		{"/go?u=https%3A%2F%2Fh", []string{"/go?u=https://h/1", "/go?u=https%3a%2f%2fh"}, nil},
		{"/%30%39/", []string{"/09/", "/0%39/"}, []string{"/30/"}},
		{"/%2D%2e%5f%7E", []string{"/-._~", "/%2d%2E%5F~x"}, nil},
		{"/%41%5a%7a", []string{"/AZz", "/%41Z%7A"}, []string{"/azz"}},
		{"/a%4", []string{"/a%4", "/a%254"}, []string{"/a", "/a%41"}},
		{"/a\x7fb", []string{"/a%7Fb", "/a%7fb"}, []string{"/ab"}},
		{`/a"b`, []string{"/a%22b"}, []string{"/ab"}},
		{"/q%40x", []string{"/q%40x"}, []string{"/q@x", "/qx"}},
		{"/*.php?id=%41", []string{"/x/y.php?id=A1", "/y.php?id=%41"}, []string{"/y.php?id=a"}},
	} {
		r := Rules{Text: lines("User-agent: *", "Disallow: "+c.rule+" # why"), Status: 200, Fetched: t0, Good: t0}
		for _, p := range c.yes {
			d := r.Decide("http://h.example" + p)
			if d.Allowed || d.Line != 2 || d.Rule != "Disallow: "+c.rule+" # why" {
				t.Errorf("Disallow: %s does not hold for %s: line %d %q", c.rule, p, d.Line, d.Rule)
			}
		}
		for _, p := range c.no {
			if d := r.Decide("http://h.example" + p); !d.Allowed {
				t.Errorf("Disallow: %s holds for %s", c.rule, p)
			}
		}
	}
	longest := Rules{Text: lines("User-agent: *", "Disallow: /%61%62%63/", "Allow: /abc/d"), Status: 200,
		Fetched: t0, Good: t0}
	if !longest.Decide("http://h.example/abc/d").Allowed {
		t.Error("the length of a rule counts its escapes")
	}
}

// TestWhereThePathIs: the path of a URL is what a rule is compared with, whatever stands before it or in its query,
// and a rule is one on whatever line of the file it stands.
func TestWhereThePathIs(t *testing.T) {
	text := "\n\r\n#\nUser-agent: *\n\n\nDisallow: /%7Ea\n\nDisallow /%7Eb\n disallow:/%7Ec"
	r := Rules{Text: text, Status: 200, Fetched: t0, Good: t0}
	for _, url := range []string{
		"http://h.example/%7ea", "/%7Ea?u=http://other.example/b", "http:///%7Ea", "http://h.example:80/~a",
		"http://h.example/~b",
		"http://h.example/%7Eb/", "http://h.example/%7ec",
	} {
		if d := r.Decide(url); d.Allowed {
			t.Errorf("%s is allowed by %q", url, d.Rule)
		}
	}
	for _, url := range []string{
		"http://~a.example/", "http://h.example/?u=/~a", "http://h.example", "http://h.example/x/~a",
	} {
		if d := r.Decide(url); !d.Allowed {
			t.Errorf("%s is disallowed by %q", url, d.Rule)
		}
	}
	escaped := Rules{Text: "User-agent: *\nDisallow: /a%2Fb\n", Status: 200, Fetched: t0, Good: t0}
	if d := escaped.Decide("http://h.example/a/b?u=http://other.example/"); !d.Allowed {
		t.Error("the delimiters of a path are taken for escaped ones because its query has some")
	}
}

// TestWhy: a decision without a line says why there is none.
func TestWhy(t *testing.T) {
	var none Rules
	down := none.Next(503, nil, t0)
	named := none.Next(0, nil, t0)
	named.Err = "no such host"
	for _, c := range []struct {
		rules Rules
		code  string
		in    string
	}{
		{none, "robots.unfetched", ""}, {down, "robots.unreachable", "503"}, {named, "robots.unreachable", "no such host"},
		{none.Next(404, nil, t0), "robots.absent", "404"}, {none.Next(300, nil, t0), "robots.absent", "300"},
		{none.Next(200, []byte("User-agent: *\nDisallow: /y\n"), t0), "robots.none", ""},
	} {
		d := c.rules.Decide("http://h.example/x")
		if locale.Code(d.Rule) != c.code || d.Line != 0 || !strings.Contains(d.Rule, c.in) {
			t.Errorf("%+v, want %s with %q", d, c.code, c.in)
		}
	}
	if !down.Down() || !none.Down() || none.Next(404, nil, t0).Down() ||
		none.Next(200, nil, t0).Next(503, nil, t0).Down() {
		t.Error("Down is not that there never were rules")
	}
	if r := none.Next(200, nil, t0).Next(503, nil, t0.Add(Patience)); r.Decide("http://h.example/x").Allowed {
		t.Error("the last good rules stand after Patience")
	}
}

func TestSitemapsAndDelay(t *testing.T) {
	for _, c := range []struct {
		text  string
		delay time.Duration
		maps  []string
	}{
		{"User-agent: *\nCrawl-delay: 5\n", 5 * time.Second, nil},
		{"User-agent: *\nCrawl-delay: 0.5\nDisallow: /x\n", 500 * time.Millisecond, nil},
		{"User-agent: *\nDisallow: /x\nCrawl-delay: 7\nUser-agent: cundang\nCrawl-delay: 2\n", 2 * time.Second, nil},
		{"User-agent: other\nCrawl-delay: 7\n", 0, nil},
		{"User-agent: cundang\nDisallow: /x\nUser-agent: *\nCrawl-delay: 7\n", 0, nil},
		{"User-agent: *\nCrawl-delay: soon\n", 0, nil},
		{"User-agent: *\nCrawl-delay: -3\n", 0, nil},
		{"User-agent: *\nCrawl-delay: 1e9\n", time.Hour, nil},
		{"Sitemap: http://a/1.xml\nUser-agent: *\nDisallow:\nsitemap: http://a/2.xml\n", 0,
			[]string{"http://a/1.xml", "http://a/2.xml"}},
		{"User-agent: foo\nAllow: /\nUser-Agent: bar\n\n\nSitemap: http://foo.bar/sitemap.xml\n", 0,
			[]string{"http://foo.bar/sitemap.xml"}},
	} {
		r := Rules{Text: c.text, Status: 200, Fetched: t0, Good: t0}
		if got := r.Delay(); got != c.delay {
			t.Errorf("%q: delay %s, want %s", c.text, got, c.delay)
		}
		if diff := cmp.Diff(c.maps, r.Sitemaps()); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

// TestLife follows RFC 9309, 2.3.1 and 2.4: what a status means, and for how long.
func TestLife(t *testing.T) {
	const deny = "User-agent: *\nDisallow: /x\n"
	allowed := func(r Rules, want bool) {
		t.Helper()
		if d := r.Decide("http://h/x"); d.Allowed != want {
			t.Errorf("allowed %v by %q, want %v", d.Allowed, d.Rule, want)
		}
	}
	var none Rules
	allowed(none, false)
	for _, status := range []int{400, 401, 403, 404, 410, 451} {
		allowed(none.Next(status, []byte(deny), t0), true)
	}
	allowed(none.Next(301, nil, t0), true) // one redirect too many
	for _, status := range []int{0, 429, 500, 502, 503, 521} {
		r := none.Next(status, nil, t0)
		allowed(r, false)
		if r.Stale(t0.Add(59*time.Minute)) || !r.Stale(t0.Add(time.Hour)) {
			t.Errorf("status %d: not asked again after an hour", status)
		}
	}
	good := none.Next(200, []byte(deny), t0)
	allowed(good, false)
	if d := good.Decide("http://h/x"); d.Line != 2 || d.Rule != "Disallow: /x" {
		t.Errorf("line %d %q", d.Line, d.Rule)
	}
	if good.Stale(t0.Add(23*time.Hour)) || !good.Stale(t0.Add(24*time.Hour)) {
		t.Error("not kept for a day")
	}
	down := good.Next(0, nil, t0.Add(25*time.Hour)).Next(503, nil, t0.Add(26*time.Hour))
	if !down.Decide("http://h/y").Allowed || down.Decide("http://h/x").Allowed {
		t.Error("the last good rules do not stand while the host is down")
	}
	allowed(down.Next(0, nil, t0.Add(40*24*time.Hour)), false)
	if d := down.Next(0, nil, t0.Add(40*24*time.Hour)).Decide("http://h/y"); d.Allowed {
		t.Error("rules of 40 days ago still stand")
	}
	allowed(down.Next(404, nil, t0.Add(27*time.Hour)), true)
	big := none.Next(200, []byte(strings.Repeat("#", MaxSize)+"\n"+deny), t0)
	allowed(big, true)
}

// FuzzDecide: no file and no URL makes the parser panic.
func FuzzDecide(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /%zz", "http://h/%zz?%")
	f.Add("disallow: \x00", "http://h")
	f.Add("disallow \t", "")
	f.Fuzz(func(t *testing.T, text, url string) {
		r := Rules{Text: text, Status: 200, Fetched: t0, Good: t0}
		d := r.Decide(url)
		if d.Rule == "" && d.Line == 0 {
			t.Error("no reason")
		}
		r.Delay()
		r.Sitemaps()
	})
}
