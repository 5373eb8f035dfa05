package node

import (
	"crypto/sha1"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cundang/archive"
	"cundang/index"

	"github.com/google/go-cmp/cmp"
)

const noticeURL = "http://kx.example.org/art/1.html"

var noticeTime = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// notice is a page with one article.
func notice(title string) string {
	text := strings.Repeat("<p>各县科协要组织科技工作者到田间地头讲解节水灌溉技术，并在月底前报送总结材料。</p>", 6)
	return `<!DOCTYPE html><html><head><meta charset="utf-8"><title>` + title + `</title></head><body><h1>` + title +
		`</h1><div class="info">发布时间：2024-03-05 来源：青峪县科协</div><div class="content">` + text + `</div></body></html>`
}

func digestOf(body string) string {
	sum := sha1.Sum([]byte(body))
	return "sha1:" + base32.StdEncoding.EncodeToString(sum[:])
}

// record writes one WARC record.
func record(kind, url, date, block string, fields ...string) string {
	head := "WARC/1.1\r\nWARC-Type: " + kind + "\r\nWARC-Record-ID: <urn:test:" + date + kind + url + ">\r\nWARC-Target-URI: " + url +
		"\r\nWARC-Date: " + date + "\r\nContent-Type: application/http; msgtype=response\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	return head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

func response(url, date, body string) string {
	return record("response", url, date, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
		"WARC-Payload-Digest: "+digestOf(body))
}

func revisit(url, date, body, head string, fields ...string) string {
	return record("revisit", url, date, head, append([]string{"WARC-Payload-Digest: " + digestOf(body),
		"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"}, fields...)...)
}

// take opens the data directory, imports a file and returns the open node.
func take(t *testing.T, dir, name, text string) *Node {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Version: "test"}, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Import(t.Context(), []string{file}, archive.ImportOptions{Site: "import"}); err != nil {
		t.Error(err)
	}
	return n
}

func titles(t *testing.T, n *Node) map[string]string {
	t.Helper()
	found := map[string]string{}
	for a, err := range n.Index.All(t.Context(), index.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		found[a.URL] = string(a.Title)
	}
	return found
}

func codes(t *testing.T, n *Node) map[string]string {
	t.Helper()
	found := map[string]string{}
	for f, err := range n.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		found[f.URL] = f.Code
	}
	return found
}

// A revisit whose original is not there is a finding; it is read when the original comes.
func TestRevisitWaitsForItsOriginal(t *testing.T) {
	const other = "http://kx.example.org/art/2.html"
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
	old := notice("青峪县科协举办节水技术讲座")
	refer := func(url string) []string {
		return []string{"WARC-Refers-To-Target-URI: " + url, "WARC-Refers-To-Date: 2024-01-01T00:00:00Z"}
	}
	for name, tt := range map[string]struct {
		revisit string
		heals   bool
	}{
		"of the same URL":     {revisit(noticeURL, "2024-02-01T00:00:00Z", old, head, refer(noticeURL)...), true},
		"of another URL":      {revisit(noticeURL, "2024-02-01T00:00:00Z", old, head, refer(other)...), true},
		"digest only":         {revisit(noticeURL, "2024-02-01T00:00:00Z", old, head), true},
		"without a head":      {revisit(noticeURL, "2024-02-01T00:00:00Z", old, "", refer(other)...), true},
		"referring to itself": {revisit(noticeURL, "2024-01-01T00:00:00Z", "", head, refer(noticeURL)...), false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			n := take(t, dir, "a.warc", tt.revisit+response("http://kx.example.org/art/3.html", "2024-02-02T00:00:00Z", notice("乡村科普大集开集")))
			if diff := cmp.Diff(map[string]string{noticeURL: FaultRevisit}, codes(t, n)); diff != "" {
				t.Error("after the revisit:", diff)
			}
			if got := titles(t, n)["http://kx.example.org/art/3.html"]; got != "乡村科普大集开集" {
				t.Errorf("the page beside it is read as %q", got)
			}
			if _, err := n.Rebuild(t.Context(), RebuildOptions{}); err != nil || len(codes(t, n)) != 1 {
				t.Errorf("after a rebuild: %v %v", codes(t, n), err)
			}
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			if !tt.heals {
				return
			}
			at := other
			if name == "of the same URL" || name == "digest only" {
				at = noticeURL
			}
			n = take(t, dir, "b.warc", response(at, "2024-01-01T00:00:00Z", old))
			if got := codes(t, n); len(got) != 0 {
				t.Errorf("after the original: %v", got)
			}
			if got := titles(t, n)[noticeURL]; got != "青峪县科协举办节水技术讲座" {
				t.Errorf("the revisit is read as %q", got)
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A page larger than what is read of one is read up to there, and that is said.
func TestLargePageIsCut(t *testing.T) {
	body := notice("关于征集科普作品的通知") + strings.Repeat("<!-- x -->", archive.MaxPage/10)
	n := take(t, t.TempDir(), "a.warc", response(noticeURL, "2024-01-01T00:00:00Z", body))
	if diff := cmp.Diff(map[string]string{noticeURL: FaultTruncated}, codes(t, n)); diff != "" {
		t.Error(diff)
	}
	if got := titles(t, n)[noticeURL]; got != "关于征集科普作品的通知" {
		t.Errorf("read as %q", got)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// A capture that ended the process twice is set aside; a third process goes on behind it.
func TestCaptureThatEndsTheProcess(t *testing.T) {
	n := take(t, t.TempDir(), "a.warc", response(noticeURL, "2024-01-01T00:00:00Z", notice("科技工作者座谈会召开")))
	c, err := n.Store.Closest(t.Context(), noticeURL, noticeTime)
	if err != nil {
		t.Fatal(err)
	}
	for life := 1; life <= 3; life++ {
		fs := newFaults(n)
		read := false
		ok, err := fs.guard(t.Context(), c, func() error {
			read = true
			return nil
		})
		if err != nil || ok != (life < 3) || read != ok {
			t.Errorf("life %d: read %v, %v %v", life, read, ok, err)
		}
		fs.mark.begin(c.Ref.String()) // the process ends here
		if err := errors.Join(fs.commit(), fs.mark.close()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{noticeURL: FaultEnded}, codes(t, n)); diff != "" {
		t.Error(diff)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// What a reader does wrong is a finding, what the disk does wrong is an error.
func TestGuard(t *testing.T) {
	n := take(t, t.TempDir(), "a.warc", response(noticeURL, "2024-01-01T00:00:00Z", notice("会员日活动")))
	c, err := n.Store.Closest(t.Context(), noticeURL, noticeTime)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		do   func() error
		code string
		err  error
	}{
		"fine":      {do: func() error { return nil }},
		"panic":     {do: func() error { panic("index out of range") }, code: FaultReader},
		"error":     {do: func() error { return errors.New("no such table") }, code: FaultReader},
		"body":      {do: func() error { return &bodyError{errors.New("record is 9 bytes long")} }, code: FaultBody},
		"full disk": {do: func() error { return fmt.Errorf("write: %w", syscall.ENOSPC) }, err: syscall.ENOSPC},
	} {
		t.Run(name, func(t *testing.T) {
			fs := newFaults(n)
			_, err := fs.guard(t.Context(), c, tt.do)
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			f, _, err := fs.known(c.Ref.String())
			if err != nil || f.Code != tt.code {
				t.Errorf("code %q, want %q (%v)", f.Code, tt.code, err)
			}
			if err := fs.mark.close(); err != nil {
				t.Error(err)
			}
		})
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}
