package web

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"cundang/export"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/internal/zone"
	"cundang/web/diff"
)

// articleData is what the article page shows.
type articleData struct {
	A           extract.Article
	Fields      []field
	Versions    []versionRow
	Citations   []citation
	Images      []picture
	Attachments []attachment
	Replay      string
	Column      []columnLink
	Modified    bool
	Newest      bool
	Older       string // address of the comparison with the version before
	Similar     []index.Similar
	Chain       []chainRow
	Readers     []string // reading notes: parts
	Curated     *curated // nil: nobody curates
	Proof       string   // address of the evidence file, "" if the archive has no log
}

// field is a row of the provenance table.
type field struct {
	Key, Title, Value, URL string
	P                      *extract.Provenance
	Doubt                  bool
}

type versionRow struct {
	Number             int
	Since, Fetched     time.Time // first and last capture
	Title              string
	State              extract.State
	URL, Diff, Replay  string
	Current            bool
	Added, Removed     int // characters against the version before
	Ref, Digest, Short string
}

type citation struct{ Style, Title, Text string }

type picture struct{ URL, Caption string }

type attachment struct{ URL, Title, Type, Text, Note string }

type columnLink struct{ Name, URL string }

// pick returns all versions of an article and the one asked for: v counts from 1, at is a
// moment, neither is the newest.
func (s *server) pick(ctx context.Context, id, v, at string) (all []extract.Article, i int, err error) {
	all, err = s.Index.Versions(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if len(all) == 0 {
		return nil, 0, errNotFound
	}
	switch {
	case v != "":
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, 0, badRequest("error.number")
		}
		if n < 1 || n > len(all) {
			return nil, 0, errNotFound
		}
		return all, n - 1, nil
	case at != "":
		t, err := parseDay(at, true)
		if err != nil {
			return nil, 0, err
		}
		if len(at) <= len("2006-01-02") {
			t = t.AddDate(0, 0, 1).Add(-time.Second)
		}
		i := versionAt(all, t)
		if i < 0 {
			return nil, 0, errNotFound
		}
		return all, i, nil
	}
	return all, len(all) - 1, nil
}

// versionAt is the newest version that stood at t or before, -1 for none.
func versionAt(all []extract.Article, t time.Time) int {
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].StandsSince().After(t) {
			return i
		}
	}
	return -1
}

func (s *server) articlePage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	all, i, err := s.pick(r.Context(), id, r.URL.Query().Get("v"), r.URL.Query().Get("at"))
	if err != nil {
		return err
	}
	lang, _ := s.prefs(r)
	a := all[i]
	if a.ID != id { // merged into another
		http.Redirect(w, r, "/a/"+url.PathEscape(a.ID), http.StatusMovedPermanently)
		return nil
	}
	d := articleData{A: a, Fields: fields(lang, a), Versions: versionRows(all, i), Citations: citations(lang, a),
		Replay: replayAddress(a.Fetched, a.URL), Modified: len(all) > 1, Newest: i == len(all)-1,
		Column: columnLinks(a.Column), Readers: a.Parts}
	if s.provable() {
		d.Proof = "/a/" + url.PathEscape(id) + "/evidence?v=" + strconv.Itoa(i+1)
	}
	if i > 0 {
		d.Older = diffAddress(id, i, i+1)
	}
	for _, im := range a.Images {
		d.Images = append(d.Images, picture{embedAddress(a.Fetched, im.URL, "im_"), string(im.Caption)})
	}
	for _, at := range a.Attachments {
		title := string(at.Title)
		if title == "" {
			title = at.URL
		}
		d.Attachments = append(d.Attachments, attachment{replayAddress(a.Fetched, at.URL), title,
			typeName(at.URL, string(at.Type)), string(at.Text), string(at.Note)})
	}
	if d.Chain, err = s.chain(r.Context(), a); err != nil {
		return err
	}
	if d.Curated, err = s.curated(r, a.ID); err != nil {
		return err
	}
	if d.Similar, err = s.similar(r.Context(), id); err != nil {
		return err
	}
	title := string(a.Title)
	if title == "" {
		title = a.URL
	}
	return s.show(w, r, "article", view{Title: title, Nav: "search", Data: d, Metas: metas(a)})
}

// typeName is what people call the type of a file: its ending, the media type where it has none.
func typeName(address, mediaType string) string {
	u, err := url.Parse(address)
	if err != nil {
		return mediaType
	}
	if ext := strings.TrimPrefix(path.Ext(u.Path), "."); ext != "" && len(ext) <= 5 {
		return strings.ToUpper(ext)
	}
	return mediaType
}

func columnLinks(column []string) []columnLink {
	var out []columnLink
	for _, c := range column {
		out = append(out, columnLink{c, question{Values: map[string][]string{"column": {c}}}.At("/")})
	}
	return out
}

// fields lists what the page says with where it stands, the absent ones too.
func fields(lang string, a extract.Article) []field {
	var out []field
	add := func(key, value, param string) {
		f := field{Key: key, Title: locale.Text(lang, "field."+key), Value: value}
		if p, ok := a.Provenance[key]; ok {
			f.P = &p
			f.Doubt = p.Confidence < 0.8
		}
		if param != "" && value != "" {
			f.URL = question{Values: map[string][]string{param: {value}}}.At("/")
		}
		out = append(out, f)
	}
	add("title", string(a.Title), "")
	add("source", string(a.Source), "source")
	add("author", string(a.Author), "author")
	add("editor", string(a.Editor), "")
	add("contributor", string(a.Contributor), "")
	add("published", showDate(a.Published), "")
	add("column", strings.Join(a.Column, " › "), "")
	if a.Document != nil {
		add("issuer", string(a.Document.Issuer), "")
		add("number", string(a.Document.Number), "")
		add("signed", showDate(a.Document.Signed), "")
		add("index", string(a.Document.Index), "")
	}
	add("body", bodySummary(lang, a), "")
	return out
}

func bodySummary(lang string, a extract.Article) string {
	if a.Body == "" {
		return ""
	}
	return locale.Text(lang, "article.size", len(a.Paragraphs), groupDigits(len([]rune(string(a.Body)))))
}

func versionRows(all []extract.Article, current int) []versionRow {
	var out []versionRow
	for i, v := range all {
		row := versionRow{Number: i + 1, Since: v.StandsSince(), Fetched: v.Fetched, Title: string(v.Title), State: v.State,
			Current: i == current,
			URL:     "/a/" + url.PathEscape(v.ID) + "?v=" + strconv.Itoa(i+1), Replay: replayAddress(v.Fetched, v.URL)}
		if v.Capture != nil {
			row.Ref, row.Digest = v.Capture.Ref, v.Capture.Digest
			row.Short = shortDigest(v.Capture.Digest)
		}
		if i > 0 {
			row.Diff = diffAddress(v.ID, i, i+1)
			row.Added, row.Removed = changed(diff.ByWord(string(all[i-1].Body), string(v.Body), nil))
		}
		out = append(out, row)
	}
	return out
}

func shortDigest(d string) string {
	algorithm, hex, ok := strings.Cut(d, ":")
	if !ok || len(hex) < 16 {
		return d
	}
	return algorithm + ":" + hex[:12] + "…"
}

func changed(spans []diff.Span) (added, removed int) {
	for _, s := range spans {
		n := len([]rune(strings.TrimSpace(s.Text)))
		switch s.Op {
		case diff.Insert:
			added += n
		case diff.Delete:
			removed += n
		}
	}
	return added, removed
}

func diffAddress(id string, from, to int) string {
	return "/a/" + url.PathEscape(id) + "/diff?from=" + strconv.Itoa(from) + "&to=" + strconv.Itoa(to)
}

func citations(lang string, a extract.Article) []citation {
	var out []citation
	for _, style := range export.Styles() {
		if text := export.Cite(a, style); text != "" {
			out = append(out, citation{style, locale.Text(lang, "cite."+style), text})
		}
	}
	return out
}

// metas are read by Zotero and other reference managers: Highwire Press tags and Dublin Core.
func metas(a extract.Article) []meta {
	var out []meta
	add := func(value string, names ...string) {
		for _, n := range names {
			if value != "" {
				out = append(out, meta{n, value})
			}
		}
	}
	add(string(a.Title), "citation_title", "DC.title")
	add(string(a.Author), "citation_author", "DC.creator")
	add(string(a.Source), "citation_publisher", "DC.publisher", "DC.source")
	if !a.Published.Time.IsZero() {
		day := a.Published.Time.In(zone.China)
		add(day.Format("2006/01/02"), "citation_publication_date", "citation_date")
		add(day.Format("2006-01-02"), "DC.date")
	}
	add(a.URL, "citation_public_url", "DC.identifier")
	add("zh", "citation_language", "DC.language")
	add(a.Fetched.In(zone.China).Format("2006/01/02"), "citation_online_date")
	for _, k := range a.Column {
		add(k, "DC.subject")
	}
	if a.Capture != nil {
		add(a.Capture.Ref, "DC.relation")
		add(a.Capture.Digest, "DC.identifier.digest")
	}
	return out
}
