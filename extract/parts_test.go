package extract

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/archive"
)

// library is an archive that holds the given pages, fetched one after the other.
func library(t *testing.T, pages map[string]string) *archive.Store {
	t.Helper()
	s, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx := context.Background()
	for u, body := range pages {
		res := fmt.Sprintf("HTTP/1.1 %d OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
			http.StatusOK, len(body), body)
		req := "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
		if _, err := s.Append(ctx, archive.Exchange{URL: u, Site: "parts", Time: time.Date(2022, 10, 28, 1, 0, 0, 0,
			time.UTC), Request: strings.NewReader(req), Response: strings.NewReader(res)}); err != nil {
			t.Fatal(err)
		}
	}
	ends, err := s.Sync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ends); err != nil {
		t.Fatal(err)
	}
	return s
}

const longText = "第%d页的正文，写的是学会这一年所做的工作，有会议、讲座和野外考察，" +
	"参加的人数比往年都多。"

func partPage(n int, pager string) string {
	return fmt.Sprintf(`<html><head><title>年度工作总结-某学会</title></head><body><h1>年度工作总结</h1><p>来源：某学会 2022-10-27</p><div class="TRS_Editor"><p>`+longText+`</p></div>%s</body></html>`, n, pager)
}

func TestSplitArticleIsJoined(t *testing.T) {
	for name, c := range map[string]struct {
		url    func(int) string
		pager  func(int) string
		extern string
	}{
		"links": {
			url: func(n int) string {
				return fmt.Sprintf("http://p.example/a/t1%s.html", map[int]string{1: "", 2: "_2", 3: "_3"}[n])
			},
			pager: func(int) string {
				return `<div class="pager"><a href="t1.html">上一页</a> <a href="t1.html">1</a> <a href="t1_2.html">2</a> <a href="t1_3.html">[3]</a> <a href="t1_2.html">下一页</a></div>`
			},
		},
		"createPageHTML": {
			url: func(n int) string {
				return fmt.Sprintf("http://p.example/202210/t20221027_5%s.html", map[int]string{1: "", 2: "_1", 3: "_2"}[n])
			},
			pager: func(n int) string {
				return fmt.Sprintf(`<script>createPageHTML(3,%d,"t20221027_5","html");</script>`, n-1)
			},
		},
		"query": {
			url: func(n int) string { return fmt.Sprintf("http://p.example/show.asp?id=7&page=%d", n) },
			pager: func(int) string {
				return `<a href="?id=7&page=1">1</a> <a href="?id=7&page=2">2</a> <a href="?id=7&page=3">3</a>`
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pages := map[string]string{}
			for n := 1; n <= 3; n++ {
				pages[c.url(n)] = partPage(n, c.pager(n))
			}
			r := Reader{Library: library(t, pages)}
			p := Page{URL: c.url(1), Body: []byte(pages[c.url(1)])}
			a, err := r.Read(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			want := Text(fmt.Sprintf(longText, 1) + "\n" + fmt.Sprintf(longText, 2) + "\n" + fmt.Sprintf(longText, 3))
			if d := cmp.Diff(want, a.Body); d != "" {
				t.Errorf("body (-want +got)\n%s", d)
			}
			if d := cmp.Diff([]string{c.url(2), c.url(3)}, a.Parts); d != "" {
				t.Errorf("parts (-want +got)\n%s", d)
			}
			second, err := r.Read(context.Background(), Page{URL: c.url(2), Body: []byte(pages[c.url(2)])})
			if err != nil {
				t.Fatal(err)
			}
			if second.PartOf != c.url(1) || len(second.Parts) != 0 {
				t.Errorf("page 2 is part of %q with parts %v", second.PartOf, second.Parts)
			}
			needs := map[string]bool{}
			for _, n := range Needs(p) {
				if n.Kind == "part" {
					needs[n.URL] = true
				}
			}
			if !needs[c.url(2)] || !needs[c.url(3)] {
				t.Errorf("needs %v", needs)
			}
		})
	}
}

func TestBodyInAFrame(t *testing.T) {
	outer := `<html><head><title>章程-某学会</title></head><body><h1>章程</h1><p>发布时间：2020-01-02 来源：某学会</p><iframe src="/inner/zc.html" width="100%"></iframe></body></html>`
	inner := `<html><body><p>第一条 本会由从事植物学研究的单位和个人自愿结成，是学术性、非营利性社会团体。</p><p>第二条 本会宗旨是团结会员，促进学科发展。</p></body></html>`
	r := Reader{Library: library(t, map[string]string{"http://f.example/inner/zc.html": inner})}
	a, err := r.Read(context.Background(), Page{URL: "http://f.example/zc.html", Body: []byte(outer)})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Paragraphs) != 2 || a.Provenance["body"].Rule != "iframe" || a.Title != "章程" {
		t.Errorf("%q %+v %v", a.Title, a.Paragraphs, a.Provenance["body"])
	}
}

func TestContentDigestSeesTheArticleOnly(t *testing.T) {
	page := func(side, text string) []byte {
		return []byte(`<html><head><title>学会举办讲座-某学会</title></head><body><div class="nav"><a href=/>` +
			side + `</a></div><h1>学会举办讲座</h1><p>来源：某学会 2020-01-02 浏览：` + side +
			`</p><div id="zoom"><p>` + text + `</p></div></body></html>`)
	}
	text := "讲座在图书馆举行，主讲人介绍了高山植物的分布和保护，听众踊跃提问。"
	d := ContentDigest("http://d.example/1.html", "", page("12", text))
	if d == "" || d != ContentDigest("http://d.example/1.html", "", page("99", text)) {
		t.Errorf("a counter changed the digest %q", d)
	}
	if d == ContentDigest("http://d.example/1.html", "", page("12", text+"会后合影。")) {
		t.Error("an edit did not change the digest")
	}
	if d := ContentDigest("http://d.example/", "",
		bytes.Repeat([]byte("<a href=x>某条通知的标题在这里</a>"), 30)); d != "" {
		t.Errorf("a list has digest %q", d)
	}
}

// A frameset is read by its main frame, whichever it is, under its own address.
func TestFrameset(t *testing.T) {
	text := strings.Repeat("各会员单位：为普及气象知识，学会定于下月举办讲解大赛，"+
		"请积极组织人员报名参加。", 4)
	r := Reader{Library: library(t, map[string]string{
		"http://f.example/top.html": "<html><body>省气象学会</body></html>",
		"http://f.example/text.html": "<html><head><title>通知</title></head><body><h1>关于举办气象科普讲解大" +
			"赛的通知</h1><p>发布时间：2024-09-28　来源：省气象学会</p><p>" + text + "</p></body></html>",
	})}
	for name, frames := range map[string]string{
		"by its name":   `<frame src="top.html" name="topFrame"><frame src="text.html" name="mainFrame">`,
		"first":         `<frame src="text.html" name="content"><frame src="top.html" name="x">`,
		"by the others": `<frame src="top.html" noresize><frame src="text.html">`,
	} {
		t.Run(name, func(t *testing.T) {
			page := `<html><head><title>省气象学会</title></head><frameset rows="90,*">` + frames + `</frameset></html>`
			a, err := r.Read(t.Context(), Page{URL: "http://f.example/n.html", ContentType: "text/html; charset=utf-8",
				Body: []byte(page)})
			if err != nil {
				t.Fatal(err)
			}
			if a.URL != "http://f.example/n.html" || a.Title != "关于举办气象科普讲解大赛的通知" ||
				a.Source != "省气象学会" || !strings.Contains(string(a.Body), "积极组织人员报名") ||
				a.Provenance["body"].Rule != "frameset" {
				t.Errorf("%s %q %q %q", a.URL, a.Title, a.Source, a.Body)
			}
		})
	}
}
