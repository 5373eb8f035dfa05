package browser_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"cundang/crawler/browser"
)

// TestRender: a page whose rows a script fetches, over http and https, with every request
// going through Fetch and none reaching the net.
func TestRender(t *testing.T) {
	b, err := browser.Open(t.Context(), "cundang/test", slog.New(slog.DiscardHandler))
	if errors.Is(err, browser.ErrNone) {
		t.Skip("browser mode: no Chromium is installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, scheme := range []string{"http", "https"} {
		var mu sync.Mutex
		asked := map[string]bool{}
		dom, err := b.Render(t.Context(), scheme+"://list.example/kxyw/", func(_ context.Context, r *http.Request) (*http.Response, error) {
			mu.Lock()
			asked[r.URL.String()] = true
			mu.Unlock()
			resp := &http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}}
			body := `<div id=l></div><script>fetch("/api/rows").then(r=>r.text()).then(s=>document.getElementById("l").innerHTML=s)</script>`
			if r.URL.Path == "/api/rows" {
				body = `<a href="/a/1.html">关于召开年会的通知</a>`
			}
			resp.ContentLength = int64(len(body))
			resp.Body = io.NopCloser(strings.NewReader(body))
			return resp, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(dom, "关于召开年会的通知") || !asked[scheme+"://list.example/api/rows"] {
			t.Errorf("%s: %s; asked %v", scheme, dom, asked)
		}
	}
}
