package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cundang/extract"
)

func TestGBT7714(t *testing.T) {
	base := func(change func(*extract.Article)) extract.Article {
		a := extract.Article{Title: "科普日活动启动", Source: "云岭市科协", Author: "科协办公室",
			Published: onDay(2022, 10, 27),
			URL:       "https://a.example/1.html", Fetched: full().Fetched}
		if change != nil {
			change(&a)
		}
		return a
	}
	tail := "[EB/OL]. (2022-10-27)[2026-11-22]. https://a.example/1.html."
	for _, c := range []struct {
		name string
		a    extract.Article
		want string
	}{
		{"author", base(nil), "科协办公室. 科普日活动启动" + tail},
		{"source only", base(func(a *extract.Article) { a.Author = "" }), "云岭市科协. 科普日活动启动" + tail},
		{"neither", base(func(a *extract.Article) { a.Author, a.Source = "", "" }), "科普日活动启动" + tail},
		{"issuer and number", base(func(a *extract.Article) {
			a.Author, a.Document = "", &extract.Document{Issuer: "云岭市人民政府", Number: "云政发〔2022〕3号"}
		}), "云岭市人民政府. 科普日活动启动: 云政发〔2022〕3号" + tail},
		{"number already in the title", base(func(a *extract.Article) {
			a.Title, a.Document = "关于评选的通知（云政发〔2022〕3号）",
				&extract.Document{Number: "云政发〔2022〕3号"}
		}), "科协办公室. 关于评选的通知（云政发〔2022〕3号）" + tail},
		{"three", base(func(a *extract.Article) { a.Author = "张三、李四 王五六" }),
			"张三, 李四, 王五六. 科普日活动启动" + tail},
		{"four", base(func(a *extract.Article) { a.Author = "张三、李四、王五、赵六" }),
			"张三, 李四, 王五, 等. 科普日活动启动" + tail},
		{"padded", base(func(a *extract.Article) { a.Author = "方 敏" }), "方敏. 科普日活动启动" + tail},
		{"foreign", base(func(a *extract.Article) { a.Author = "Jane Doe" }), "Jane Doe. 科普日活动启动" + tail},
		{"no date", base(func(a *extract.Article) { a.Published = extract.Date{} }),
			"科协办公室. 科普日活动启动[EB/OL]. [2026-11-22]. https://a.example/1.html."},
		{"no dates at all",
			base(func(a *extract.Article) { a.Published = extract.Date{}; a.Fetched = extract.Article{}.Fetched }),
			"科协办公室. 科普日活动启动[EB/OL]. https://a.example/1.html."},
		{"no title", base(func(a *extract.Article) { a.Title = "" }), "科协办公室. ［无题名］" + tail},
		{"capture", base(func(a *extract.Article) {
			a.Capture = &extract.CaptureRef{Ref: "s/f.warc.gz:1:2", Digest: "sha256:00"}
		}), "科协办公室. 科普日活动启动" + tail + " 存档记录: WARC s/f.warc.gz:1:2, sha256:00."},
	} {
		if d := cmp.Diff(c.want, Cite(c.a, GBT7714)); d != "" {
			t.Error(c.name, d)
		}
	}
	if Cite(base(nil), "apa") != "" {
		t.Error("an unknown style is cited")
	}
}

// FuzzCite checks what readers of the formats rely on, for any title, author and address:
// braces balance in BibTeX, every RIS line has a tag, references are single lines.
func FuzzCite(f *testing.F) {
	h := hostile()
	f.Add(string(h.Title), string(h.Author), h.URL)
	f.Add("}}", "and", "http://x/{")
	f.Fuzz(func(t *testing.T, title, author, url string) {
		a := extract.Article{ID: "1", Title: extract.Text(title), Author: extract.Text(author),
			Source: extract.Text(author), URL: url}
		depth := 0
		for _, r := range Cite(a, BibTeX) {
			switch r {
			case '{':
				depth++
			case '}':
				depth--
			}
			if depth < 0 {
				t.Fatalf("unbalanced: %s", Cite(a, BibTeX))
			}
		}
		if depth != 0 {
			t.Fatalf("unbalanced: %s", Cite(a, BibTeX))
		}
		lines := strings.Split(strings.TrimSuffix(Cite(a, RIS), "\r\n"), "\r\n")
		for i, l := range lines {
			if len(l) < 6 || l[2:6] != "  - " || strings.ContainsAny(l, "\r\n") || (l[:2] == "ER") != (i == len(lines)-1) {
				t.Fatalf("RIS line %q", l)
			}
		}
		if strings.ContainsAny(Cite(a, GBT7714), "\r\n") {
			t.Fatalf("more than one line: %q", Cite(a, GBT7714))
		}
	})
}
