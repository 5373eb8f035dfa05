package export

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"cundang/extract"
	"cundang/internal/zone"
)

// field is a column of the table formats.
type field struct {
	name  string
	width float64 // of an xlsx column, in characters
	value func(extract.Article) string
}

// fields are the columns of csv and xlsx. The body is the last one: it is the longest.
// Lists are joined with "; ", the breadcrumb with " > ".
var fields = []field{
	{"id", 14, func(a extract.Article) string { return a.ID }},
	{"site", 10, func(a extract.Article) string { return string(a.Site) }},
	{"kind", 8, func(a extract.Article) string { return string(a.Kind) }},
	{"title", 48, func(a extract.Article) string { return string(a.Title) }},
	{"source", 18, func(a extract.Article) string { return string(a.Source) }},
	{"author", 14, func(a extract.Article) string { return string(a.Author) }},
	{"editor", 12, func(a extract.Article) string { return string(a.Editor) }},
	{"contributor", 14, func(a extract.Article) string { return string(a.Contributor) }},
	{"published", 20, func(a extract.Article) string { return shown(a.Published) }},
	{"column", 26, func(a extract.Article) string { return strings.Join(a.Column, " > ") }},
	{"url", 40, func(a extract.Article) string { return a.URL }},
	{"images", 12,
		func(a extract.Article) string { return join(a.Images, func(i extract.Image) string { return i.URL }) }},
	{"attachments", 12, func(a extract.Article) string {
		return join(a.Attachments, func(t extract.Attachment) string { return t.URL })
	}},
	{"people", 16, func(a extract.Article) string { return strings.Join(a.People, "; ") }},
	{"places", 16, func(a extract.Article) string { return strings.Join(a.Places, "; ") }},
	{"organizations", 16, func(a extract.Article) string { return strings.Join(a.Organizations, "; ") }},
	{"document_issuer", 16, official(func(d extract.Document) string { return string(d.Issuer) })},
	{"document_number", 16, official(func(d extract.Document) string { return string(d.Number) })},
	{"document_signed", 12, official(func(d extract.Document) string { return shown(d.Signed) })},
	{"document_index", 16, official(func(d extract.Document) string { return string(d.Index) })},
	{"fetched", 25, func(a extract.Article) string { return moment(a.Fetched) }},
	{"ref", 40, func(a extract.Article) string { return captured(a).Ref }},
	{"digest", 20, func(a extract.Article) string { return captured(a).Digest }},
	{"version", 8, func(a extract.Article) string { return strconv.Itoa(a.Version) }},
	{"versions", 8, func(a extract.Article) string { return strconv.Itoa(a.Versions) }},
	{"state", 8, func(a extract.Article) string { return string(a.State) }},
	{"confidence", 10, func(a extract.Article) string { return strconv.FormatFloat(a.Confidence, 'f', -1, 64) }},
	{"rules", 12, func(a extract.Article) string { return a.Rules }},
	{"body", 80, func(a extract.Article) string { return string(a.Body) }},
}

func official(value func(extract.Document) string) func(extract.Article) string {
	return func(a extract.Article) string {
		if a.Document == nil {
			return ""
		}
		return value(*a.Document)
	}
}

func captured(a extract.Article) extract.CaptureRef {
	if a.Capture == nil {
		return extract.CaptureRef{}
	}
	return *a.Capture
}

// shown writes a date as JSON does, "" when the page shows none.
func shown(d extract.Date) string { return d.String() }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone.China).Format(time.DateOnly)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone.China).Format(time.RFC3339)
}

func join[T any](list []T, value func(T) string) string {
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = value(v)
	}
	return strings.Join(s, "; ")
}

// clean drops what no table, XML file or reference may hold: control characters other than
// tab and line feed and non-characters.
func clean(s string) string {
	if !strings.ContainsFunc(s, unfit) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
}

func unfit(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF
}

// line is s on one line: runs of white space become one space.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
