package listing

import (
	"strings"

	"golang.org/x/net/html"
)

// each calls f for every element under n in order, without recursion; f says whether to
// go into the element.
func each(n *html.Node, f func(*html.Node) bool) {
	until(n, func(e *html.Node) (into, on bool) { return f(e), true })
}

// until is each that ends when f says not to go on.
func until(n *html.Node, f func(*html.Node) (into, on bool)) {
	for at := n; at != nil; {
		into, on := true, true
		if at.Type == html.ElementNode {
			if into, on = f(at); !on {
				return
			}
		}
		if into && at.FirstChild != nil {
			at = at.FirstChild
			continue
		}
		for at != n && at.NextSibling == nil {
			at = at.Parent
		}
		if at == n {
			return
		}
		at = at.NextSibling
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// walk calls f for n and every node under it in order, without recursion; f says whether to
// go into the node.
func walk(n *html.Node, f func(*html.Node) bool) {
	for at := n; at != nil; {
		if f(at) && at.FirstChild != nil {
			at = at.FirstChild
			continue
		}
		for at != n && at.NextSibling == nil {
			at = at.Parent
		}
		if at == n {
			return
		}
		at = at.NextSibling
	}
}

// textOf returns the text under n, elements separated by spaces, scripts left out.
func textOf(n *html.Node) string { return textWithout(n, nil) }

// textWithout is textOf without the elements that skip names.
func textWithout(n *html.Node, skip func(*html.Node) bool) string {
	var b strings.Builder
	walk(n, func(at *html.Node) bool {
		switch at.Type {
		case html.TextNode:
			b.WriteString(at.Data)
		case html.ElementNode:
			if at.Data == "script" || at.Data == "style" || at != n && skip != nil && skip(at) {
				return false
			}
			if at != n {
				b.WriteByte(' ')
			}
		}
		return true
	})
	return b.String()
}

// clean makes runs of white space, also the ideographic and the hard ones, one space.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// anchors returns the links with an address under n, at most most of them.
func anchors(n *html.Node, most int) []*html.Node {
	var found []*html.Node
	until(n, func(e *html.Node) (bool, bool) {
		if e.Data == "a" && attr(e, "href") != "" {
			found = append(found, e)
		}
		return true, len(found) < most
	})
	return found
}

// maxScripts is how much of a page's scripts is looked at, in bytes.
const maxScripts = 1 << 20

// scripts returns the text of the page's scripts.
func (x *page) scripts() string {
	if x.text == "" {
		var b strings.Builder
		each(x.doc.Nodes[0], func(n *html.Node) bool {
			if n.Data == "script" && n.FirstChild != nil && b.Len() < maxScripts && !strings.Contains(attr(n, "type"), "xml") {
				code := n.FirstChild.Data
				b.WriteString(code[:min(len(code), maxScripts)])
				b.WriteByte('\n')
			}
			return true
		})
		x.text = b.String() + "\n"
	}
	return x.text
}

// fragment parses a piece of HTML; rows of a table need one around them.
func fragment(s string) *html.Node {
	if trimmed := strings.TrimSpace(s); len(trimmed) > 3 && strings.EqualFold(trimmed[:3], "<tr") {
		s = "<table>" + s + "</table>"
	}
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		// The parser fails only when its reader does.
		return &html.Node{Type: html.DocumentNode}
	}
	return root
}
