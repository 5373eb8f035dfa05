package export

import (
	"bufio"
	"strings"

	"cundang/extract"
)

// markdownWriter writes CommonMark with tables in the GitHub manner.
type markdownWriter struct {
	w     *bufio.Writer
	begun bool
}

func openMarkdown(w *bufio.Writer, _ Options) (writer, error) { return &markdownWriter{w: w}, nil }

func (m *markdownWriter) put(a extract.Article) error {
	if m.begun {
		m.w.WriteString("\n---\n\n")
	}
	m.begun = true
	_, err := m.w.WriteString(Markdown(a))
	return err
}

func (m *markdownWriter) finish() error  { return nil }
func (m *markdownWriter) discard() error { return nil }

// Markdown is an article as Markdown. Text of the page is escaped: it cannot become markup.
func Markdown(a extract.Article) string {
	var b strings.Builder
	b.WriteString("# " + mdEscape(titled(a)) + "\n\n")
	if s := byline(a, " · "); s != "" {
		b.WriteString(mdEscape(s) + "\n\n")
	}
	if len(a.Column) > 0 {
		b.WriteString("栏目：" + mdEscape(line(strings.Join(a.Column, " > "))) + "\n\n")
	}
	mdBody(&b, a)
	for _, i := range a.Images {
		b.WriteString("![" + mdEscape(line(string(i.Caption))) + "](" + mdURL(i.URL) + ")\n\n")
	}
	for i, t := range a.Attachments {
		if i == 0 {
			b.WriteString("**附件**\n\n")
		}
		title := line(string(t.Title))
		if title == "" {
			title = t.URL
		}
		b.WriteString("- [" + mdEscape(title) + "](" + mdURL(t.URL) + ")\n")
	}
	if len(a.Attachments) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("网址：<" + mdURL(a.URL) + ">\n")
	if note := archived(a); note != "" {
		b.WriteString("\n存档：`" + strings.ReplaceAll(note, "`", "'") + "`\n")
	}
	return b.String()
}

func mdBody(b *strings.Builder, a extract.Article) {
	if len(a.Paragraphs) == 0 {
		for p := range strings.SplitSeq(clean(string(a.Body)), "\n") {
			if p = line(p); p != "" {
				b.WriteString(mdEscape(p) + "\n\n")
			}
		}
		return
	}
	for i, p := range a.Paragraphs {
		after := i+1 < len(a.Paragraphs) && a.Paragraphs[i+1].Kind == p.Kind
		switch p.Kind {
		case "h":
			b.WriteString("## " + mdEscape(line(p.Text)) + "\n\n")
		case "li":
			b.WriteString("- " + mdEscape(line(p.Text)) + "\n")
			if !after {
				b.WriteString("\n")
			}
		case "quote":
			b.WriteString("> " + mdEscape(line(p.Text)) + "\n\n")
		case "caption":
			b.WriteString("*" + mdEscape(line(p.Text)) + "*\n\n")
		case "table":
			b.WriteString(mdTable(p.Text) + "\n")
		default:
			b.WriteString(mdEscape(line(p.Text)) + "\n\n")
		}
	}
}

// cells reads a table paragraph: a row a line, cells separated by tabs or by " | ".
func cells(text string) [][]string {
	var rows [][]string
	for row := range strings.SplitSeq(clean(text), "\n") {
		if strings.TrimSpace(row) == "" {
			continue
		}
		sep := "\t"
		if !strings.Contains(row, sep) {
			sep = " | "
		}
		cols := strings.Split(row, sep)
		for i := range cols {
			cols[i] = line(cols[i])
		}
		rows = append(rows, cols)
	}
	return rows
}

func mdTable(text string) string {
	rows := cells(text)
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	var b strings.Builder
	for i, r := range rows {
		b.WriteString("|")
		for c := range width {
			v := ""
			if c < len(r) {
				v = mdEscape(r[c])
			}
			b.WriteString(" " + v + " |")
		}
		b.WriteString("\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
		}
	}
	return b.String()
}

// mdEscape escapes what CommonMark would read as markup. At the beginning of a line that
// includes list bullets, numbers with a full stop, and rules.
func mdEscape(s string) string {
	var b strings.Builder
	digits := true // only digits so far: "1." or "1)" would begin a list
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\`*_[]<#|~&", r),
			i == 0 && strings.ContainsRune("+-=>", r),
			i > 0 && digits && (r == '.' || r == ')'):
			b.WriteByte('\\')
		}
		digits = digits && r >= '0' && r <= '9'
		b.WriteRune(r)
	}
	return b.String()
}

var mdURLEscaper = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\\", "%5C")

// mdURL makes an address safe inside ( ) and < >.
func mdURL(u string) string { return mdURLEscaper.Replace(line(u)) }
