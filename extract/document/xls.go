package document

import (
	"context"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf16"
)

// BIFF records ([MS-XLS] 2.3).
const (
	biffBOF        = 0x809
	biffEOF        = 0x0A
	biffFilePass   = 0x2F
	biffCodePage   = 0x42
	biffDate1904   = 0x22
	biffBoundSheet = 0x85
	biffSST        = 0xFC
	biffContinue   = 0x3C
	biffFormat     = 0x41E
	biffXF         = 0xE0
	biffLabelSST   = 0xFD
	biffLabel      = 0x204
	biffRString    = 0xD6
	biffNumber     = 0x203
	biffRK         = 0x27E
	biffMulRK      = 0xBD
	biffFormula    = 0x06
	biffString     = 0x207
	biffBoolErr    = 0x205
)

// readXLS reads an Excel 5–2003 workbook (BIFF5 and BIFF8), in a compound file or bare.
func (w *work) readXLS(ctx context.Context, body []byte) error {
	book := body
	if u16(body, 0) == 0xCFD0 {
		r, err := openCompound(body)
		if err != nil {
			return err
		}
		if book, err = stream(r, "Workbook", len(body)); err == nil && book == nil {
			book, err = stream(r, "Book", len(body))
		}
		if err != nil {
			return err
		}
	}
	if u16(book, 0) != biffBOF {
		return noted(NoteUnsupported + ": Excel before version 5")
	}
	x := &workbook{w: w, codePage: 1252, wide: u16(book, 4) >= 0x600, formats: map[int]string{}}
	if err := x.globals(ctx, book); err != nil {
		return err
	}
	for _, s := range x.sheets {
		if w.pages++; w.pages > w.reader.opts.MaxPages {
			return tooManyPages(w)
		}
		if len(x.sheets) > 1 {
			w.text.line(s.name)
		}
		if err := x.sheet(ctx, cut(book, s.at, len(book))); err != nil {
			return err
		}
	}
	return nil
}

type workbook struct {
	w        *work
	wide     bool // BIFF8: Unicode strings
	codePage int
	date1904 bool
	strings  []string
	formats  map[int]string
	xfs      []int // number format of each cell format
	sheets   []worksheet

	row   int // of the cells in cells
	cells []string
}

type worksheet struct {
	name string
	at   int
}

// records calls visit for each record until it returns false or the stream ends.
func records(ctx context.Context, b []byte, visit func(id int, data, rest []byte) (bool, error)) error {
	for n := 0; len(b) >= 4; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		id, size := u16(b, 0), u16(b, 2)
		data := cut(b, 4, size)
		b = cut(b, 4+size, len(b))
		if more, err := visit(id, data, b); err != nil || !more {
			return err
		}
	}
	return nil
}

func (x *workbook) globals(ctx context.Context, b []byte) error {
	return records(ctx, b, func(id int, d, rest []byte) (bool, error) {
		switch id {
		case biffEOF:
			return false, nil
		case biffFilePass:
			return false, errEncrypted
		case biffCodePage:
			x.codePage = u16(d, 0)
		case biffDate1904:
			x.date1904 = u16(d, 0) == 1
		case biffBoundSheet:
			if len(d) > 7 && d[5] == 0 { // a worksheet; macros and charts have no cells
				name, _ := x.str(d[6:], 1)
				x.sheets = append(x.sheets, worksheet{name, u32(d, 0)})
			}
		case biffFormat:
			s, _ := x.str(cut(d, 2, len(d)), 2)
			if !x.wide {
				s, _ = x.str(cut(d, 2, len(d)), 1)
			}
			x.formats[u16(d, 0)] = s
		case biffXF:
			x.xfs = append(x.xfs, u16(d, 2))
		case biffSST:
			x.strings = sharedStrings(ctx, d, rest)
		}
		return true, ctx.Err()
	})
}

// str reads a string with a length of size bytes, and in BIFF8 a byte of flags.
func (x *workbook) str(b []byte, size int) (s string, rest []byte) {
	n := 0
	if len(b) > 0 {
		n = int(b[0])
	}
	if size == 2 {
		n = u16(b, 0)
	}
	b = cut(b, size, len(b))
	if !x.wide {
		return decodeANSI(cut(b, 0, n), x.codePage), cut(b, n, len(b))
	}
	if len(b) == 0 {
		return "", nil
	}
	flags := b[0]
	b = b[1:]
	if flags&8 != 0 { // rich text
		b = cut(b, 2, len(b))
	}
	if flags&4 != 0 { // phonetic
		b = cut(b, 4, len(b))
	}
	if flags&1 == 0 {
		return latin1(cut(b, 0, n)), cut(b, n, len(b))
	}
	return utf16le(cut(b, 0, 2*n)), cut(b, 2*n, len(b))
}

func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

func utf16le(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// sharedStrings reads the SST, whose strings go on in CONTINUE records: where one is cut
// inside its characters, the next record begins with a byte of flags of its own.
func sharedStrings(ctx context.Context, first, rest []byte) []string {
	parts := [][]byte{first}
	for u16(rest, 0) == biffContinue && len(rest) >= 4 {
		parts = append(parts, cut(rest, 4, u16(rest, 2)))
		rest = cut(rest, 4+u16(rest, 2), len(rest))
	}
	r := &sstReader{parts: parts}
	r.skip(8)
	var all []string
	for n := u32(first, 4); n > 0 && r.more() && ctx.Err() == nil; n-- {
		all = append(all, r.string())
	}
	return all
}

type sstReader struct {
	parts [][]byte
}

func (r *sstReader) more() bool {
	for len(r.parts) > 0 && len(r.parts[0]) == 0 {
		r.parts = r.parts[1:]
	}
	return len(r.parts) > 0
}

func (r *sstReader) byte() int {
	if !r.more() {
		return 0
	}
	c := r.parts[0][0]
	r.parts[0] = r.parts[0][1:]
	return int(c)
}

func (r *sstReader) skip(n int) {
	for n > 0 && r.more() {
		k := min(n, len(r.parts[0]))
		r.parts[0] = r.parts[0][k:]
		n -= k
	}
}

func (r *sstReader) u16() int { return r.byte() | r.byte()<<8 }

func (r *sstReader) string() string {
	n, flags := r.u16(), r.byte()
	runs, extra := 0, 0
	if flags&8 != 0 {
		runs = r.u16()
	}
	if flags&4 != 0 {
		extra = r.u16() | r.u16()<<16
	}
	var units []uint16
	for wide := flags&1 != 0; n > 0; {
		if len(r.parts) > 0 && len(r.parts[0]) == 0 {
			if !r.more() {
				break
			}
			wide = r.byte()&1 != 0
		}
		if len(r.parts) == 0 {
			break
		}
		if wide {
			units = append(units, uint16(r.u16()))
		} else {
			units = append(units, uint16(r.byte()))
		}
		n--
	}
	r.skip(4*runs + extra)
	return string(utf16.Decode(units))
}

// sheet reads the cells of one sheet, which come row by row.
func (x *workbook) sheet(ctx context.Context, b []byte) error {
	x.row, x.cells = -1, nil
	depth := 0 // charts stand inside as streams of their own
	var formula func(string)
	err := records(ctx, b, func(id int, d, _ []byte) (bool, error) {
		switch id {
		case biffBOF:
			depth++
		case biffEOF:
			depth--
			return depth > 0, nil
		}
		if depth != 1 {
			return true, nil
		}
		row, col, xf := u16(d, 0), u16(d, 2), u16(d, 4)
		switch id {
		case biffLabelSST:
			if i := u32(d, 6); i >= 0 && i < len(x.strings) {
				x.put(row, col, x.strings[i])
			}
		case biffLabel, biffRString:
			s, _ := x.str(cut(d, 6, len(d)), 2)
			x.put(row, col, s)
		case biffNumber:
			x.put(row, col, x.number(float(d, 6), xf))
		case biffRK:
			x.put(row, col, x.number(rk(u32(d, 6)), xf))
		case biffMulRK:
			for i := 0; 4+6*i+6 <= len(d)-2; i++ {
				x.put(row, col+i, x.number(rk(u32(d, 6+6*i)), u16(d, 4+6*i)))
			}
		case biffBoolErr:
			if len(d) > 7 && d[7] == 0 {
				x.put(row, col, [2]string{"FALSE", "TRUE"}[d[6]&1])
			}
		case biffFormula:
			formula = nil
			if u16(d, 12) != 0xFFFF {
				x.put(row, col, x.number(float(d, 6), xf))
			} else if len(d) > 8 && d[6] == 0 {
				formula = func(s string) { x.put(row, col, s) }
			} else if len(d) > 8 && d[6] == 1 {
				x.put(row, col, [2]string{"FALSE", "TRUE"}[d[8]&1])
			}
		case biffString:
			if formula != nil {
				s, _ := x.str(d, 2)
				formula(s)
			}
		}
		if x.w.text.full {
			return false, errFull
		}
		return true, nil
	})
	x.flush()
	return err
}

func (x *workbook) put(row, col int, s string) {
	if row != x.row {
		x.flush()
		x.row = row
	}
	if col > 255 || s == "" {
		return
	}
	for len(x.cells) <= col {
		x.cells = append(x.cells, "")
	}
	x.cells[col] = s
}

func (x *workbook) flush() {
	x.w.text.row(x.cells)
	x.cells = x.cells[:0]
}

func float(d []byte, at int) float64 {
	if at+8 > len(d) {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(d[at:]))
}

// rk unpacks Excel's short number: an integer or the upper half of a float, maybe × 100.
func rk(v int) float64 {
	var f float64
	if v&2 != 0 {
		f = float64(int32(v) >> 2)
	} else {
		f = math.Float64frombits(uint64(v&0xFFFFFFFC) << 32)
	}
	if v&1 != 0 {
		f /= 100
	}
	return f
}

func (x *workbook) number(f float64, xf int) string {
	format := 0
	if xf < len(x.xfs) {
		format = x.xfs[xf]
	}
	code, ok := x.formats[format]
	if !ok {
		code = builtinFormats[format]
	}
	return formatNumber(f, code, x.date1904)
}

// general writes a number as Excel's General format does, with at most 15 digits.
func general(f float64) string {
	if a := math.Abs(f); a != 0 && (a >= 1e15 || a < 1e-9) {
		return strconv.FormatFloat(f, 'G', 6, 64)
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		v = f
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
