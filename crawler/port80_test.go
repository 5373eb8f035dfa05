package crawler_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/crawler/browser"
	"cundang/site"
)

// inNamespace is set for the test's second process, which has a network of its own.
const inNamespace = "CUNDANG_TEST_NAMESPACE"

// TestPort80: in browser mode a site is archived and read under a name on port 80, where Chromium would rather ask for
// https. That needs the port and a network of the test's own.
func TestPort80(t *testing.T) {
	if os.Getenv(inNamespace) != "" {
		browsePort80(t)
		return
	}
	if _, err := browser.Find(); errors.Is(err, browser.ErrNone) {
		t.Skip("browser mode: no Chromium is installed")
	}
	shell := `ip link set lo up && exec "$0" "$@"`
	if err := exec.Command("unshare", "-n", "sh", "-c", shell, "true").Run(); err != nil {
		t.Skipf("no network namespace can be made here: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-n", "sh", "-c", shell, self,
		"-test.run", "^TestPort80$", "-test.v")
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestPort80") {
		t.Errorf("in a namespace: %v\n%s", err, out)
	}
}

func browsePort80(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute}
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			page(w, `<ul id=l></ul><script>fetch("/rows")
.then(r=>r.text()).then(s=>document.getElementById("l").innerHTML=s)</script>`)
		case "/rows":
			page(w, `<li><a href="/a/1.html">关于召开年会的通知</a> 2026-03-01
<li><a href="/a/2.html">关于评选的通知</a> 2026-03-02`)
		case "/a/1.html", "/a/2.html":
			page(w, `<div id=t></div><script>
document.getElementById("t").textContent="年会定于下月在市科技馆召开。"</script>`)
		default:
			http.NotFound(w, r)
		}
	})
	go func() { _ = srv.Serve(l) }() // always ErrServerClosed after Close
	t.Cleanup(func() { srv.Close() })
	p := hostProfile("a", "http://www.kx.example/")
	p.Fetch = "browser"
	r := newRig(t)
	rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) {
		o.Resolve = func(context.Context, string) ([]net.IP, error) { return []net.IP{net.IPv4(127, 0, 0, 1)}, nil }
	})
	if s := rep.Sites["a"]; len(s.Held) > 0 || len(s.Failed) > 0 {
		t.Errorf("held %v, failed %v", s.Held, s.Failed)
	}
	shown := map[string]string{}
	for _, c := range r.captures() {
		all, err := r.store.Companions(t.Context(), c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			shown[c.URL] += string(x.Content)
		}
	}
	if !strings.Contains(shown["http://www.kx.example/"], "/a/1.html") ||
		!strings.Contains(shown["http://www.kx.example/a/1.html"], "市科技馆") {
		t.Errorf("shown: %v", shown)
	}
}
