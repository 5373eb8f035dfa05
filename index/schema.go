package index

import (
	"encoding/json"
	"fmt"
	"time"

	"cundang/extract"
	"cundang/index/zh"
	"cundang/internal/zone"
)

// version is a document about to be written.
type version struct {
	key  string
	head head
	text Texts
}

// document makes the document of a version.
func (v *version) document(c *zh.Cutter) (Document, error) {
	nameIn(c, &v.head.Article, v.text)
	a := v.head.Article
	h, err := json.Marshal(v.head)
	if err != nil {
		return Document{}, fmt.Errorf("encode article %s: %w", a.ID, err)
	}
	capture, state := run{seen: v.head.Seen}.last(0)
	d := Document{Key: v.key, Head: h, Texts: v.text, Times: map[string]int64{TimeFetched: capture.At}, Values: map[string][]string{
		FieldKind: {string(a.Kind)}, FieldState: {state}, FieldSite: {string(a.Site)}, FieldSource: {string(a.Source)},
		FieldAuthor: {string(a.Author)}, FieldColumn: a.Column,
		FieldPeople: a.People, FieldPlaces: a.Places, FieldOrgs: a.Organizations,
	}}
	if v.head.Until == 0 {
		d.Values[FieldFlag] = []string{FlagNewest}
		if a.Kind == extract.KindArticle {
			d.Values[FieldFlag] = []string{FlagNewest, FlagArticle}
		}
	}
	for _, f := range a.Attachments {
		d.Values[FieldFiles] = append(d.Values[FieldFiles], string(f.Type))
	}
	if !a.Published.Time.IsZero() {
		p := a.Published.Time.In(zone.China)
		d.Values[FieldDay] = []string{p.Format(time.DateOnly)}
		d.Times[TimePub] = p.UnixNano()
	}
	if len(v.head.Seen) > 0 {
		d.Times[TimeFrom] = v.head.Seen[0].At
	}
	if v.head.Until != 0 {
		d.Times[TimeUntil] = v.head.Until
	}
	return d, nil
}

// named says whether the people, places and organisations of an article are known.
func named(a extract.Article) bool { return len(a.People)+len(a.Places)+len(a.Organizations) > 0 }

// nameIn finds the people, places and organisations of an article that comes without.
func nameIn(c *zh.Cutter, a *extract.Article, t Texts) {
	if a.Kind == extract.KindArticle && !named(*a) {
		n := c.Names(t.Title, t.Body)
		a.People, a.Places, a.Organizations = n.People, n.Places, n.Orgs
	}
}
