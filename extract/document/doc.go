package document

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// Places in the FIB of a Word file ([MS-DOC] 2.5).
const (
	fibFlags   = 0x0A
	fibLID     = 0x06
	fibMin     = 0x18 // first byte of the text, Word 6 and 95
	fibMac     = 0x1C
	fibCcp     = 0x4C // lengths in characters: text, footnotes, headers, macros, comments, endnotes, text boxes
	fibPapx    = 0x102
	fibClx     = 0x1A2
	flagCipher = 0x0100
	flagTable1 = 0x0200
	word97     = 0xC1
)

// readDOC reads a Word 97–2003 document by its piece table, and one of Word 6 or 95 as the
// run of bytes that it is. Read are the main text, footnotes, endnotes and text boxes.
func (w *work) readDOC(ctx context.Context, body []byte) error {
	r, err := openCompound(body)
	if err != nil {
		return err
	}
	main, err := stream(r, "WordDocument", len(body))
	if err != nil {
		return err
	}
	if len(main) < 0x60 || u16(main, 0) != 0xA5EC && u16(main, 0) != 0xA5DC {
		return broken("no Word text inside")
	}
	if u16(main, fibFlags)&flagCipher != 0 {
		return errEncrypted
	}
	d := &wordText{out: &w.text}
	if u16(main, 2) < word97 {
		text := cut(main, u32(main, fibMin), u32(main, fibMac)-u32(main, fibMin))
		return d.add(ctx, []rune(decodeANSI(text, codePageOf(u16(main, fibLID)))), nil)
	}
	name := "0Table"
	if u16(main, fibFlags)&flagTable1 != 0 {
		name = "1Table"
	}
	table, err := stream(r, name, len(body))
	if err != nil {
		return err
	}
	pieces := pieceTable(cut(table, u32(main, fibClx), u32(main, fibClx+4)))
	if len(pieces) == 0 {
		return broken("no piece table")
	}
	cells, ends := tableRanges(main, table)
	at := 0
	for i := range 7 {
		n := u32(main, fibCcp+4*i)
		// headers (2), macros (3) and comments (4) are not the document's text
		if i < 2 || i > 4 {
			chars, found := piecesText(main, pieces, at, at+n, cells, ends)
			if err := d.add(ctx, chars, found); err != nil {
				return err
			}
		}
		at += n
	}
	return nil
}

// piece is a run of characters and where its bytes stand.
type piece struct {
	from, to int // character positions
	offset   int // of the first byte in WordDocument
	wide     bool
}

// pieceTable reads the Clx ([MS-DOC] 2.9.38): property blocks, then the piece table.
func pieceTable(clx []byte) []piece {
	for len(clx) >= 3 && clx[0] == 1 {
		clx = cut(clx, 3+u16(clx, 1), len(clx))
	}
	if len(clx) < 5 || clx[0] != 2 {
		return nil
	}
	plc := cut(clx, 5, u32(clx, 1))
	n := (len(plc) - 4) / 12
	var pieces []piece
	for i := range n {
		fc := u32(plc, 4*(n+1)+8*i+2)
		p := piece{from: u32(plc, 4*i), to: u32(plc, 4*(i+1)), offset: fc & 0x3FFFFFFF, wide: fc&0x40000000 == 0}
		if !p.wide {
			p.offset /= 2
		}
		if p.to > p.from {
			pieces = append(pieces, p)
		}
	}
	return pieces
}

// marks says of paragraph and cell marks, by their position, what they end.
type marks map[int]int

const (
	endOfText = iota // a paragraph outside of tables
	endInCell        // a paragraph or a cell
	endOfRow
)

// piecesText returns the characters from position from up to to, and what their marks end.
func piecesText(main []byte, pieces []piece, from, to int, cells, ends []byteRange) (chars []rune, found marks) {
	found = marks{}
	var units []uint16
	mark := func(at int) {
		switch {
		case inRanges(ends, at):
			found[len(units)] = endOfRow
		case inRanges(cells, at):
			found[len(units)] = endInCell
		}
	}
	for _, p := range pieces {
		a, b := max(p.from, from), min(p.to, to)
		for cp := a; cp < b && len(units) < len(main); cp++ { // pieces may not repeat each other for ever
			at := p.offset + (cp - p.from)
			if p.wide {
				at = p.offset + 2*(cp-p.from)
			}
			if at < 0 || at >= len(main) {
				break
			}
			u := uint16(main[at])
			if p.wide {
				u = uint16(u16(main, at))
			} else if u >= 0x80 {
				u = uint16(charmap.Windows1252.DecodeByte(byte(u)))
			}
			if u == 0x07 || u == 0x0D {
				mark(at)
			}
			units = append(units, u)
		}
	}
	// Positions in found are those of UTF-16 units: characters keep them, a surrogate pair
	// becomes one character and a filler.
	chars = make([]rune, len(units))
	for i := 0; i < len(units); i++ {
		chars[i] = rune(units[i])
		if i+1 < len(units) && utf16.IsSurrogate(chars[i]) {
			if r := utf16.DecodeRune(chars[i], rune(units[i+1])); r != '\uFFFD' {
				chars[i] = r
				i++
				chars[i] = '\u00AD' // dropped by tidy
			}
		}
	}
	return chars, found
}

type byteRange struct{ from, to int }

// tableRanges returns the byte ranges of paragraphs in table cells (sprmPFInTable) and of
// those that end a row (sprmPFTtp), from the paragraph property pages ([MS-DOC] 2.9.174).
func tableRanges(main, table []byte) (cells, ends []byteRange) {
	plc := cut(table, u32(main, fibPapx), u32(main, fibPapx+4))
	n := (len(plc) - 4) / 8
	for i := range max(0, min(n, len(main)/512)) {
		page := cut(main, u32(plc, 4*(n+1)+4*i)*512, 512)
		if len(page) < 512 {
			continue
		}
		runs := int(page[511])
		for j := range runs {
			at := int(cut(page, 4*(runs+1)+13*j, 1)[0]) * 2
			if at == 0 {
				continue
			}
			size := 2*int(page[at]) - 1
			if page[at] == 0 && at+1 < len(page) {
				at++
				size = 2 * int(page[at])
			}
			run := byteRange{u32(page, 4*j), u32(page, 4*(j+1))}
			cell, end := tableProperties(cut(page, at+3, size-2))
			if cell {
				cells = append(cells, run)
			}
			if end {
				ends = append(ends, run)
			}
		}
	}
	byStart := func(a, b byteRange) int { return a.from - b.from }
	slices.SortFunc(cells, byStart)
	slices.SortFunc(ends, byStart)
	return cells, ends
}

func inRanges(ranges []byteRange, at int) bool {
	i, exact := slices.BinarySearchFunc(ranges, at, func(r byteRange, at int) int { return r.from - at })
	return exact || i > 0 && at < ranges[i-1].to
}

// tableProperties looks for sprmPFInTable and sprmPFTtp in a list of properties.
func tableProperties(list []byte) (cell, end bool) {
	for len(list) >= 3 {
		op := u16(list, 0)
		switch op {
		case 0x2416:
			cell = list[2] == 1
		case 0x2417:
			end = list[2] == 1
		}
		size := [8]int{1, 1, 2, 4, 2, 2, 0, 3}[op>>13]
		switch {
		case op == 0xD608: // sprmTDefTable: two bytes of length, one too many
			size = 1 + u16(list, 2)
		case op>>13 == 6:
			size = 1 + int(list[2])
		}
		list = cut(list, 2+size, len(list))
	}
	return cell, end
}

// wordText turns the characters of a Word document into lines and table rows.
type wordText struct {
	out   *text
	para  strings.Builder
	cell  []string // paragraphs of the open cell
	row   []string // closed cells of the open row
	field []bool   // open fields: true while in the result
}

func (d *wordText) add(ctx context.Context, chars []rune, found marks) error {
	for i, c := range chars {
		if i&4095 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch c {
		case 0x13:
			d.field = append(d.field, false)
			continue
		case 0x14:
			if n := len(d.field); n > 0 {
				d.field[n-1] = true
			}
			continue
		case 0x15:
			if n := len(d.field); n > 0 {
				d.field = d.field[:n-1]
			}
			continue
		}
		if slices.Contains(d.field, false) {
			continue
		}
		switch c {
		case 0x0D:
			if found[i] == endInCell || len(d.row) > 0 {
				d.cell = append(d.cell, d.para.String())
				d.para.Reset()
			} else {
				d.endParagraph()
			}
		case 0x0B, 0x0C, 0x0E:
			d.para.WriteByte('\n')
		case 0x07:
			// Without properties (Word 95) a mark behind a mark ends the row.
			if found[i] == endOfRow || len(found) == 0 && i > 0 && chars[i-1] == 0x07 {
				d.out.row(d.row)
				d.row, d.cell = nil, nil
				d.para.Reset()
			} else {
				d.row = append(d.row, strings.Join(append(d.cell, d.para.String()), " "))
				d.cell = nil
				d.para.Reset()
			}
		case 0x1E:
			d.para.WriteByte('-')
		default:
			d.para.WriteRune(c)
		}
		if d.out.full {
			return errFull
		}
	}
	d.endParagraph()
	return nil
}

func (d *wordText) endParagraph() {
	d.out.lines(d.para.String())
	d.para.Reset()
}
