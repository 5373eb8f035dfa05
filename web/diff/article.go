package diff

import (
	"strings"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// Field is a field beside the body that differs between two versions of an article.
type Field struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
	Spans []Span `json:"-"`
}

// Fields compares what two versions say beside their bodies, in the order in which a page shows it. Lists have a line
// for each value.
func Fields(old, now extract.Article) []Field {
	fields := []Field{}
	differ := func(name, a, b string, by func(a, b string) []Span) {
		if a != b {
			fields = append(fields, Field{name, a, b, by(a, b)})
		}
	}
	add := func(name, a, b string) { differ(name, a, b, byLine) }
	words := func(a, b string) []Span { return ByWord(a, b, nil) }
	differ("title", string(old.Title), string(now.Title), words)
	add("source", string(old.Source), string(now.Source))
	add("author", string(old.Author), string(now.Author))
	add("editor", string(old.Editor), string(now.Editor))
	add("contributor", string(old.Contributor), string(now.Contributor))
	add("published", Date(old.Published), Date(now.Published))
	add("column", strings.Join(old.Column, " › "), strings.Join(now.Column, " › "))
	was, is := documentOf(old), documentOf(now)
	add("issuer", string(was.Issuer), string(is.Issuer))
	add("number", string(was.Number), string(is.Number))
	add("signed", Date(was.Signed), Date(is.Signed))
	add("index", string(was.Index), string(is.Index))
	add("images", images(old), images(now))
	add("attachments", attachments(old), attachments(now))
	differ("attachment_text", attachmentTexts(old), attachmentTexts(now), words)
	add("state", string(old.State), string(now.State))
	return fields
}

// byLine compares values line by line, each whole: half of a date or a name says nothing.
func byLine(a, b string) []Span { return merge(compare(linesOf(a), linesOf(b))) }

func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.SplitAfter(text, "\n")
}

func documentOf(a extract.Article) extract.Document {
	if a.Document == nil {
		return extract.Document{}
	}
	return *a.Document
}

// Date writes a date as a page shows it, with its clock if there is one, in China's time.
func Date(d extract.Date) string {
	switch {
	case d.Time.IsZero():
		return ""
	case d.HasClock:
		return d.Time.In(zone.China).Format("2006-01-02 15:04")
	}
	return d.Time.In(zone.China).Format("2006-01-02")
}

func images(a extract.Article) string {
	var out []string
	for _, im := range a.Images {
		out = append(out, strings.TrimSpace(im.URL+" "+string(im.Caption)))
	}
	return strings.Join(out, "\n")
}

func attachments(a extract.Article) string {
	var out []string
	for _, at := range a.Attachments {
		out = append(out, strings.TrimSpace(string(at.Title)+" "+at.URL))
	}
	return strings.Join(out, "\n")
}

func attachmentTexts(a extract.Article) string {
	var out []string
	for _, at := range a.Attachments {
		if at.Text != "" {
			out = append(out, string(at.Text))
		}
	}
	return strings.Join(out, "\n")
}

// Comparison is how two versions of an article differ.
type Comparison struct {
	From        int       `json:"from"`
	To          int       `json:"to"`
	FromSince   time.Time `json:"from_since"` // first capture of each
	ToSince     time.Time `json:"to_since"`
	FromFetched time.Time `json:"from_fetched"` // last capture of each
	ToFetched   time.Time `json:"to_fetched"`
	Title       []Span    `json:"title"`
	Fields      []Field   `json:"fields"` // that differ, beside the body
	Body        []Span    `json:"body"`
}

// Compare compares two of all versions of an article, which are counted from 1.
func Compare(versions []extract.Article, from, to int) Comparison {
	old, now := versions[from-1], versions[to-1]
	return Comparison{From: from, To: to, FromSince: old.StandsSince(), ToSince: now.StandsSince(),
		FromFetched: old.Fetched, ToFetched: now.Fetched, Title: ByWord(string(old.Title), string(now.Title), nil),
		Fields: Fields(old, now), Body: ByWord(string(old.Body), string(now.Body), nil)}
}
