// Package browser shows pages in an installed Chromium. Every request that a page makes
// goes through the caller, which decides, fetches and archives: the browser never reaches the net.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// ErrNone says that no Chromium is installed.
var ErrNone = errors.New("no Chromium is installed")

// names are the commands of an installed Chromium, the first found is taken.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Find returns the path of an installed Chromium, or ErrNone.
func Find() (string, error) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, nil
		}
	}
	return "", ErrNone
}

// Fetch answers one request of a page. It is called from several goroutines.
type Fetch func(ctx context.Context, r *http.Request) (*http.Response, error)

// Browser is a running Chromium that shows one page at a time. It is safe for concurrent use.
type Browser struct {
	mu    sync.Mutex
	proxy *proxy
	ctx   context.Context
	stop  []func()
}

// Timeouts of one page: to its end, and how long nothing must be asked for before it counts as shown.
const (
	pageTime  = 60 * time.Second
	quietTime = 700 * time.Millisecond
)

// Open starts a Chromium.
func Open(ctx context.Context, userAgent string) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	p, err := newProxy()
	if err != nil {
		return nil, fmt.Errorf("open browser: %w", err)
	}
	b := &Browser{proxy: p, stop: []func(){p.close}}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.ProxyServer("http://"+p.addr), chromedp.UserAgent(userAgent),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"), chromedp.IgnoreCertErrors,
		chromedp.Flag("blink-settings", "imagesEnabled=false"), chromedp.Flag("disable-quic", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	actx, cancel := chromedp.NewExecAllocator(ctx, opts...)
	b.stop = append(b.stop, cancel)
	bctx, cancel := chromedp.NewContext(actx)
	b.stop = append(b.stop, cancel)
	if err := chromedp.Do(bctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open browser %s: %w", path, err), b.Close())
	}
	b.ctx = bctx
	return b, nil
}

// Close ends the Chromium.
func (b *Browser) Close() error {
	for i := len(b.stop) - 1; i >= 0; i-- {
		b.stop[i]()
	}
	b.stop = nil
	return nil
}

// Render shows a page until it has been quiet for a moment and returns its document as HTML.
func (b *Browser) Render(ctx context.Context, url string, fetch Fetch) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proxy.serve(fetch)
	defer b.proxy.serve(nil)
	fail := func(err error) (string, error) { return "", fmt.Errorf("render %s: %w", url, err) }
	tab, cancel := chromedp.NewContext(b.ctx)
	defer cancel()
	if err := chromedp.Do(tab); err != nil { // opens the tab, which must not have a time limit
		return fail(err)
	}
	limited, cancelTime := context.WithTimeout(tab, pageTime)
	defer cancelTime()
	defer context.AfterFunc(ctx, cancelTime)()
	if err := chromedp.Do(limited, chromedp.Navigate(url)); err != nil {
		return fail(err)
	}
	if err := b.proxy.quiet(limited); err != nil {
		return fail(err)
	}
	dom, err := chromedp.Run(limited, chromedp.OuterHTML("html"))
	if err != nil {
		return fail(err)
	}
	return dom, nil
}
