package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cundang/export"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/locale"
)

// pageSize is how many hits a page shows when the address does not say.
const pageSize = 20

// search asks the index, waiting for a place among the searches under way.
func (s *server) search(ctx context.Context, q index.Query) (index.Result, error) {
	leave, err := place(ctx, s.searches)
	if err != nil {
		return index.Result{}, err
	}
	defer leave()
	start := time.Now()
	res, err := s.Index.Search(ctx, q)
	s.stats.search(time.Since(start))
	return res, err
}

// searchData is what the search page shows.
type searchData struct {
	Q         question
	Result    index.Result
	Hits      []hitRow
	Timeline  timeline
	Facets    []facetBox
	Chips     []chip
	Sorts     []choice
	Collapses []choice
	Formats   []choice
	Pager     pager
	Asked     bool // something was asked, not the bare first page
	JSON      string
	Query     string
	Feed      string
}

// hitRow is one hit, made ready to be written.
type hitRow struct {
	ID            string
	Title         template.HTML // "" for none
	Gone, Missing bool
	Modified      bool
	Date, Where   string // Where is the host
	Source        string
	Author        string
	Column        string
	Copies        int // further matches with the same text
	Fragments     template.HTML
	Hidden        bool // from readers
	Tags          []tagLink
}

// hitRows makes the hits ready for the page. Titles and fragments of the index are escaped HTML.
func hitRows(hits []index.Hit) []hitRow {
	out := make([]hitRow, 0, len(hits))
	for _, h := range hits {
		a := h.Article
		title := h.Title
		if title == "" {
			title = template.HTMLEscapeString(string(a.Title))
		}
		out = append(out, hitRow{ID: a.ID, Title: template.HTML(title),
			Gone: a.State == extract.StateGone, Missing: a.State == extract.StateMissing, Modified: a.Versions > 1,
			Date: showDate(a.Published), Where: hostOf(a.URL), Source: string(a.Source), Author: string(a.Author),
			Column: strings.Join(a.Column, " › "), Copies: h.Copies, Hidden: h.Hidden, Tags: tagLinks(h.Tags),
			Fragments: template.HTML(strings.Join(h.Fragments, `<span class="gap"> … </span>`))})
	}
	return out
}

// facetBox is a facet with its values, More behind a click.
type facetBox struct {
	Title       string
	Shown, More []facetValue
	Other       int // articles with values that are not listed
}

// facetValue is one value of a facet; URL puts it into the question or takes it out.
type facetValue struct {
	URL    template.URL // of our own making
	Label  string
	Count  int
	Texts  int // different ones among them; 0 when they are not counted
	Active bool
}

type chip struct{ Title, Value, URL string }

type choice struct {
	Value, Title, URL string
	Current           bool
}

type pager struct {
	First, Last, Total int
	Prev, Next         string
	Beyond             bool // more than can be paged through
}

func (s *server) searchPage(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	lang, _ := s.prefs(r)
	q.lang = lang
	if q.Limit == 0 || q.Limit == pageSize {
		q.Limit = 0 // keeps addresses short
	}
	iq := q.searching().query()
	if iq.Limit == 0 {
		iq.Limit = pageSize
	}
	iq.Facets = []string{"year", "month"}
	for _, f := range filters {
		iq.Facets = append(iq.Facets, f.Facet)
	}
	res, err := s.search(r.Context(), iq)
	if err != nil {
		return err
	}
	d := searchData{Q: q, Result: res, Hits: hitRows(res.Hits), Timeline: drawTimeline(q, res.Facets),
		Asked:  len(q.values()) > 0,
		Facets: s.facetBoxes(lang, q, res), Chips: s.chips(lang, q), Sorts: sortChoices(lang, q, iq.Sort),
		Pager: paging(q, iq.Limit, res.Listed, "/")}
	d.Collapses = collapseChoices(q, iq.Collapse, func(c string) string { return locale.Text(lang, "collapse."+c) })
	all := q.searching().with(func(q *question) { q.Limit, q.Sort = 0, iq.Sort })
	d.JSON, d.Feed = q.At("/api/v1/search"), all.with(func(q *question) { q.Sort = "" }).At("/feeds/search")
	d.Formats = formatChoices(lang, all)
	d.Query = all.values().Encode()
	title := "search.title"
	if q.Text != "" {
		title = q.Text
	}
	return s.show(w, r, "search", view{Title: title, Nav: "search", Data: d, Feed: d.Feed, Wide: true})
}

// homeColumn begins the column of nearly every article and so tells them apart by nothing.
const homeColumn = "首页"

func (s *server) facetBoxes(lang string, q question, res index.Result) []facetBox {
	const shown = 8
	var out []facetBox
	for _, f := range filters {
		facet := res.Facets[f.Facet]
		facet.Values = slices.DeleteFunc(slices.Clone(facet.Values), func(v index.FacetTerm) bool {
			return f.Param == "column" && v.Value == homeColumn && !q.has(f.Param, v.Value)
		})
		if len(facet.Values) == 0 {
			continue
		}
		add := q.slots("/", f.Param)
		box := facetBox{Title: locale.Text(lang, "facet."+f.Facet), Other: facet.Other}
		for i, v := range facet.Values {
			active, address := q.has(f.Param, v.Value), add[0]+url.QueryEscape(v.Value)+add[1]
			if active {
				address = q.toggled(f.Param, v.Value).At("/")
			}
			to := &box.More
			if i < shown || active {
				to = &box.Shown
			}
			*to = append(*to, facetValue{template.URL(address), s.facetLabel(lang, f.Facet, v.Value), v.Count, v.Texts, active})
		}
		out = append(out, box)
	}
	return out
}

func (s *server) facetLabel(lang, facet, value string) string {
	if facet == "site" {
		return s.siteName(value)
	}
	if facet == "state" {
		if label := locale.Text(lang, "state."+value); label != "" {
			return label
		}
	}
	return value
}

func (s *server) chips(lang string, q question) []chip {
	var out []chip
	for _, f := range filters {
		for _, v := range q.Values[f.Param] {
			out = append(out, chip{locale.Text(lang, "facet."+f.Facet), s.facetLabel(lang, f.Facet, v),
				q.toggled(f.Param, v).At("/")})
		}
	}
	for _, l := range lists {
		for _, v := range q.Values[l.Param] {
			out = append(out, chip{locale.Text(lang, "list."+l.Param), v, q.toggled(l.Param, v).At("/")})
		}
	}
	if q.From != "" || q.To != "" {
		out = append(out, chip{locale.Text(lang, "field.published"), strings.Trim(q.From+" – "+q.To, " "),
			q.between("", "").At("/")})
	}
	if q.AsOf != "" {
		out = append(out, chip{locale.Text(lang, "search.asof"), q.AsOf, q.with(func(q *question) { q.AsOf = "" }).At("/")})
	}
	return out
}

// freshDays is the half-life behind the choice of newer articles first among the relevant ones.
const freshDays = 365

func sortChoices(lang string, q question, current string) []choice {
	var out []choice
	add := func(name, sort string, freshness int) {
		out = append(out, choice{name, locale.Text(lang, "sort."+name),
			q.with(func(q *question) { q.Sort, q.Freshness = sort, freshness }).At("/"),
			sort == current && (freshness > 0) == (q.Freshness > 0)})
	}
	for _, v := range sorts {
		add(v, v, 0)
		if v == "relevance" && q.Text != "" {
			add("fresh", v, freshDays)
		}
	}
	return out
}

// formatChoices are the exports of a whole result.
func formatChoices(lang string, all question) []choice {
	var out []choice
	for _, f := range export.Formats() {
		title := f.Title
		if lang == "zh" {
			title = f.TitleZh
		}
		v := all.values()
		v.Set("format", f.Name)
		out = append(out, choice{Value: f.Name, Title: title, URL: "/api/v1/export?" + v.Encode()})
	}
	return out
}

func paging(q question, limit, total int, path string) pager {
	p := pager{First: q.Offset + 1, Last: min(q.Offset+limit, total), Total: total}
	at := func(offset int) string {
		return q.with(func(q *question) { q.Offset = offset }).setOffset(offset).At(path)
	}
	if q.Offset > 0 {
		p.Prev = at(max(0, q.Offset-limit))
	}
	if q.Offset+limit < total {
		if q.Offset+limit <= maxOffset {
			p.Next = at(q.Offset + limit)
		} else {
			p.Beyond = true
		}
	}
	return p
}

func (q question) setOffset(n int) question { q.Offset = n; return q }
