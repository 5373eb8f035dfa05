package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// view is a page flattened once: lines of text in reading order (blocks) and, for each
// element, the range of blocks inside it. All rules read the view; none changes it.
type view struct {
	root     *html.Node
	url      string // of the page, cleaned when it could be
	base     string // against which links resolve
	charset  string
	text     string // of all blocks, one after the other
	blocks   []block
	elems    []elem
	marks    []mark
	metas    []meta
	remarks  []remark // comments that name a field or the body
	frames   []frame
	pictures []picture
	links    []link
	docTitle string // <title>
	keyTitle string // key(docTitle)
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
	fData // a table that shows data (elements only)
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

// flatten walks a tree once.
func flatten(root *html.Node, size int) *view {
	w := walker{v: &view{root: root}}
	w.buf = make([]byte, 0, size/4+256)
	w.v.blocks = make([]block, 0, size/300+16)
	w.v.elems = make([]elem, 0, size/120+16)
	w.gap = true
	w.open(root, -1, 0)
	w.flush()
	w.v.text = string(w.buf)
	w.v.docTitle = squash(w.title)
	w.v.keyTitle = key(w.v.docTitle)
	w.v.markTables()
	w.v.showBody()
	w.v.markChrome()
	return w.v
}

type walker struct {
	v       *view
	buf     []byte
	cur     block
	started bool // cur holds text
	gap     bool // white space is pending
	wide    bool // and it is wide
	inLink  bool
	bold    int32 // characters of cur that are bold
	strong  bool
	image   bool // a picture came since the last text
	pending []mark
	title   string
}

// flush ends the current block.
func (w *walker) flush() {
	if !w.started {
		w.pending = w.pending[:0]
		return
	}
	w.cur.hi = int32(len(w.buf))
	w.cur.mhi = int32(len(w.v.marks))
	if w.bold == w.cur.chars {
		w.cur.flags |= fBold
	}
	w.v.blocks = append(w.v.blocks, w.cur)
	w.started, w.gap, w.wide, w.bold, w.image = false, true, false, 0, false
	w.pending = w.pending[:0]
}

// markable is the length in bytes up to which a block is kept apart into pieces: bylines
// are short, and paragraphs need no marks.
const markable = 600

func (w *walker) mark(k markKind) {
	if w.started && len(w.buf)-int(w.cur.lo) > markable {
		return
	}
	w.pending = append(w.pending, mark{kind: k})
}

// write adds text of element e to the current block.
func (w *walker) write(s string, e int32, f flag) {
	for i := 0; i < len(s); {
		c := s[i]
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		i += n
		if isBlank(r) {
			if isZeroWidth(r) {
				continue
			}
			if r == 0xa0 || r == 0x3000 {
				w.wide = w.wide || w.gap || r == 0x3000
			}
			w.gap = true
			continue
		}
		if r < 0x20 || r == 0x7f {
			continue
		}
		if !w.started {
			w.started = true
			w.cur = block{lo: int32(len(w.buf)), mlo: int32(len(w.v.marks)), elem: w.lineElem(e), flags: f}
			if w.image {
				w.cur.flags |= fAfterImage
			}
			w.gap, w.wide = false, false
		}
		if w.gap {
			w.buf = append(w.buf, ' ')
			if w.wide {
				w.mark(markWide)
			}
			w.gap, w.wide = false, false
		}
		if len(w.pending) > 0 {
			for _, m := range w.pending {
				m.pos = int32(len(w.buf))
				w.v.marks = append(w.v.marks, m)
			}
			w.pending = w.pending[:0]
		}
		w.buf = append(w.buf, s[i-n:i]...)
		w.count(r)
	}
}

func (w *walker) count(r rune) {
	w.cur.chars++
	if w.inLink {
		w.cur.linked++
	}
	if w.strong {
		w.bold++
	}
	switch {
	case r >= 0x4e00 && r <= 0x9fff:
		w.cur.han++
	case r == ',' || r == '，' || r == '、' || r == ';' || r == '；':
		w.cur.commas++
	case r == '。' || r == '！' || r == '？' || r == '!' || r == '?' || r == '…':
		w.cur.stops++
	case r > 0x3400 && isHan(r):
		w.cur.han++
	}
}

// open visits the children of n, which is element e of the view.
func (w *walker) open(n *html.Node, e int32, f flag) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.write(c.Data, e, f)
		case html.CommentNode:
			w.comment(c.Data)
		case html.ElementNode:
			w.element(c, e, f)
		}
	}
}

// element visits one element.
func (w *walker) element(n *html.Node, parent int32, f flag) {
	a := n.DataAtom
	switch a {
	case atom.Br:
		w.flush()
		return
	case atom.Img:
		w.picture(n, parent, f)
		return
	case atom.Meta:
		w.meta(n)
		return
	case atom.Base:
		if w.v.base == "" {
			w.v.base = strings.TrimSpace(attr(n, "href"))
		}
		return
	case atom.Title:
		if w.title == "" && n.FirstChild != nil && n.FirstChild.Type == html.TextNode && n.Namespace == "" {
			w.title = strings.TrimSpace(n.FirstChild.Data)
		}
		return
	case atom.Iframe, atom.Frame:
		w.v.frames = append(w.v.frames, frame{src: strings.TrimSpace(attr(n, "src")), block: int32(len(w.v.blocks)), hidden: f&fHidden != 0 || isHidden(n)})
		return
	}
	if isSilent(a) || isVoid(a) {
		return
	}
	w.inside(n, a, parent, f)
}

// inside enters an element that may hold text.
func (w *walker) inside(n *html.Node, a atom.Atom, parent int32, f flag) {
	was := f
	f = elementFlags(n, a, f)
	line := isBlock(a) || (f^was)&fHidden != 0 // hidden text must not share a block with text that shows
	if line {
		w.flush()
	}
	e := parent
	if line || a == 0 || a == atom.Span || a == atom.Font || len(n.Attr) > 0 && (a != atom.A || attr(n, "id") != "") {
		e = int32(len(w.v.elems))
		w.v.elems = append(w.v.elems, elem{node: n, parent: parent, lo: int32(len(w.v.blocks)), role: roleOf(n), flags: f})
	}
	wasStrong, wasLink := w.strong, w.inLink
	w.strong = w.strong || a == atom.B || a == atom.Strong || isHeading(a)
	switch {
	case a == atom.A:
		w.inLink = true
		w.mark(markLink)
		k := len(w.v.links)
		w.v.links = append(w.v.links, link{node: n, lo: int32(len(w.buf)), block: int32(len(w.v.blocks)), elem: e, hidden: f&fHidden != 0})
		w.open(n, e, f)
		w.v.links[k].hi = int32(len(w.buf))
		w.mark(markLinkEnd)
	case line:
		w.open(n, e, f)
	default:
		w.mark(markSpan)
		w.open(n, e, f)
		w.mark(markSpan)
	}
	w.strong, w.inLink = wasStrong, wasLink
	if line {
		w.flush()
	}
	if e != parent {
		end := int32(len(w.v.blocks))
		if w.started { // an inline element in the middle of a line covers that line
			end++
		}
		w.v.elems[e].hi = end
	}
}

// lineElem is the nearest block-level element at or above e.
func (w *walker) lineElem(e int32) int32 {
	for e > 0 && !isBlock(w.v.elems[e].node.DataAtom) {
		e = w.v.elems[e].parent
	}
	return e
}

func elementFlags(n *html.Node, a atom.Atom, f flag) flag {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		f |= fHeading
	case atom.Td, atom.Th:
		f |= fCell
	case atom.Li, atom.Dd, atom.Dt:
		f |= fItem
	case atom.Figcaption, atom.Caption:
		f |= fCaption
	case atom.Blockquote:
		f |= fQuote
	case atom.Center:
		f |= fCentered
	}
	if len(n.Attr) > 0 {
		if f&fHidden == 0 && isHidden(n) {
			f |= fHidden
		}
		if f&fCentered == 0 && (strings.EqualFold(attr(n, "align"), "center") || indexFold(attr(n, "style"), "center") >= 0) {
			f |= fCentered
		}
	}
	return f
}

func (w *walker) picture(n *html.Node, e int32, f flag) {
	w.image = true
	w.v.pictures = append(w.v.pictures, picture{node: n, block: int32(len(w.v.blocks)), elem: e, hidden: f&fHidden != 0 || isHidden(n)})
}

func (w *walker) meta(n *html.Node) {
	name, content := "", ""
	for _, a := range n.Attr {
		switch a.Key {
		case "name", "property", "itemprop":
			if name == "" {
				name = strings.ToLower(strings.TrimSpace(a.Val))
			}
		case "content":
			content = squash(a.Val)
		}
	}
	if name != "" && content != "" {
		w.v.metas = append(w.v.metas, meta{name, content})
	} else if name == "contentstart" || name == "contentend" {
		w.remark(name)
	}
}

func (w *walker) comment(s string) {
	if len(s) > 120 {
		return
	}
	if s = strings.TrimSpace(s); s != "" {
		w.remark(s)
	}
}

func (w *walker) remark(s string) {
	n := int32(len(w.v.blocks))
	if w.started {
		n++
	}
	w.v.remarks = append(w.v.remarks, remark{text: s, block: n, pos: int32(len(w.buf))})
}
