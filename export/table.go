package export

import (
	"encoding/csv"
	"fmt"
	"io"
)

// WriteTable writes rows as CSV in the form of the csv format: with a byte order mark, CRLF line ends, and text that
// looks like a formula guarded.
func WriteTable(w io.Writer, head []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range append([][]string{head}, rows...) {
		guarded := make([]string, len(row))
		for i, cell := range row {
			guarded[i] = Guard(clean(cell))
		}
		if err := out.Write(guarded); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}
