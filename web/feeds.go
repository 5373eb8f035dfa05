package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/web/diff"
)

// feedSize is how many entries a feed has.
const feedSize = 50

// Atom (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  atomPerson  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Updated   string       `xml:"updated"`
	Published string       `xml:"published,omitempty"`
	Links     []atomLink   `xml:"link"`
	Author    *atomPerson  `xml:"author"`
	Category  []atomTerm   `xml:"category"`
	Summary   *atomContent `xml:"summary"`
	Content   *atomContent `xml:"content"`
}

type atomTerm struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// entryID names an entry for ever, under whatever address the server is asked.
func entryID(id, what string, version int) string {
	return fmt.Sprintf("tag:cundang.invalid,2026:%s/%s/%d", what, id, version)
}

func (s *server) newFeed(r *http.Request, lang, title, page string) atomFeed {
	self := s.origin(r) + r.URL.RequestURI()
	return atomFeed{Lang: map[string]string{"zh": "zh-CN", "en": "en"}[lang],
		ID: "tag:cundang.invalid,2026:feed" + r.URL.RequestURI(), Title: title,
		Author: atomPerson{locale.Text(lang, "app.name")},
		Links:  []atomLink{{"self", "application/atom+xml", self}, {"alternate", "text/html", s.origin(r) + page}}}
}

func (f *atomFeed) add(e atomEntry) {
	f.Entries = append(f.Entries, e)
	f.Updated = max(f.Updated, e.Updated)
}

// stampUTC makes times comparable as text.
func stampUTC(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *server) sendFeed(w http.ResponseWriter, r *http.Request, f atomFeed) error {
	if f.Updated == "" {
		f.Updated = stampUTC(s.started) // an empty feed needs a date, too
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("write feed: %w", err)
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	if fresh(w, r, b.Bytes()) {
		return nil
	}
	_, _ = w.Write(b.Bytes()) // the client is gone
	return nil
}

// searchFeed has the newest results of a search; site= and column= make it the feed of a
// site or a column.
func (s *server) searchFeed(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	return s.feedOf(w, r, q, "")
}

func (s *server) savedFeed(w http.ResponseWriter, r *http.Request) error {
	saved, err := s.savedByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := url.ParseQuery(saved.Query)
	if err != nil {
		return badRequest("error.form")
	}
	q, err := parseQuestion(v)
	if err != nil {
		return err
	}
	return s.feedOf(w, r, q, saved.Name)
}

func (s *server) feedOf(w http.ResponseWriter, r *http.Request, q question, name string) error {
	lang, _ := s.prefs(r)
	q.Sort, q.Limit, q.Offset = "-published", feedSize, 0
	res, err := s.search(r.Context(), q.query())
	if err != nil {
		return err
	}
	if name == "" {
		name = s.feedName(lang, q)
	}
	f := s.newFeed(r, lang, name, q.with(func(q *question) { q.Sort, q.Limit = "", 0 }).At("/"))
	for _, h := range res.Hits {
		e := s.entryOf(r, h.Article, "article")
		if len(h.Fragments) > 0 {
			e.Summary = &atomContent{"html", "<p>" + strings.Join(h.Fragments, " … ") + "</p>"}
		}
		f.add(e)
	}
	return s.sendFeed(w, r, f)
}

func (s *server) feedName(lang string, q question) string {
	parts := []string{locale.Text(lang, "app.name")}
	if q.Text != "" {
		parts = append(parts, q.Text)
	}
	for _, c := range s.chips(lang, q) {
		parts = append(parts, c.Title+" "+c.Value)
	}
	return strings.Join(parts, " · ")
}

func (s *server) entryOf(r *http.Request, a extract.Article, what string) atomEntry {
	title := string(a.Title)
	if title == "" {
		title = a.URL
	}
	e := atomEntry{ID: entryID(a.ID, what, max(a.Version, 1)), Title: title, Updated: stampUTC(a.Fetched),
		Links: []atomLink{{"alternate", "text/html", s.origin(r) + "/a/" + a.ID}, {"via", "", a.URL}}}
	if !a.Published.Time.IsZero() {
		e.Published = stampUTC(a.Published.Time)
		e.Updated = e.Published // an unchanged page fetched again is no news
	}
	if a.Author != "" || a.Source != "" {
		e.Author = &atomPerson{string(a.Author)}
		if a.Author == "" {
			e.Author.Name = string(a.Source)
		}
	}
	for _, c := range a.Column {
		e.Category = append(e.Category, atomTerm{c})
	}
	return e
}

// changesFeed has modifications and deletions with what they changed.
func (s *server) changesFeed(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	lang, _ := s.prefs(r)
	iq := q.query()
	iq.Limit, iq.Offset = feedSize, 0
	rows, _, err := s.changeRows(r.Context(), iq)
	if err != nil {
		return err
	}
	f := s.newFeed(r, lang, s.feedName(lang, q)+" · "+locale.Text(lang, "changes.title"), q.At("/changes"))
	for _, row := range rows {
		e := s.entryOf(r, row.A, row.What)
		e.Updated = stampUTC(row.At)
		e.ID = entryID(row.ID, row.What, row.Version)
		if row.What == index.ChangeGone {
			e.ID += "/" + row.At.UTC().Format(ts14)
			e.Title = "[" + locale.Text(lang, "state.gone") + "] " + e.Title
			e.Content = &atomContent{"html", "<p>" + html.EscapeString(locale.Text(lang, "article.deleted")) + "</p>"}
		} else {
			e.Title = "[" + locale.Text(lang, "state.modified") + "] " + e.Title
			e.Links = append(e.Links, atomLink{"related", "text/html", s.origin(r) + row.Diff})
			e.Content = &atomContent{"html", diffHTML(lang, row)}
		}
		f.add(e)
	}
	return s.sendFeed(w, r, f)
}

// diffHTML writes a comparison as feed readers show it.
func diffHTML(lang string, row changeRow) string {
	var b strings.Builder
	write := func(spans []diff.Span) {
		for _, s := range spans {
			text := html.EscapeString(s.Text)
			switch s.Op {
			case diff.Insert:
				text = "<ins>" + text + "</ins>"
			case diff.Delete:
				text = "<del>" + text + "</del>"
			}
			b.WriteString(text)
		}
	}
	for _, f := range row.C.Fields {
		b.WriteString("<p><b>" + html.EscapeString(locale.Text(lang, "field."+f.Field)) + "</b> ")
		write(f.Spans)
		b.WriteString("</p>")
	}
	for _, line := range row.Bits {
		b.WriteString("<p>")
		write(line)
		b.WriteString("</p>")
	}
	return b.String()
}
