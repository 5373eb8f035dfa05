package bleve

import (
	"context"

	"cundang/index"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// Search implements index.View: bleve's Search runs a query of our own.
func (r *view) Search(ctx context.Context, req index.Request) (found index.Found, err error) {
	defer r.damage(&err)
	q := &articleQuery{view: r, req: req}
	size := req.Size
	if size < 0 {
		size = r.total
	}
	sr := bleve.NewSearchRequestOptions(q, size, 0, false)
	sr.SortByCustom(search.SortOrder{asFound{}})
	res, err := r.e.b.SearchInContext(ctx, sr)
	if err != nil {
		return index.Found{}, err
	}
	found = q.found
	found.Hits = make([]index.Match, len(res.Hits))
	for i, h := range res.Hits {
		doc := uint32(h.IndexInternalID.Value())
		m := index.Match{Ref: index.Ref{Key: h.ID, Place: index.Place(doc)}, Alike: q.alike[doc]}
		if q.scores != nil {
			of := q.scores.of[doc]
			m.Words, m.Pairs = of.words, of.pairs
			if q.fresh != nil {
				m.Fresh = q.fresh(doc)
			}
		}
		found.Hits[i] = m
	}
	q.scores.release()
	return found, nil
}

// articleQuery finds the documents of a request.
type articleQuery struct {
	view   *view
	req    index.Request
	found  index.Found // but for the hits
	scores *scores     // nil when nothing ranks
	alike  map[uint32]int
	fresh  func(doc uint32) float32
}

var _ query.Query = (*articleQuery)(nil)

// Searcher matches and scores. It reads the view that it was asked of, also when articles have been written since and the
// reader that bleve hands over is a newer one.
func (q *articleQuery) Searcher(context.Context, bleveindex.IndexReader, mapping.IndexMapping, search.SearcherOptions) (search.Searcher, error) {
	r := q.view
	matches, err := q.match(&q.req.Query, true)
	if err != nil {
		return nil, err
	}
	q.found.Total = matches.count()
	if len(q.req.Facets) > 0 {
		q.found.Counts = map[string]index.Counts{}
		of := r.members(matches)
		for _, field := range q.req.Facets {
			c, err := r.column(field)
			if err != nil {
				return nil, err
			}
			q.found.Counts[field] = c.count(of)
		}
	}
	if q.scores != nil && q.req.Sort.Time == "" {
		if q.fresh, err = r.fresh(q.scores); err != nil {
			return nil, err
		}
	}
	listed := matches
	if q.req.Collapse != "" {
		if listed, err = q.collapse(matches); err != nil {
			return nil, err
		}
	}
	places, err := r.ordered(listed, q.req.Sort, q.req.Size, q.scores, q.fresh)
	if err != nil {
		return nil, err
	}
	return &searcher{q: q, places: places}, nil
}

// match finds what a compiled query matches; own says that it is the one that ranks.
func (q *articleQuery) match(c *index.Compiled, own bool) (docSet, error) {
	r := q.view
	var s *scores
	if c.Rank != nil && (own || c.Free != nil || c.Ranked) {
		var err error
		if s, err = r.score(c.Rank); err != nil {
			return nil, err
		}
		if own {
			q.scores, q.found.Stats = s, s.stats
		} else {
			defer s.release()
		}
	}
	all := r.newSet()
	all.addRange(0, uint32(r.total))
	r.dropDeleted(all)
	out, err := r.match(c.All, all)
	if err != nil {
		return nil, err
	}
	if f := c.Free; f != nil {
		within := out
		if out, err = r.match(f.All, within); err != nil {
			return nil, err
		}
		complete := out.count()
		partly := false
		if s != nil && complete < f.Many && (complete == 0 || f.Words > f.Few) {
			some := r.some(s, within, f.Share)
			some.or(out)
			out = some
			partly = out.count() > complete
		}
		if own {
			q.found.Complete, q.found.Partly = complete, partly
		}
	}
	if c.Ranked && s != nil {
		kept := r.newSet()
		out.each(func(doc uint32) {
			if s.of[doc].found() {
				kept.add(doc)
			}
		})
		out = kept
	}
	if c.Within != nil {
		within, err := q.within(c.Within)
		if err != nil {
			return nil, err
		}
		out.and(within)
	}
	return out, nil
}

// within finds what another query matches, once for a view: the terms of a trend share one.
func (q *articleQuery) within(c *index.Compiled) (docSet, error) {
	if set, ok := q.view.within[c]; ok {
		return set, nil
	}
	set, err := q.match(c, false)
	if err != nil {
		return nil, err
	}
	if q.view.within == nil {
		q.view.within = map[*index.Compiled]docSet{}
	}
	q.view.within[c] = set
	return set, nil
}

// searcher hands the documents of a request to bleve's collector in their order.
type searcher struct {
	q      *articleQuery
	places []place
	at     int
}

var _ search.Searcher = (*searcher)(nil)

// Next returns the next document.
func (s *searcher) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	if s.at == len(s.places) {
		return nil, nil
	}
	doc := s.places[s.at].doc
	s.at++
	key, err := s.q.view.key(doc)
	if err != nil {
		return nil, err
	}
	m := ctx.DocumentMatchPool.Get()
	m.ID = key
	m.IndexInternalID = bleveindex.NewIndexInternalID(m.IndexInternalID, uint64(doc))
	if s.q.scores != nil {
		m.Score = float64(s.q.scores.first(doc))
	}
	return m, nil
}

// Advance returns the next document with a number of at least that of id.
func (s *searcher) Advance(ctx *search.SearchContext, id bleveindex.IndexInternalID) (*search.DocumentMatch, error) {
	for s.at < len(s.places) && uint64(s.places[s.at].doc) < id.Value() {
		s.at++
	}
	return s.Next(ctx)
}

func (s *searcher) Close() error               { return nil }
func (s *searcher) Weight() float64            { return 1 }
func (s *searcher) SetQueryNorm(float64)       {}
func (s *searcher) Count() uint64              { return uint64(len(s.places)) }
func (s *searcher) Min() int                   { return 0 }
func (s *searcher) Size() int                  { return 16 * len(s.places) }
func (s *searcher) DocumentMatchPoolSize() int { return 1 }

// asFound keeps the order in which the searcher hands documents over: bleve's collector puts equals so.
type asFound struct{}

func (asFound) UpdateVisitor(string, []byte)       {}
func (asFound) Value(*search.DocumentMatch) string { return "" }
func (asFound) DecodeValue(v string) string        { return v }
func (asFound) Descending() bool                   { return false }
func (asFound) RequiresDocID() bool                { return false }
func (asFound) RequiresScoring() bool              { return false }
func (asFound) RequiresFields() []string           { return nil }
func (asFound) Reverse()                           {}
func (asFound) Copy() search.SearchSort            { return asFound{} }
