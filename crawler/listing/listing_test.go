package listing

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// fixture is the first line of a file of testdata/*.in; the body follows.
type fixture struct {
	URL         string `json:"url"`
	Base        string `json:"base"`
	ContentType string `json:"content_type"`
	Charset     string `json:"charset"`
	Listed      bool   `json:"listed"`
	Row         string `json:"row"`
	Date        string `json:"date"`
	Next        string `json:"next"`
	Link        string `json:"link"`
}

func read(t testing.TB, file string) Page {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(data, []byte("\n"))
	var f fixture
	if err := json.Unmarshal(head, &f); err != nil {
		t.Fatal(err)
	}
	return Page{URL: f.URL, Base: f.Base, ContentType: f.ContentType, Charset: f.Charset, Body: body,
		Listed: f.Listed, Row: f.Row, Date: f.Date, NextLink: f.Next, Link: f.Link}
}

func show(l Listing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "list %v, rows by %q, next by %q, total %d, pages %d\n", l.IsList, l.RowsBy, l.NextBy,
		l.Total, l.Pages)
	if l.Problem != "" {
		fmt.Fprintf(&b, "problem: %s\n", l.Problem)
	}
	for _, r := range l.Rows {
		fmt.Fprintf(&b, "row  %s | %s | %s", r.URL, r.Date, r.Title)
		if r.Body != "" {
			fmt.Fprintf(&b, " | %d bytes of body", len(r.Body))
		}
		b.WriteByte('\n')
	}
	for _, r := range l.Next {
		fmt.Fprintf(&b, "next %d %s %s %s\n", r.Number, r.Method, r.URL, r.Body)
		if r.Method == "POST" {
			fmt.Fprintf(&b, "     key %s\n", r.Key())
		}
	}
	for _, u := range l.Sitemaps {
		fmt.Fprintf(&b, "map  %s\n", u)
	}
	return b.String()
}

// The fixtures of testdata are written for this test, each in the manner of the CMS it is
// named for.
func TestExpandGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.in")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			l, err := Expand(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			got := show(l)
			golden := strings.TrimSuffix(file, ".in") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestGzippedSitemap(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprint(w, `<urlset>`)
	for i := range 60000 {
		fmt.Fprintf(w, "<url><loc>http://www.kexie.example/%d.html</loc></url>", i)
	}
	fmt.Fprint(w, `</urlset>`)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p := Page{URL: "http://www.kexie.example/sitemap.xml.gz", ContentType: "application/x-gzip", Body: b.Bytes()}
	l, err := Expand(p)
	if err != nil || len(l.Rows) != maxRows || l.Problem == "" {
		t.Fatalf("%d rows, problem %q, %v", len(l.Rows), l.Problem, err)
	}
	p.Body = p.Body[:len(p.Body)/2]
	if l, err = Expand(p); err != nil || len(l.Rows) < 1000 || l.Problem == "" {
		t.Fatalf("cut in half: %d rows, problem %q, %v", len(l.Rows), l.Problem, err)
	}
}

// What a sitemap says does not depend on its prefix, its name, its coding or its type.
func TestSitemapForms(t *testing.T) {
	pressed := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const lines = "http://www.kexie.example/1.html\r\n\r\nhttp://www.kexie.example/2.html"
	const prefixed = `<?xml version="1.0"?><!-- made by a program --><sm:urlset xmlns:sm="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml">` +
		`<sm:url><xhtml:link rel="alternate" hreflang="en" href="http://www.kexie.example/en/1.html"/><image:image><image:loc>http://www.kexie.example/1.jpg</image:loc></image:image><sm:loc>http://www.kexie.example/1.html</sm:loc></sm:url>` +
		`<sm:url><sm:loc>http://www.kexie.example/2.html</sm:loc></sm:url></sm:urlset>`
	for _, c := range []struct{ name, url, kind, body string }{
		{"prefix", "/s.xml", "text/xml", prefixed},
		{"prefix, a long comment before", "/s.xml", "application/xml", "<!--" + strings.Repeat(" ", 8000) + "-->" + prefixed},
		{"another prefix", "/s.xml", "text/xml",
			strings.ReplaceAll(strings.ReplaceAll(prefixed, "sm:", "ns0:"), ":sm=", ":ns0=")},
		{"pressed", "/s.xml.gz", "application/gzip", pressed(prefixed)},
		{"pressed by another name", "/sitemap", "text/xml", pressed(prefixed)},
		{"text", "/s.txt", "text/plain", lines},
		{"text by another name", "/urls", "application/octet-stream", "\xEF\xBB\xBF" + lines},
		{"pressed text", "/s.txt.gz", "application/gzip", pressed(lines)},
		{"pressed text by another name", "/s.txt", "text/plain", pressed(lines)},
		{"pressed in two members", "/s.txt.gz", "application/x-gzip", pressed(lines[:33]) + pressed(lines[33:])},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := Expand(Page{URL: "http://www.kexie.example" + c.url, ContentType: c.kind, Body: []byte(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			want := []Row{{URL: "http://www.kexie.example/1.html"}, {URL: "http://www.kexie.example/2.html"}}
			if d := cmp.Diff(want, l.Rows); d != "" || !l.IsList || l.RowsBy != "sitemap" {
				t.Errorf("list %v by %s: %s", l.IsList, l.RowsBy, d)
			}
		})
	}
	l, err := Expand(Page{URL: "http://www.kexie.example/s.xml",
		Body: []byte(`<a:sitemapindex xmlns:a="x"><a:sitemap><a:loc>/s1.xml</a:loc></a:sitemap></a:sitemapindex>`)})
	if d := cmp.Diff([]string{"http://www.kexie.example/s1.xml"}, l.Sitemaps); d != "" || err != nil {
		t.Errorf("index: %v %s", err, d)
	}
	for name, body := range map[string]string{
		"a page about sitemaps": "<html><body><p>&lt;urlset&gt; or <urlset> is what a sitemap begins with</p></body></html>",
		"a text about one":      "http://www.kexie.example/1.html\nis our address",
	} {
		if l, err := Expand(Page{URL: "http://www.kexie.example/s", ContentType: "text/plain",
			Body: []byte(body)}); err != nil || l.IsList {
			t.Errorf("%s is a list, %v", name, err)
		}
	}
}

func TestBinary(t *testing.T) {
	if _, err := Expand(Page{URL: "http://a.example/x", Body: []byte("%PDF\x00\x01")}); !errors.Is(err, ErrNotText) {
		t.Errorf("error %v", err)
	}
}

// cpu returns the processor time this process has taken: a busy machine does not slow it.
func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Pages made to cost time: what is quadratic somewhere takes minutes here.
func TestHostilePages(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, body := range map[string]string{
		"numbers":        "<table>" + many("<tr><td><a href=/p?page=7>7</a></td></tr>", 100000) + "</table>",
		"numbers in one": "<div>" + many("<a href=/p?page=7>7</a>", 200000) + "</div>",
		"next words":     "<div>" + many("<a href=#>&gt;</a>", 200000) + "</div>",
		"one text":       many("长", 1000000) + "<a href=/a/t20240101_1.html>题目</a>",
		"deep":           many("<div>", 5000) + "<a href=/a/1.html>标题</a>2024-01-01",
		"records":        "<datastore>" + many("<record>", 200000),
		"datastores":     many("<datastore>", 200000),
		"selects":        many("<select><option value=/a>1", 20000),
		"forms":          many("<form><input name=page>", 20000) + many("<a href='javascript:go(2)'>下一页</a>", 2000),
		"post backs": "<form>" + many("<input type=hidden name=a value=b>", 2000) +
			many(`<a href="javascript:__doPostBack('a','b')">下一页</a>`, 2000),
		"joined script": "<script>fetch(a);" + many(`"/api/list"+`, 100000) + "</script>",
		"json":          many("[", 9000) + many("]", 9000),
		"xml":           "<urlset>" + many("<a>", 100000),
		"attributes":    "<a " + many(`onclick="go('/x`, 100000) + `">下一页</a>`,
	} {
		t.Run(name, func(t *testing.T) {
			p := Page{URL: "http://www.kexie.example/p?page=1", Body: []byte(body), Listed: true}
			start := cpu(t)
			if _, err := Expand(p); err != nil {
				t.Fatal(err)
			}
			if d := cpu(t) - start; d > 20*time.Second {
				t.Errorf("%d bytes took %v", len(body), d)
			}
		})
	}
}

// Rows keep the column of their list.
func TestColumn(t *testing.T) {
	p := read(t, "testdata/trs-first.in")
	p.Column = "通知公告"
	l, err := Expand(p)
	if err != nil || len(l.Rows) == 0 {
		t.Fatal(err)
	}
	for _, r := range l.Rows {
		if r.Column != "通知公告" {
			t.Errorf("column %q", r.Column)
		}
	}
}

func FuzzExpand(f *testing.F) {
	files, err := filepath.Glob("testdata/*.in")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		p := read(f, file)
		f.Add(p.URL, p.ContentType, p.Body)
	}
	f.Fuzz(func(t *testing.T, url, contentType string, body []byte) {
		l, err := Expand(Page{URL: url, ContentType: contentType, Body: body, Listed: true})
		if err != nil {
			return
		}
		for _, r := range l.Rows {
			if r.URL == "" || r.URL == url {
				t.Fatalf("row %+v", r)
			}
		}
		keys := map[string]bool{}
		for _, r := range l.Next {
			if r.URL == "" || r.Method != "GET" && r.Method != "POST" || keys[r.Key()] {
				t.Fatalf("next %+v", r)
			}
			keys[r.Key()] = true
		}
	})
}

func BenchmarkExpand(b *testing.B) {
	for _, name := range []string{"trs-first", "jcms-island", "json-path", "article"} {
		p := read(b, "testdata/"+name+".in")
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(p.Body)))
			for b.Loop() {
				if _, err := Expand(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
