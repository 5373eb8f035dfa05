package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"strings"

	"cundang/archive"
	"cundang/internal/jsonrow"
	"cundang/internal/urlkey"
)

// JSON is an answer in JSON: a list whose rows carry their texts, or one article. Pages that
// a script fills from such answers hold nothing to read themselves.
type JSON struct {
	page  Page
	value any
	read  jsonrow.Reader
}

// OpenJSON parses a JSON answer; ok is false when it is none. Links in it resolve against base, the page that
// asked for it, "" for its own address.
func OpenJSON(p Page, base string) (j JSON, ok bool) {
	if base == "" {
		base = p.URL
	}
	j.page = p
	j.value, ok = jsonrow.Parse(p.Body)
	j.read.Resolve = func(ref string) string {
		u, err := urlkey.Resolve(base, strings.TrimSpace(ref), "")
		if err != nil {
			return ""
		}
		if p.Profile != nil {
			u = p.Profile.Identity(u)
		}
		return u
	}
	if p.Profile != nil {
		j.read.Link = p.Profile.Lists.Link
	}
	return j, ok
}

// Rows returns the addresses of the articles whose texts the answer carries.
func (j JSON) Rows() []string {
	var urls []string
	for _, row := range j.read.Rows(j.value) {
		if row.Body != "" {
			urls = append(urls, row.URL)
		}
	}
	return urls
}

// ReadJSON reads the article at url out of an answer: the row with that address, or, when url is that of
// the answer itself, the one article it holds. ok is false when the text of none is in it.
func (r *Reader) ReadJSON(ctx context.Context, j JSON, url string) (a Article, ok bool, err error) {
	a, rd, err := r.readJSON(ctx, j, url)
	return a, rd != nil, err
}

// readJSON is ReadJSON with the reading of the row's text, nil when the answer holds none.
func (r *Reader) readJSON(ctx context.Context, j JSON, url string) (a Article, rd *reading, err error) {
	row, ok := j.row(url)
	if !ok || ctx.Err() != nil {
		return a, nil, ctx.Err()
	}
	p := j.page
	p.URL, p.Body, p.ContentType, p.Model = url, rowHTML(row.Body), "text/html; charset=utf-8", nil
	rd = readFrame(p)
	rd.kind, rd.column = KindArticle, nil
	rd.readRow(row)
	a = rd.article(p)
	a.Rules += "+json"
	a.Provenance["body"] = Provenance{Rule: "json", Confidence: jsonTrust, Raw: j.page.URL}
	a.Confidence = round(confidence(rd, &a))
	if p.Capture != nil {
		if column := p.Capture.Fields[archive.FieldColumn]; column != "" {
			a.Column = []string{column}
			a.Provenance["column"] = Provenance{Rule: "list", Confidence: .8, Raw: column}
		}
	}
	return a, rd, r.readDocuments(ctx, a.Attachments, a.Fetched)
}

func (j JSON) row(url string) (jsonrow.Row, bool) {
	if url == j.page.URL {
		return j.read.Article(j.value)
	}
	for _, row := range j.read.Rows(j.value) {
		if row.URL == url {
			return row, row.Body != ""
		}
	}
	return jsonrow.Row{}, false
}

// jsonTrust is how far a member of that name is trusted.
const jsonTrust = .95

// readRow takes the fields as the members name them; the text may name more.
func (rd *reading) readRow(row jsonrow.Row) {
	f := &rd.fields
	add := func(to *field, value, raw string) {
		to.add(Candidate{Rule: "json", Value: value, Raw: raw, Confidence: jsonTrust, Block: -1})
	}
	title := squash(plainText(row.Title))
	add(&f.title, title, row.Title)
	if source := cleanSource(squash(row.Source)); source != "" {
		add(&f.source, source, row.Source)
	}
	if author := cleanAuthor(squash(row.Author)); author != "" {
		add(&f.author, author, row.Author)
	}
	if editor := cleanEditor(squash(row.Editor)); editor != "" {
		add(&f.editor, editor, row.Editor)
	}
	if d, _, _, ok := findDate(strings.TrimSuffix(row.Date, " 00:00:00")); ok { // a day, filled up
		f.addDate(Candidate{Rule: "json", Raw: row.Date, Confidence: jsonTrust, Block: -1}, d)
	}
}

// rowHTML is the text of a row as a page.
func rowHTML(body string) []byte {
	if !strings.Contains(body, "<") {
		body = "<p>" + strings.Join(strings.Split(html.EscapeString(strings.TrimSpace(body)), "\n"), "</p>\n<p>") + "</p>"
	}
	return []byte("<html><body>" + body + "</body></html>")
}

// fromList reads the article of a page that holds none from the list that named it: a list in
// JSON may carry the texts that its pages' scripts only show.
func (r *Reader) fromList(ctx context.Context, p Page) (a Article, rd *reading, err error) {
	if r.Library == nil || p.Capture == nil || p.Capture.Fields[archive.FieldKind] != "article" {
		return a, nil, nil
	}
	via := p.Capture.Fields[archive.FieldVia]
	c, err := r.Library.Closest(ctx, via, p.Capture.Time)
	if errors.Is(err, archive.ErrNotFound) {
		return a, nil, nil
	}
	if err != nil {
		return a, nil, fmt.Errorf("find the list of %s: %w", p.URL, err)
	}
	q := Page{URL: via, Site: p.Site, Profile: p.Profile, Fetched: c.Time, Capture: &c}
	if q.Body, err = readBody(c); err != nil || !looksJSON(q.Body) {
		return a, nil, err
	}
	j, ok := OpenJSON(q, c.Fields[archive.FieldBase])
	if !ok {
		return a, nil, nil
	}
	return r.readJSON(ctx, j, p.Capture.URL)
}

// looksJSON says that a body may be JSON and is no HTML.
func looksJSON(body []byte) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func plainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	return parse([]byte(s)).Text()
}
