package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// view is a page flattened once: lines of text in reading order (blocks) and, for each
// element, the range of blocks inside it. All rules read the view; none changes it.
type view struct {
	doc      *goquery.Document
	url      string // of the page, cleaned when it could be
	base     string // against which links resolve
	charset  string
	text     string // of all blocks, one after the other
	blocks   []block
	elems    []elem
	bodies   []int32 // elements that a CMS marks as the body
	marks    []mark
	metas    []meta
	remarks  []remark // comments that name a field or the body
	frames   []frame
	pictures []picture
	links    []link
	players  []int32 // next block of each film, sound or embedded document
	docTitle string  // <title>
	keyTitle string  // key(docTitle)
}

// block is a run of text between two line breaks.
type block struct {
	lo, hi   int32 // in view.text
	mlo, mhi int32 // in view.marks
	elem     int32 // innermost block-level element
	chars    int32 // that show
	linked   int32 // of them inside links
	han      int32
	commas   int32 // , ， 、 ; ；
	stops    int32 // 。 ！ ？ ! ?
	flags    flag
}

type flag uint16

const (
	fHidden  flag = 1 << iota
	fHeading      // in h1 … h6
	fCell         // in td or th
	fItem         // in li, dd, dt
	fBold         // all of it in b, strong or a heading
	fChrome       // in an element named as header, footer, navigation, comment, share box or side bar
	fCaption      // in figcaption or an element named so
	fQuote
	fAfterImage // a picture stands directly before
	fCentered
	fData    // a table that shows data (elements only)
	fByline  // made of labels with their values and dates, no sentence
	fRecord  // in a record: a table of labels with their values
	fDocHead // in the record that stands above an official document
)

// elem is an element with the blocks it covers.
type elem struct {
	node   *html.Node
	parent int32
	lo, hi int32 // blocks
	role   role
	flags  flag
}

// mark is a place in a block's text where an inline element begins or ends, or where the
// white space was wide: byline values often are parted by nothing else.
type mark struct {
	pos  int32 // in view.text
	kind markKind
}

type markKind uint8

const (
	markSpan markKind = iota
	markLink
	markLinkEnd
	markWide
)

type meta struct{ name, value string }

type remark struct {
	text  string
	block int32 // next block
	pos   int32 // offset in view.text
}

type frame struct {
	src    string
	name   string // by which links aim at it
	part   bool   // of a frameset: the page has no text of its own
	block  int32
	hidden bool
}

type picture struct {
	node   *html.Node
	block  int32 // next block
	elem   int32
	hidden bool
}

type link struct {
	node   *html.Node
	lo, hi int32 // text, in view.text
	block  int32
	elem   int32
	hidden bool
}

func (v *view) str(i int) string { b := &v.blocks[i]; return v.text[b.lo:b.hi] }

// within reports whether block i lies inside element e.
func (v *view) within(i int, e int32) bool {
	return e >= 0 && int32(i) >= v.elems[e].lo && int32(i) < v.elems[e].hi
}

// ancestor reports whether element a contains element e or is it.
func (v *view) ancestor(a, e int32) bool {
	for ; e >= 0; e = v.elems[e].parent {
		if e == a {
			return true
		}
		if e < a {
			return false // elements are numbered in document order
		}
	}
	return false
}

// meta returns the first non-empty value of the given meta names (lower case).
func (v *view) meta(names ...string) string {
	for _, n := range names {
		for i := range v.metas {
			if v.metas[i].name == n {
				return v.metas[i].value
			}
		}
	}
	return ""
}

// flatten walks a document once and asks it for what stands outside its text.
func flatten(doc *goquery.Document, size int) *view {
	w := walker{v: &view{doc: doc}}
	w.buf = make([]byte, 0, size/4+256)
	w.v.blocks = make([]block, 0, size/300+16)
	w.v.elems = make([]elem, 0, size/120+16)
	w.gap = true
	w.open(doc.Get(0), -1, 0)
	w.flush()
	w.v.text = string(w.buf)
	w.v.readHead()
	w.v.bodies = w.v.elements(doc.FindMatcher(bodyContainers))
	w.v.markTables()
	w.v.markBylines()
	w.v.showBody()
	w.v.markChrome()
	return w.v
}

// readHead reads the document's title, base address and meta tags.
func (v *view) readHead() {
	v.docTitle = squash(v.doc.FindMatcher(titleTag).First().Text())
	v.keyTitle = key(v.docTitle)
	v.base = strings.TrimSpace(v.doc.FindMatcher(baseTag).First().AttrOr("href", ""))
	v.doc.FindMatcher(metaTags).Each(func(_ int, m *goquery.Selection) {
		for _, a := range []string{"name", "property", "itemprop"} {
			if name := strings.ToLower(strings.TrimSpace(m.AttrOr(a, ""))); name != "" {
				if content := squash(m.AttrOr("content", "")); content != "" {
					v.metas = append(v.metas, meta{name, content})
				}
				return
			}
		}
	})
}

// elements returns the view's elements of the selected nodes, in the order of the page.
func (v *view) elements(sel *goquery.Selection) []int32 {
	if sel.Length() == 0 {
		return nil
	}
	want := make(map[*html.Node]bool, sel.Length())
	for _, n := range sel.Nodes {
		want[n] = true
	}
	var out []int32
	for e := range v.elems {
		if want[v.elems[e].node] {
			out = append(out, int32(e))
		}
	}
	return out
}

// element returns the view's element of a node, -1 if it is none of them.
func (v *view) element(n *html.Node) int32 {
	for e := range v.elems {
		if v.elems[e].node == n {
			return int32(e)
		}
	}
	return -1
}

func (w *walker) mark(k markKind) {
	if w.started && len(w.buf)-int(w.cur.lo) > markable {
		return
	}
	w.pending = append(w.pending, mark{kind: k})
}

func (w *walker) picture(n *html.Node, e int32, f flag) {
	w.image = true
	w.v.pictures = append(w.v.pictures,
		picture{node: n, block: int32(len(w.v.blocks)), elem: e, hidden: f&fHidden != 0 || isHidden(n)})
}

func (w *walker) remark(s string) {
	n := int32(len(w.v.blocks))
	if w.started {
		n++
	}
	w.v.remarks = append(w.v.remarks, remark{text: s, block: n, pos: int32(len(w.buf))})
}
