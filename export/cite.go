package export

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"

	"cundang/extract"
)

// Citation styles of Cite.
const (
	GBT7714 = "gbt7714" // GB/T 7714-2015, electronic resource [EB/OL]
	BibTeX  = "bibtex"
	RIS     = "ris"
)

// Styles returns the citation styles in the order of a menu.
func Styles() []string { return []string{GBT7714, BibTeX, RIS} }

// Cite returns the reference to an article in a style of Styles, "" for an unknown style.
// The date of access is the day of capture, because that is the page which the archive
// can show; the WARC record and its digest stand in a note. What the page does not say is
// left out: no author, source or date is made up.
func Cite(a extract.Article, style string) string {
	switch style {
	case GBT7714:
		return gbt7714(a)
	case BibTeX:
		return bibtex(a)
	case RIS:
		return ris(a)
	}
	return ""
}

// referenceWriter writes one reference after the other.
type referenceWriter struct {
	w     *bufio.Writer
	style string
}

func openReferences(style string) func(*bufio.Writer, Options) (writer, error) {
	return func(w *bufio.Writer, _ Options) (writer, error) { return &referenceWriter{w, style}, nil }
}

func (r *referenceWriter) put(a extract.Article) error {
	_, err := r.w.WriteString(Cite(a, r.style) + "\n")
	return err
}

func (r *referenceWriter) finish() error  { return nil }
func (r *referenceWriter) discard() error { return nil }

// gbt7714 follows GB/T 7714-2015 section 4.6 (electronic resources):
//
//	主要责任者. 题名[EB/OL]. (发布日期)[引用日期]. 获取和访问路径.
//
// The responsible party is the author, else the body that issued the document, else the
// source; without any the reference begins with the title (8.1.3 allows that in the
// citation-order system). Of more than three authors the first three are named (8.1.2).
// The number of an official document follows the title as other title information.
func gbt7714(a extract.Article) string {
	var b strings.Builder
	if who := authors(a); len(who) > 0 {
		if len(who) > 3 {
			who = append(who[:3:3], "等")
		}
		b.WriteString(strings.Join(who, ", ") + ". ")
	}
	b.WriteString(titled(a))
	if a.Document != nil && a.Document.Number != "" && !strings.Contains(string(a.Title), string(a.Document.Number)) {
		b.WriteString(": " + line(string(a.Document.Number)))
	}
	b.WriteString("[EB/OL]. ")
	if d := day(a.Published.Time); d != "" {
		b.WriteString("(" + d + ")")
	}
	if d := day(a.Fetched); d != "" {
		b.WriteString("[" + d + "]")
	}
	if s := b.String(); !strings.HasSuffix(s, ". ") {
		b.WriteString(". ")
	}
	b.WriteString(line(a.URL) + ".")
	if note := archived(a); note != "" {
		b.WriteString(" 存档记录: WARC " + note + ".")
	}
	return b.String()
}

// authors names who is responsible: the page's authors, else the issuer of an official
// document, else the source.
func authors(a extract.Article) []string {
	if who := people(line(string(a.Author))); len(who) > 0 {
		return who
	}
	if a.Document != nil {
		if s := line(string(a.Document.Issuer)); s != "" {
			return []string{s}
		}
	}
	if s := line(string(a.Source)); s != "" {
		return []string{s}
	}
	return nil
}

// people takes an author field apart at 、 ， ； / and, when every part then looks like a
// Chinese personal name of two to four characters, at spaces. "方 敏" is one padded name.
func people(s string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，；;,/", r) }) {
		words := strings.Fields(part)
		switch {
		case len(words) > 1 && every(words, personal):
			all = append(all, words...)
		case len(words) == 2 && every(words, single):
			all = append(all, words[0]+words[1])
		case len(words) > 0:
			all = append(all, strings.Join(words, " "))
		}
	}
	return all
}

func personal(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 2 && n <= 4 && han(s)
}

func single(s string) bool { return utf8.RuneCountInString(s) == 1 && han(s) }

func han(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) && r != '·' {
			return false
		}
	}
	return s != ""
}

func every(list []string, is func(string) bool) bool {
	for _, s := range list {
		if !is(s) {
			return false
		}
	}
	return true
}
