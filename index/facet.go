package index

import (
	"cmp"
	"fmt"
	"slices"
)

// facetFields maps the names of facets to fields.
var facetFields = map[string]string{
	"site": fSite, "source": fSource, "column": fColumn, "author": fAuthor,
	"year": fDay, "month": fDay, "day": fDay,
	"people": fPeople, "places": fPlaces, "orgs": fOrgs,
	"attachments": fFiles, "state": fState, "kind": fKind,
}

// datePrefix is how much of a day counts for a facet of dates.
var datePrefix = map[string]int{"year": 4, "month": 7, "day": 10}

// facetSize is how many values a facet lists; dates list all.
const facetSize = 20

// facet counts the values of a field over the matches.
func (r *reader) facet(name string, matches docSet) (Facet, error) {
	field, ok := facetFields[name]
	if !ok {
		return Facet{}, fmt.Errorf("facet %q: there is none of this name", name)
	}
	c, err := r.column(field)
	if err != nil {
		return Facet{}, err
	}
	counts := make([]int, len(c.values))
	var f Facet
	for doc := range uint32(r.total) {
		if !matches.has(doc) {
			continue
		}
		for _, o := range c.of(doc) {
			counts[o]++
			f.Total++
		}
	}
	width := datePrefix[name]
	for i, n := range counts {
		if n == 0 {
			continue
		}
		v := c.values[i]
		if width > 0 {
			v = v[:width]
			if last := len(f.Values) - 1; last >= 0 && f.Values[last].Value == v {
				f.Values[last].Count += n
				continue
			}
		}
		f.Values = append(f.Values, FacetTerm{v, n})
	}
	if width > 0 {
		return f, nil // dates stand in their order, all of them
	}
	slices.SortFunc(f.Values, func(a, b FacetTerm) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	for _, v := range f.Values[min(facetSize, len(f.Values)):] {
		f.Other += v.Count
	}
	f.Values = f.Values[:min(facetSize, len(f.Values))]
	return f, nil
}
