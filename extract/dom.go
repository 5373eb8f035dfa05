package extract

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTML bounds the HTML that is parsed, in bytes. The longest real pages seen (a law
// with all its annexes as one table) are below 3 MiB; what comes behind is not read.
const maxHTML = 6 << 20

// maxDepth bounds the nesting of the tree built by parseFlat; x/net/html refuses deeper
// pages (512) itself.
const maxDepth = 256

// parse builds the document of a decoded page, once: every step of the cascade asks this
// document or the view of it. A page that the HTML5 parser refuses (nested too deeply, as
// unclosed tags in a loop make it) is read by parseFlat instead.
func parse(text []byte) *goquery.Document {
	if len(text) > maxHTML {
		text = text[:maxHTML]
	}
	if doc, err := parseHTML5(text); err == nil {
		return doc
	}
	return goquery.NewDocumentFromNode(parseFlat(text))
}

func parseHTML5(text []byte) (doc *goquery.Document, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser panics on its own limits
			err = fmt.Errorf("parse page: %v", r)
		}
	}()
	return goquery.NewDocumentFromReader(bytes.NewReader(text))
}

// parseFlat builds a tree without the repairs of HTML5: an end tag closes the nearest open
// element of its name, elements below maxDepth become siblings.
func parseFlat(text []byte) *html.Node {
	root := &html.Node{Type: html.DocumentNode}
	stack := []*html.Node{root}
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(maxHTML)
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			return root
		}
		top := stack[len(stack)-1]
		switch tt {
		case html.TextToken:
			top.AppendChild(&html.Node{Type: html.TextNode, Data: string(z.Text())})
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			n := &html.Node{Type: html.ElementNode, Data: t.Data, DataAtom: t.DataAtom, Attr: t.Attr}
			top.AppendChild(n)
			if tt == html.StartTagToken && !isVoid(t.DataAtom) && len(stack) < maxDepth {
				stack = append(stack, n)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			low := max(1, len(stack)-16) // a stray end tag must not search the whole stack
			for i := len(stack) - 1; i >= low; i-- {
				if stack[i].Data == string(name) {
					stack = stack[:i]
					break
				}
			}
		}
	}
}

func isVoid(a atom.Atom) bool {
	switch a {
	case atom.Br, atom.Img, atom.Meta, atom.Link, atom.Input, atom.Hr, atom.Area, atom.Base, atom.Col, atom.Embed,
		atom.Source, atom.Param, atom.Wbr, atom.Track:
		return true
	}
	return false
}

// isBlock reports whether an element starts a line of its own.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Caption, atom.Center,
		atom.Dd, atom.Details, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption,
		atom.Figure, atom.Footer, atom.Form, atom.Frameset, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Header, atom.Hr, atom.Html, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol,
		atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot,
		atom.Th, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}

// isSilent reports whether an element's content is no text of the page.
func isSilent(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Select, atom.Option, atom.Textarea,
		atom.Button, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Embed, atom.Audio,
		atom.Video, atom.Canvas, atom.Map, atom.Applet, atom.Noframes, atom.Xmp:
		return true
	}
	return false
}

// isPlayer reports whether an element shows a film, a sound or a document of its own.
func isPlayer(a atom.Atom) bool {
	switch a {
	case atom.Video, atom.Audio, atom.Object, atom.Embed:
		return true
	}
	return false
}

func isHeading(a atom.Atom) bool {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// attr returns an attribute's value, "" if it is not there.
func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val
		}
	}
	return ""
}

// isHidden reports whether an element says itself that it does not show. Style sheets are
// not read: what they hide is found by other marks (copies, share boxes).
func isHidden(n *html.Node) bool {
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "hidden":
			return true
		case "style":
			if hidesStyle(n.Attr[i].Val) {
				return true
			}
		}
	}
	return false
}

func hidesStyle(s string) bool {
	if len(s) < 8 {
		return false
	}
	if i := indexFold(s, "display"); i >= 0 && styleValueIs(s[i+7:], "none") {
		return true
	}
	if i := indexFold(s, "visibility"); i >= 0 && styleValueIs(s[i+10:], "hid") {
		return true
	}
	if i := indexFold(s, "height"); i >= 0 && (i == 0 || s[i-1] != '-') && indexFold(s, "overflow") >= 0 &&
		indexFold(s, "hidden") >= 0 {
		v := strings.TrimLeft(s[i+6:], ": ")
		return v == "0" || strings.HasPrefix(v, "0;") || strings.HasPrefix(v, "0px;")
	}
	return false
}

// styleValueIs reports whether rest, what follows a property's name, is a value that
// begins with want.
func styleValueIs(rest, want string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !strings.HasPrefix(rest, ":") {
		return false
	}
	rest = strings.TrimLeft(rest[1:], " \t\r\n")
	return len(rest) >= len(want) && strings.EqualFold(rest[:len(want)], want)
}

// indexFold is strings.Index without regard to ASCII case; sub must be lower case.
func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i]|0x20 == sub[0] && strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

// innerText writes the text below a node, for elements of a few words.
func innerText(n *html.Node, b *strings.Builder, depth int) {
	for c := n.FirstChild; c != nil && b.Len() < 200 && depth < 20; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode && !isSilent(c.DataAtom):
			innerText(c, b, depth+1)
		}
	}
}
