package extract

import (
	"strconv"
	"time"

	"cundang/internal/urlkey"
	"cundang/internal/zone"
	"cundang/site"
)

// article writes down what a reading found.
func (rd *reading) article(p Page) Article {
	v, f := rd.v, &rd.fields
	a := Article{
		URL: v.url, Site: Text(p.Site), Fetched: p.Fetched.In(zone.China), Version: 1, Versions: 1, State: StateLive, Rules: Version,
		Column: []string{}, People: []string{}, Places: []string{}, Organizations: []string{}, Images: []Image{}, Attachments: []Attachment{},
		Provenance: map[string]Provenance{},
	}
	if m := p.Model; m.group(p.URL) != nil {
		a.Rules += "+model/" + strconv.Itoa(m.Version)
	}
	if p.Profile != nil && p.Profile.Reading != (site.Reading{}) {
		a.Rules += "+profile"
	}
	if p.Rendered {
		a.Rules += "+rendered"
	}
	if a.URL == "" {
		a.URL = p.URL
	}
	a.ID = urlkey.ID(a.URL)
	if p.Capture != nil {
		a.Capture = &CaptureRef{Ref: p.Capture.Ref.String(), Digest: p.Capture.Digest}
		if a.Fetched.IsZero() {
			a.Fetched = p.Capture.Time.In(zone.China)
		}
	}
	if p.Fetched.IsZero() && p.Capture == nil {
		a.Fetched = time.Time{}
	}
	put := func(name string, f *field) Text {
		pr, ok := f.provenance()
		if !ok {
			return ""
		}
		a.Provenance[name] = pr
		c, _ := f.best()
		return Text(c.Value)
	}
	a.Title = put("title", &f.title)
	a.Source = put("source", &f.source)
	a.Author = put("author", &f.author)
	a.Editor = put("editor", &f.editor)
	a.Contributor = put("contributor", &f.contributor)
	if d, c, ok := f.date(); ok {
		a.Published, a.PublishedText = d, Text(dateText(c.Raw))
		put("published", &f.published)
	}
	if len(rd.column) > 0 {
		a.Column = rd.column
		put("column", &f.column)
	}
	a.Paragraphs = paragraphs(v, rd.body.blocks, rd.drop)
	a.Body = joinBody(a.Paragraphs)
	if a.Body != "" || rd.body.rule == "pictures" {
		a.Provenance["body"] = Provenance{Rule: rd.body.rule, Confidence: round(bodyConfidence(rd.body)), Raw: ""}
	}
	a.Images = images(v, rd.body)
	a.Attachments = attachments(v, rd.body, rd.head)
	a.Kind = rd.kind
	a.Document = rd.document
	a.Confidence = round(confidence(rd, &a))
	return a
}

// dateText is the date as the page shows it, cut out of the text it stood in.
func dateText(raw string) string {
	_, lo, hi, ok := findDate(raw)
	if !ok {
		return raw
	}
	return raw[lo:hi]
}

// bodyConfidence says how far the body is to be trusted: two independent readings that
// agree were right on 92.5 of 100 pages, the rest had a mean F1 of .73.
func bodyConfidence(b body) float64 {
	switch {
	case b.agreement >= .98:
		return .98
	case b.agreement >= .9:
		return .93
	case b.agreement >= .7:
		return .75
	}
	return .55
}

// confidence is that of the page: of its weakest necessary field.
func confidence(rd *reading, a *Article) float64 {
	c := 1.0
	for _, f := range []string{"title", "body", "published"} {
		p, ok := a.Provenance[f]
		if !ok {
			c = min(c, .5)
			continue
		}
		c = min(c, p.Confidence)
	}
	return c
}
