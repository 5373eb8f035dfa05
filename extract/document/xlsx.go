package document

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads the sheets with their cells as the workbook shows them. The name of a
// sheet stands before it when the workbook has more than one.
func (w *work) readXLSX(ctx context.Context, body []byte) (err error) {
	f, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{
		UnzipSizeLimit:    w.unpack,
		UnzipXMLSizeLimit: min(w.unpack, 16<<20), // larger parts go to a temporary file
		TmpDir:            w.reader.opts.TempDir,
	})
	if err != nil && strings.Contains(err.Error(), "unzip size exceeds") {
		return errUnpacked
	}
	if err != nil {
		return broken("%v", err)
	}
	defer func() {
		if cerr := f.Close(); cerr != nil && err == nil {
			err = machineError{cerr}
		}
	}()
	sheets := f.GetSheetList()
	for _, name := range sheets {
		if w.pages++; w.pages > w.reader.opts.MaxPages {
			return tooManyPages(w)
		}
		if len(sheets) > 1 {
			w.text.line(name)
		}
		if err := w.sheet(ctx, f, name); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) sheet(ctx context.Context, f *excelize.File, name string) error {
	rows, err := f.Rows(name)
	if err != nil {
		return broken("sheet %s: %v", name, err)
	}
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := rows.Columns()
		if err != nil {
			return broken("sheet %s: %v", name, err)
		}
		w.text.row(cells)
		if w.text.full {
			return errFull
		}
	}
	if err := rows.Error(); err != nil {
		return broken("sheet %s: %v", name, err)
	}
	if err := rows.Close(); err != nil {
		return machineError{fmt.Errorf("close sheet: %w", err)}
	}
	return nil
}
