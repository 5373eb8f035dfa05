package bleve

import (
	"cmp"
	"slices"
	"sync"

	"cundang/index"
	"cundang/index/zh"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// match is the documents a clause matches, among those of within.
func (r *view) match(n index.Clause, within docSet) (docSet, error) {
	switch n.Op {
	case index.OpWords:
		return r.matchWords(n, within)
	case index.OpWordLike:
		return r.matchWordLike(n, within)
	case index.OpPhrase:
		candidates, err := r.candidates(n.Text, within)
		if err != nil {
			return nil, err
		}
		return r.reading(candidates, n)
	case index.OpNear:
		return r.matchNear(n, within)
	case index.OpValues:
		if n.N > 1 {
			return r.withSeveral(n.Field, n.Terms, n.N, within)
		}
		return r.withTerms(n.Field, n.Terms, within)
	case index.OpLike:
		return r.matchLike(n, within)
	case index.OpDays:
		return r.matchDays(n, within)
	case index.OpTimes:
		return r.matchTimes(n, within)
	case index.OpArticles:
		return r.ofArticles(n.Terms, within)
	case index.OpNot:
		out := r.copySet(within)
		for _, k := range n.Kids {
			set, err := r.match(k, within)
			if err != nil {
				return nil, err
			}
			out.without(set)
		}
		return out, nil
	case index.OpAny:
		out := r.newSet()
		for _, k := range n.Kids {
			set, err := r.match(k, within)
			if err != nil {
				return nil, err
			}
			out.or(set)
		}
		return out, nil
	}
	out := r.copySet(within) // index.OpAll: what is cheap narrows what has to read texts
	for _, costly := range []bool{false, true} {
		for _, k := range n.Kids {
			if readsTexts(k) != costly {
				continue
			}
			set, err := r.match(k, out)
			if err != nil {
				return nil, err
			}
			out.and(set)
		}
	}
	return out, nil
}

func readsTexts(c index.Clause) bool {
	return c.Op == index.OpPhrase || c.Op == index.OpNear || slices.ContainsFunc(c.Kids, readsTexts)
}

// matchWords is the documents that have all words.
func (r *view) matchWords(n index.Clause, within docSet) (docSet, error) {
	out := r.copySet(within)
	for _, w := range n.Terms {
		set, err := r.matchWord(n.Field, w)
		if err != nil {
			return nil, err
		}
		out.and(set)
	}
	return out, nil
}

func (r *view) matchWord(field, word string) (docSet, error) {
	fields := []string{fWords, fAttach}
	if field == "title" {
		fields = []string{fTitle}
	}
	set := r.newSet()
	for _, f := range fields {
		l, err := r.list(f, word)
		if err != nil {
			return nil, err
		}
		r.addTo(set, l)
	}
	return set, nil
}

// matchWordLike is the documents with a word like a pattern: those of all such terms.
func (r *view) matchWordLike(n index.Clause, within docSet) (docSet, error) {
	fields := []string{fWords, fAttach}
	if n.Field == "title" {
		fields = []string{fTitle}
	}
	set := r.newSet()
	for _, f := range fields {
		for i, s := range r.segs {
			dict, err := r.dictionary(i, f)
			if err != nil {
				return nil, err
			}
			it := dict.AutomatonIterator(beginning(n.Terms[0]), nil, nil)
			e, err := it.Next()
			for ; err == nil && e != nil; e, err = it.Next() {
				if !n.Like(e.Term) {
					continue
				}
				if err := r.eachHaving(dict, e.Term, func(doc uint32) { set.add(s.base + doc) }); err != nil {
					return nil, err
				}
			}
			if err != nil {
				return nil, err
			}
		}
	}
	set.and(within)
	return set, nil
}

// beginning is an automaton of terms that begin with some bytes: its states are how many of them are there, and -1.
type beginning string

var _ segment.Automaton = beginning("")

func (b beginning) Start() int                    { return 0 }
func (b beginning) IsMatch(have int) bool         { return have == len(b) }
func (b beginning) CanMatch(have int) bool        { return have >= 0 }
func (b beginning) WillAlwaysMatch(have int) bool { return have == len(b) }
func (b beginning) Accept(have int, c byte) int {
	switch {
	case have < 0 || have < len(b) && b[have] != c:
		return -1
	case have == len(b):
		return have
	}
	return have + 1
}

// withTerms is the documents with one of the values in a field.
func (r *view) withTerms(field string, values []string, within docSet) (docSet, error) {
	set := r.newSet()
	for _, v := range values {
		l, err := r.list(field, v)
		if err != nil {
			return nil, err
		}
		r.addTo(set, l)
	}
	set.and(within)
	return set, nil
}

// withSeveral is the documents with at least n of the values in a field. They are read once: what asks for several of
// many values asks for those of one document.
func (r *view) withSeveral(field string, values []string, n int, within docSet) (docSet, error) {
	set := r.newSet()
	for i, s := range r.segs {
		dict, err := r.dictionary(i, field)
		if err != nil {
			return nil, err
		}
		having := map[uint32]int{}
		for _, v := range values {
			if err := r.eachHaving(dict, v, func(doc uint32) { having[doc]++ }); err != nil {
				return nil, err
			}
		}
		for doc, of := range having {
			if of >= n {
				set.add(s.base + doc)
			}
		}
	}
	set.and(within)
	return set, nil
}

// ofArticles is the documents of some articles.
func (r *view) ofArticles(ids []string, within docSet) (docSet, error) {
	set := r.newSet()
	var refs []index.Ref
	var err error
	for _, id := range ids {
		for i := range r.segs {
			if refs, err = r.documentsIn(i, id, refs[:0]); err != nil {
				return nil, err
			}
			for _, ref := range refs {
				set.add(uint32(ref.Place))
			}
		}
	}
	set.and(within)
	return set, nil
}

// matchLike is the documents with a value like a pattern.
func (r *view) matchLike(n index.Clause, within docSet) (docSet, error) {
	c, err := r.column(n.Field)
	if err != nil {
		return nil, err
	}
	folded := c.values.allFolded()
	wanted := make([]bool, len(folded))
	for i, v := range folded {
		wanted[i] = n.Like(v)
	}
	out := r.newSet()
	c.each(within, func(doc, ord uint32) {
		if wanted[ord] {
			out.add(doc)
		}
	})
	return out, nil
}

func (r *view) matchDays(n index.Clause, within docSet) (docSet, error) {
	c, err := r.column(index.FieldDay)
	if err != nil {
		return nil, err
	}
	days := c.values.all()
	out := r.newSet()
	c.each(within, func(doc, ord uint32) {
		if d := days[ord]; d >= n.Lo && (n.Hi == "" || d <= n.Hi) {
			out.add(doc)
		}
	})
	return out, nil
}

func (r *view) matchTimes(n index.Clause, within docSet) (docSet, error) {
	at, err := r.times(n.Field)
	if err != nil {
		return nil, err
	}
	set := r.newSet()
	for i, s := range r.segs {
		for local, t := range at.parts[i] {
			if t != index.NoTime && t >= n.From && t < n.To {
				set.add(s.base + uint32(local))
			}
		}
	}
	set.and(within)
	return set, nil
}

// pairList is the documents with a pair of characters side by side: as a word of theirs, or by its bucket.
type pairList [2]list

func (p pairList) count() int { return p[0].count + p[1].count }

// has says whether a document of segment i is one of them.
func (p pairList) has(i int, local uint32) bool {
	for _, l := range p {
		if _, ok := slices.BinarySearch(l.parts[i].docs, local); ok {
			return true
		}
	}
	return false
}

// fewCandidates are sooner read than narrowed down.
const fewCandidates = 32

// candidates is the documents that can have a string: those with all its pairs of characters, of
// which the rarest come first, and where many are left those with its other characters.
func (r *view) candidates(text string, within docSet) (docSet, error) {
	var lists []pairList
	var err error
	seen := map[string]bool{}
	zh.NewCutter(r.e.dict).Pairs(text, func(p zh.Pair) {
		if err != nil || p.Word == "" || seen[p.Word] {
			return
		}
		seen[p.Word] = true
		var l pairList
		l[0], l[1], err = r.pair(p)
		lists = append(lists, l)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(lists, func(a, b pairList) int { return cmp.Compare(a.count(), b.count()) })
	out := r.copySet(within)
	for _, l := range lists {
		left := out.count()
		if left <= fewCandidates {
			break
		}
		if l.count() < 16*left {
			set := r.newSet()
			r.addTo(set, l[0])
			r.addTo(set, l[1])
			out.and(set)
			continue
		}
		r.eachPart(out, func(i int, local, doc uint32) {
			if !l.has(i, local) {
				out.remove(doc)
			}
		})
	}
	zh.NewCutter(r.e.dict).Lone(text, func(char rune) {
		if err != nil || out.count() <= fewToRead {
			return
		}
		var l list
		if l, err = r.letter(char); err == nil {
			set := r.newSet()
			r.addTo(set, l)
			out.and(set)
		}
	})
	return out, err
}

// readers is how many goroutines read texts for one query.
const readers = 2

// reading keeps the documents whose texts match a clause, on several processors.
func (r *view) reading(set docSet, c index.Clause) (docSet, error) {
	docs := make([]uint32, 0, 64)
	set.each(func(doc uint32) { docs = append(docs, doc) })
	kept := make([]bool, len(docs))
	workers := 1
	if len(docs) > 64 {
		workers = readers
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			defer r.damage(&errs[w])
			var t index.Text
			matches := c.Matcher()
			for i := w; i < len(docs); i += workers {
				if err := r.text(docs[i], &t); err != nil {
					errs[w] = &index.DamagedError{Dir: r.e.dir, Err: err}
					return
				}
				kept[i] = matches(&t)
			}
		})
	}
	wg.Wait()
	out := r.newSet()
	for i, k := range kept {
		if k {
			out.add(docs[i])
		}
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// matchNear is the documents where strings stand close to each other.
func (r *view) matchNear(n index.Clause, within docSet) (docSet, error) {
	candidates := r.copySet(within)
	for _, text := range n.Terms {
		set, err := r.candidates(text, candidates)
		if err != nil {
			return nil, err
		}
		candidates.and(set)
	}
	return r.reading(candidates, n)
}
