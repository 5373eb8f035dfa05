package replay

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A browser that is given the rewritten documents without any policy runs nothing of them and asks nobody else.
func TestHostileDocumentsInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("browser tests are left out with -short")
	}
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			browser = p
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium on this machine: apt-get install chromium")
	}
	var mu sync.Mutex
	var called []string
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		called = append(called, r.URL.String())
		mu.Unlock()
		http.NotFound(w, r)
	}))
	defer outside.Close()
	docs := hostileDocs(strings.TrimPrefix(outside.URL, "http://"))
	names := make([]string, 0, len(docs))
	for name := range docs {
		names = append(names, name)
	}
	slices.Sort(names)
	base, err := url.Parse("http://kx.example/a/b.html")
	if err != nil {
		t.Fatal(err)
	}
	rw := Rewriter{Base: base, Prefix: "/replay/20221027120000"}
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doc, ok := docs[r.URL.Query().Get("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		out, err := rw.HTML([]byte(doc))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(out) // the browser is gone
	}))
	defer inside.Close()
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(browser), chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.UserDataDir(t.TempDir()))
	defer stop()
	ctx, closeTab := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	defer closeTab()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	const step = 3 // every third: all surroundings of all vectors take turns
	asked := 0
	for i := 0; i < len(names); i += step {
		if err := chromedp.Do(ctx, chromedp.Navigate(inside.URL+"/?name="+url.QueryEscape(names[i]))); err != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		title, err := chromedp.Run(ctx, chromedp.Title())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(title, "RAN") {
			t.Errorf("%s: a script ran", names[i])
		}
		asked++
	}
	if asked < 500 {
		t.Errorf("only %d documents were shown", asked)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(called) > 0 {
		t.Errorf("the server outside was asked for %v", called)
	}
}
