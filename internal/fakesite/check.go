package fakesite

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// Found is an article as a crawler and reader found it, in the words of the truth.
type Found struct {
	Site        string
	URL         string
	State       string // "live", "missing" or "gone"; "" is live
	Title       string
	Source      string
	Author      string
	Editor      string
	Contributor string
	Published   string
	Column      []string
	Body        []string // paragraphs
	Attachments []string // addresses
	Images      []string // addresses
	Parts       []string // addresses
}

// Field is a field Check can compare.
type Field string

const (
	FieldTitle       Field = "title"
	FieldSource      Field = "source"
	FieldAuthor      Field = "author"
	FieldPublished   Field = "published"
	FieldEditor      Field = "editor"
	FieldContributor Field = "contributor"
	FieldColumn      Field = "column"
	FieldBody        Field = "body"
	FieldAttachments Field = "attachments"
	FieldImages      Field = "images"
	FieldParts       Field = "parts"
)

// Basic are the fields that Check compares when none are named.
var Basic = []Field{FieldTitle, FieldSource, FieldAuthor, FieldPublished}

// All are all fields.
var All = []Field{FieldTitle, FieldSource, FieldAuthor, FieldPublished, FieldEditor, FieldContributor, FieldColumn,
	FieldBody, FieldAttachments, FieldImages, FieldParts}

// Check compares what was found with the truth and says each difference in a line:
// articles not found, found twice, found though they are none, or read wrongly. A
// deleted article may be found, but not as live; the old address of a moved one
// may be found in any state. No lines: found equals the truth.
func (t Truth) Check(found []Found, fields ...Field) []string {
	if len(fields) == 0 {
		fields = Basic
	}
	byURL := map[string][]Found{}
	for _, f := range found {
		byURL[f.URL] = append(byURL[f.URL], f)
	}
	var out []string
	known := map[string]bool{}
	for _, s := range t.Sites {
		for _, a := range s.Articles {
			known[a.URL] = true
			got := byURL[a.URL]
			switch {
			case len(got) > 1:
				out = append(out, fmt.Sprintf("%s: found %d times: %s", s.Site, len(got), a.URL))
			case len(got) == 1:
				out = append(out, a.check(s.Site, got[0], fields)...)
			case a.State == Live:
				out = append(out, fmt.Sprintf("%s: not found: %s %s", s.Site, a.URL, a.Title))
			}
		}
	}
	var extra []string
	for url, got := range byURL {
		if !known[url] {
			extra = append(extra, fmt.Sprintf("%s: no article, but found as one: %s %s", got[0].Site, url, got[0].Title))
		}
	}
	sort.Strings(extra)
	return append(out, extra...)
}

func (a TruthArticle) check(site string, f Found, fields []Field) []string {
	var out []string
	wrong := func(what string, got, want any) {
		out = append(out, fmt.Sprintf("%s: %s of %s is %q, the truth is %q", site, what, a.URL, got, want))
	}
	switch {
	case a.State == Moved:
		return nil
	case a.State == Gone && (f.State == "" || f.State == "live"):
		wrong("state", "live", string(a.State))
	case a.State == Live && f.State != "" && f.State != "live":
		wrong("state", f.State, string(a.State))
	}
	if f.Site != "" && f.Site != site {
		wrong("site", f.Site, site)
	}
	for _, field := range fields {
		got, want := a.values(field, f)
		if field == FieldBody {
			if d := a.bodyDiff(f.Body); d != "" {
				out = append(out, fmt.Sprintf("%s: body of %s: %s", site, a.URL, d))
			}
		} else if !slices.Equal(got, want) {
			wrong(string(field), strings.Join(got, " | "), strings.Join(want, " | "))
		}
	}
	return out
}

// values returns a field as found and as it is.
func (a TruthArticle) values(field Field, f Found) (got, want []string) {
	switch field {
	case FieldTitle:
		return []string{f.Title}, []string{a.Title}
	case FieldSource:
		return []string{f.Source}, []string{a.Source}
	case FieldAuthor:
		return []string{f.Author}, []string{a.Author}
	case FieldPublished:
		return []string{f.Published}, []string{a.Published}
	case FieldEditor:
		return []string{f.Editor}, []string{a.Editor}
	case FieldContributor:
		return []string{f.Contributor}, []string{a.Contributor}
	case FieldColumn:
		return f.Column, a.Column
	case FieldAttachments:
		for _, x := range a.Attachments {
			want = append(want, x.URL)
		}
		return f.Attachments, want
	case FieldImages:
		return f.Images, a.Images
	case FieldParts:
		return f.Parts, a.Parts
	}
	return nil, nil
}

// bodyDiff says the first paragraph that is missing or does not belong. White space does
// not count; the optional lines may stand anywhere.
func (a TruthArticle) bodyDiff(body []string) string {
	optional := map[string]bool{}
	for _, o := range a.Optional {
		optional[squeeze(o)] = true
	}
	var got []string
	for _, p := range body {
		if q := squeeze(p); q != "" && !optional[q] {
			got = append(got, q)
		}
	}
	for i, want := range a.Body {
		if i >= len(got) {
			return fmt.Sprintf("ends before %q", want)
		}
		if got[i] != squeeze(want) {
			return fmt.Sprintf("paragraph %d is %q, the truth is %q", i+1, got[i], want)
		}
	}
	if len(got) > len(a.Body) {
		return fmt.Sprintf("%q does not belong to it", got[len(a.Body)])
	}
	return ""
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
