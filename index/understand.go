package index

import (
	"errors"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cundang/index/zh"
)

// understood is a query parsed, matched and ready to be ranked.
type understood struct {
	tree     node
	notice   string
	lang     language
	question question
	scores   *scores // nil when nothing asks for a ranking
	matches  docSet
	exact    []string // phrases to show as they stand
	folded   []string
}

// Words that stand side by side rank; which documents match at all depends on how many there are.
const (
	// Up to so many words all are wanted, if any article has them all.
	fewWords = 2
	// More words, a headline or a question, are also answered by articles with some of them, unless
	// so many have all.
	manyAnswers = 1000
	// Some is this share of the weight of the words, or of the pairs of characters.
	someShare = 0.1
)

// understand parses a query and finds what matches.
func (r *reader) understand(q Query) (*understood, error) {
	u := &understood{lang: language(q.Lang)}
	within, err := r.filter(q)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(q.Text)
	u.tree, err = parse(text)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		u.tree = node{kind: kWords, text: plainWords(text)}
		u.notice = u.lang.say("not understood %s; searched as words", "检索式有误（%s），已按词检索", syntax.In(q.Lang))
	} else if err != nil {
		return nil, err
	}
	if u.tree.kind == kList && len(u.tree.kids) == 0 {
		u.matches = within
		return u, nil
	}
	u.tree = u.tree.soften()
	free, required := u.tree.free()
	var ranking []string
	u.collect(u.tree, &ranking)
	cut := zh.NewCutter(r.x.dict)
	u.question = ask(cut, strings.Join(ranking, "\n"))
	if len(u.question.words) > 0 {
		ranking := DefaultRanking()
		if q.Ranking != nil {
			ranking = *q.Ranking
		}
		if u.scores, err = r.score(u.question, ranking); err != nil {
			return nil, err
		}
	}
	for _, n := range required {
		set, err := r.match(n, within)
		if err != nil {
			return nil, err
		}
		within.and(set)
	}
	if len(free) == 0 {
		u.matches = within
		return u, nil
	}
	return u, r.matchFree(u, strings.Join(free, "\n"), within)
}

// matchFree matches the words that stand side by side.
func (r *reader) matchFree(u *understood, text string, within docSet) error {
	all, err := r.matchWords("", text, within)
	if err != nil {
		return err
	}
	have := all.count()
	words := 0
	for i := range u.question.words {
		if !u.question.sub[i] {
			words++
		}
	}
	u.matches = all
	if u.scores == nil || have >= manyAnswers || have > 0 && words <= fewWords {
		return nil
	}
	some := r.some(u, within, someShare)
	some.or(all)
	u.matches = some
	if words > 1 && some.count() > have {
		note := u.lang.say("%d articles have all the words; those with some of them are counted too", "含全部检索词的文章有 %d 篇；只含部分检索词的也计入", have)
		if u.notice != "" {
			note = u.notice + u.lang.say("; ", "；") + note
		}
		u.notice = note
	}
	return nil
}

// some is the documents of a set that have a share of what a question asks for.
func (r *reader) some(u *understood, within docSet, share float32) docSet {
	s := u.scores
	var pairs float32
	for i, w := range s.pairWeight {
		if s.pairUsed[i] {
			pairs += w
		}
	}
	out := r.newSet()
	words := share * s.coverAll
	pairs *= share
	for i, w := range within {
		var have uint64
		for ; w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			if of := &s.of[i*64+bit]; of.cover >= words && of.cover > 0 || of.pairs >= pairs && of.pairs > 0 {
				have |= 1 << bit
			}
		}
		out[i] = have
	}
	return out
}

// headline is how many characters beside them make “quotations” those of a headline.
const headline = 8

// soften takes the quotations of a headline as words.
func (n node) soften() node {
	if n.kind != kList {
		return n
	}
	words, _ := n.free()
	if utf8.RuneCountInString(strings.Join(words, "")) < headline {
		return n
	}
	n.kids = slices.Clone(n.kids)
	for i, k := range n.kids {
		if k.soft && k.field == "" {
			n.kids[i] = node{kind: kWords, text: k.text}
		}
	}
	return n
}

// free takes the words that only stand side by side out of a query.
func (n node) free() (words []string, required []node) {
	if n.kind == kWords && n.field == "" {
		return []string{n.text}, nil
	}
	if n.kind != kList {
		return nil, []node{n}
	}
	for _, k := range n.kids {
		if inner, rest := k.free(); len(rest) == 0 {
			words = append(words, inner...) // brackets around words alone change nothing
		} else {
			required = append(required, k)
		}
	}
	return words, required
}

// collect gathers the texts that rank and the phrases that are marked, not those behind a NOT.
func (u *understood) collect(n node, ranking *[]string) {
	switch n.kind {
	case kNot:
		return
	case kWords:
		*ranking = append(*ranking, n.text)
	case kExact:
		*ranking = append(*ranking, n.text)
		u.exact = append(u.exact, n.text)
	case kFolded:
		*ranking = append(*ranking, n.text)
		u.folded = append(u.folded, n.text)
	case kNear:
		for _, k := range n.kids {
			*ranking = append(*ranking, k.text)
			u.folded = append(u.folded, k.text)
		}
		return
	}
	for _, k := range n.kids {
		u.collect(k, ranking)
	}
}

// plainWords is what is left of a query that cannot be parsed.
func plainWords(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}
