package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"cundang/archive"
	"cundang/crawler/browser"
	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/internal/urlkey"
)

// Renderer shows a page in a browser whose requests fetch answers, and returns its document.
type Renderer interface {
	Render(ctx context.Context, url string, fetch browser.Fetch) (string, error)
	Close() error
}

// renderers starts the browser when the first page needs it.
type renderers struct {
	mu   sync.Mutex
	open func(ctx context.Context, userAgent string, log *slog.Logger) (Renderer, error)
	b    Renderer
	err  error
}

func openBrowser(ctx context.Context, userAgent string, log *slog.Logger) (Renderer, error) {
	return browser.Open(ctx, userAgent, log)
}

func (r *renderers) get(ctx context.Context, userAgent string, log *slog.Logger) (Renderer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.b == nil && r.err == nil {
		r.b, r.err = r.open(ctx, userAgent, log)
	}
	return r.b, r.err
}

func (r *renderers) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.b == nil {
		return nil
	}
	return r.b.Close()
}

// rendering says that pages of the site may be shown in a browser.
func (pl *place) rendering() bool { return pl.profile.FetchMode() != "http" }

// browsed says that a browser may be needed to see the page: with "browser" always, with
// "auto" when it is a list. Such a page is asked for unconditionally, since the same HTML may
// show something new.
func (pl *place) browsed(e frontier.Entry) bool {
	switch e.Kind {
	case frontier.Page, frontier.Article, frontier.Seed, frontier.List:
	default:
		return false
	}
	mode := pl.profile.FetchMode()
	return e.Target == "" && (mode == "browser" || mode == "auto" && (isList(e.Kind) || pl.profile.IsList(e.URL)))
}

// discoverShown adds what a page names in a browser and its HTML does not: with "auto" a list
// that came out empty is shown only now.
func (c *crawl) discoverShown(ctx context.Context, pl *place, p *page, out *outlinks) {
	if p.dom == "" && pl.browsed(p.entry) && out.rows == 0 {
		c.render(ctx, pl, p)
	}
	if p.dom != "" {
		out.merge(c.outlinks(pl, p.shownAs(p.dom), StateLive, "", c.known(p.entry.Site)))
	}
}

// merge adds what another look at the same page found.
func (o *outlinks) merge(more outlinks) {
	o.found = append(o.found, more.found...)
	o.skipped = append(o.skipped, more.skipped...)
	o.trapped = append(o.trapped, more.trapped...)
	o.list, o.rows = o.list || more.list, o.rows+more.rows
}

// render shows a page in a browser and keeps its document. The page's own bytes
// are those archived already; what its scripts ask the page's host for is fetched under the same
// rules as everything else and archived as it came. All other hosts are refused.
func (c *crawl) render(ctx context.Context, pl *place, p *page) {
	if !p.readable() || p.rendered {
		return
	}
	p.rendered = true
	b, err := c.renderers.get(ctx, c.userAgent, c.log)
	if err != nil {
		c.report.add(frontier.Entry{URL: p.entry.URL, Site: p.entry.Site}, outHeld, "not rendered: "+err.Error())
		return
	}
	s := &shown{c: c, pl: pl, p: p, host: urlkey.Host(p.entry.URL)}
	dom, err := b.Render(ctx, p.entry.URL, s.fetch)
	if err != nil {
		c.report.add(frontier.Entry{URL: p.entry.URL, Site: p.entry.Site}, outHeld, "not rendered: "+err.Error())
		return
	}
	if len(dom) > archive.MaxCompanion {
		c.report.add(frontier.Entry{URL: p.entry.URL, Site: p.entry.Site}, outHeld, fmt.Sprintf("not rendered: the document has %d bytes", len(dom)))
		return
	}
	p.dom = dom
}

// shown is a page in the browser.
type shown struct {
	c    *crawl
	pl   *place
	p    *page
	host string
	mu   sync.Mutex // one request a host at a time
	n    int
}

// maxAsked is how many requests one page may make.
const maxAsked = 60

var errRefused = errors.New("refused")

// fetch answers a request of the page.
func (s *shown) fetch(ctx context.Context, r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	url, err := urlkey.Clean(r.URL.String())
	if err != nil || urlkey.Host(url) != s.host || media[extension(url)] && extension(url) != ".js" && extension(url) != ".css" {
		return nil, errRefused
	}
	if url == s.p.entry.URL && r.Method == http.MethodGet {
		return answer(200, "text/html; charset=utf-8", s.p.text.Text), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n++; s.n > maxAsked || r.Method != http.MethodGet && r.Method != http.MethodPost {
		return nil, errRefused
	}
	if ok, _ := s.pl.profile.InScope(url); !ok {
		return nil, errRefused
	}
	s.c.hosts.mu.Lock()
	h := s.c.hosts.get(s.host)
	rules, hold := h.robots[origin(url)], h.hold
	s.c.hosts.mu.Unlock()
	d := rules.Decide(url)
	if !d.Allowed {
		return nil, fmt.Errorf("%w: %s", errRefused, d.Rule)
	}
	select {
	case <-time.After(hold.Sub(s.c.now())):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.exchange(ctx, r, url, string(body), d.Rule)
}

// exchange makes the request and archives what came.
func (s *shown) exchange(ctx context.Context, r *http.Request, url, body, rule string) (*http.Response, error) {
	e := frontier.Entry{URL: url, Site: s.p.entry.Site, Via: s.p.entry.URL, Hops: hops(s.p.entry.Hops, 'E'),
		Kind: frontier.Embed, Found: s.c.now()}
	q := s.c.request(s.pl, e)
	if t := r.Header.Get("Content-Type"); r.Method == http.MethodPost {
		e.Post, e.PostType, e.Target = body, t, url
		e.URL = url + "?__wb_method=POST&" + body
		q.Method, q.Body = http.MethodPost, body
		q.Header = append(q.Header, wire.Field{Name: "Content-Type", Value: t})
	}
	for _, name := range []string{"X-Requested-With", "Referer"} {
		if v := r.Header.Get(name); v != "" {
			q.Header = append(q.Header, wire.Field{Name: name, Value: v})
		}
	}
	x, err := s.c.transport.Do(ctx, q)
	v := &visit{place: s.pl, entry: e, robots: rule}
	s.c.exchanged(v, x, err)
	if err != nil {
		return nil, err
	}
	p := newPage(e, x)
	defer p.close()
	j := s.c.judged(ctx, v, p)
	content, _ := x.Decoded(maxPage)
	size := x.Size()
	s.c.commit.append(ctx, s.c.exchange(p, j.history.State, rule), func(archive.Ref) result {
		return result{tell: func() { s.c.report.fetched(e, x.Status, size, p.contentType) }}
	})
	return answer(max(x.Status, 200), x.Header.Get("Content-Type"), bytes.Clone(content)), nil
}

// answer is a response for the browser.
func answer(status int, contentType string, body []byte) *http.Response {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
}
