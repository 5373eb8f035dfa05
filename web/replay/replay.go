// Package replay rewrites archived pages so that they can be looked at without running
// anything and without a request to any other host. It is pure: bytes in, bytes out.
//
// The rewriting is the first layer and holds alone; the Content-Security-Policy with which the
// result is served (see web) is the second and does not rely on it.
package replay

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cundang/internal/css"
	"cundang/internal/urlkey"
)

// Kind says what a rewritten URL will be used as; its value is the modifier behind the
// timestamp in replay URLs, as pywb writes them.
type Kind string

// The kinds of links.
const (
	Page  Kind = "mp_" // a page or frame
	Image Kind = "im_"
	Style Kind = "cs_"
	Other Kind = "oe_" // font, audio, video
)

// Rewriter rewrites one archived document.
type Rewriter struct {
	Base *url.URL // address of the document
	// Charset is the encoding of the document, in which browsers ask for what is not ASCII in queries; "" is UTF-8.
	Charset string
	Prefix  string // of every rewritten URL, e.g. "/replay/20221027120000"
	// Strip makes the trusted HTML that is put first into the body from the addresses of the
	// style sheets and pictures that the page embeds; nil for none.
	Strip func(embedded []string) string
}

// Link returns the replay URL of ref as it stands in the document, and false for what may
// not be followed: other schemes than http and https, and what does not parse.
func (rw Rewriter) Link(ref string, kind Kind) (string, bool) {
	ref = strings.Map(dropControl, strings.TrimSpace(ref))
	if ref == "" {
		return "", false
	}
	if strings.HasPrefix(ref, "#") {
		return escape(ref), kind == Page
	}
	if lower := strings.ToLower(ref); kind == Image && strings.HasPrefix(lower, "data:image/") &&
		!strings.HasPrefix(lower, "data:image/svg") {
		return ref, true
	}
	target, err := urlkey.Resolve(rw.Base.String(), ref, rw.Charset)
	if err != nil {
		return "", false
	}
	if u, err := url.Parse(target); err == nil && u.User != nil {
		u.User = nil
		target = u.String()
	}
	if _, fragment, ok := strings.Cut(ref, "#"); ok {
		target += "#" + fragment
	}
	return rw.Prefix + string(kind) + "/" + escape(target), true
}

func dropControl(r rune) rune {
	if r < 0x20 || r == 0x7f {
		return -1
	}
	return r
}

// escape makes a URL safe in attributes and CSS whatever stood in its query.
func escape(s string) string {
	return strings.NewReplacer(`"`, "%22", "'", "%27", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29",
		`\`, "%5C", " ", "%20", "`", "%60").Replace(s)
}

// HTML rewrites a page in UTF-8. A page whose markup cannot be made safe within a few
// rounds (it changes its meaning each time it is parsed) comes back as its text.
func (rw Rewriter) HTML(page []byte) ([]byte, error) {
	const rounds = 4
	doc, err := parse(page)
	if err != nil {
		return nil, fmt.Errorf("parse archived page: %w", err)
	}
	base := rw
	if href := baseHref(doc); href != "" {
		if target, err := urlkey.Resolve(rw.Base.String(), href, rw.Charset); err == nil {
			if u, err := url.Parse(target); err == nil {
				base.Base = u
			}
		}
	}
	var embedded []string
	seen := map[string]bool{}
	link := func(ref string, kind Kind) (string, bool) {
		v, ok := base.Link(ref, kind)
		if target, found := strings.CutPrefix(v, rw.Prefix+string(kind)+"/"); ok && found &&
			(kind == Style || kind == Image) && !seen[target] {
			seen[target] = true
			embedded = append(embedded, target)
		}
		return v, ok
	}
	w := &walker{link: link, css: func(sheet string) string { return rewriteCSS(sheet, link) }}
	w.children(doc)
	for range rounds {
		out, err := render(doc)
		if err != nil {
			return nil, err
		}
		if doc, err = parse(out); err != nil {
			return nil, fmt.Errorf("parse rewritten page: %w", err)
		}
		check := &walker{link: rw.accept, css: rw.acceptCSS}
		check.children(doc)
		if check.changed == "" {
			return rw.finish(doc, embedded)
		}
	}
	return rw.finish(textOnly(doc), nil)
}

// accept lets pass what Link has written and nothing else.
func (rw Rewriter) accept(ref string, kind Kind) (string, bool) {
	switch {
	case strings.HasPrefix(ref, "#"), strings.HasPrefix(ref, rw.Prefix):
		return ref, true
	case kind == Image && strings.HasPrefix(strings.ToLower(ref), "data:image/"):
		return ref, true
	}
	return "", false
}

func (rw Rewriter) acceptCSS(sheet string) string { return rewriteCSS(sheet, rw.accept) }

// CSS rewrites a style sheet: every url(), @import and image-set() string.
func (rw Rewriter) CSS(sheet string) string { return rewriteCSS(sheet, rw.Link) }

func rewriteCSS(sheet string, link func(string, Kind) (string, bool)) string {
	return css.Rewrite(sheet, func(ref string, use css.Use) (string, bool) { return link(ref, uses[use]) })
}

var uses = map[css.Use]Kind{css.Image: Image, css.Sheet: Style, css.Font: Other, css.Perhaps: Other}

func parse(page []byte) (*html.Node, error) {
	return html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
}

func render(doc *html.Node) ([]byte, error) {
	var b bytes.Buffer
	if err := html.Render(&b, doc); err != nil {
		return nil, fmt.Errorf("render rewritten page: %w", err)
	}
	return b.Bytes(), nil
}

// finish puts the charset into the head and the strip into the body.
func (rw Rewriter) finish(doc *html.Node, embedded []string) ([]byte, error) {
	if head := find(doc, atom.Head); head != nil {
		head.InsertBefore(&html.Node{Type: html.ElementNode, Data: "meta", DataAtom: atom.Meta,
			Attr: []html.Attribute{{Key: "charset", Val: "utf-8"}}}, head.FirstChild)
	}
	if body := find(doc, atom.Body); body != nil && rw.Strip != nil {
		body.InsertBefore(&html.Node{Type: html.RawNode, Data: rw.Strip(embedded)}, body.FirstChild)
	}
	return render(doc)
}

func find(n *html.Node, a atom.Atom) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.DataAtom == a {
			return d
		}
	}
	return nil
}

func baseHref(doc *html.Node) string {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Base {
			if href := attr(n, "href"); href != "" {
				return strings.TrimSpace(href)
			}
		}
	}
	return ""
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOnly is the last resort: a page with the text of doc and no markup.
func textOnly(doc *html.Node) *html.Node {
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			b.WriteString(strings.TrimSpace(n.Data))
			b.WriteByte('\n')
		}
	}
	page := "<!DOCTYPE html><html><head></head><body><pre>" + html.EscapeString(b.String()) + "</pre></body></html>"
	plain, err := parse([]byte(page))
	if err != nil { // cannot happen: parsing a string never fails to read
		return &html.Node{Type: html.DocumentNode}
	}
	return plain
}
