package crawler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/crawler/wire"
	"cundang/internal/charset"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"
)

// This is the one file that knows colly. Colly runs the request's life-cycle; the queue, the visited set, politeness, robots, redirects, charset and the archive are ours
// (docs/adr/0021-colly.md has what was measured).

// maxPage is how many bytes of a page, decoded, are read for links and content.
const maxPage = 8 << 20

// bigPage is the size from which on pages are parsed one at a time: a parsed page takes some
// twenty times its size.
const bigPage = 1 << 20

// page is one fetch: what was asked, what came.
type page struct {
	entry       frontier.Entry
	request     wire.Request
	x           *wire.Exchange // nil: nothing came
	body        []byte         // content with codings removed, as served
	whole       bool           // body is all of it
	header      string         // Content-Type as sent
	contentType string         // media type, sniffed when the server named none
	text        charset.Decoded
	outline     *outline.Outline  // of HTML, once asked for
	doc         *goquery.Document // of HTML, once asked for
	location    string            // redirect target, cleaned
	shown       bool              // a browser was asked to show it
	dom         string            // the document as a browser showed it, "" if none did
	big         chan struct{}     // held while the tree of a big page is in memory
	holds       bool
}

// html says that the page is to be read as HTML.
func (p *page) html() bool {
	return p.contentType == "text/html" || p.contentType == "application/xhtml+xml"
}

// readable says that there is HTML to be read.
func (p *page) readable() bool { return p.html() && len(p.text.Text) > 0 }

// outlined returns the outline of a readable page.
func (p *page) outlined() outline.Outline {
	if p.outline == nil {
		o := outline.Read(p.text.Text)
		p.outline = &o
	}
	return *p.outline
}

// tree returns a readable page parsed. Only what goes by the structure of a page asks for it.
func (p *page) tree() (*goquery.Document, error) {
	if p.doc != nil {
		return p.doc, nil
	}
	if len(p.text.Text) >= bigPage && p.big != nil && !p.holds {
		p.big <- struct{}{}
		p.holds = true
	}
	var err error
	p.doc, err = goquery.NewDocumentFromReader(bytes.NewReader(p.text.Text))
	return p.doc, err
}

// close releases what the page holds.
func (p *page) close() error {
	p.doc = nil
	if p.holds {
		<-p.big
		p.holds = false
	}
	if p.x == nil {
		return nil
	}
	return p.x.Close()
}

type pageKey struct{}

// fetcher is one worker's collector.
type fetcher struct {
	c *colly.Collector
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

func newFetcher(t *wire.Transport, jar http.CookieJar, userAgent string) *fetcher {
	c := colly.NewCollector(
		colly.UserAgent(userAgent),
		colly.AllowURLRevisit(),
		colly.MaxBodySize(0),
		colly.ParseHTTPErrorResponse(),
		colly.IgnoreRobotsTxt(),
		colly.CacheDir(""),
	)
	c.SetRequestTimeout(0)
	c.SetCookieJar(jar)
	c.SetRedirectHandler(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	c.WithTransport(roundTripper{t})
	return &fetcher{c}
}

// fetch makes the page's request. The error is that of the transport when nothing came.
func (f *fetcher) fetch(ctx context.Context, p *page) error {
	f.c.Context = context.WithValue(ctx, pageKey{}, p)
	defer func() { f.c.Context = context.Background() }()
	hdr := http.Header{}
	for _, h := range p.request.Header {
		hdr.Set(h.Name, h.Value)
	}
	err := f.c.Request(http.MethodGet, tame(p.request.URL), nil, nil, hdr)
	if p.x != nil { // what colly could not make of it does not matter
		return nil
	}
	var we *wire.Error
	if errors.As(err, &we) {
		return we
	}
	return err
}

// tame makes a URL that net/url parses, which colly asks for; what goes out is the
// entry's URL byte for byte.
func tame(url string) string {
	if strings.IndexByte(url, '%') < 0 {
		return url
	}
	b := make([]byte, 0, len(url)+8)
	for i := 0; i < len(url); i++ {
		b = append(b, url[i])
		if url[i] == '%' && !(i+2 < len(url) && isHex(url[i+1]) && isHex(url[i+2])) {
			b = append(b, "25"...)
		}
	}
	return string(b)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// roundTripper is the seam between colly and the wire.
type roundTripper struct{ t *wire.Transport }

// RoundTrip makes the exchange. The page keeps the body; colly, which would decode and copy it, is given none.
func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	p, ok := req.Context().Value(pageKey{}).(*page)
	if !ok {
		return nil, errors.New("a request that no page asked for")
	}
	wr := p.request
	if c := req.Header.Get("Cookie"); c != "" {
		wr.Header = append(wr.Header[:len(wr.Header):len(wr.Header)], wire.Field{Name: "Cookie", Value: c})
	}
	x, err := r.t.Do(req.Context(), wr)
	if err != nil {
		return nil, err
	}
	p.x = x
	p.read()
	h := x.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for _, name := range []string{"Location", "Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		h.Del(name)
	}
	h.Set("Content-Type", p.contentType)
	return &http.Response{
		StatusCode: max(x.Status, 100), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Request: req, Body: http.NoBody, Uncompressed: true,
	}, nil
}

// read decodes what came as far as a crawl needs it: text, not files.
func (p *page) read() {
	p.header = p.x.Header.Get("Content-Type")
	p.contentType = mediaType(p.header)
	if p.contentType != "" && !textual(p.contentType) && p.entry.Kind != frontier.Sitemap {
		return
	}
	p.body, p.whole = p.x.Decoded(maxPage)
	if p.contentType == "" {
		p.contentType = mediaType(http.DetectContentType(p.body))
	}
	if textual(p.contentType) {
		p.text = charset.Decode(p.body, p.header)
	}
}

func mediaType(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.ToLower(strings.TrimSpace(t))
	if _, _, err := mime.ParseMediaType(t); err != nil {
		return ""
	}
	return t
}

// textual says that a type may hold links or rows.
func textual(t string) bool {
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "+json") ||
		t == "application/xml" || t == "application/json" || t == "application/javascript" || t == "application/x-javascript"
}

// requestFor is the request for an entry: who we are, what we take, what we have.
func requestFor(e frontier.Entry, userAgent string) wire.Request {
	r := wire.Request{URL: e.URL, Body: e.Post, Header: []wire.Field{
		{Name: "User-Agent", Value: userAgent},
		{Name: "Accept", Value: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		{Name: "Accept-Language", Value: "zh-CN,zh;q=0.9,en;q=0.5"},
		{Name: "Accept-Encoding", Value: "gzip"},
	}}
	if e.Target != "" {
		r.Method, r.URL = http.MethodPost, e.Target
		r.Header = append(r.Header, wire.Field{Name: "Content-Type", Value: e.PostType})
		return r
	}
	h := e.History
	if h.Ref == (archive.Ref{}) || h.State != StateLive {
		return r
	}
	if h.ETag != "" {
		r.Header = append(r.Header, wire.Field{Name: "If-None-Match", Value: h.ETag})
	}
	if h.Modified != "" {
		r.Header = append(r.Header, wire.Field{Name: "If-Modified-Since", Value: h.Modified})
	}
	return r
}

// fromCapture reads a page back from the archive as a fetch would have read it.
func (p *page) fromCapture(c archive.Capture) error {
	p.header = c.Header.Get("Content-Type")
	p.contentType = mediaType(p.header)
	p.location = c.Fields["location"]
	if c.Status < 200 || c.Status >= 300 || p.contentType != "" && !textual(p.contentType) {
		return nil
	}
	r, err := c.Body()
	if err != nil {
		return err
	}
	p.body, err = io.ReadAll(io.LimitReader(r, maxPage))
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	if p.contentType == "" {
		p.contentType = mediaType(http.DetectContentType(p.body))
	}
	if !textual(p.contentType) {
		return nil
	}
	p.text = charset.Decode(p.body, c.Header.Get("Content-Type"))
	return nil
}
