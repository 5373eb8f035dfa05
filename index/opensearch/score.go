package opensearch

import (
	"context"
	"slices"

	"cundang/index"
)

// scores is what ranks, with the weights it has in this index.
type scores struct {
	rank     *index.Rank
	stats    index.Stats
	words    []weighted // that score
	pairs    []weighted
	coverAll float32 // weight of a document with all words
	pairsAll float32 // of one with all pairs that score
}

// weighted is a term, its idf and what it weighs in the score.
type weighted struct {
	term  string
	idf   float32
	score float32
	sub   bool
}

// Parts of a score, as the cluster tells them apart.
const (
	partWords = "words"
	partPairs = "pairs"
)

// mostScored bounds how many words, and how many pairs, of a long query score: the cluster takes 1,024 clauses in
// all. Those that weigh most are kept.
const mostScored = 200

// score weighs what ranks as the embedded engine does.
func (v *view) score(ctx context.Context, rk *index.Rank) (*scores, error) {
	n := max(v.snap.documents, 1)
	s := &scores{rank: rk, stats: index.Stats{Documents: n, Length: v.snap.length}}
	pairs := make([]string, len(rk.Pairs))
	for i, p := range rk.Pairs {
		pairs[i] = p.Word
	}
	var err error
	if s.stats.Words, err = v.counts(ctx, fWords, rk.Words); err != nil {
		return nil, err
	}
	if s.stats.Pairs, err = v.counts(ctx, fPairs, pairs); err != nil {
		return nil, err
	}
	common := int(rk.Common * float32(n))
	if n < 1000 {
		common = n // in a small collection every word may be what is asked for
	}
	for i, w := range rk.Words {
		df := s.stats.Words[i]
		idf := index.IDF(n, df)
		if df == 0 && !rk.Sub[i] {
			s.coverAll += idf
		}
		if df == 0 || len(rk.Words) > 1 && df > common {
			continue
		}
		t := weighted{term: w, idf: idf, score: idf, sub: rk.Sub[i]}
		if t.sub {
			t.score *= rk.Ranking.Sub
		} else {
			s.coverAll += idf
		}
		s.words = append(s.words, t)
	}
	for i, p := range pairs {
		df := s.stats.Pairs[i]
		if df == 0 || len(pairs) > 1 && df > common {
			continue
		}
		idf := index.IDF(n, df)
		s.pairsAll += idf
		s.pairs = append(s.pairs, weighted{term: p, idf: idf, score: idf})
	}
	s.words, s.pairs = heaviest(s.words), heaviest(s.pairs)
	return s, nil
}

// heaviest returns the terms that weigh most, in their order.
func heaviest(all []weighted) []weighted {
	if len(all) <= mostScored {
		return all
	}
	weights := make([]float32, len(all))
	for i, t := range all {
		weights[i] = t.score
	}
	slices.Sort(weights)
	least := weights[len(weights)-mostScored]
	out := slices.DeleteFunc(slices.Clone(all), func(t weighted) bool { return t.score < least })
	return out[:mostScored]
}

// first is the score of the first pass.
func (s *scores) first(m index.Match) float32 {
	return m.Words + s.rank.Ranking.Pairs*m.Pairs + m.Fresh
}

// found matches the documents that have a word or a pair.
func (s *scores) found() object {
	words, pairs := []string{}, []string{}
	for _, t := range s.words {
		words = append(words, t.term)
	}
	for _, t := range s.pairs {
		pairs = append(pairs, t.term)
	}
	return anyOf(object{"terms": object{fWords: words}}, object{"terms": object{fPairs: pairs}})
}

// some matches the documents that have a share of the weight of the words or of the pairs.
func (s *scores) some(share float32) object {
	var words []weighted
	for _, t := range s.words {
		if !t.sub {
			words = append(words, t)
		}
	}
	return anyOf(atLeast(fWords, words, share*s.coverAll), atLeast(fPairs, s.pairs, share*s.pairsAll))
}

// atLeast matches the documents whose terms weigh so much together. Terms that do alone need no sum, which would
// depend on how it is rounded.
func atLeast(field string, terms []weighted, least float32) object {
	alone := []string{}
	var light []object
	for _, t := range terms {
		if t.idf >= least {
			alone = append(alone, t.term)
		} else {
			light = append(light, constant(field, t.term, t.idf))
		}
	}
	kids := []object{{"terms": object{field: alone}}}
	if len(light) > 1 {
		kids = append(kids, object{"function_score": object{"query": anyOf(light...), "min_score": least}})
	}
	return anyOf(kids...)
}

// constant scores a document that has a term, however often.
func constant(field, value string, score float32) object {
	return object{"constant_score": object{"filter": term(field, value), "boost": score}}
}

// query makes the query of a request: what it matches, and unless the order is another what scores.
func (s *search) query(req index.Request, filter object) object {
	if s.scores == nil {
		return filter
	}
	var parts, words, pairs []object
	for _, t := range s.scores.words {
		words = append(words, object{"term": object{fWords: object{"value": t.term, "boost": t.score}}})
	}
	for _, t := range s.scores.pairs {
		pairs = append(pairs, constant(fPairs, t.term, t.score))
	}
	if len(words) > 0 {
		parts = append(parts, object{"bool": object{"_name": partWords, "should": words}})
	}
	if p := s.scores.rank.Ranking.Pairs; p > 0 && len(pairs) > 0 {
		parts = append(parts, object{"bool": object{"_name": partPairs, "boost": p, "should": pairs}})
	}
	if rk := s.scores.rank; rk.HalfLife > 0 && req.Sort.Time == "" && s.scores.coverAll > 0 {
		parts = append(parts, fresh(rk, s.scores.coverAll))
	}
	return object{"bool": object{"filter": filter, "should": parts}}
}

// fresh scores what a document gains for its date, as index.Rank.Fresh does.
func fresh(rk *index.Rank, most float32) object {
	pub, now := "times."+index.TimePub, rk.Now.UnixNano()
	return object{"function_score": object{
		"query": object{"exists": object{"field": pub}}, "boost_mode": "replace", "score_mode": "first",
		"functions": []object{
			{"filter": object{"range": object{pub: object{"gt": now}}}, "weight": most},
			{"exp": object{pub: object{"origin": now, "scale": rk.HalfLife.Nanoseconds(), "decay": 0.5}}, "weight": most},
		},
	}}
}
