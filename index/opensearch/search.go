package opensearch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cundang/index"
)

// answer is an answer to a search.
type answer struct {
	TimedOut bool `json:"timed_out"`
	Hits     struct {
		Total struct{ Value int }
		Hits  []hit
	}
	Aggs map[string]aggregation `json:"aggregations"`

	Status int // of a part of a multi-search
	Error  *failure
	Shards struct{ Failed int } `json:"_shards"`
}

type hit struct {
	ID     string `json:"_id"`
	Index  string `json:"_index"`
	Source struct {
		source
		State state `json:"state"`
	} `json:"_source"`
	Sort    []json.RawMessage
	Fields  map[string][]json.RawMessage
	Matched map[string]float32 `json:"matched_queries"`
}

type aggregation struct {
	Value   float64
	Other   int `json:"sum_other_doc_count"`
	Buckets []struct {
		Key   json.RawMessage
		Count int `json:"doc_count"`
	}
	After json.RawMessage `json:"after_key"`
}

// pageSize is how many documents one answer lists.
const pageSize = 2000

// search is a request as it is compiled.
type search struct {
	v      *view
	found  index.Found
	scores *scores // nil when nothing ranks
	within map[*index.Compiled]object
}

// Search implements index.View.
func (v *view) Search(ctx context.Context, req index.Request) (index.Found, error) {
	s := &search{v: v, within: map[*index.Compiled]object{}}
	filter, err := s.match(ctx, &req.Query, true)
	if err != nil {
		return index.Found{}, err
	}
	if err := s.run(ctx, req, filter); err != nil {
		return index.Found{}, err
	}
	if f := req.Query.Free; f != nil && s.scores == nil {
		s.found.Complete = s.found.Total
	}
	return s.found, nil
}

// match translates what a compiled query matches; own says that it is the one that ranks.
func (s *search) match(ctx context.Context, c *index.Compiled, own bool) (object, error) {
	v := s.v
	all, err := v.clause(ctx, c.All, []object{everything()})
	if err != nil {
		return nil, err
	}
	filters := []object{everything(), all}
	var complete object
	if c.Free != nil {
		if complete, err = v.clause(ctx, c.Free.All, filters); err != nil {
			return nil, err
		}
	}
	var sc *scores
	if c.Rank != nil && (own || c.Free != nil || c.Ranked) {
		if sc, err = v.score(ctx, c.Rank); err != nil {
			return nil, err
		}
		if own {
			s.scores, s.found.Stats = sc, sc.stats
		}
	}
	if c.Free != nil {
		matches := complete
		if sc != nil {
			if matches, err = s.free(ctx, c.Free, sc, filters, complete, own); err != nil {
				return nil, err
			}
		}
		filters = append(filters, matches)
	}
	if c.Ranked && sc != nil {
		filters = append(filters, sc.found())
	}
	if c.Within != nil {
		within, ok := s.within[c.Within]
		if !ok {
			if within, err = s.match(ctx, c.Within, false); err != nil {
				return nil, err
			}
			s.within[c.Within] = within
		}
		filters = append(filters, within)
	}
	return allOf(filters...), nil
}

// free translates free words: all of them, or also a share of what ranks where too few articles have all.
func (s *search) free(ctx context.Context, f *index.Free, sc *scores, filters []object,
	complete object, own bool) (object, error) {
	count := func(q object) (int, error) { return s.v.count(ctx, append(filters[:len(filters):len(filters)], q)) }
	n, err := count(complete)
	if err != nil {
		return nil, err
	}
	if own {
		s.found.Complete = n
	}
	if n >= f.Many || n > 0 && f.Words <= f.Few {
		return complete, nil
	}
	some := anyOf(sc.some(f.Share), complete)
	if own {
		m, err := count(some)
		if err != nil {
			return nil, err
		}
		s.found.Partly = m > n
	}
	return some, nil
}

// count counts the documents that match.
func (v *view) count(ctx context.Context, filters []object) (int, error) {
	var r answer
	err := v.search(ctx, object{"size": 0, "track_total_hits": true, "query": allOf(filters...)}, &r)
	return r.Hits.Total.Value, err
}

// run asks for the documents, a page at a time, and with the first for what is counted.
func (s *search) run(ctx context.Context, req index.Request, filter object) error {
	body := object{
		"query": s.query(req, filter), "track_total_hits": true, "_source": false,
		"sort": order(req.Sort, s.scores != nil),
	}
	docValues := []string{}
	if s.scores != nil && s.scores.rank.HalfLife > 0 {
		docValues = append(docValues, "times."+index.TimePub)
	}
	aggs := object{}
	counted := req.Facets
	if req.Collapse != "" {
		docValues = append(docValues, "values."+req.Collapse)
		counted = append(slices.Clone(counted), req.Collapse)
	}
	for _, field := range counted {
		aggs[field] = object{"terms": object{"field": "values." + field, "size": facetValues}}
	}
	body["docvalue_fields"] = docValues
	if len(aggs) > 0 {
		body["aggs"] = aggs
	}
	left := req.Size
	alike := newGroups(req.Collapse)
	for first := true; ; first = false {
		size := pageSize
		if first && req.Read > 0 {
			size, body["_source"] = min(req.Read, pageSize), textFields
		}
		if left >= 0 {
			size = min(size, left)
		}
		body["size"] = size
		var r answer
		if err := s.v.search(ctx, body, &r); err != nil {
			return err
		}
		if first {
			s.found.Total = r.Hits.Total.Value
			if err := s.facets(ctx, counted, filter, r.Aggs); err != nil {
				return err
			}
			alike.count(s.found.Counts[req.Collapse])
			s.found.Distinct = s.found.Total - alike.more
			delete(body, "aggs")
			body["track_total_hits"], body["_source"] = false, false
		}
		for i := range r.Hits.Hits {
			h := &r.Hits.Hits[i]
			m := s.hit(h)
			s.found.Hits = append(s.found.Hits, m)
			if alike.add(h) {
				left--
			}
		}
		if n := len(r.Hits.Hits); n < size || left == 0 || n == 0 {
			break
		} else {
			body["search_after"] = r.Hits.Hits[n-1].Sort
		}
	}
	if s.scores != nil && req.Sort.Time == "" {
		// The parts of a score add up to the cluster's but for the last digits: the order is that of what is told.
		slices.SortStableFunc(s.found.Hits, func(a, b index.Match) int {
			return cmp.Or(cmp.Compare(s.scores.first(b), s.scores.first(a)), strings.Compare(a.Key, b.Key))
		})
	}
	if req.Collapse != "" {
		s.found.Hits = alike.first(s.found.Hits)
		for i, m := range s.found.Hits {
			if v, grouped := alike.of[m.Key]; grouped {
				s.found.Hits[i].Alike = alike.size[v] - 1
			}
		}
		if req.Size >= 0 {
			s.found.Hits = s.found.Hits[:min(req.Size, len(s.found.Hits))]
		}
	}
	return nil
}

// groups tells which documents have the same value of the field of Request.Collapse.
type groups struct {
	field string
	of    map[string]string // value by key
	seen  map[string]bool   // values
	size  map[string]int    // of all that match, by value
	more  int               // documents that are not the first of their group
}

func newGroups(field string) *groups {
	return &groups{field: "values." + field, of: map[string]string{}, seen: map[string]bool{}, size: map[string]int{}}
}

// count takes what was counted of the field.
func (g *groups) count(c index.Counts) {
	for i, v := range c.Values {
		g.size[v] = int(c.Of[i])
		g.more += int(c.Of[i]) - 1
	}
}

// add notes the group of a document and says whether it is the first of it that comes.
func (g *groups) add(h *hit) bool {
	values := h.Fields[g.field]
	if len(values) == 0 {
		return true
	}
	v := string(values[0])
	again := g.seen[v]
	g.seen[v] = true
	var text string
	if json.Unmarshal(values[0], &text) == nil { // a keyword: the mapping says so
		g.of[h.ID] = text
	}
	return !again
}

// first returns the documents that are the first of their groups.
func (g *groups) first(hits []index.Match) []index.Match {
	seen := map[string]bool{}
	return slices.DeleteFunc(hits, func(m index.Match) bool {
		v, grouped := g.of[m.Key]
		again := grouped && seen[v]
		seen[v] = true
		return again
	})
}

// order translates an order; equals stand in the order of their keys.
func order(o index.Order, scored bool) []object {
	byKey := object{fKey: "asc"}
	switch {
	case o.Time != "":
		way := "asc"
		if o.Newest {
			way = "desc"
		}
		return []object{{"times." + o.Time: object{"order": way, "missing": "_last", "unmapped_type": "long"}}, byKey}
	case scored:
		return []object{{"_score": "desc"}, byKey}
	}
	return []object{byKey}
}

// hit is what is told of a document that was found.
func (s *search) hit(h *hit) index.Match {
	m := index.Match{Ref: index.Ref{Key: h.ID, Place: s.v.keep(h)}}
	if s.scores == nil {
		return m
	}
	m.Words = h.Matched[partWords]
	if p := s.scores.rank.Ranking.Pairs; p > 0 {
		m.Pairs = h.Matched[partPairs] / p
	}
	if at := h.Fields["times."+index.TimePub]; len(at) > 0 {
		var published int64
		if json.Unmarshal(at[0], &published) == nil { // a long: the mapping says so
			m.Fresh = s.scores.coverAll * s.scores.rank.Fresh(published)
		}
	}
	return m
}

// facetValues is how many values of a field are counted in one answer.
const facetValues = 5000

// facets reads what was counted of fields; where there are more values than one answer has, all are counted anew, in
// their order.
func (s *search) facets(ctx context.Context, fields []string, filter object, aggs map[string]aggregation) error {
	if len(fields) == 0 {
		return nil
	}
	s.found.Counts = map[string]index.Counts{}
	for _, field := range fields {
		var c index.Counts
		add := func(value string, n int) {
			c.Values, c.Of = append(c.Values, value), append(c.Of, uint32(n))
			c.Total += n
		}
		a := aggs[field]
		if a.Other > 0 {
			if err := s.v.values(ctx, "values."+field, filter, add); err != nil {
				return err
			}
		} else if err := a.each(add); err != nil {
			return err
		}
		s.found.Counts[field] = c
	}
	return nil
}

// each calls f for the values of a terms aggregation.
func (a aggregation) each(f func(value string, n int)) error {
	for _, b := range a.Buckets {
		var value string
		if err := json.Unmarshal(b.Key, &value); err != nil {
			return fmt.Errorf("opensearch: value %s: %w", b.Key, err)
		}
		f(value, b.Count)
	}
	return nil
}

// values calls f for every value of a field that documents of filter have.
func (v *view) values(ctx context.Context, field string, filter object, f func(value string, n int)) error {
	composite := object{"size": facetValues, "sources": []object{{"v": object{"terms": object{"field": field}}}}}
	for {
		var r answer
		err := v.search(ctx, object{
			"size": 0, "track_total_hits": false, "query": filter, "aggs": object{"all": object{"composite": composite}},
		}, &r)
		if err != nil {
			return err
		}
		a := r.Aggs["all"]
		for _, b := range a.Buckets {
			var key struct{ V string }
			if err := json.Unmarshal(b.Key, &key); err != nil {
				return fmt.Errorf("opensearch: value %s: %w", b.Key, err)
			}
			f(key.V, b.Count)
		}
		if len(a.Buckets) < facetValues {
			return nil
		}
		composite["after"] = a.After
	}
}

// mostTerms is how many values Terms lists where not all are wanted; the cluster answers with no more than 65,535.
const mostTerms = 60_000

// Terms implements index.View.
func (v *view) Terms(ctx context.Context, field string, f func(term string, documents int)) error {
	name := "values." + field
	if field == index.FieldWords {
		name = fDistinct
	}
	var r answer
	err := v.search(ctx, object{
		"size": 0, "track_total_hits": false, "query": everything(),
		"aggs": object{"all": object{"terms": object{"field": name, "size": mostTerms}}},
	}, &r)
	if err != nil {
		return err
	}
	if a := r.Aggs["all"]; a.Other == 0 || field == index.FieldWords {
		return a.each(f)
	}
	return v.values(ctx, name, everything(), f)
}

// Frequencies implements index.View.
func (v *view) Frequencies(ctx context.Context, words []string) (documents int, having []int, err error) {
	having, err = v.counts(ctx, fWords, words)
	return v.snap.documents, having, err
}

// countedAtOnce is how many counts one request asks for.
const countedAtOnce = 256

// counts counts the documents that have each of some terms in a field. The cluster's own frequencies would count
// documents that have been replaced as well, so that equal contents would rank differently.
func (v *view) counts(ctx context.Context, field string, terms []string) ([]int, error) {
	out := make([]int, len(terms))
	var missing []int
	v.snap.mu.Lock()
	for i, t := range terms {
		if n, ok := v.snap.counts[field+" "+t]; ok {
			out[i] = n
		} else {
			missing = append(missing, i)
		}
	}
	v.snap.mu.Unlock()
	for some := range slices.Chunk(missing, countedAtOnce) {
		var r struct{ Responses []answer }
		err := v.ask(ctx, func(point object) error {
			var body bytes.Buffer
			enc := json.NewEncoder(&body)
			for _, i := range some {
				body.WriteString("{}\n")
				err := enc.Encode(object{"pit": point, "size": 0, "track_total_hits": true, "query": term(field, terms[i])})
				if err != nil {
					return err
				}
			}
			r.Responses = nil
			path := "/_msearch?filter_path=responses.hits.total,responses.status,responses.error,responses._shards.failed"
			if err := v.e.c.call(ctx, "POST", path, body.Bytes(), &r); err != nil {
				return err
			}
			for _, a := range r.Responses {
				if a.Error != nil || a.Shards.Failed > 0 {
					return &statusError{"POST", "/_msearch", max(a.Status, 500), fmt.Sprint(a.Error)}
				}
			}
			if len(r.Responses) != len(some) {
				return fmt.Errorf("opensearch: %d answers to %d searches", len(r.Responses), len(some))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		v.snap.mu.Lock()
		if len(v.snap.counts) > mostCounts {
			clear(v.snap.counts)
		}
		for j, i := range some {
			out[i] = r.Responses[j].Hits.Total.Value
			v.snap.counts[field+" "+terms[i]] = out[i]
		}
		v.snap.mu.Unlock()
	}
	return out, nil
}

// Key returns the key of a document.
func (v *view) Key(_ context.Context, at index.Place) (string, error) {
	if int(at) >= len(v.docs) {
		return "", fmt.Errorf("stored document: no number %d", at)
	}
	return v.docs[at].key, nil
}

// Values calls f for every value of a keyword field and every document that has it.
func (v *view) Values(ctx context.Context, field string, f func(at index.Place, value string)) error {
	name := "values." + field
	return v.pages(ctx, object{
		"size": pageSize, "track_total_hits": false, "_source": []string{name}, "sort": []object{{fKey: "asc"}},
		"query": object{"exists": object{"field": name}},
	}, func(h *hit) error {
		at := v.place(h.ID)
		for _, value := range h.Source.Values[field] {
			f(at, value)
		}
		return nil
	})
}
