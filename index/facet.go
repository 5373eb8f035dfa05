package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// facetFields maps the names of facets to fields.
var facetFields = map[string]string{
	"site": FieldSite, "source": FieldSource, "column": FieldColumn, "author": FieldAuthor,
	"year": FieldDay, "month": FieldDay, "day": FieldDay,
	"people": FieldPeople, "places": FieldPlaces, "orgs": FieldOrgs,
	"attachments": FieldFiles, "state": FieldState, "kind": FieldKind,
}

// datePrefix is how much of a day counts for a facet of dates.
var datePrefix = map[string]int{"year": 4, "month": 7, "day": 10}

// facetSize is how many values a facet lists; dates list all.
const facetSize = 20

// fieldsOf returns the fields that facets count.
func fieldsOf(facets []string) ([]string, error) {
	var out []string
	for _, name := range facets {
		field, ok := facetFields[name]
		if !ok {
			return nil, fmt.Errorf("facet %q: there is none of this name", name)
		}
		if !slices.Contains(out, field) { // year and month are of one field
			out = append(out, field)
		}
	}
	return out, nil
}

// facet makes a facet of what was counted of its field.
func (c Counts) facet(name string) Facet {
	f := Facet{Total: c.Total}
	if width := datePrefix[name]; width > 0 {
		f.Values = c.dateTerms(width)
		return f // dates stand in their order, all of them
	}
	f.Values = mostFrequent(c.Values, c.Of, facetSize)
	f.Other = f.Total
	for _, v := range f.Values {
		f.Other -= v.Count
	}
	return f
}

// countTexts counts the different texts behind each value of a facet, if they are collapsed to one.
func (r *reader) countTexts(ctx context.Context, u *understood, name string, values []FacetTerm) error {
	if u.collapse != FieldCopies {
		return nil
	}
	for i, v := range values {
		n, err := r.texts(ctx, u, name, v.Value)
		if err != nil {
			return err
		}
		values[i].Texts = n
	}
	return nil
}

// texts counts the different texts among the articles that match and have a value of a facet.
func (r *reader) texts(ctx context.Context, u *understood, name, value string) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	c := values(facetFields[name], value)
	if datePrefix[name] > 0 {
		c = Clause{Op: OpDays, Lo: value, Hi: value + lastDay[len(value):]}
	}
	found, err := r.Search(ctx, Request{Query: Compiled{All: c, Within: &u.query}, Collapse: FieldCopies})
	return found.Distinct, err
}

// lastDay completes a year or a month to a day after which there is none in it.
const lastDay = "9999-12-31"

// byDate adds up days by the first width characters: years or months.
func (c Counts) byDate(width int) map[string]int {
	sums := map[string]int{}
	run, sum := "", 0 // days mostly come in order
	for i, n := range c.Of {
		if n == 0 {
			continue
		}
		if v := c.Values[i][:width]; v != run {
			if sum > 0 {
				sums[run] += sum
			}
			run, sum = v, 0
		}
		sum += int(n)
	}
	if sum > 0 {
		sums[run] += sum
	}
	return sums
}

// dateTerms lists years, months or days in their order.
func (c Counts) dateTerms(width int) (out []FacetTerm) {
	for v, n := range c.byDate(width) {
		out = append(out, FacetTerm{Value: v, Count: n})
	}
	slices.SortFunc(out, func(a, b FacetTerm) int { return cmp.Compare(a.Value, b.Value) })
	return out
}

// mostFrequent is the first n values by count, then by value. There may be a hundred thousand, of which few are
// wanted: only those that are frequent enough are looked at as strings.
func mostFrequent(values []string, counts []uint32, n int) []FacetTerm {
	least := nthLargest(counts, n)
	out := make([]FacetTerm, 0, 4*n)
	order := func(a, b FacetTerm) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	}
	last := "" // of those with as few as the n-th, what does not come before this is not wanted
	for i, count := range counts {
		if count < least || count == least && last != "" && values[i] > last {
			continue
		}
		if len(out) == cap(out) {
			slices.SortFunc(out, order)
			out = out[:n]
			if end := out[n-1]; end.Count == int(least) {
				last = end.Value
			}
		}
		out = append(out, FacetTerm{Value: values[i], Count: int(count)})
	}
	slices.SortFunc(out, order)
	return out[:min(n, len(out))]
}

// nthLargest is the n-th largest of some numbers, 1 when so many are not above 0.
func nthLargest(of []uint32, n int) uint32 {
	heap := make([]uint32, n) // the n largest so far, the least of them first
	for _, v := range of {
		if v <= heap[0] {
			continue
		}
		at := 0
		for kid := 1; kid < n; kid = 2*at + 1 {
			if kid+1 < n && heap[kid+1] < heap[kid] {
				kid++
			}
			if v <= heap[kid] {
				break
			}
			heap[at] = heap[kid]
			at = kid
		}
		heap[at] = v
	}
	return max(heap[0], 1)
}
