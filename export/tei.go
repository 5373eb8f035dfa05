package export

import (
	"bufio"
	"encoding/xml"
	"strconv"
	"strings"

	"cundang/extract"
)

// teiWriter writes a TEI P5 corpus: a teiCorpus with one TEI document an article, for
// corpus tools (TXM, oXygen, Voyant). A corpus must hold at least one text, so an empty
// result holds a TEI document that says so.
type teiWriter struct {
	w *bufio.Writer
	n int
}

func openTEI(w *bufio.Writer, _ Options) (writer, error) {
	_, err := w.WriteString(xml.Header + `<teiCorpus xmlns="http://www.tei-c.org/ns/1.0" version="4.8.0">
<teiHeader><fileDesc><titleStmt><title>cundang export</title></titleStmt><publicationStmt><p>Exported from a web archive.</p></publicationStmt><sourceDesc><p>Articles read from archived web pages; each names its record.</p></sourceDesc></fileDesc></teiHeader>
`)
	return &teiWriter{w: w}, err
}

func (t *teiWriter) put(a extract.Article) error {
	t.n++
	return t.text(a)
}

func (t *teiWriter) finish() error {
	if t.n == 0 {
		if err := t.text(extract.Article{Title: "(no articles)"}); err != nil {
			return err
		}
	}
	_, err := t.w.WriteString("</teiCorpus>\n")
	return err
}

func (t *teiWriter) discard() error { return nil }

func (t *teiWriter) text(a extract.Article) error {
	var b strings.Builder
	b.WriteString("<TEI")
	if a.ID != "" {
		attribute(&b, "xml:id", "a"+a.ID+versioned(a, "-v"))
	}
	b.WriteString("><teiHeader><fileDesc><titleStmt>")
	element(&b, "title", titled(a))
	for _, who := range authors(a) {
		element(&b, "author", who)
	}
	element(&b, "editor", line(string(a.Editor)))
	b.WriteString("</titleStmt><publicationStmt>")
	publisher := line(string(a.Source))
	if publisher == "" {
		publisher = line(string(a.Site))
	}
	if publisher == "" {
		publisher = "unknown"
	}
	element(&b, "publisher", publisher)
	if p := shown(a.Published); p != "" {
		b.WriteString("<date")
		attribute(&b, "when", p)
		b.WriteString(">" + escape(p) + "</date>")
	}
	b.WriteString("</publicationStmt><sourceDesc><bibl>")
	if a.URL != "" {
		b.WriteString("<ptr")
		attribute(&b, "target", line(a.URL))
		b.WriteString("/>")
	}
	if f := moment(a.Fetched); f != "" {
		b.WriteString(`<date type="fetched"`)
		attribute(&b, "when", f)
		b.WriteString("/>")
	}
	c := captured(a)
	for _, id := range [][2]string{{"warc", c.Ref}, {"digest", c.Digest}} {
		if id[1] != "" {
			b.WriteString("<idno")
			attribute(&b, "type", id[0])
			b.WriteString(">" + escape(id[1]) + "</idno>")
		}
	}
	b.WriteString("</bibl></sourceDesc></fileDesc>")
	teiProfile(&b, a)
	b.WriteString("</teiHeader>\n<text xml:lang=\"zh\"><body>\n")
	teiBody(&b, a)
	b.WriteString("</body></text></TEI>\n")
	_, err := t.w.WriteString(b.String())
	return err
}

// teiProfile writes the breadcrumb and the names as keywords.
func teiProfile(b *strings.Builder, a extract.Article) {
	lists := []struct {
		scheme string
		terms  []string
	}{{"#column", a.Column}, {"#people", a.People}, {"#places", a.Places}, {"#organizations", a.Organizations}}
	begun := false
	for _, l := range lists {
		if len(l.terms) == 0 {
			continue
		}
		if !begun {
			b.WriteString("<profileDesc><textClass>")
			begun = true
		}
		b.WriteString("<keywords")
		attribute(b, "scheme", l.scheme)
		b.WriteString(">")
		for _, t := range l.terms {
			element(b, "term", line(t))
		}
		b.WriteString("</keywords>")
	}
	if begun {
		b.WriteString("</textClass></profileDesc>")
	}
}

func teiBody(b *strings.Builder, a extract.Article) {
	paragraphs := a.Paragraphs
	if len(paragraphs) == 0 {
		for p := range strings.SplitSeq(string(a.Body), "\n") {
			if line(p) != "" {
				paragraphs = append(paragraphs, extract.Paragraph{Kind: "p", Text: p})
			}
		}
	}
	if len(paragraphs) == 0 {
		b.WriteString("<p/>\n")
	}
	for i, p := range paragraphs {
		switch p.Kind {
		case "table":
			b.WriteString("<table>")
			for _, row := range cells(p.Text) {
				b.WriteString("<row>")
				for _, c := range row {
					b.WriteString("<cell>" + escape(c) + "</cell>")
				}
				b.WriteString("</row>")
			}
			b.WriteString("</table>\n")
		case "h": // TEI allows <head> only before the first paragraph of a division
			b.WriteString(`<p rend="head">` + escape(clean(p.Text)) + "</p>\n")
		case "li":
			if i == 0 || paragraphs[i-1].Kind != "li" {
				b.WriteString("<list>")
			}
			b.WriteString("<item>" + escape(clean(p.Text)) + "</item>")
			if i+1 == len(paragraphs) || paragraphs[i+1].Kind != "li" {
				b.WriteString("</list>\n")
			}
		case "quote":
			b.WriteString("<quote>" + escape(clean(p.Text)) + "</quote>\n")
		case "caption":
			b.WriteString(`<p rend="caption">` + escape(clean(p.Text)) + "</p>\n")
		default:
			b.WriteString("<p>" + escape(clean(p.Text)) + "</p>\n")
		}
	}
}

func element(b *strings.Builder, name, text string) {
	if text != "" {
		b.WriteString("<" + name + ">" + escape(text) + "</" + name + ">")
	}
}

func attribute(b *strings.Builder, name, value string) {
	b.WriteString(" " + name + `="` + escape(clean(value)) + `"`)
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string { return xmlEscaper.Replace(s) }

// versioned tells versions of one article apart: "" for the first.
func versioned(a extract.Article, mark string) string {
	if a.Version > 1 {
		return mark + strconv.Itoa(a.Version)
	}
	return ""
}
