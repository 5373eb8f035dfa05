package export

import (
	"bufio"
	"fmt"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"cundang/extract"
)

// Limits of a worksheet (Excel specifications and limits): rows, and UTF-16 units in a cell.
const (
	sheetRows = excelize.TotalRows
	cellUnits = excelize.TotalCellChars
)

// xlsxWriter writes rows through excelize's stream writer, which moves them to a temporary
// file. Cells are strings, so nothing is run as a formula. A body longer than a cell may be
// goes on in the cells to its right; articles beyond the last row go on in a further sheet.
type xlsxWriter struct {
	w      *bufio.Writer
	file   *excelize.File
	sheet  *excelize.StreamWriter
	sheets int
	row    int
	rows   int // of a sheet
}

func openXLSX(w *bufio.Writer, opts Options) (writer, error) {
	x := &xlsxWriter{w: w, file: excelize.NewFile(excelize.Options{TmpDir: opts.TempDir}), rows: sheetRows}
	if err := x.file.SetSheetName("Sheet1", "articles"); err != nil {
		return nil, err
	}
	return x, x.open("articles")
}

// open begins a sheet: widths, a frozen bold head.
func (x *xlsxWriter) open(name string) (err error) {
	x.sheets++
	x.row = 0
	if x.sheet, err = x.file.NewStreamWriter(name); err != nil {
		return err
	}
	for i, f := range fields {
		if err := x.sheet.SetColWidth(i+1, i+1, f.width); err != nil {
			return err
		}
	}
	if err := x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2",
		ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	bold, err := x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	head := make([]any, len(fields))
	for i, f := range fields {
		head[i] = f.name
	}
	return x.write(head, excelize.RowOpts{StyleID: bold})
}

func (x *xlsxWriter) write(cells []any, opts ...excelize.RowOpts) error {
	x.row++
	return x.sheet.SetRow("A"+strconv.Itoa(x.row), cells, opts...)
}

func (x *xlsxWriter) put(a extract.Article) error {
	if x.row == x.rows {
		if err := x.next(); err != nil {
			return err
		}
	}
	row := make([]any, 0, len(fields))
	for i, f := range fields {
		parts := split(clean(f.value(a)), cellUnits)
		if len(parts) > 1 && i < len(fields)-1 {
			return fmt.Errorf("%s has more than the %d characters of a cell: export as jsonl or csv", f.name, cellUnits)
		}
		for _, p := range parts {
			row = append(row, p)
		}
	}
	if len(row) > excelize.MaxColumns {
		return fmt.Errorf("body has more characters than a row may hold: export as jsonl or csv")
	}
	return x.write(row)
}

func (x *xlsxWriter) next() error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	name := fmt.Sprintf("articles %d", x.sheets+1)
	if _, err := x.file.NewSheet(name); err != nil {
		return err
	}
	return x.open(name)
}

func (x *xlsxWriter) finish() error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	return x.file.Write(x.w)
}

func (x *xlsxWriter) discard() error { return x.file.Close() }

// split cuts s into pieces of at most limit UTF-16 units; there is always one piece.
func split(s string, limit int) []string {
	var parts []string
	start, units := 0, 0
	for i, r := range s {
		n := utf16.RuneLen(r)
		if units+n > limit {
			parts = append(parts, s[start:i])
			start, units = i, 0
		}
		units += n
	}
	return append(parts, s[start:])
}
