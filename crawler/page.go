package crawler

import (
	"bytes"
	"strings"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/crawler/wire"
	"cundang/internal/charset"

	"github.com/PuerkitoBio/goquery"
)

// maxPage is how many bytes of a page, decoded, are read for links and content.
const maxPage = archive.MaxPage

// bigPage is the size from which on pages are parsed one at a time: a parsed page takes some
// twenty times its size.
const bigPage = 1 << 20

// page is what came for an entry, read as far as a crawl needs it.
type page struct {
	entry       frontier.Entry
	x           *wire.Exchange  // nil: read back from the archive, or shown by a browser
	body        []byte          // content with codings removed, as served
	header      string          // Content-Type as sent
	refresh     string          // Refresh header, "" if there is none
	contentType string          // media type, sniffed when the server named none
	text        charset.Decoded // of what is text
	dom         string          // the document as a browser showed it, "" if none did
	rendered    bool            // a browser was asked to show it
	outline     *outline.Outline
	doc         *goquery.Document
	big         chan struct{} // held while the tree of a big page is in memory
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

// tree returns a readable page parsed: what OnHTML was handed or, of a page that turns out to
// be a list, a parse of its own.
func (p *page) tree() (*goquery.Document, error) {
	if p.doc != nil {
		return p.doc, nil
	}
	p.hold()
	var err error
	p.doc, err = goquery.NewDocumentFromReader(bytes.NewReader(p.text.Text))
	return p.doc, err
}

// hold waits until no other big page is in memory as a tree.
func (p *page) hold() {
	if len(p.text.Text) >= bigPage && p.big != nil && !p.holds {
		p.big <- struct{}{}
		p.holds = true
	}
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

// newPage reads what came: text is decoded, files are left where the wire spooled them.
func newPage(e frontier.Entry, x *wire.Exchange) *page {
	p := &page{entry: e, x: x, header: x.Header.Get("Content-Type"), refresh: x.Header.Get("Refresh")}
	p.contentType = archive.MediaType(p.header)
	if p.contentType != "" && !textual(p.contentType) && e.Kind != frontier.Sitemap {
		return p
	}
	p.body, _ = x.Decoded(maxPage)
	p.decode()
	return p
}

// decode finds the media type of a body whose server named none, and decodes text.
func (p *page) decode() {
	if p.contentType == "" {
		p.contentType = archive.SniffType(p.header, p.body)
	}
	if textual(p.contentType) && !bytes.HasPrefix(p.body, []byte("\x1f\x8b")) { // a .gz is no text, whatever it is called
		p.text = charset.Decode(p.body, p.header)
	}
}

// fromCapture reads a page back from the archive as a fetch would have read it.
func fromCapture(e frontier.Entry, c archive.Capture) (*page, error) {
	p := &page{entry: e, header: c.Header.Get("Content-Type"), refresh: c.Header.Get("Refresh")}
	p.contentType = archive.MediaType(p.header)
	if c.Status < 200 || c.Status >= 300 || p.contentType != "" && !textual(p.contentType) {
		return p, nil
	}
	var err error
	if p.body, _, err = c.ReadBody(maxPage); err != nil {
		return p, err
	}
	p.decode()
	return p, nil
}

// fromHTML returns a page of text that did not come by an exchange of its own.
func fromHTML(e frontier.Entry, text, charsetName string) *page {
	return &page{entry: e, contentType: "text/html", header: "text/html; charset=utf-8", body: []byte(text),
		text: charset.Decoded{Text: []byte(text), Name: charsetName}}
}

// textual says that a type may hold links or rows.
func textual(t string) bool {
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "+json") ||
		t == "application/xml" || t == "application/json" || t == "application/javascript" || t == "application/x-javascript"
}
