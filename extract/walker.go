package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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
		if isControl(r) {
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
	case atom.Title:
		return
	case atom.Meta:
		if s := strings.ToLower(attr(n, "name")); s == "contentstart" || s == "contentend" {
			w.remark(s)
		}
		return
	case atom.Iframe, atom.Frame:
		w.v.frames = append(w.v.frames,
			frame{src: strings.TrimSpace(attr(n, "src")), name: attr(n, "name"), part: n.DataAtom == atom.Frame,
				block: int32(len(w.v.blocks)), hidden: f&fHidden != 0 || isHidden(n)})
		return
	}
	if isPlayer(a) && f&fHidden == 0 {
		w.v.players = append(w.v.players, int32(len(w.v.blocks)))
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
		w.v.links = append(w.v.links, link{node: n, lo: int32(len(w.buf)), block: int32(len(w.v.blocks)), elem: e,
			hidden: f&fHidden != 0})
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

func (w *walker) comment(s string) {
	if len(s) > 120 {
		return
	}
	if s = strings.TrimSpace(s); s != "" {
		w.remark(s)
	}
}
