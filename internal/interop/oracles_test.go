package interop

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ia "github.com/internetarchive/gowarc"
	nlnwa "github.com/nlnwa/gowarc"

	"cundang/archive"
)

// The versions that were asked; newer ones may answer otherwise.
var (
	webrecorder = []string{"warcio==1.8.1", "cdxj-indexer==1.5.0", "wacz==0.6.0"}
	pywbTools   = []string{"pywb==2.10.0", "setuptools<80"}
)

func TestGzip(t *testing.T) {
	gzip := tool(t, "gzip")
	for _, f := range warcs(t, sample(t)) {
		output(t, "", gzip, "-t", f)
	}
}

// warcio compares the payload digest with the body as sent. For a chunked response that is
// not the payload: ISO 28500:2017 §3 has the payload of an HTTP response be its
// entity-body, which RFC 2616 §4.3 defines as the message-body with the transfer coding
// removed. Those records, and no others, may differ.
func TestWarcioCheck(t *testing.T) {
	bin := python(t, "webrecorder", webrecorder...)
	chunked := 0
	for _, f := range warcs(t, sample(t)) {
		out, _ := exec.Command(filepath.Join(bin, "warcio"), "check", "-v", f).CombinedOutput()
		url := ""
		for _, line := range strings.Split(string(out), "\n") {
			if i := strings.Index(line, "http"); i >= 0 && strings.Contains(line, "offset") {
				url = line
			}
			switch {
			case strings.Contains(line, "payload digest failed"):
				chunked++
			case strings.Contains(line, "failed"), strings.Contains(line, "unknown hash"), strings.Contains(line, "Error"):
				t.Errorf("%s: %s", url, line)
			}
		}
	}
	want := 0
	for _, p := range pages {
		if p.chunked && p.again == 0 {
			want++
		}
	}
	if chunked != want {
		t.Errorf("%d payload digests differ, expected those of the %d chunked responses", chunked, want)
	}
}

func TestWarcioIndex(t *testing.T) {
	bin := python(t, "webrecorder", webrecorder...)
	n, resources := 0, 0
	for _, f := range warcs(t, sample(t)) {
		out := output(t, "", filepath.Join(bin, "warcio"), "index", "-f", "warc-type,offset", f)
		n += strings.Count(out, `"response"`) + strings.Count(out, `"revisit"`)
		resources += strings.Count(out, `"resource"`)
	}
	if n != len(pages) || resources != companions() {
		t.Errorf("%d captures, wrote %d; %d companions, wrote %d", n, len(pages), resources, companions())
	}
}

func TestCDXJ(t *testing.T) {
	bin := python(t, "webrecorder", webrecorder...)
	dir := sample(t)
	out := output(t, dir, filepath.Join(bin, "cdxj-indexer"), append([]string{"--sort", "--dir-root", dir}, warcs(t, dir)...)...)
	ours, err := os.ReadFile(filepath.Join(dir, "index.cdxj"))
	if err != nil {
		t.Fatal(err)
	}
	if out != string(ours) {
		t.Errorf("cdxj-indexer:\n%s\nours:\n%s", out, ours)
	}
}

func TestWACZValidate(t *testing.T) {
	bin := python(t, "webrecorder", webrecorder...)
	out := output(t, "", filepath.Join(bin, "wacz"), "validate", "-f", wacz(t, sample(t)))
	if !strings.Contains(strings.ToLower(out), "valid") {
		t.Errorf("wacz validate says %s", out)
	}
}

// TestPywb adds the archive to a pywb collection and fetches every version back.
func TestPywb(t *testing.T) {
	bin := python(t, "pywb", pywbTools...)
	dir, home := sample(t), t.TempDir()
	output(t, home, filepath.Join(bin, "wb-manager"), "init", "c")
	output(t, home, filepath.Join(bin, "wb-manager"), append([]string{"add", "c"}, warcs(t, dir)...)...)
	base := serve(t, home, filepath.Join(bin, "wayback"))
	for i, p := range pages {
		replay(t, base, p.url(), p.time(i), p.text())
		if p.dom != "" { // asked for by its own name, and never in place of the page
			replay(t, base, "urn:dom:"+p.url(), p.time(i), p.dom)
		}
	}
}

// replay fetches a capture from pywb and compares its bytes.
func replay(t *testing.T, base, target string, at time.Time, want string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	url := fmt.Sprintf("%s/c/%sid_/%s", base, at.Format("20060102150405"), target)
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s: status %d, %d bytes %.60q, want %d bytes %.60q", url, resp.StatusCode, len(got), got, len(want), want)
	}
	if memento := resp.Header.Get("Memento-Datetime"); memento != at.Format(http.TimeFormat) {
		t.Errorf("%s: Memento-Datetime %s", url, memento)
	}
}

// serve starts pywb on a free port and waits until it answers.
func serve(t *testing.T, home, wayback string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(wayback, "-b", "127.0.0.1", "-p", port)
	cmd.Dir = home
	log := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		cmd.Wait() // killed
	})
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			return "http://" + addr
		}
		time.Sleep(100 * time.Millisecond) // another process: there is nothing to wait on
	}
	t.Fatalf("pywb does not answer: %s", log)
	return ""
}

// gowarc too compares the payload digest with the body as sent (see TestWarcioCheck).
func TestNlnwaStrict(t *testing.T) {
	chunked := map[string]bool{}
	for _, p := range pages {
		chunked[p.url()] = p.chunked
	}
	n := 0
	for _, path := range warcs(t, sample(t)) {
		r, err := nlnwa.NewWarcFileReader(path, 0, nlnwa.WithStrictValidation())
		if err != nil {
			t.Fatal(err)
		}
		for {
			rec, offset, v, err := r.Next()
			if err == io.EOF {
				break
			}
			if rec == nil {
				t.Fatalf("%s at %d: %v", path, offset, err)
			}
			known := chunked[rec.WarcHeader().Get("WARC-Target-URI")] && strings.Contains(fmt.Sprint(err), "payload: wrong digest")
			if !known && (err != nil || !v.Valid()) {
				t.Errorf("%s at %d: %v %v", path, offset, err, v)
			}
			if typ := rec.Type(); typ == nlnwa.Response || typ == nlnwa.Revisit {
				n++
			}
			if err := rec.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n != len(pages) {
		t.Errorf("%d captures, wrote %d", n, len(pages))
	}
}

func TestInternetArchive(t *testing.T) {
	n, resources := 0, 0
	for _, path := range warcs(t, sample(t)) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ia.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for {
			rec, err := r.ReadRecord()
			if errors.Is(err, io.EOF) || err == nil && rec == nil {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			switch rec.Header.Get("WARC-Type") {
			case "response", "revisit":
				n++
			case "resource":
				resources++
			}
			b, err := io.ReadAll(rec.Content)
			if err != nil || fmt.Sprint(len(b)) != rec.Header.Get("Content-Length") {
				t.Errorf("%s: block of %d bytes, %v", path, len(b), err)
			}
			if err := rec.Content.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(r.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if n != len(pages) || resources != companions() {
		t.Errorf("%d captures, wrote %d; %d companions, wrote %d", n, len(pages), resources, companions())
	}
}

// TestWget archives a small site with wget, imports the WARC and compares what comes out
// with what was served, byte for byte.
func TestWget(t *testing.T) {
	wget := tool(t, "wget")
	served := map[string]string{"/": `<html><a href="/a.html">a</a> <a href="/b.bin">b</a></html>`, "/a.html": html, "/b.bin": strings.Repeat("\x00\x01\xff", 5000)}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		out := bufio.NewWriter(w)
		out.WriteString(text)
		if r.URL.Path == "/a.html" {
			w.(http.Flusher).Flush() // chunked
		}
		out.Flush()
	}))
	defer web.Close()
	home := t.TempDir()
	// wget's status is 8 when any page is missing: robots.txt is.
	cmd := exec.Command(wget, "-q", "-r", "-l", "2", "--warc-file=w", "--warc-digests=on", web.URL+"/")
	cmd.Dir = home
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 8 {
		t.Fatalf("wget: %v %s", err, out)
	}
	dir := filepath.Join(t.TempDir(), "archive")
	s, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Import(t.Context(), filepath.Join(home, "w.warc.gz"), archive.ImportOptions{Site: "wget"})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Captures < len(served) {
		t.Errorf("import: %+v", got)
	}
	for path, want := range served {
		c, err := s.Closest(t.Context(), web.URL+path, time.Time{})
		if err != nil {
			t.Error(err)
			continue
		}
		if text := body(t, c); text != want {
			t.Errorf("%s: %d bytes, served %d", path, len(text), len(want))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ro, err := archive.Open(dir, archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ro.Verify(t.Context(), archive.VerifyOptions{})
	if err := errors.Join(err, ro.Close()); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(r.Findings, func(f archive.Finding) bool { return f.Severity == archive.Damage }); i >= 0 {
		t.Errorf("verify: %s", r.Findings[i])
	}
}
