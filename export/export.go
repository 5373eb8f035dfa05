// Package export writes articles in the formats that researchers, librarians and scripts
// read: JSON, JSON Lines, CSV, XLSX, TEI, BibTeX, RIS, GB/T 7714-2015, Markdown and plain
// text. Every writer streams: one article is in memory at a time (xlsx keeps its rows in
// a temporary file).
//
// A stream that ends in an error never looks complete: Write returns the error and how
// many articles came before it, and a JSON array stays open.
package export

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"cundang/extract"
)

// Format describes an export format.
type Format struct {
	Name      string // what the user types: "jsonl"
	Extension string // with the dot: ".jsonl"
	MediaType string // for HTTP
	Title     string // for people, in English
	TitleZh   string // for people, in Chinese
	open      func(*bufio.Writer, Options) (writer, error)
}

// writer writes the articles of one export in order.
type writer interface {
	put(extract.Article) error
	finish() error  // writes what closes the format; called once, after the last put
	discard() error // releases temporary files; always called
}

// Options of Write; the zero value is a good default.
type Options struct {
	TempDir string // for xlsx; "" is the system's
}

// Formats returns the formats in the order in which a menu should show them.
func Formats() []Format {
	return []Format{
		{"json", ".json", "application/json", "JSON (one array)", "JSON（数组）", openJSON},
		{"jsonl", ".jsonl", "application/x-ndjson", "JSON Lines", "JSON Lines（每行一篇）", openJSONL},
		{"csv", ".csv", "text/csv; charset=utf-8", "CSV (opens in Excel)", "CSV（可用 Excel 打开）", openCSV},
		{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel workbook",
			"Excel 工作簿", openXLSX},
		{"markdown", ".md", "text/markdown; charset=utf-8", "Markdown", "Markdown", openMarkdown},
		{"text", ".txt", "text/plain; charset=utf-8", "Plain text", "纯文本", openText},
		{"tei", ".xml", "application/tei+xml", "TEI P5 corpus", "TEI P5 语料", openTEI},
		{"gbt7714", ".txt", "text/plain; charset=utf-8", "References, GB/T 7714-2015", "参考文献（GB/T 7714-2015）",
			openReferences(GBT7714)},
		{"bibtex", ".bib", "application/x-bibtex; charset=utf-8", "References, BibTeX", "参考文献（BibTeX）",
			openReferences(BibTeX)},
		{"ris", ".ris", "application/x-research-info-systems; charset=utf-8", "References, RIS", "参考文献（RIS）",
			openReferences(RIS)},
	}
}

// ErrFormat is in the chain of the error for an unknown format name.
var ErrFormat = fmt.Errorf("unknown export format (known: %s)", strings.Join(names(), ", "))

// FormatByName finds a format by its name or one of the usual other spellings ("ndjson",
// "md", "txt", "excel", "bib"), ignoring case. The error wraps ErrFormat.
func FormatByName(name string) (Format, error) {
	n := strings.ToLower(strings.TrimSpace(name))
	if other, ok := map[string]string{"ndjson": "jsonl", "md": "markdown", "txt": "text", "excel": "xlsx", "bib": "bibtex",
		"gb7714": "gbt7714", "xml": "tei"}[n]; ok {
		n = other
	}
	all := Formats()
	if i := slices.IndexFunc(all, func(f Format) bool { return f.Name == n }); i >= 0 {
		return all[i], nil
	}
	return Format{}, fmt.Errorf("export as %q: %w", name, ErrFormat)
}

func names() []string {
	return []string{"json", "jsonl", "csv", "xlsx", "markdown", "text", "tei", "gbt7714", "bibtex", "ris"}
}

// Write writes articles to w in the named format and returns how many were written. An
// error of the stream, of w or of a value ends the export and is returned; what w has
// received until then is not a complete export and must not be kept as one (an HTTP
// handler aborts its connection, a file is renamed into place only afterwards).
func Write(w io.Writer, format string, articles iter.Seq2[extract.Article, error], opts Options) (n int, err error) {
	f, err := FormatByName(format)
	if err != nil {
		return 0, err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	out, err := f.open(b, opts)
	if err != nil {
		return 0, fmt.Errorf("begin %s export: %w", f.Name, err)
	}
	defer func() {
		if derr := out.discard(); derr != nil && err == nil {
			err = fmt.Errorf("end %s export: %w", f.Name, derr)
		}
	}()
	for a, aerr := range articles {
		if aerr != nil {
			return n, fmt.Errorf("export stopped after %d articles: %w", n, aerr)
		}
		if err := out.put(whole(a)); err != nil {
			return n, fmt.Errorf("export article %d (%s): %w", n+1, a.ID, err)
		}
		n++
	}
	if err := out.finish(); err != nil {
		return n, fmt.Errorf("end %s export: %w", f.Name, err)
	}
	if err := b.Flush(); err != nil {
		return n, fmt.Errorf("end %s export: %w", f.Name, err)
	}
	return n, nil
}

// whole returns a with every list present, so that JSON has [] and never null for them.
func whole(a extract.Article) extract.Article {
	a.Column = present(a.Column)
	a.Paragraphs = present(a.Paragraphs)
	a.Images = present(a.Images)
	a.Attachments = present(a.Attachments)
	a.People = present(a.People)
	a.Places = present(a.Places)
	a.Organizations = present(a.Organizations)
	if a.Provenance == nil {
		a.Provenance = map[string]extract.Provenance{}
	}
	return a
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
