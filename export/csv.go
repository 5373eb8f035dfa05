package export

import (
	"bufio"
	"encoding/csv"
	"strings"

	"cundang/extract"
)

// csvWriter writes RFC 4180 with CRLF line ends, preceded by the UTF-8 byte order mark
// without which Excel reads Chinese as the system's legacy charset.
type csvWriter struct{ w *csv.Writer }

func openCSV(w *bufio.Writer, _ Options) (writer, error) {
	if _, err := w.WriteString("\uFEFF"); err != nil {
		return nil, err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	head := make([]string, len(fields))
	for i, f := range fields {
		head[i] = f.name
	}
	return &csvWriter{c}, c.Write(head)
}

func (c *csvWriter) put(a extract.Article) error {
	row := make([]string, len(fields))
	for i, f := range fields {
		row[i] = Guard(clean(f.value(a)))
	}
	return c.w.Write(row)
}

func (c *csvWriter) finish() error {
	c.w.Flush()
	return c.w.Error()
}

func (c *csvWriter) discard() error { return nil }

// Guard keeps a spreadsheet from running a cell as a formula (OWASP "CSV injection"): text
// that begins, after any white space, with = + - @ or one of their full-width forms, with a
// tab, or with an apostrophe gets an apostrophe before it. Unguard takes it away again, so
// nothing is lost.
func Guard(s string) string {
	if s == "" {
		return s
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' {
		return "'" + s
	}
	t := strings.TrimSpace(s)
	for _, p := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "'"} {
		if strings.HasPrefix(t, p) {
			return "'" + s
		}
	}
	return s
}
