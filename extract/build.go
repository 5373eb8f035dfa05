package extract

import (
	"strconv"
	"strings"
	"time"

	"cundang/internal/urlkey"
	"cundang/internal/zone"
	"cundang/site"
)

// article writes down what a reading found.
func (rd *reading) article(p Page) Article {
	v, f := rd.v, &rd.fields
	a := Article{
		URL: v.url, Site: Text(p.Site), Fetched: p.Fetched.In(zone.China), Version: 1, Versions: 1, State: StateLive,
		Rules:  Version,
		Column: []string{}, People: []string{}, Places: []string{}, Organizations: []string{}, Images: []Image{},
		Attachments: []Attachment{},
		Provenance:  map[string]Provenance{},
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
	} else {
		a.PublishedText = Text(rd.unreadDate())
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

// confidence is that of the page: of its weakest necessary field, each weighed by what the other
// candidates say. A page that shows no date lacks none.
func confidence(rd *reading, a *Article) float64 {
	c := 1.0
	for _, f := range []string{"title", "body", "published"} {
		p, ok := a.Provenance[f]
		switch {
		case ok:
			c = min(c, p.Confidence)
		case f == "published" && a.PublishedText == "" && rd.undated():
			c = min(c, .85)
		default:
			c = min(c, .5)
		}
	}
	return min(c, rd.secondOpinion())
}

// secondOpinion is the confidence that the runners-up leave to title and date: one found in another
// place of the page that says something else makes both doubtful. Meta tags lie too often to.
func (rd *reading) secondOpinion() float64 {
	c := 1.0
	f := &rd.fields
	if best, ok := f.title.best(); ok {
		for _, o := range f.title.list {
			if o.Confidence >= .9 && o.Rule != best.Rule && !sameTitle(o.Value, best.Value) {
				c = min(c, best.Confidence-.15)
			}
		}
	}
	if d, best, ok := f.date(); ok && best.Block >= 0 && best.Confidence < sure {
		for i, o := range f.published.list {
			if o.Block >= 0 && o.Confidence >= .8 && !f.dates[i].sameDay(d) {
				c = min(c, best.Confidence-.2)
			}
		}
	}
	return c
}

// sameTitle reports whether two titles are one: equal, or one with a suffix or cut off.
func sameTitle(a, b string) bool {
	a, b = key(strings.TrimRight(a, "….")), key(strings.TrimRight(b, "…."))
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) || strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
}

// unreadDate is a date that the byline shows and that could not be read, "" if there is none: a label
// with another value, or a day without its year.
func (rd *reading) unreadDate() string {
	for i := range rd.head.items {
		it := &rd.head.items[i]
		if _, _, _, ok := it.date(); ok || it.value == "" {
			continue
		}
		if (it.kind == labelDate || it.kind == labelUpdated) && hasDigit(it.value) ||
			it.kind == labelNone && looksDated(it.value) {
			return clip(it.value, 60)
		}
	}
	return ""
}

// undated reports whether a page shows no date at all outside its text and its links.
func (rd *reading) undated() bool {
	in := map[int]bool{}
	for _, i := range rd.body.blocks {
		in[i] = true
	}
	for i := range rd.v.blocks {
		b := &rd.v.blocks[i]
		if in[i] || b.chars > 60 || b.linked > 0 || b.flags&(fHidden|fRecord) != 0 || rd.lines[i] == lineLegal ||
			containsAny(rd.v.str(i), clockWords) {
			continue
		}
		if looksDatedIn(rd.v.str(i)) {
			return false
		}
	}
	return true
}
