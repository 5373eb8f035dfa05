// Package terminal is the face on a command line: results as text that a person reads, or as JSON.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"cundang/internal/locale"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-isatty"
)

// Printer prints results. What a person is told beside them, such as how many there are, goes to Err.
type Printer struct {
	Out, Err io.Writer
	Lang     string // of the words, "zh" or "en"
	JSON     bool   // results are JSON
	Quiet    bool   // no progress
	Color    bool   // Out takes ANSI colours
	Redraw   bool   // lines of Err may be redrawn
}

// Tr returns the message in the language of the printer.
func (p *Printer) Tr(en, zh string) string {
	if p.Lang == locale.Chinese {
		return zh
	}
	return en
}

// reason puts a stored reason into words.
func (p *Printer) reason(text string) string { return locale.Say(p.Lang, text) }

// IsTerminal says whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	if t, ok := w.(Writer); ok {
		w = t.W
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// Raw returns where bytes go that are not text for a person: exports, captures, packages.
func Raw(w io.Writer) io.Writer {
	if t, ok := w.(Writer); ok {
		return t.W
	}
	return w
}

// PrintJSON writes v as indented JSON; Chinese stays readable.
func (p *Printer) PrintJSON(v any) error {
	enc := NewEncoder(p.Out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// NewEncoder returns an encoder of JSON that a terminal shows as it is.
func NewEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(jsonWriter{Raw(w)})
	enc.SetEscapeHTML(false)
	return enc
}

// Table returns a writer to w whose columns align Chinese by display width.
func Table(w io.Writer, header ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	t.SetStyle(style)
	t.AppendHeader(table.Row(header))
	return t
}

// list prints v as JSON, or a table with a row for each of all. The headings stand in one text, parted by |.
func list[T any](p *Printer, v any, en, zh string, all []T, row func(T) table.Row) error {
	if p.JSON {
		return p.PrintJSON(v)
	}
	t := p.headed(en, zh)
	for _, x := range all {
		t.AppendRow(row(x))
	}
	t.Render()
	return nil
}

// headed returns a table under headings that are parted by |.
func (p *Printer) headed(en, zh string) table.Writer {
	var header []any
	for h := range strings.SplitSeq(p.Tr(en, zh), "|") {
		header = append(header, h)
	}
	return Table(p.Out, header...)
}

// Clip cuts a text to n characters on one line.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// moment writes a time in China's zone, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone.China).Format(time.RFC3339)
}

// clock writes a time in China's zone without naming it, "" for none.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone.China).Format(time.DateTime)
}

// mark is the sign before what is as it should be or not.
func mark(ok bool) string {
	if ok {
		return "✓"
	}
	return "✗"
}

// share writes a number between 0 and 1.
func share(f float64) string { return fmt.Sprintf("%.2f", f) }
