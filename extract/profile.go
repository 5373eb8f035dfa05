package extract

import (
	"fmt"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"cundang/site"
)

// sure is the confidence of a profile's rule: an operator wrote it, it beats all others.
const sure = .999

// applyProfile reads a page by its site's selectors. A selector that finds nothing falls
// through to the generic rules and leaves a note.
func applyProfile(p *site.Profile, rd *reading) {
	if p == nil {
		return
	}
	f, r := &rd.fields, &p.Reading
	for _, s := range []struct {
		name, selector string
		take           func(found *goquery.Selection, text string) bool
	}{
		{"title", r.Title, func(_ *goquery.Selection, t string) bool {
			f.title.add(Candidate{Rule: "profile", Value: t, Raw: t, Confidence: sure, Block: -1})
			return t != ""
		}},
		{"byline", r.Byline, func(found *goquery.Selection, t string) bool { return profileByline(rd, found.Get(0), t) }},
		{"date", r.Date, func(_ *goquery.Selection, t string) bool {
			d, _, _, ok := findDate(t)
			if ok {
				f.addDate(Candidate{Rule: "profile", Raw: t, Confidence: sure, Block: -1}, d)
			}
			return ok
		}},
		{"source", r.Source,
			func(_ *goquery.Selection, t string) bool { return profileValue(t, labelSource, cleanSource, &f.source) }},
		{"author", r.Author,
			func(_ *goquery.Selection, t string) bool { return profileValue(t, labelAuthor, cleanAuthor, &f.author) }},
		{"column", r.Column, func(found *goquery.Selection, t string) bool { return profileColumn(rd, found.Get(0), t) }},
		{"body", r.Body, func(found *goquery.Selection, _ string) bool { return profileBody(rd, found) }},
	} {
		if s.selector == "" {
			continue
		}
		m, err := compile(s.selector)
		if err != nil {
			rd.note("profile %s: selector %q: %v", s.name, s.selector, err)
			continue
		}
		found := rd.v.doc.FindMatcher(m)
		if found.Length() == 0 {
			rd.note("profile %s: selector %q found nothing", s.name, s.selector)
			continue
		}
		if !s.take(found, squash(found.First().Text())) {
			rd.note("profile %s: selector %q found nothing to read", s.name, s.selector)
		}
	}
}

// note keeps what a person should know about the reading.
func (rd *reading) note(format string, args ...any) {
	rd.notes = append(rd.notes, fmt.Sprintf(format, args...))
}

// profileByline reads the labelled and unlabelled values of the selected element.
func profileByline(rd *reading, n *html.Node, text string) bool {
	e := rd.v.element(n)
	if e < 0 {
		its := items([]piece{{text: text, sep: sepLine}})
		readByline(its, "profile", sure/.98, &rd.fields)
		return len(its) > 0
	}
	its := rd.v.itemsOf(int(rd.v.elems[e].lo), int(rd.v.elems[e].hi))
	readByline(its, "profile", sure/.98, &rd.fields)
	for i := range its {
		if its[i].kind != labelNone {
			continue
		}
		if d, _, _, ok := its[i].date(); ok {
			rd.fields.addDate(Candidate{Rule: "profile", Raw: its[i].value, Confidence: sure, Block: its[i].lo}, d)
		}
	}
	return len(its) > 0
}

// profileValue takes one value, with or without its label.
func profileValue(text string, kind labelKind, clean func(string) string, f *field) bool {
	for _, it := range items([]piece{{text: text, sep: sepLine}}) {
		if it.kind == kind || it.kind == labelNone || kind == labelAuthor && it.kind == labelReporter {
			if s := clean(it.value); s != "" {
				f.add(Candidate{Rule: "profile", Value: s, Raw: text, Confidence: sure, Block: -1})
				return true
			}
		}
	}
	return false
}

func profileColumn(rd *reading, n *html.Node, text string) bool {
	e := rd.v.element(n)
	var steps []string
	if e >= 0 && rd.v.elems[e].hi > rd.v.elems[e].lo {
		steps = rd.v.crumbSteps(int(rd.v.elems[e].lo), int(rd.v.elems[e].hi))
	} else {
		rest, _ := cutHere(text)
		steps = splitPlain(rest, []piece{{text: rest}})
	}
	if steps = dropTitle(steps, rd.v, rd.head); len(steps) == 0 {
		return false
	}
	rd.column = steps
	rd.fields.column.add(Candidate{Rule: "profile", Value: strings.Join(steps, " > "), Raw: text, Confidence: sure,
		Block: -1})
	return true
}

// profileBody takes the text of all selected elements.
func profileBody(rd *reading, found *goquery.Selection) bool {
	s := newSelector(rd.v, rd.lines, rd.head)
	s.start = 0
	var blocks []int
	last := -1
	for _, e := range rd.v.elements(found) {
		if int(rd.v.elems[e].lo) <= last {
			continue
		}
		got := s.selectBlocks(int(rd.v.elems[e].lo), int(rd.v.elems[e].hi), e)
		blocks = append(blocks, got...)
		last = int(rd.v.elems[e].hi) - 1
		if len(blocks) == len(got) {
			rd.body.elem = e
		}
	}
	if len(blocks) == 0 {
		return false
	}
	rd.body = body{blocks: blocks, elem: rd.body.elem, rule: "profile", agreement: 1}
	return true
}
