package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
)

// Search answers a query. Equal contents of the index give equal answers, however they were put.
func (x *Index) Search(ctx context.Context, q Query) (res Result, err error) {
	began := time.Now()
	if err := ctx.Err(); err != nil {
		return res, err
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return res, err
	}
	defer done(&err)
	res, err = r.search(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("search %q: %w", q.Text, err)
	}
	res.Took = time.Since(began)
	return res, nil
}

func (r *reader) search(ctx context.Context, q Query) (Result, error) {
	u, err := r.understand(ctx, q)
	if err != nil {
		return Result{}, err
	}
	fields, err := fieldsOf(q.Facets)
	if err != nil {
		return Result{}, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	found, ranked, err := r.find(ctx, q.Sort, u, max(q.Offset, 0)+limit, fields...)
	if err != nil {
		return Result{}, err
	}
	res := Result{Query: language(q.Lang).query(u.tree), Notice: u.notice(), Hits: []Hit{}, Total: found.Total,
		Listed: found.Distinct}
	if len(q.Facets) > 0 {
		res.Facets = map[string]Facet{}
		for _, name := range q.Facets {
			f := found.Counts[facetFields[name]].facet(name)
			if err := r.countTexts(ctx, u, name, f.Values); err != nil {
				return Result{}, err
			}
			res.Facets[name] = f
		}
	}
	page := ranked[min(max(q.Offset, 0), len(ranked)):]
	var of map[string]versionOf
	if !q.Bare {
		if of, err = r.numbered(ctx, page); err != nil {
			return Result{}, err
		}
	}
	m := r.newMarker(u, found.Stats)
	for _, d := range page {
		hit, err := r.hit(ctx, q, d, u, m)
		if err != nil {
			return Result{}, err
		}
		hit.Article.Version, hit.Article.Versions = of[d.Key].version, of[d.Key].versions
		res.Hits = append(res.Hits, hit)
	}
	return res, nil
}

// ranked is a document in the order of the answer.
type ranked struct {
	Match
	score float32
	read  *[features]float32 // what the second pass found
	first float32            // what was added for being read
}

// orders are the orders of Query.Sort beside relevance.
var orders = map[string]Order{
	"published": {Time: TimePub}, "-published": {Time: TimePub, Newest: true},
	"fetched": {Time: TimeFetched}, "-fetched": {Time: TimeFetched, Newest: true},
}

// find searches a query and lists the first n documents of the answer, all of them for n < 0.
func (r *reader) find(ctx context.Context, sort string, u *understood, n int, facets ...string) (Found, []ranked, error) {
	req := Request{Query: u.query, Size: n, Facets: facets, Collapse: u.collapse}
	read := 0
	switch order, ok := orders[sort]; {
	case ok:
		req.Sort = order
	case sort != "" && sort != "relevance":
		return Found{}, nil, fmt.Errorf("sort %q: relevance, published, -published, fetched or -fetched", sort)
	case u.query.Rank == nil:
		req.Sort = orders["-published"]
	default:
		if read = u.query.Rank.read(); n >= 0 {
			req.Size = max(n, read)
		}
		req.Read = read
	}
	found, err := r.Search(ctx, req)
	if err != nil {
		return Found{}, nil, err
	}
	if u.collapse == "" {
		found.Distinct = found.Total
	}
	u.note(found)
	if err := r.check(ctx, u, found); err != nil {
		return Found{}, nil, err
	}
	all := make([]ranked, len(found.Hits))
	for i, m := range found.Hits {
		all[i] = ranked{Match: m}
		if u.query.Rank != nil {
			all[i].score = m.Words + u.query.Rank.Ranking.Pairs*m.Pairs + m.Fresh
		}
	}
	if read > 0 {
		if err := r.second(ctx, all[:min(read, len(all))], u.query.Rank, found.Stats); err != nil {
			return Found{}, nil, err
		}
		slices.SortFunc(all, func(a, b ranked) int {
			return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.Key, b.Key))
		})
	}
	if n >= 0 {
		all = all[:min(n, len(all))]
	}
	return found, all, nil
}

// hit reads what is shown of a document, but for the number of the version.
func (r *reader) hit(ctx context.Context, q Query, d ranked, u *understood, m *marker) (Hit, error) {
	if q.Bare {
		return Hit{Article: extract.Article{ID: articleID(d.Key)}, Score: float64(d.score), Copies: d.Alike}, nil
	}
	h, t, err := r.stored(ctx, d.Place)
	if err != nil {
		return Hit{}, err
	}
	a := join(h, t, false)
	m.cut.Learn(append([]string{t.Title, t.Body}, t.Attachments...)...)
	asOf(&a, h, unixNano(q.AsOf))
	explain := ""
	if q.Explain && u.query.Rank != nil {
		explain = u.explain(language(q.Lang), d)
	}
	return Hit{
		Article: a, Score: float64(d.score), Copies: d.Alike,
		Title: m.title(t.Title), Fragments: m.fragments(t), Explain: explain,
	}, nil
}
