package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/internal/zone"
)

// world is a small archive and its index, made by hand.
type world struct {
	t     testing.TB
	store *archive.Store
	index *index.Index
	opts  Options
}

const (
	homeURL   = "http://kx.qingyuan.example/"
	editedURL = "http://kx.qingyuan.example/art/2023/5/30/art_1_2.html"
	goneURL   = "http://kx.qingyuan.example/art/2022/10/27/art_1_1.html"
	plainURL  = "http://xh.baishi.example/xwzx/t20240312_7.htm"
	pngURL    = "http://kx.qingyuan.example/images/hall.png"
	pdfURL    = "http://kx.qingyuan.example/attach/plan.pdf"
)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t}
	dir := t.TempDir()
	var err error
	if w.store, err = archive.Open(filepath.Join(dir, "archive"), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.check(w.store.Close()) })
	if w.index, err = bleve.Open(filepath.Join(dir, "index"), index.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.check(w.index.Close()) })
	w.opts = Options{Crawls: newCrawlBoard(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)), Index: w.index, Store: w.store, Read: node.NewReader(w.store).ReadCapture, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Version: "test",
		Now: func() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) }}
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// capture keeps one exchange in the archive.
func (w *world) capture(url, at, contentType, body string, header ...string) archive.Ref {
	w.t.Helper()
	status := "200 OK"
	if strings.HasPrefix(contentType, "status ") {
		status, contentType = strings.TrimPrefix(contentType, "status "), "text/html"
	}
	response := fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s", status, contentType, len(body), strings.Join(append(header, ""), "\r\n"), body)
	ref, err := w.store.Append(context.Background(), archive.Exchange{URL: url, Site: "qingyuan", Time: w.when(at),
		Request: strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Response: strings.NewReader(response), Fields: archive.Fields{}})
	w.check(err)
	ends, err := w.store.Sync(context.Background())
	w.check(err)
	w.check(w.store.Commit(ends))
	return ref
}

func (w *world) when(at string) time.Time {
	w.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04:05", at, zone.China)
	w.check(err)
	return t
}

// article keeps a page and what was read from it.
func (w *world) article(url, at, page string, change func(*extract.Article)) extract.Article {
	w.t.Helper()
	ref := w.capture(url, at, "text/html; charset=utf-8", page)
	published, err := time.ParseInLocation("2006-01-02", at[:10], zone.China)
	w.check(err)
	a := extract.Article{ID: urlkey.ID(url), URL: url, Site: "qingyuan", Kind: extract.KindArticle, State: extract.StateLive,
		Fetched: w.when(at), Published: extract.Date{Time: published}, Rules: "1", Confidence: 0.97,
		Capture:    &extract.CaptureRef{Ref: ref.String(), Digest: ref.Digest},
		Provenance: map[string]extract.Provenance{"title": {Rule: "h1", Confidence: 0.99, Raw: "标题"}, "source": {Rule: "label 来源", Confidence: 0.7, Raw: "来源：x", Alternatives: []extract.Alternative{{Rule: "meta", Value: "别处", Confidence: 0.4}}}}}
	change(&a)
	a.Body = extract.Text(strings.Join(texts(a.Paragraphs), "\n"))
	w.check(w.index.Put(context.Background(), "", a))
	return a
}

func texts(ps []extract.Paragraph) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Text)
	}
	return out
}

func paragraphs(text ...string) []extract.Paragraph {
	var out []extract.Paragraph
	for _, t := range text {
		out = append(out, extract.Paragraph{Kind: "p", Text: t})
	}
	return out
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"

// furnish puts the standard articles into the world.
func (w *world) furnish() *world {
	w.t.Helper()
	w.capture(homeURL, "2022-10-27 09:00:00", "text/html; charset=utf-8", "<title>清源科协</title><a href=/art/2022/10/27/art_1_1.html>要闻</a>")
	w.capture(pngURL, "2022-10-27 09:00:01", "image/png", png)
	w.capture(pdfURL, "2022-10-27 09:00:02", "application/pdf", "%PDF-1.4\n%âãÏÓ\ntrailer<</Root 1 0 R>>\n%%EOF")
	w.article(goneURL, "2022-10-27 10:00:00", "<title>科普日</title><body><h1>清源县举办全国科普日活动</h1><img src=/images/hall.png><img src=/images/lost.png><p>正文", func(a *extract.Article) {
		a.Title, a.Source, a.Author = "清源县举办全国科普日活动", "清源县科协", "方 敏"
		a.Column = []string{"首页", "新闻中心", "科协要闻"}
		a.Paragraphs = paragraphs("十月二十七日，清源县科协在文化广场举办全国科普日活动，三百多名科技工作者参加。", "活动现场设置展台二十个，发放科普资料五千份。")
		a.Images = []extract.Image{{URL: pngURL, Caption: "活动现场"}}
		a.Attachments = []extract.Attachment{{URL: pdfURL, Title: "附件：活动方案", Type: "application/pdf"}}
		a.People, a.Organizations = []string{"方敏"}, []string{"清源县科协"}
	})
	w.check(w.index.Put(context.Background(), "", extract.Article{ID: urlkey.ID(goneURL), URL: goneURL, Site: "qingyuan", Kind: extract.KindArticle,
		Fetched: w.when("2023-02-01 10:00:00"), State: extract.StateGone}))
	edited := func(n string) func(a *extract.Article) {
		return func(a *extract.Article) {
			a.Title, a.Source = "关于召开第五次代表大会的通知", "清源县科协"
			a.Published.Time = w.when("2023-05-30 00:00:00")
			a.Column = []string{"首页", "通知公告"}
			a.Paragraphs = paragraphs("各乡镇科协：", "第五次代表大会定于六月"+n+"日召开，请各单位按时参加。", "联系人：刘洋。")
		}
	}
	w.article(editedURL, "2023-05-30 10:00:00", "<title>通知</title><h1>关于召开第五次代表大会的通知</h1><p>六月十日", edited("十"))
	w.article(editedURL, "2023-06-02 10:00:00", "<title>通知</title><h1>关于召开第五次代表大会的通知</h1><p>六月十二日", edited("十二"))
	w.article(plainURL, "2024-03-12 10:00:00", "<title>学会</title><p>白石市学会", func(a *extract.Article) {
		a.Site, a.Title, a.Source = "baishi", "白石市园艺学会开展春季技术培训", "白石日报"
		a.Column = []string{"首页", "新闻资讯"}
		a.Paragraphs = paragraphs("三月十二日，白石市园艺学会组织科普培训，请专家讲授果树修剪技术。")
	})
	return w
}

// serve starts the handler of the world.
func (w *world) serve() *httptest.Server {
	w.t.Helper()
	h, err := New(w.opts)
	w.check(err)
	srv := httptest.NewServer(h)
	w.t.Cleanup(srv.Close)
	return srv
}

// fetch asks without following redirects.
func fetch(t testing.TB, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func idOf(url string) string { return urlkey.ID(url) }

// fetchStream reads the data lines of an event stream.
func fetchStream(t testing.TB, url string) (*http.Response, <-chan string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(res.Body)
		for in.Scan() {
			if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				lines <- data
			}
		}
	}()
	return res, lines
}
