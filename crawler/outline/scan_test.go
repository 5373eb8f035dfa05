package outline

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ours and theirs write the tokens of a page, for comparison.
func ours(page []byte) string {
	var b strings.Builder
	s := scanner{src: page}
	for s.next() {
		switch s.kind {
		case text:
			fmt.Fprintf(&b, "%q\n", s.data)
		case end:
			fmt.Fprintf(&b, "</%s>\n", name(s.tag))
		case start:
			fmt.Fprintf(&b, "<%s", name(s.tag))
			seen := map[string]bool{}
			for _, a := range s.args {
				key := name(s.src[a.key:a.keyEnd])
				if !seen[key] && !strings.Contains(key, "\ufffd") {
					fmt.Fprintf(&b, " %q=%q", key, s.attr(key))
				}
				seen[key] = true
			}
			b.WriteString(">\n")
		}
	}
	return b.String()
}

// name is a tag's or an attribute's as the Tokenizer returns it; that of NULs matters to nobody.
func name(b []byte) string {
	c := bytes.Clone(b)
	for i := range c {
		c[i] = lower(c[i])
	}
	return strings.ReplaceAll(string(c), "\x00", "\ufffd")
}

func theirs(page []byte) string {
	var b strings.Builder
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			fmt.Fprintf(&b, "%q\n", z.Raw())
		case html.EndTagToken:
			n, _ := z.TagName()
			fmt.Fprintf(&b, "</%s>\n", n)
		case html.StartTagToken, html.SelfClosingTagToken:
			n, more := z.TagName()
			fmt.Fprintf(&b, "<%s", n)
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				if len(k) > 0 && !bytes.Contains(k, []byte("\ufffd")) {
					fmt.Fprintf(&b, " %q=%q", k, v)
				}
			}
			b.WriteString(">\n")
		}
	}
}

// odd are pages whose tokens are easily read wrongly.
var odd = []string{
	"", "a", "<", "a<", "</", "<a", "<a href=x", "a<b", "a < b", "<a>b</a>", "</>", "</ a>x", "<!>x", "<!-->x", "<!--->x",
	"<!-- a --!>x", "<!-- a --!->x-->y",
	"<!-- a -- b > c -->x", "<!doctype html>x", "<!x>y", "<?xml a?>x", "<![CDATA[<a>]]>x", "<A HREF=X>", "<a href='x\"y'>",
	`<a href="x>y">z`,
	`<a href = "x" target=_blank/>`, "<a =x=y>", "<a x=1 x=2>", "<a/b/c=d>", "<a b/=c>",
	`<a href="?a=1&amp;b=2&copy=3&lt;">`, "<a href='a\r\nb'>", `<a href="?a&b">`,
	"<a href=>x", "<a href=\"x", "<p/>", "<br/ >", "<a\fb>", "<a\x00b=\x00>",
	"<title>a<b>c</title>d", "<title></title>x", "<TITLE>a</titlex></TITLE >b", "<textarea><a></textarea>",
	"<plaintext><a></plaintext>", "<iframe><a></iframe>", "<noscript><a></noscript>", "<style><a></style>",
	"<xmp><a></xmp>", "<noembed></noembe<a>", "<title>a</title", "<title>a</</title>", "<script>a</script>b",
	"<script><!--</script>b", "<script><!--<script></script>--></script>b", "<script><!-- --></script>b",
	"<script><!--<script ></script></script>b", "<script><!--<b></script>c", "<script><!-- < --></script>c",
	"<script><!--<script>--></script>b", "<script><!-</script>b", "<script><!--</scrip></script>b", "<script>a<</script>b",
	"<script><!--<script/>-</script>-></script>b",
	"<script/>a</script>b",
	"<script><!--><script></script>b",
}

func TestScan(t *testing.T) {
	pages := odd
	files, err := filepath.Glob("../listing/testdata/*.in")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, string(b))
	}
	for _, p := range pages {
		if got, want := ours([]byte(p)), theirs([]byte(p)); got != want {
			t.Errorf("tokens of %.200q:\n%s\nwant\n%s", p, got, want)
		}
	}
}

// FuzzScan holds the scanner against the Tokenizer of x/net/html.
func FuzzScan(f *testing.F) {
	for _, p := range odd {
		f.Add([]byte(p))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		if got, want := ours(page), theirs(page); got != want {
			t.Errorf("tokens of %q:\n%s\nwant\n%s", page, got, want)
		}
	})
}
