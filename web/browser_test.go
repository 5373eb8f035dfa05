package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chromium is the path of the browser; the test is skipped where there is none.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests are left out with -short")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("no Chromium on this machine: apt-get install chromium")
	return ""
}

// tab starts a headless Chromium, or skips the test where there is none.
func tab(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium(t)), chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("accept-lang", "zh-CN"),
		chromedp.UserDataDir(t.TempDir())}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.Navigate("about:blank"))
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func get[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// theme makes the browser prefer light or dark.
func theme(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPicture writes pictures of every page to the directory in CUNDANG_PICTURES, in both
// themes, wide and at 390 px.
func TestPicture(t *testing.T) {
	dir := os.Getenv("CUNDANG_PICTURES")
	if dir == "" {
		t.Skip("CUNDANG_PICTURES=DIR writes pictures of every page")
	}
	pictures(t, dir, "", newWorld(t).furnish().serve().URL, everyPage())
}

// pictures writes pictures of pages to a directory.
func pictures(t *testing.T, dir, prefix, base string, pages map[string]string) {
	ctx := tab(t)
	for name, path := range pages {
		if only := os.Getenv("CUNDANG_PICTURE"); only != "" && !strings.Contains(prefix+name, only) {
			continue
		}
		for _, look := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				theme(t, ctx, look)
				do(t, ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(base+path))
				png := get(t, ctx, chromedp.FullScreenshot(100))
				size := map[int64]string{1280: "wide", 390: "phone"}[width]
				if err := os.WriteFile(filepath.Join(dir, prefix+name+"-"+look+"-"+size+".png"), png, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func everyPage() map[string]string {
	id := idOf(goneURL)
	return map[string]string{
		"search": "/?q=%E7%A7%91%E6%99%AE", "first": "/", "article": "/a/" + id, "older": "/a/" + idOf(editedURL),
		"diff":   "/a/" + idOf(editedURL) + "/diff",
		"replay": "/replay/20221027020000/" + goneURL, "captures": "/timemap/html/" + editedURL, "changes": "/changes",
		"trends": "/trends?term=%E7%A7%91%E6%99%AE&term=%E4%BB%A3%E8%A1%A8%E5%A4%A7%E4%BC%9A", "crawls": "/crawls",
		"network": "/network", "words": "/words?measure=frequencies",
		"kwic": "/kwic?term=%E7%A7%91%E6%99%AE", "run": "/crawls/20261119-1",
		"review": "/review", "reviewone": "/review/" + id, "saved": "/saved", "help": "/help", "api": "/api",
		"missing": "/nothing",
	}
}
