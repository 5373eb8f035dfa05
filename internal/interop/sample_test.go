// Package interop asks other people's tools what they think of our archives. It is a
// module of its own: nothing of it goes into the program.
package interop

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/archive"
)

var start = time.Date(2026, 11, 22, 8, 0, 0, 250000000, time.UTC)

// page is one exchange of the sample archive.
type page struct {
	path, head, body string // head without the length
	chunked          bool
	entity           string // what a reader should see, "" is body
	again            int    // a revisit of this page (from 1)
	notModified      bool
	interim          string
	dom              string // kept as a companion record
}

func gz(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s)) // to memory
	w.Close()
	return b.String()
}

var html = "<html><head><title>学会通知</title></head><body>" + strings.Repeat("<p>关于举办培训班的通知</p>", 50) + "</body></html>"

var pages = []page{
	{path: "/plain.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n", body: html, dom: "<html>rendered 通知</html>"},
	{path: "/chunked.html?b=2&a=1", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n", body: html + "chunked", chunked: true},
	{path: "/gzip.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n", body: gz(html + "gzip"), entity: html + "gzip"},
	{path: "/gzip-chunked.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", body: gz(html + "both"), entity: html + "both", chunked: true},
	{path: "/moved", head: "HTTP/1.1 302 Found\r\nLocation: /plain.html\r\n", body: "moved"},
	{path: "/gone", head: "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n", body: "gone"},
	{path: "/empty", head: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", body: ""},
	{path: "/%E9%80%9A%E7%9F%A5.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=gbk\r\nX-Name: \xcd\xa8\xd6\xaa\r\n", body: "\xcd\xa8\xd6\xaa"},
	{path: "/file.pdf", head: "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n", body: "%PDF-1.4\n" + strings.Repeat("\x00\xff\x1f\x8b", 70000)},
	{path: "/plain.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n", body: html, again: 1, dom: "<html>rendered again</html>"},
	{path: "/chunked.html?b=2&a=1", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n", body: html + "chunked", chunked: true, again: 2},
	{path: "/gzip.html", head: "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n", again: 3, entity: html + "gzip", notModified: true},
	{path: "/hints.html", head: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", body: html + "hints", interim: "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"},
}

func (p page) url() string { return "http://www.xuehui.example.org" + p.path }

func (p page) text() string {
	if p.entity != "" {
		return p.entity
	}
	return p.body
}

func (p page) response() string {
	body := p.body
	switch {
	case p.notModified:
		return p.head + "\r\n"
	case p.chunked:
		half := len(body) / 2
		body = fmt.Sprintf("%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n", half, body[:half], len(body)-half, body[half:])
		return p.interim + p.head + "\r\n" + body
	}
	return fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", p.interim, p.head, len(body), body)
}

func (p page) time(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// sample writes the pages into an archive of several files and closes it.
func sample(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	s, err := archive.Open(dir, archive.Options{Operator: "学会秘书处", MaxSize: 9000})
	if err != nil {
		t.Fatal(err)
	}
	refs := make([]archive.Ref, len(pages))
	for i, p := range pages {
		x := archive.Exchange{
			URL: p.url(), Site: "xuehui", Time: p.time(i), IP: "127.0.0.1",
			Request:  strings.NewReader("GET " + p.path + " HTTP/1.1\r\nHost: www.xuehui.example.org\r\nUser-Agent: cundang\r\n\r\n"),
			Response: strings.NewReader(p.response()),
			Fields:   archive.Fields{archive.FieldVia: "http://www.xuehui.example.org/", archive.FieldHops: "L", archive.FieldTitle: "通知"},
		}
		if p.dom != "" {
			x.Companions = []archive.Companion{{Name: archive.CompanionDOM, MediaType: "text/html; charset=utf-8", Content: []byte(p.dom)}}
		}
		if p.again > 0 {
			x.RefersTo, x.NotModified = &archive.Capture{Ref: refs[p.again-1]}, p.notModified
		}
		if refs[i], err = s.Append(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		ends, err := s.Sync(t.Context())
		if err == nil {
			err = s.Commit(ends)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func companions() (n int) {
	for _, p := range pages {
		if p.dom != "" {
			n++
		}
	}
	return n
}

func warcs(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.warc.gz"))
	if err != nil || len(files) < 2 {
		t.Fatalf("WARCs %v, %v", files, err)
	}
	return files
}

func body(t *testing.T, c archive.Capture) string {
	t.Helper()
	r, err := c.Body()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func wacz(t *testing.T, dir string) string {
	t.Helper()
	s, err := archive.Open(dir, archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sample.wacz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = s.ExportWACZ(context.Background(), f, archive.PackOptions{Title: "学会网站"})
	if err := errors.Join(err, f.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
