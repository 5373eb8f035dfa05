package index

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index/zh"
)

// Search answers a query. Equal contents of the index give equal answers, however they were put.
func (x *Index) Search(ctx context.Context, q Query) (res Result, err error) {
	began := time.Now()
	if err := ctx.Err(); err != nil {
		return res, err
	}
	r, done, err := x.read()
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer r.damage(&err)
	res, err = r.search(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("search %q: %w", q.Text, err)
	}
	res.Took = time.Since(began)
	return res, nil
}

func (r *reader) search(ctx context.Context, q Query) (Result, error) {
	u, err := r.understand(q)
	if err != nil {
		return Result{}, err
	}
	defer u.scores.release()
	res := Result{Query: language(q.Lang).query(u.tree), Notice: u.notice, Hits: []Hit{}, Total: u.matches.count()}
	if res.Facets, err = r.facets(q.Facets, u.matches); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	ranked, err := r.rank(q, u, max(q.Offset, 0)+limit)
	if err != nil {
		return Result{}, err
	}
	m := r.newMarker(u)
	for _, d := range ranked[min(max(q.Offset, 0), len(ranked)):] {
		hit, err := r.hit(q, d, u, m)
		if err != nil {
			return Result{}, err
		}
		res.Hits = append(res.Hits, hit)
	}
	return res, nil
}

func (r *reader) facets(names []string, matches docSet) (map[string]Facet, error) {
	if len(names) == 0 {
		return nil, nil
	}
	out := map[string]Facet{}
	counted := map[string]counts{} // year and month are of one field
	of := r.members(matches)
	for _, name := range names {
		field, ok := facetFields[name]
		if !ok {
			return nil, fmt.Errorf("facet %q: there is none of this name", name)
		}
		c, ok := counted[field]
		if !ok {
			columns, err := r.column(field)
			if err != nil {
				return nil, err
			}
			c = columns.count(of)
			counted[field] = c
		}
		out[name] = c.facet(name)
	}
	return out, nil
}

// filter finds the documents that may answer: the newest versions of articles, or what stood
// at the moment asked for, within the filters of the query.
func (r *reader) filter(q Query) (docSet, error) {
	var set docSet
	var err error
	kinds := q.Kinds
	if len(kinds) == 0 {
		kinds = []string{string(extract.KindArticle)}
	}
	anyKind := slices.Contains(kinds, "any")
	switch {
	case !q.AsOf.IsZero():
		set, err = r.stoodAt(q.AsOf.UnixNano())
	case len(q.Kinds) == 0:
		set, err = r.having(fFlag, flagArticle)
	default:
		set, err = r.having(fFlag, flagNewest)
	}
	if err != nil {
		return nil, err
	}
	narrow := []struct {
		field  string
		values []string
	}{
		{fSite, q.Sites}, {fSource, q.Sources}, {fAuthor, q.Authors}, {fColumn, q.Columns},
		{fPeople, q.People}, {fPlaces, q.Places}, {fOrgs, q.Orgs}, {fState, q.States},
	}
	if !anyKind && (len(q.Kinds) > 0 || !q.AsOf.IsZero()) {
		narrow = append(narrow, struct {
			field  string
			values []string
		}{fKind, kinds})
	}
	for _, n := range narrow {
		if len(n.values) == 0 {
			continue
		}
		some, err := r.having(n.field, n.values...)
		if err != nil {
			return nil, err
		}
		set.and(some)
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		some, err := r.published(q.From, q.To)
		if err != nil {
			return nil, err
		}
		set.and(some)
	}
	return set, nil
}

// having is the documents with one of the values in a field.
func (r *reader) having(field string, values ...string) (docSet, error) {
	set := r.newSet()
	for _, v := range values {
		l, err := r.list(field, v)
		if err != nil {
			return nil, err
		}
		r.addTo(set, l)
	}
	r.bury(set)
	return set, nil
}

// published is the documents published from a moment to the end of a day.
func (r *reader) published(from, to time.Time) (docSet, error) {
	lo, hi := int64(noTime+1), int64(math.MaxInt64)
	if !from.IsZero() {
		lo = from.UnixNano()
	}
	if !to.IsZero() {
		y, m, d := to.Date()
		hi = time.Date(y, m, d+1, 0, 0, 0, 0, to.Location()).UnixNano()
	}
	at, err := r.times(fPub)
	if err != nil {
		return nil, err
	}
	set := r.newSet()
	for i, s := range r.segs {
		for local, t := range at.parts[i] {
			if t >= lo && t < hi {
				set.add(s.base + uint32(local))
			}
		}
	}
	r.bury(set)
	return set, nil
}

// stoodAt is the versions that were the newest at a moment.
func (r *reader) stoodAt(at int64) (docSet, error) {
	from, err := r.times(fFrom)
	if err != nil {
		return nil, err
	}
	until, err := r.times(fUntil)
	if err != nil {
		return nil, err
	}
	set := r.newSet()
	for i, s := range r.segs {
		for local, began := range from.parts[i] {
			if ended := until.parts[i][local]; began != noTime && began <= at && (ended == noTime || ended > at) {
				set.add(s.base + uint32(local))
			}
		}
	}
	r.bury(set)
	return set, nil
}

// nameHit is nameIn for hits, which come up again: names of the last ones are kept.
func (r *reader) nameHit(doc uint32, c *zh.Cutter, a *extract.Article, t texts) {
	s, local := r.seg(doc)
	key := docKey{s.Id(), uint32(local)}
	if n, ok := r.x.warm.names.get(key); ok {
		a.People, a.Places, a.Organizations = slices.Clone(n.people), slices.Clone(n.places), slices.Clone(n.orgs)
		return
	}
	nameIn(c, a, t)
	n := &names{slices.Clone(a.People), slices.Clone(a.Places), slices.Clone(a.Organizations)}
	size := 0
	for _, list := range [][]string{n.people, n.places, n.orgs} {
		for _, s := range list {
			size += len(s) + 16
		}
	}
	r.x.warm.names.put(key, n, size)
}

// hit reads what is shown of a document.
func (r *reader) hit(q Query, d ranked, u *understood, m *marker) (Hit, error) {
	key, err := r.key(d.doc)
	if err != nil {
		return Hit{}, err
	}
	if q.Bare {
		id, _, _ := strings.Cut(key, " ")
		return Hit{Article: extract.Article{ID: id}, Score: float64(d.score)}, nil
	}
	h, t, err := r.stored(d.doc, true, true)
	if err != nil {
		return Hit{}, err
	}
	a := join(h, t, false)
	m.cut.Learn(append([]string{t.title, t.body}, t.atts...)...)
	r.nameHit(d.doc, m.cut, &a, t)
	asOf(&a, h, unixNano(q.AsOf))
	if a.Version, a.Versions, err = r.numbered(key); err != nil {
		return Hit{}, err
	}
	explain := ""
	if q.Explain && u.scores != nil {
		explain = u.explain(language(q.Lang), d)
	}
	return Hit{
		Article: a, Score: float64(d.score),
		Title: m.title(t.title), Fragments: m.fragments(t), Explain: explain,
	}, nil
}
