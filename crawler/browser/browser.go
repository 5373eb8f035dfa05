// Package browser shows pages in an installed Chromium. Every request that a page makes
// goes through the caller, which decides, fetches and archives: the browser never reaches the net.
package browser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/chromedp/cdproto/fetch"
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
	tabs  sync.WaitGroup // of what answers for them
}

// Timeouts of one page: to its end, and how long nothing must be asked for before it counts as shown.
const (
	pageTime  = 60 * time.Second
	quietTime = 700 * time.Millisecond
)

// disabled are the features that would ask for another address than the page's: Chromium tries https:// for http:// on
// port 80, which the recording proxy refuses, and falls back on nothing.
const disabled = "Translate,BlinkGenPropertyTrees,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,HttpsFirstBalancedMode"

// Open starts a Chromium. Run by root it has no sandbox, which log is warned of: the pages it shows are strangers'
// programs.
func Open(ctx context.Context, userAgent string, log *slog.Logger) (*Browser, error) {
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
		chromedp.Flag("disable-features", disabled), chromedp.Flag("blink-settings", "imagesEnabled=false"),
		chromedp.Flag("disable-quic", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium's sandbox refuses root
		log.Warn("browser without a sandbox: run the crawl as another user than root")
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
	b.tabs.Wait()
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
	if err := b.vouch(tab); err != nil {
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

// vouch makes a tab give the proxy its credential, which no other program of the machine knows. A request is held
// until this lets it go on.
func (b *Browser) vouch(tab context.Context) error {
	paused, asked := chromedp.Events(tab, fetch.RequestPaused), chromedp.Events(tab, fetch.AuthRequired)
	b.tabs.Go(func() {
		for ev, err := range paused {
			if err != nil {
				return // the tab is closed
			}
			// A request that is gone by now needs no answer.
			_, _ = chromedp.Call(tab, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: ev.RequestID})
		}
	})
	b.tabs.Go(func() {
		for ev, err := range asked {
			if err != nil {
				return
			}
			answer := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
			if c := ev.AuthChallenge; c != nil && c.Source == fetch.AuthChallengeSourceProxy {
				answer = &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseProvideCredentials,
					Username: proxyUser, Password: b.proxy.secret}
			}
			_, _ = chromedp.Call(tab, fetch.ContinueWithAuth,
				fetch.ContinueWithAuthParams{RequestID: ev.RequestID, AuthChallengeResponse: answer})
		}
	})
	on := true
	_, err := chromedp.Call(tab, fetch.Enable, fetch.EnableParams{HandleAuthRequests: &on})
	return err
}
