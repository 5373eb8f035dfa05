package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// paragraphs turns the chosen blocks into paragraphs, each with its kind. The rows of a
// table that shows data become one paragraph: cells parted by tabs, rows by line breaks.
func paragraphs(v *view, blocks []int, drop map[int]bool) []Paragraph {
	out := make([]Paragraph, 0, len(blocks))
	for k := 0; k < len(blocks); k++ {
		i := blocks[k]
		if drop[i] {
			continue
		}
		if t := v.dataTable(i); t >= 0 {
			j := k
			for j < len(blocks) && v.within(blocks[j], t) {
				j++
			}
			out = append(out, Paragraph{Kind: "table", Text: tableText(v, t, blocks[k:j])})
			k = j - 1
			continue
		}
		out = append(out, Paragraph{Kind: kindOf(v, i), Text: v.str(i)})
	}
	return out
}

// kindOf names a paragraph.
func kindOf(v *view, i int) string {
	b := &v.blocks[i]
	switch {
	case b.flags&fCaption != 0:
		return "caption"
	case b.flags&fHeading != 0:
		return "h"
	case b.flags&fAfterImage != 0 && b.chars <= 60 && (b.flags&fCentered != 0 || strings.HasPrefix(v.str(i), "图")) &&
		lastRune(v.str(i)) != '：':
		return "caption"
	case b.flags&fBold != 0 && b.chars <= 40 && !strings.ContainsRune("。；，,;", lastRune(v.str(i))):
		return "h"
	case b.flags&fQuote != 0:
		return "quote"
	case b.flags&fItem != 0:
		return "li"
	}
	return "p"
}

// tableText writes the chosen blocks of a table in rows and cells.
func tableText(v *view, t int32, blocks []int) string {
	var b strings.Builder
	row, cell := int32(-1), int32(-1)
	for _, i := range blocks {
		r, c := int32(-1), int32(-1)
		for e := v.blocks[i].elem; e > t; e = v.elems[e].parent {
			switch v.elems[e].node.DataAtom {
			case atom.Td, atom.Th:
				c = e
			case atom.Tr:
				r = e
			}
		}
		switch {
		case b.Len() == 0:
		case r != row:
			b.WriteByte('\n')
		case c != cell:
			b.WriteByte('\t')
		default:
			b.WriteByte(' ')
		}
		row, cell = r, c
		b.WriteString(v.str(i))
	}
	return b.String()
}

// joinBody is the body as one text.
func joinBody(ps []Paragraph) Text {
	n := 0
	for i := range ps {
		n += len(ps[i].Text) + 1
	}
	var b strings.Builder
	b.Grow(n)
	for i := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(ps[i].Text)
	}
	return Text(b.String())
}
