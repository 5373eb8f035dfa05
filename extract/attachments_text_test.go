package extract

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/extract/document"
)

const attachedPage = `<!doctype html><html><head><meta charset="utf-8"><title>关于举办大赛的通知</title></head><body>
<h1>关于举办大赛的通知</h1><div class="info">来源：云岭市科协　发布时间：2024-03-28</div>
<div class="TRS_Editor"><p>各有关单位：为丰富科普传播形式，经研究，决定举办云岭市第八届科普讲解大赛，现将有关事项通知如下。</p>
<p>请各单位按要求组织报名，并将报名表发送至指定邮箱，逾期不予受理，特此通知。</p>
<p>附件：<a href="/files/notice.docx">1.大赛通知.docx</a></p><p><a href="/files/broken.pdf">2.名单.pdf</a></p><p><a href="/files/none.xls">3.表.xls</a></p></div></body></html>`

func TestAttachmentsAreReadFromTheArchive(t *testing.T) {
	ctx := t.Context()
	s, err := archive.Open(t.TempDir(), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	docx, err := os.ReadFile("document/testdata/notice.docx")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 3, 29, 8, 0, 0, 0, time.UTC)
	for i, p := range []struct{ path, media, body string }{
		{"/a.html", "text/html; charset=utf-8", attachedPage},
		{"/files/notice.docx", "application/octet-stream", string(docx)},
		{"/files/broken.pdf", "application/pdf", "PK\x03\x04nothing more"},
	} {
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", p.media, len(p.body))
		_, err := s.Append(ctx, archive.Exchange{URL: "http://yunling.example" + p.path, Site: "yunling",
			Time:     at.Add(time.Duration(i) * time.Second),
			Request:  strings.NewReader("GET " + p.path + " HTTP/1.1\r\nHost: yunling.example\r\n\r\n"),
			Response: strings.NewReader(head + p.body)})
		if err != nil {
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
	docs := document.New(document.Options{OCR: "none"})
	page := Page{URL: "http://yunling.example/a.html", ContentType: "text/html", Body: []byte(attachedPage), Fetched: at}
	a, err := (&Reader{Library: s, Documents: docs}).Read(ctx, page)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Attachments) != 3 {
		t.Fatalf("attachments: %+v", a.Attachments)
	}
	if x := a.Attachments[0]; !strings.Contains(string(x.Text), "全民科学素质行动规划纲要") || x.Note != "" ||
		!strings.HasSuffix(string(x.Type), "wordprocessingml.document") {
		t.Errorf("docx: %+v", x)
	}
	if x := a.Attachments[1]; x.Text != "" || !strings.HasPrefix(string(x.Note), document.NoteBroken) {
		t.Errorf("broken pdf: %+v", x)
	}
	if x := a.Attachments[2]; x.Text != "" || x.Note != "" {
		t.Errorf("never captured: %+v", x)
	}
	if a, err = (&Reader{Library: s}).Read(ctx, page); err != nil || a.Attachments[0].Text != "" {
		t.Errorf("without Documents: %+v, %v", a.Attachments, err)
	}
	if err := docs.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
