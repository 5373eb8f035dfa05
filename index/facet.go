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
	all := c.values.all()
	counts := make([]int, len(all))
	var f Facet
	c.each(matches, func(_, ord uint32) {
		counts[ord]++
		f.Total++
	})
	if width := datePrefix[name]; width > 0 {
		f.Values = dateTerms(all, counts, width)
		return f, nil // dates stand in their order, all of them
	}
	f.Values = mostFrequent(all, counts, facetSize)
	f.Other = f.Total
	for _, v := range f.Values {
		f.Other -= v.Count
	}
	return f, nil
}

// dateTerms adds up days by year or month.
func dateTerms(days []string, counts []int, width int) (out []FacetTerm) {
	sums := map[string]int{}
	for i, n := range counts {
		if n > 0 {
			sums[days[i][:width]] += n
		}
	}
	for v, n := range sums {
		out = append(out, FacetTerm{v, n})
	}
	slices.SortFunc(out, func(a, b FacetTerm) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

// mostFrequent is the first n values by count, then by value.
func mostFrequent(values []string, counts []int, n int) []FacetTerm {
	var out []FacetTerm
	least := 1 // that may still be among them
	cut := func() {
		slices.SortFunc(out, func(a, b FacetTerm) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		if len(out) >= n {
			out = out[:n]
			least = out[n-1].Count
		}
	}
	for i, c := range counts {
		if c < least {
			continue
		}
		if out = append(out, FacetTerm{values[i], c}); len(out) >= 20*n {
			cut()
		}
	}
	cut()
	return out
}
