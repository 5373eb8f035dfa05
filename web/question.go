package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/zone"
)

// Limits of one question.
const (
	maxText   = 1000   // characters of the query text
	maxLimit  = 200    // hits in one answer
	maxOffset = 10_000 // beyond this an export is the way
	maxValues = 50     // values of one filter

	maxFreshness = 36_500 // days
)

// question is a search as it stands in an address; page and API read the same one.
type question struct {
	Text           string
	Values         map[string][]string // by parameter name, see filters
	From, To, AsOf string              // as typed
	Sort           string
	Freshness      int    // days, see index.Query; 0 for none
	Literal        bool   // no synonyms
	Collapse       string // of articles with the same text: site, all, none or "", the default
	Limit, Offset  int
	lang           string // of what the answer says in words
	facets         []string
	explain        bool

	from, to, asOf time.Time
}

// filter ties a parameter to the facet that shows its values.
type filter struct{ Param, Facet string }

var filters = []filter{{"site", "site"}, {"source", "source"}, {"author", "author"}, {"column", "column"},
	{"person", "people"}, {"place", "places"}, {"org", "orgs"}, {"state", "state"}}

// lists are parameters that name lists of articles kept beside the index, with the prefix of their names in a query.
var lists = []struct{ Param, Prefix string }{{"tag", curation.TagList}, {"collection", curation.CollectionList}}

// params are the parameters of filters and lists.
func params() (names []string) {
	for _, f := range filters {
		names = append(names, f.Param)
	}
	for _, l := range lists {
		names = append(names, l.Param)
	}
	return names
}

var sorts = []string{"relevance", "-published", "published", "-fetched", "fetched"}

// parseQuestion reads a search from the values of an address.
func parseQuestion(v url.Values) (question, error) {
	q := question{Text: strings.TrimSpace(strings.ToValidUTF8(v.Get("q"), "")),
		Values: map[string][]string{}, Sort: v.Get("sort"),
		From: strings.TrimSpace(v.Get("from")), To: strings.TrimSpace(v.Get("to")), AsOf: strings.TrimSpace(v.Get("as_of")),
		facets: v["facet"], explain: v.Get("explain") == "true", Literal: v.Get("no_synonyms") == "true",
		Collapse: v.Get("collapse")}
	if !validCollapse(q.Collapse) {
		return q, badRequest("error.collapse")
	}
	if utf8.RuneCountInString(q.Text) > maxText {
		return q, badRequest("error.longquery")
	}
	for _, param := range params() {
		for _, value := range v[param] {
			if value = strings.TrimSpace(strings.ToValidUTF8(value, "")); value != "" && !slices.Contains(q.Values[param],
				value) {
				q.Values[param] = append(q.Values[param], value)
			}
		}
		if len(q.Values[param]) > maxValues {
			return q, badRequest("error.manyvalues")
		}
	}
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return q, badRequest("error.sort")
	}
	var err error
	if q.from, err = parseDay(q.From, false); err != nil {
		return q, err
	}
	if q.to, err = parseDay(q.To, true); err != nil {
		return q, err
	}
	if q.asOf, err = parseDay(q.AsOf, true); err != nil {
		return q, err
	}
	if len(q.AsOf) > 0 && len(q.AsOf) <= len("2006-01-02") {
		q.asOf = q.asOf.AddDate(0, 0, 1).Add(-time.Second)
	}
	if q.Freshness, err = number(v.Get("freshness"), maxFreshness); err != nil {
		return q, err
	}
	if q.Limit, err = number(v.Get("limit"), maxLimit); err != nil {
		return q, err
	}
	q.Offset, err = number(v.Get("offset"), maxOffset)
	return q, err
}

func number(s string, most int) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, badRequest("error.number")
	}
	return n, nil
}

// parseDay reads 2022, 2022-10, 2022-10-27 or RFC 3339; last asks for the last day of a
// year or month instead of the first.
func parseDay(s string, last bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, ok := zone.ParseDay(s, last); ok {
		return t, nil
	}
	return time.Time{}, badRequest("error.date")
}

// query is the question for the index. Without words the newest come first.
func (q question) query() index.Query {
	sort := q.Sort
	switch {
	case sort == "" && q.Text == "":
		sort = "-published"
	case sort == "":
		sort = "relevance"
	}
	var named []string
	for _, l := range lists {
		for _, value := range q.Values[l.Param] {
			named = append(named, l.Prefix+value)
		}
	}
	collapse := q.Collapse
	if collapse == "none" {
		collapse = ""
	}
	return index.Query{Lists: named, Text: q.Text, Collapse: collapse,
		Sites: q.Values["site"], Sources: q.Values["source"],
		Authors: q.Values["author"],
		Columns: q.Values["column"], People: q.Values["person"], Places: q.Values["place"], Orgs: q.Values["org"],
		States: q.Values["state"], From: q.from, To: q.to, AsOf: q.asOf, Sort: sort, Limit: q.Limit, Offset: q.Offset,
		Facets: q.facets, Explain: q.explain, Lang: q.lang, Literal: q.Literal,
		Freshness: time.Duration(q.Freshness) * 24 * time.Hour}
}

// searching is the question with the defaults of a search for what it leaves open.
func (q question) searching() question {
	if q.Collapse == "" {
		q.Collapse = index.CollapseSite
	}
	return q
}

// values is the question as the values of an address, without what has its default.
func (q question) values() url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	set("q", q.Text)
	for _, param := range params() {
		if len(q.Values[param]) > 0 {
			v[param] = q.Values[param]
		}
	}
	set("from", q.From)
	set("to", q.To)
	set("as_of", q.AsOf)
	set("sort", q.Sort)
	set("collapse", q.Collapse)
	if q.Literal {
		v.Set("no_synonyms", "true")
	}
	if q.Freshness > 0 {
		v.Set("freshness", strconv.Itoa(q.Freshness))
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Offset > 0 {
		v.Set("offset", strconv.Itoa(q.Offset))
	}
	return v
}

// At returns the address of the question below path.
func (q question) At(path string) string {
	if enc := q.values().Encode(); enc != "" {
		return path + "?" + enc
	}
	return path
}

// slots returns the address of the question, on its first page, in the pieces between which one more value of each of
// params stands, in alphabetical order. A page has more than a hundred such addresses that differ in nothing else.
func (q question) slots(path string, params ...string) []string {
	v := q.with(func(*question) {}).values()
	keys := slices.Sorted(maps.Keys(v))
	for _, p := range params {
		if _, ok := v[p]; !ok {
			keys = append(keys, p)
		}
	}
	slices.Sort(keys)
	var pieces []string
	b := []byte(path)
	mark := byte('?')
	add := func(key, value string) {
		b = append(append(append(append(b, mark), key...), '='), value...)
		mark = '&'
	}
	for _, k := range keys {
		for _, value := range v[k] {
			add(k, url.QueryEscape(value))
		}
		if slices.Contains(params, k) {
			add(k, "")
			pieces, b = append(pieces, string(b)), nil
		}
	}
	return append(pieces, string(b))
}

// with returns a copy changed by f, on its first page.
func (q question) with(f func(*question)) question {
	values := map[string][]string{}
	for k, v := range q.Values {
		values[k] = slices.Clone(v)
	}
	q.Values, q.Offset = values, 0
	f(&q)
	return q
}

// toggled returns the question with a filter value put in or taken out.
func (q question) toggled(param, value string) question {
	return q.with(func(q *question) {
		if i := slices.Index(q.Values[param], value); i >= 0 {
			q.Values[param] = slices.Delete(q.Values[param], i, i+1)
		} else {
			q.Values[param] = append(q.Values[param], value)
		}
	})
}

func (q question) between(from, to string) question {
	return q.with(func(q *question) { q.From, q.To = from, to })
}

func (q question) has(param, value string) bool { return slices.Contains(q.Values[param], value) }
