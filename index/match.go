package index

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"

	"cundang/index/zh"
)

// match is the documents a node of a query matches, among those of within.
func (r *reader) match(n node, within docSet) (docSet, error) {
	switch n.kind {
	case kWords:
		return r.matchWords(n.field, n.text, within)
	case kExact, kFolded:
		return r.matchPhrase(n, within)
	case kField:
		return r.matchField(n, within)
	case kDate:
		return r.matchDate(n, within)
	case kNear:
		return r.matchNear(n, within)
	case kNot:
		set, err := r.match(n.kids[0], within)
		if err != nil {
			return nil, err
		}
		out := r.copySet(within)
		out.without(set)
		return out, nil
	case kOr:
		out := r.newSet()
		for _, k := range n.kids {
			set, err := r.match(k, within)
			if err != nil {
				return nil, err
			}
			out.or(set)
		}
		return out, nil
	}
	out := r.copySet(within) // kAnd, kList: what is cheap narrows what has to read texts
	for _, costly := range []bool{false, true} {
		for _, k := range n.kids {
			if k.readsTexts() != costly {
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

func (n node) readsTexts() bool {
	return n.kind == kExact || n.kind == kFolded || n.kind == kNear || slices.ContainsFunc(n.kids, node.readsTexts)
}

// matchWords is the documents that have all words of a text.
func (r *reader) matchWords(field, text string, within docSet) (docSet, error) {
	out := r.copySet(within)
	any := false
	var err error
	zh.NewCutter(r.x.dict).Words(text, false, func(w zh.Word) {
		if err != nil {
			return
		}
		any = true
		var set docSet
		if set, err = r.matchWord(field, w.Text); err == nil {
			out.and(set)
		}
	})
	if err != nil {
		return nil, err
	}
	if !any { // punctuation only
		return r.matchPhrase(node{kind: kExact, field: field, text: text}, within)
	}
	return out, nil
}

func (r *reader) matchWord(field, word string) (docSet, error) {
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

// matchField is the documents with a value: the same after folding, or like a pattern.
func (r *reader) matchField(n node, within docSet) (docSet, error) {
	c, err := r.column(n.field)
	if err != nil {
		return nil, err
	}
	pattern := strings.Split(zh.Fold(n.text), "*")
	folded := c.values.allFolded()
	wanted := make([]bool, len(folded))
	for i, v := range folded {
		wanted[i] = like(v, pattern)
	}
	out := r.newSet()
	c.each(within, func(doc, ord uint32) {
		if wanted[ord] {
			out.add(doc)
		}
	})
	return out, nil
}

// like compares a value with the pieces between the * of a pattern.
func like(v string, pieces []string) bool {
	if len(pieces) == 1 {
		return v == pieces[0]
	}
	v, ok := strings.CutPrefix(v, pieces[0])
	if !ok {
		return false
	}
	last := pieces[len(pieces)-1]
	if v, ok = strings.CutSuffix(v, last); !ok {
		return false
	}
	for _, p := range pieces[1 : len(pieces)-1] {
		i := strings.Index(v, p)
		if i < 0 {
			return false
		}
		v = v[i+len(p):]
	}
	return true
}

func (r *reader) matchDate(n node, within docSet) (docSet, error) {
	c, err := r.column(fDay)
	if err != nil {
		return nil, err
	}
	days := c.values.all()
	out := r.newSet()
	c.each(within, func(doc, ord uint32) {
		if d := days[ord]; d >= n.lo && (n.hi == "" || d <= n.hi) {
			out.add(doc)
		}
	})
	return out, nil
}

// matchPhrase is the documents that have a string: those with all its pairs, read to be sure.
func (r *reader) matchPhrase(n node, within docSet) (docSet, error) {
	candidates, err := r.candidates(n.text, within)
	if err != nil {
		return nil, err
	}
	if n.kind == kFolded {
		want := zh.FoldRunes(nil, n.text)
		return r.reading(candidates, func(p *page) bool {
			return p.anyFolded(n.field, func(part []rune) bool { return contains(part, want) })
		})
	}
	want := []byte(n.text)
	return r.reading(candidates, func(p *page) bool {
		return p.any(n.field, func(part []byte) bool { return bytes.Contains(part, want) })
	})
}

func contains(text, want []rune) bool {
	for i := 0; i+len(want) <= len(text); i++ {
		if hasPrefix(text[i:], want) {
			return true
		}
	}
	return false
}

// parts is the texts that belong to a field of a query.
func (t texts) parts(field string) []string {
	switch field {
	case "title":
		return []string{t.title}
	case "body":
		return []string{t.body}
	}
	return append([]string{t.title, t.body}, t.atts...)
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
func (r *reader) candidates(text string, within docSet) (docSet, error) {
	var lists []pairList
	var err error
	seen := map[string]bool{}
	zh.NewCutter(r.x.dict).Pairs(text, func(p zh.Pair) {
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
	zh.NewCutter(r.x.dict).Lone(text, func(char rune) {
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

// reading keeps the documents whose texts pass a test, on all processors.
func (r *reader) reading(set docSet, keep func(*page) bool) (docSet, error) {
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
			var p page
			for i := w; i < len(docs); i += workers {
				if err := r.page(docs[i], &p); err != nil {
					errs[w] = &DamagedError{r.x.dir, err}
					return
				}
				kept[i] = keep(&p)
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

// readers is how many goroutines read texts for one query.
const readers = 2

// matchNear is the documents where all kids stand within n characters of the next.
func (r *reader) matchNear(n node, within docSet) (docSet, error) {
	candidates := r.copySet(within)
	needles := make([][]rune, len(n.kids))
	for i, k := range n.kids {
		set, err := r.candidates(k.text, candidates)
		if err != nil {
			return nil, err
		}
		candidates.and(set)
		needles[i] = zh.FoldRunes(nil, k.text)
	}
	return r.reading(candidates, func(p *page) bool {
		return p.anyFolded("", func(part []rune) bool { return near(part, needles, n.n) })
	})
}

// near says whether the needles can be found, each at most n characters from the one before it, in either order.
func near(text []rune, needles [][]rune, n int) bool {
	var last []int // where the needle before ends up
	for i, needle := range needles {
		here := positions(text, needle)
		if i > 0 {
			here = slices.DeleteFunc(here, func(at int) bool {
				return !slices.ContainsFunc(last, func(before int) bool {
					return distance(before, len(needles[i-1]), at, len(needle)) <= n
				})
			})
		}
		if len(here) == 0 {
			return false
		}
		last = here
	}
	return true
}

// distance is the number of characters between two strings at a and b; overlapping ones are not near.
func distance(a, lenA, b, lenB int) int {
	switch {
	case b >= a+lenA:
		return b - a - lenA
	case a >= b+lenB:
		return a - b - lenB
	}
	return 1 << 30
}

func positions(text, needle []rune) []int {
	var out []int
	if len(needle) == 0 {
		return nil
	}
	for i := 0; i+len(needle) <= len(text); i++ {
		if text[i] == needle[0] && hasPrefix(text[i:], needle) {
			out = append(out, i)
		}
	}
	return out
}
