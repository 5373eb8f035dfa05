package document

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"strings"

	"cundang/internal/charset"
)

// walkXML calls visit for every token. It is lenient: a fault at the end of a part keeps
// what came before it and is returned as a broken document.
func walkXML(ctx context.Context, part []byte, visit func(xml.Token) error) error {
	d := xml.NewDecoder(bytes.NewReader(part))
	d.Strict = false
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		return bytes.NewReader(charset.Decode(b, "text/xml; charset="+label).Text), nil
	}
	for n := 0; ; n++ {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if n > maxNodes {
			return noted(NoteTruncated + ": too many XML elements")
		}
		tok, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken("%v", err)
		}
		if err := visit(tok); err != nil {
			return err
		}
	}
}

// attr returns the value of an attribute by its local name.
func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// flow collects the text of a word processor's XML: paragraphs, and tables as rows. The
// formats differ only in the names of their elements.
type flow struct {
	out     *text
	paras   []*strings.Builder // open paragraphs, a text box's inside its anchor's
	cells   []*strings.Builder // open table cells, a nested table's inside the outer one
	rows    [][]string         // open rows
	skip    int                // depth inside an element that is not read
	reading int                // depth inside elements whose character data is text
}

// The begin methods stop at maxNesting: no document is nested so deep, and what follows is
// read as part of the innermost.
func (f *flow) begin() {
	if len(f.paras) < maxNesting {
		f.paras = append(f.paras, new(strings.Builder))
	}
}

func (f *flow) write(s string) {
	if f.skip == 0 && len(f.paras) > 0 {
		f.paras[len(f.paras)-1].WriteString(s)
	}
}

// end closes a paragraph: a line of its own, or part of the cell it is in.
func (f *flow) end() {
	if len(f.paras) == 0 {
		return
	}
	p := f.paras[len(f.paras)-1].String()
	f.paras = f.paras[:len(f.paras)-1]
	if len(f.cells) == 0 {
		f.out.lines(p)
		return
	}
	f.intoCell(p)
}

func (f *flow) intoCell(s string) {
	c := f.cells[len(f.cells)-1]
	if s = strings.Join(strings.Fields(s), " "); s != "" {
		if c.Len() > 0 {
			c.WriteByte(' ')
		}
		c.WriteString(s)
	}
}

func (f *flow) beginRow() {
	if len(f.rows) < maxNesting {
		f.rows = append(f.rows, nil)
	}
}

func (f *flow) beginCell() {
	if len(f.cells) < maxNesting {
		f.cells = append(f.cells, new(strings.Builder))
	}
}

// endCell closes a cell that stands for n columns.
func (f *flow) endCell(n int) {
	if len(f.cells) == 0 {
		return
	}
	s := f.cells[len(f.cells)-1].String()
	f.cells = f.cells[:len(f.cells)-1]
	if len(f.rows) > 0 {
		row := &f.rows[len(f.rows)-1]
		if len(*row) < maxCells {
			*row = append(*row, s)
			for range min(n-1, 255) {
				*row = append(*row, "")
			}
		}
	}
}

func (f *flow) endRow() {
	if len(f.rows) == 0 {
		return
	}
	row := f.rows[len(f.rows)-1]
	f.rows = f.rows[:len(f.rows)-1]
	if len(f.cells) == 0 {
		f.out.row(row)
		return
	}
	f.intoCell(strings.Join(row, " "))
}
