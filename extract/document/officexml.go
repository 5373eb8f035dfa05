package document

import (
	"bytes"
	"context"
	"encoding/xml"
	"strconv"
	"strings"
)

// readXML reads the XML that Office 2003 saves under .doc and .xls names: WordprocessingML
// and SpreadsheetML, told apart by their root. Of any other XML it reads the text of each
// element, a line each.
func (w *work) readXML(ctx context.Context, body []byte) error {
	root := ""
	if err := walkXML(ctx, body, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			root = e.Name.Local
			return errRoot
		}
		return nil
	}); err != nil && err != errRoot {
		return err
	}
	switch root {
	case "wordDocument", "package": // the latter is Word's "XML document" of 2007
		return readWordML(ctx, &w.text, body, nil)
	case "Workbook":
		return w.readSheetXML(ctx, body)
	}
	return walkXML(ctx, body, func(t xml.Token) error {
		if c, ok := t.(xml.CharData); ok {
			w.text.line(string(c))
		}
		if w.text.full {
			return errFull
		}
		return nil
	})
}

// errRoot ends a walk at the root element.
const errRoot = noted("root")

// readSheetXML reads SpreadsheetML: Worksheet, Row, Cell with a column index where cells
// are left out, Data.
func (w *work) readSheetXML(ctx context.Context, body []byte) error {
	var row []string
	var cell strings.Builder
	column, data := 0, false
	sheets := bytes.Count(body, []byte("Worksheet>")) // end tags, with any prefix
	err := walkXML(ctx, body, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "Worksheet":
				w.pages++
				if sheets > 1 {
					w.text.line(attr(e, "Name"))
				}
			case "Row":
				row, column = nil, 0
			case "Cell":
				if n, err := strconv.Atoi(attr(e, "Index")); err == nil && n > 0 && n <= maxCells {
					column = n - 1
				}
				cell.Reset()
			case "Data":
				data = true
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "Data":
				data = false
			case "Cell":
				for len(row) < column && len(row) < maxCells {
					row = append(row, "")
				}
				if len(row) < maxCells {
					row = append(row, cell.String())
				}
				column++
				cell.Reset()
			case "Row":
				w.text.row(row)
			}
		case xml.CharData:
			if data {
				cell.Write(e)
			}
		}
		if w.text.full {
			return errFull
		}
		return nil
	})
	return err
}
