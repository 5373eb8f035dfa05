package listing

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"cundang/internal/charset"
)

// maxSitemap is the size of a sitemap in bytes after decompression, as the protocol has it.
const maxSitemap = 50 << 20

// inflate replaces a body that is a gzip file by its decoded text.
func (x *page) inflate() error {
	if !bytes.HasPrefix(x.Body, []byte("\x1f\x8b")) {
		return nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(x.Body))
	if err != nil {
		return fmt.Errorf("decompress %s: %w", x.URL, err)
	}
	body, err := io.ReadAll(io.LimitReader(zr, maxSitemap))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("decompress %s: %w", x.URL, err)
	}
	x.Body = charset.Decode(body, "").Text // a body cut off is read as far as it goes
	x.doc = nil
	return nil
}

// rootOf finds the root element of a sitemap or feed, with whatever prefix.
var rootOf = regexp.MustCompile(`<(?:[\w.-]+:)?(?:urlset|sitemapindex|rss|feed|RDF)[\s>/]`)

// maxHead is how far into a document its root element is looked for, in bytes.
const maxHead = 16 << 10

// readSitemap reads sitemaps (XML, index, text) and feeds (RSS 0.9 to 2.0, Atom).
func readSitemap(x *page) (Listing, bool) {
	head := x.Body[:min(len(x.Body), maxHead)]
	if at := rootOf.FindIndex(head); at != nil && !bytes.Contains(bytes.ToLower(head[:at[0]]), []byte("<html")) {
		return x.readXML(), true
	}
	if text := bytes.TrimLeft(bytes.TrimPrefix(x.Body, []byte("\xEF\xBB\xBF")),
		" \t\r\n"); bytes.HasPrefix(text, []byte("http")) {
		return x.readText(text)
	}
	return Listing{}, false
}

// readText reads a text sitemap: one address a line and nothing else.
func (x *page) readText(text []byte) (Listing, bool) {
	var l Listing
	for line := range bytes.Lines(text) {
		if len(l.Rows) >= maxRows {
			l.Problem = "more than 50000 entries"
			break
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if !bytes.HasPrefix(line, []byte("http://")) && !bytes.HasPrefix(line, []byte("https://")) {
			return Listing{}, false
		}
		if u := x.resolve(string(line)); u != "" {
			l.Rows = append(l.Rows, Row{URL: u})
		}
	}
	return l, len(l.Rows) > 0
}

// readXML reads entries wherever they stand, by local names, and keeps what it read when
// the document breaks off.
func (x *page) readXML() Listing {
	dec := xml.NewDecoder(bytes.NewReader(x.Body))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	dec.AutoClose = nil
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded already
	var l Listing
	var e entry
	var path []string
	for {
		t, err := dec.Token()
		if err != nil {
			if err != io.EOF {
				l.Problem = err.Error()
			}
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			switch t.Name.Local {
			case "url", "sitemap", "item", "entry":
				e = entry{kind: t.Name.Local}
			case "link":
				if e.kind != "url" { // xhtml:link names translations
					e.atomLink(t)
				}
			}
			e.text.Reset()
		case xml.CharData:
			e.text.Write(t)
		case xml.EndElement:
			if len(path) == 0 {
				continue
			}
			path = path[:len(path)-1]
			if t.Name.Local == e.kind {
				x.addEntry(&l, &e)
				e = entry{}
				continue
			}
			e.set(t.Name, strings.TrimSpace(e.text.String()))
			e.text.Reset()
		}
		if len(l.Rows) >= maxRows || len(l.Sitemaps) >= maxRows || len(path) > 1000 {
			l.Problem = "more than 50000 entries, or nested too deep"
			break
		}
	}
	return l
}

// entry is one url, sitemap, item or entry element.
type entry struct {
	kind                    string
	loc, title, date, body  string
	text                    strings.Builder
	fromContent, fromUpdate bool
}

func (e *entry) atomLink(t xml.StartElement) {
	href, rel := "", "alternate"
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "href":
			href = a.Value
		case "rel":
			rel = a.Value
		}
	}
	if href != "" && rel == "alternate" && e.loc == "" {
		e.loc = href
	}
}

func (e *entry) set(name xml.Name, text string) {
	if text == "" || e.kind == "" {
		return
	}
	switch name.Local {
	case "loc", "link":
		if e.kind == "url" && name.Local == "link" {
			return
		}
		// Extensions of the protocol have a loc of their own: image:loc.
		if e.loc == "" && !strings.Contains(name.Space, "image") && !strings.Contains(name.Space, "video") {
			e.loc = text
		}
	case "guid", "id":
		if e.loc == "" && strings.HasPrefix(text, "http") {
			e.loc = text
		}
	case "title":
		e.title = clean(textOf(fragment(text)))
	case "lastmod", "pubDate", "published", "date", "publication_date":
		if e.date == "" || e.fromUpdate {
			e.date, e.fromUpdate = text, false
		}
	case "updated":
		if e.date == "" {
			e.date, e.fromUpdate = text, true
		}
	case "encoded", "content":
		e.body, e.fromContent = text, true
	case "description", "summary":
		if !e.fromContent && strings.Contains(text, "<p") {
			e.body = text
		}
	}
}

func (x *page) addEntry(l *Listing, e *entry) {
	u := x.resolve(e.loc)
	if u == "" || u == x.URL {
		return
	}
	if e.kind == "sitemap" {
		l.Sitemaps = append(l.Sitemaps, u)
		return
	}
	l.Rows = append(l.Rows, Row{URL: u, Title: e.title, Date: e.date, Body: e.body})
}
