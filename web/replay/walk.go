package replay

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"cundang/internal/srcset"
	"cundang/site"
)

// walker visits a tree and leaves in it only what may be shown.
type walker struct {
	link    func(ref string, kind Kind) (string, bool)
	css     func(string) string
	changed string // what was changed last, "" if nothing was
}

// dropped elements go with everything in them.
var dropped = map[string]bool{
	"script": true, "object": true, "embed": true, "applet": true, "base": true, "template": true,
	"portal": true, "fencedframe": true, "noembed": true, "noframes": true, "bgsound": true,
	"foreignobject": true, "handler": true, "listener": true, "param": true, "slot": true,
}

func (w *walker) children(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch c.Type {
		case html.CommentNode, html.RawNode:
			w.remove(n, c)
		case html.ElementNode:
			if strings.EqualFold(c.Data, "noscript") {
				next = w.unwrap(n, c)
				break
			}
			if w.keeps(c) {
				w.element(c)
				w.children(c)
			} else {
				w.remove(n, c)
			}
		}
		c = next
	}
}

func (w *walker) remove(parent, c *html.Node) {
	parent.RemoveChild(c)
	w.changed = "removed " + c.Data
}

// unwrap puts what stands in an element in its place and returns the node to go on with. A noscript is markup for a
// browser without scripts and text for one with them, so that the same bytes hide different elements from each.
func (w *walker) unwrap(parent, c *html.Node) (next *html.Node) {
	next = c.NextSibling
	for kid := c.LastChild; kid != nil; kid = c.LastChild {
		c.RemoveChild(kid)
		parent.InsertBefore(kid, next)
		next = kid
	}
	w.remove(parent, c)
	return next
}

func (w *walker) keeps(n *html.Node) bool {
	name := strings.ToLower(n.Data)
	switch {
	case dropped[name]:
		return false
	case name == "meta":
		return strings.EqualFold(attr(n, "name"), "viewport") && attr(n, "http-equiv") == ""
	case name == "link":
		return isStylesheet(n)
	case name == "set" || strings.HasPrefix(name, "animate"):
		return !strings.HasSuffix(strings.ToLower(strings.TrimSpace(attr(n, "attributeName"))), "href")
	}
	return true
}

func isStylesheet(n *html.Node) bool {
	rels := strings.Fields(strings.ToLower(attr(n, "rel")))
	for _, rel := range rels {
		if rel != "stylesheet" {
			return false
		}
	}
	return len(rels) > 0
}

func (w *walker) element(n *html.Node) {
	switch {
	case n.DataAtom == atom.Plaintext || n.DataAtom == atom.Xmp || n.DataAtom == atom.Listing:
		n.Data, n.DataAtom = "pre", atom.Pre
		w.changed = "renamed to pre"
	case strings.EqualFold(n.Data, "style"):
		w.styleText(n)
	case n.DataAtom == atom.Iframe:
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
	}
	w.lazy(n)
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		b, keep := w.attribute(n, a)
		if !keep || b != a {
			w.changed = "attribute " + a.Key + " of " + n.Data
		}
		if keep {
			kept = append(kept, b)
		}
	}
	n.Attr = kept
	if (n.DataAtom == atom.Iframe || n.DataAtom == atom.Frame) && attr(n, "sandbox") != "allow-none" {
		n.Attr = append(n.Attr, html.Attribute{Key: "sandbox", Val: "allow-none"})
		w.changed = "sandboxed frame"
	}
}

func (w *walker) styleText(n *html.Node) {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
		n.RemoveChild(c)
	}
	css := w.css(b.String())
	if css != b.String() {
		w.changed = "style"
	}
	if css != "" {
		n.AppendChild(&html.Node{Type: html.TextNode, Data: css})
	}
}

// lazy shows pictures that a script would have loaded: the address waits in an attribute
// of the lazy-loading libraries in common use.
func (w *walker) lazy(n *html.Node) {
	if n.DataAtom == atom.Img || n.DataAtom == atom.Source {
		if v := attr(n, "data-srcset"); v != "" {
			n.Attr = append(without(n.Attr, "data-srcset", "srcset"), html.Attribute{Key: "srcset", Val: v})
			w.changed = "lazy image"
		}
	}
	if n.DataAtom != atom.Img {
		return
	}
	for _, key := range site.LazyAttributes {
		if v := attr(n, key); v != "" {
			n.Attr = without(n.Attr, key, "src")
			n.Attr = append(n.Attr, html.Attribute{Key: "src", Val: v})
			w.changed = "lazy image"
			return
		}
	}
}

func without(attrs []html.Attribute, keys ...string) []html.Attribute {
	var out []html.Attribute
next:
	for _, a := range attrs {
		for _, k := range keys {
			if a.Key == k {
				continue next
			}
		}
		out = append(out, a)
	}
	return out
}

// refused attributes do something, talk to somebody or make no sense without scripts.
var refused = map[string]bool{
	"srcdoc": true, "ping": true, "manifest": true, "integrity": true, "nonce": true, "crossorigin": true,
	"target": true, "action": true, "formaction": true, "formtarget": true, "autofocus": true,
	"autoplay": true, "codebase": true, "classid": true, "archive": true, "data": true, "profile": true,
	"attributionsrc": true, "shadowrootmode": true, "http-equiv": true, "is": true, "download": true,
	"referrerpolicy": true, "imagesrcset": true, "dynsrc": true, "lowsrc": true, "longdesc": true,
	"cite": true, "rel": true, "contenteditable": true, "popover": true, "popovertarget": true,
	"commandfor": true, "xml:base": true, "command": true, "from": true, "to": true, "values": true, "by": true,
}

func (w *walker) attribute(n *html.Node, a html.Attribute) (html.Attribute, bool) {
	key := strings.ToLower(a.Key)
	if strings.HasPrefix(key, "on") {
		return a, false
	}
	switch key {
	case "rel":
		return a, n.DataAtom == atom.Link
	case "sandbox":
		return a, a.Val == "allow-none"
	case "style":
		a.Val = w.css(a.Val)
		return a, true
	case "srcset":
		a.Val = w.srcset(a.Val)
		return a, a.Val != ""
	case "href", "src", "poster", "background", "xlink:href":
		v, ok := w.link(a.Val, kindOf(n, key))
		if ok && n.Namespace != "" && !strings.EqualFold(n.Data, "a") && !strings.EqualFold(n.Data, "image") {
			ok = strings.HasPrefix(v, "#") // <use> and its like only within the document
		}
		a.Val = v
		return a, ok
	}
	if strings.ContainsRune(a.Val, '(') && (presentation[key] || n.Namespace != "" && !isProse(key)) {
		a.Val = w.css(a.Val) // read as a declaration, with its escapes
	}
	return a, !refused[key]
}

// presentation attributes of SVG that take an address. In SVG every other attribute is read as CSS too; in HTML they
// are nothing.
var presentation = map[string]bool{
	"clip-path": true, "cursor": true, "fill": true, "filter": true, "marker": true, "marker-end": true,
	"marker-mid": true, "marker-start": true, "mask": true, "stroke": true,
}

// isProse says that the value of an attribute is text or a name, never CSS.
func isProse(key string) bool {
	return strings.HasPrefix(key, "aria-") || strings.HasPrefix(key, "data-") || key == "id" || key == "class" ||
		key == "title" || key == "alt" || key == "lang"
}

func kindOf(n *html.Node, key string) Kind {
	switch {
	case key == "poster" || key == "background":
		return Image
	case n.DataAtom == atom.Link:
		return Style
	case n.DataAtom == atom.Img || n.DataAtom == atom.Input || strings.EqualFold(n.Data, "image") ||
		strings.EqualFold(n.Data, "feimage"):
		return Image
	case n.DataAtom == atom.Audio || n.DataAtom == atom.Video || n.DataAtom == atom.Source || n.DataAtom == atom.Track:
		return Other
	}
	return Page
}

// srcset rewrites the addresses of a srcset.
func (w *walker) srcset(v string) string {
	var kept []srcset.Candidate
	for _, c := range srcset.Parse(v) {
		if link, ok := w.link(c.URL, Image); ok {
			kept = append(kept, srcset.Candidate{URL: link, Descriptor: c.Descriptor})
		}
	}
	return srcset.Format(kept)
}
