package crawler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"cundang/crawler/wire"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"
)

// This is the one file that knows colly. As its documentation has it, a list collector serves
// what leads on (seeds, lists, sitemaps) and a page collector, its clone, what is read. The queue,
// the visited set, politeness, robots, redirects, charset and the archive are ours
// (docs/adr/0021-colly.md has what was measured).

// What belongs to a request, by its name in the request's *colly.Context.
const (
	ctxVisit    = "visit"    // *visit: what was admitted
	ctxPage     = "page"     // *page: what came
	ctxJudgment = "judgment" // judgment: what that means for the page
	ctxLinks    = "links"    // outlinks: what a list leads to
	ctxError    = "error"    // error: why nothing came
)

// worker visits one URL at a time.
type worker struct {
	c      *crawl
	wire   *recorder
	lists  *colly.Collector // seeds, list pages, sitemaps
	pages  *colly.Collector // articles, files and everything else
	robots *colly.Collector // robots.txt, read by whoever asks for it
}

// newWorker makes a worker whose requests end with ctx.
func newWorker(ctx context.Context, c *crawl, jar http.CookieJar) *worker {
	w := &worker{c: c, wire: &recorder{crawl: c}}
	w.lists = colly.NewCollector(
		colly.StdlibContext(ctx),
		colly.UserAgent(c.userAgent),
		colly.AllowURLRevisit(),
		colly.MaxBodySize(0),
		colly.ParseHTTPErrorResponse(),
		colly.IgnoreRobotsTxt(),
		colly.CacheDir(""),
	)
	w.lists.SetRequestTimeout(0)
	w.lists.SetCookieJar(jar)
	w.lists.SetRedirectHandler(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	w.lists.WithTransport(w.wire)
	w.pages, w.robots = w.lists.Clone(), w.lists.Clone()

	w.lists.OnRequest(w.send)
	w.lists.OnResponse(w.receive)
	w.lists.OnHTML("html", w.readList)
	w.lists.OnScraped(w.finishList)
	w.lists.OnError(w.fail)

	w.pages.OnRequest(w.send)
	w.pages.OnResponse(w.readPage)
	w.pages.OnError(w.fail)

	w.robots.OnRequest(w.send)
	return w
}

// visit makes the request of a visit with the collector that it belongs to.
func (w *worker) visit(v *visit) {
	ctx := colly.NewContext()
	defer func() {
		if p, came := ctx.GetAny(ctxPage).(*page); came {
			if err := p.close(); err != nil {
				w.c.commit.fail(err)
			}
		}
	}()
	collector := w.pages
	if isList(v.entry.Kind) || v.place.profile.IsList(v.entry.URL) {
		collector = w.lists
	}
	if err := request(collector, ctx, v); err != nil && ctx.GetAny(ctxPage) == nil && ctx.GetAny(ctxError) == nil {
		w.fail(&colly.Response{Ctx: ctx}, err) // an address that colly refuses before it asks
	}
}

// ask fetches what is read by nothing but the caller, who closes the page: a robots.txt.
func (w *worker) ask(v *visit) (*page, error) {
	ctx := colly.NewContext()
	err := request(w.robots, ctx, v)
	if p, came := ctx.GetAny(ctxPage).(*page); came {
		return p, nil
	}
	return nil, wireError(err)
}

// request asks a collector for a visit's address. The error is one that OnError was told too, unless
// colly refuses the address.
func request(collector *colly.Collector, ctx *colly.Context, v *visit) error {
	ctx.Put(ctxVisit, v)
	if v.request.Method != http.MethodPost {
		return collector.Request(http.MethodGet, v.request.URL, nil, ctx, nil)
	}
	return collector.Request(http.MethodPost, v.request.URL, strings.NewReader(v.request.Body), ctx, nil)
}

// send completes the request and tells the transport what goes out byte for byte.
func (w *worker) send(r *colly.Request) {
	v := r.Ctx.GetAny(ctxVisit).(*visit)
	for _, h := range v.request.Header {
		r.Headers.Set(h.Name, h.Value)
	}
	w.wire.next = r.Ctx
}

// receive judges what came and lets the next request go to its host.
func (w *worker) receive(r *colly.Response) {
	v, p := r.Ctx.GetAny(ctxVisit).(*visit), r.Ctx.GetAny(ctxPage).(*page)
	free := w.c.answered(v, p.x, nil)
	r.Ctx.Put(ctxJudgment, w.c.judged(w.lists.Context, v, p)) // what its pages are judged by
	free()
	if p.html() {
		p.hold() // colly parses next
	}
}

// readList finds the rows, the next pages and the links of a list in its document.
func (w *worker) readList(e *colly.HTMLElement) {
	if e.Index > 0 { // an html element within drawings
		return
	}
	ctx := e.Request.Ctx
	v, p := ctx.GetAny(ctxVisit).(*visit), ctx.GetAny(ctxPage).(*page)
	p.doc = goquery.NewDocumentFromNode(e.DOM.Nodes[0].Parent)
	ctx.Put(ctxLinks, w.c.linksOf(w.lists.Context, v, p, ctx.GetAny(ctxJudgment).(judgment)))
}

// finishList archives a list. Its rows are those of its document, or of JSON, XML and text,
// which have none.
func (w *worker) finishList(r *colly.Response) {
	v, p, j := r.Ctx.GetAny(ctxVisit).(*visit), r.Ctx.GetAny(ctxPage).(*page), r.Ctx.GetAny(ctxJudgment).(judgment)
	links, read := r.Ctx.GetAny(ctxLinks).(outlinks)
	if !read {
		links = w.c.linksOf(w.lists.Context, v, p, j)
	}
	w.c.record(w.lists.Context, v, p, j, links)
}

// readPage finds the links of a page without a tree of it, and archives it.
func (w *worker) readPage(r *colly.Response) {
	v, p := r.Ctx.GetAny(ctxVisit).(*visit), r.Ctx.GetAny(ctxPage).(*page)
	ctx := w.lists.Context
	w.c.answered(v, p.x, nil)()
	j := w.c.judged(ctx, v, p)
	w.c.record(ctx, v, p, j, w.c.linksOf(ctx, v, p, j))
}

// fail notes that nothing came. A page that came and has no tree, being nested too deeply, is archived
// like any other by finishList.
func (w *worker) fail(r *colly.Response, err error) {
	v := r.Ctx.GetAny(ctxVisit).(*visit)
	if p, came := r.Ctx.GetAny(ctxPage).(*page); came {
		w.c.log.Warn("page without a tree", "site", v.entry.Site, "url", p.entry.URL, "err", err)
		return
	}
	err = wireError(err)
	r.Ctx.Put(ctxError, err)
	w.c.answered(v, nil, err)()
	if w.c.elsewhere(v.request.URL, err) {
		w.c.release(v.entry)
		w.c.pending.Add(-1)
		w.c.commit.wake()
		return
	}
	w.c.recordFailure(w.lists.Context, v, err)
}

// wireError returns the transport's error without what net/http wraps it in.
func wireError(err error) error {
	var we *wire.Error
	if errors.As(err, &we) {
		return we
	}
	return err
}

// clearColly removes the environment variables through which colly can be overridden.
func clearColly() error {
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "COLLY_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// recorder is the http.RoundTripper beneath a worker's collectors. The wire keeps what goes out
// and what comes in as it was; colly gets the text in UTF-8 under a true Content-Type.
type recorder struct {
	crawl *crawl
	next  *colly.Context // of the request that is about to go out
}

// RoundTrip makes the exchange and puts the page that came into the request's colly context. While it
// takes long another worker stands in. Of files colly gets no body: they may be huge, and nothing is read
// out of them here.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	v, ok := r.next.GetAny(ctxVisit).(*visit)
	if !ok {
		return nil, errors.New("a request that no visit asked for")
	}
	out := v.request
	if c := req.Header.Get("Cookie"); c != "" { // of the jar
		out.Header = append(out.Header[:len(out.Header):len(out.Header)], wire.Field{Name: "Cookie", Value: c})
	}
	back := r.crawl.crew.request()
	x, err := r.crawl.transport.Do(req.Context(), out)
	back()
	if err != nil {
		return nil, err
	}
	p := newPage(v.entry, x)
	p.big = r.crawl.big
	r.next.Put(ctxPage, p)
	h := x.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for _, name := range []string{"Location", "Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		h.Del(name)
	}
	h.Set("Content-Type", p.contentType)
	if textual(p.contentType) {
		h.Set("Content-Type", p.contentType+"; charset=utf-8")
	}
	return &http.Response{
		StatusCode: max(x.Status, 100), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Request: req, Body: io.NopCloser(bytes.NewReader(p.text.Text)), Uncompressed: true,
	}, nil
}
