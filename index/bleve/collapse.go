package bleve

import (
	"strings"
)

// collapse returns of a set the documents that are the first with their value of the request's field, and those
// without one; it counts what is left out. The field has values for few documents, and only those are looked at.
func (q *articleQuery) collapse(matches docSet) (docSet, error) {
	r := q.view
	c, err := r.column(q.req.Collapse)
	if err != nil {
		return nil, err
	}
	before, err := q.before()
	if err != nil {
		return nil, err
	}
	out := r.copySet(matches)
	first := map[uint32]uint32{} // value → document
	alike := map[uint32]int{}    // value → other documents
	left := 0
	for i, part := range c.parts {
		base := r.segs[i].base
		for _, local := range part.having() {
			doc := base + local
			if !matches.has(doc) {
				continue
			}
			value := part.of(local)[0]
			best, ok := first[value]
			if !ok {
				first[value] = doc
				continue
			}
			left++
			alike[value]++
			earlier, err := before(doc, best)
			if err != nil {
				return nil, err
			}
			if earlier {
				best, doc = doc, best
				first[value] = best
			}
			out.remove(doc)
		}
	}
	q.alike = make(map[uint32]int, len(alike))
	for value, n := range alike {
		q.alike[first[value]] = n
	}
	q.found.Distinct = q.found.Total - left
	return out, nil
}

// before returns what tells whether a document stands before another in the order of the request.
func (q *articleQuery) before() (func(a, b uint32) (bool, error), error) {
	r := q.view
	at, err := r.placing(q.req.Sort, q.scores, q.fresh)
	if err != nil {
		return nil, err
	}
	return func(a, b uint32) (bool, error) {
		if x, y := at(a), at(b); x != y {
			return x < y, nil
		}
		x, err := r.key(a)
		if err != nil {
			return false, err
		}
		y, err := r.key(b)
		return strings.Compare(x, y) < 0, err
	}, nil
}
