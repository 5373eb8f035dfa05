package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cundang/extract"
	"cundang/index/zh"
)

// understood is a query parsed and compiled.
type understood struct {
	tree  node
	notes []string
	names []clauseOf // values the query names, to tell when there are none such
	like  bool       // it has a word with *
	lang  language
	query Compiled
	// collapse is the field of which each value is listed once, "" for none.
	collapse string
	exact    []string // phrases to show as they stand
	folded   []string
	likes    [][]string // words with *, between the pieces
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

// understand parses and compiles a query.
func (r *reader) understand(ctx context.Context, q Query) (*understood, error) {
	if len(q.Lists) > 0 {
		return nil, fmt.Errorf("the lists %s are not resolved", strings.Join(q.Lists, ", "))
	}
	u := &understood{lang: language(q.Lang)}
	u.query.All = q.filter()
	var err error
	if u.collapse, err = q.collapse(); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(q.Text)
	p := &parser{s: text}
	u.tree, err = p.parse()
	for _, n := range p.notes {
		u.say(n.what, n.args...)
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		u.tree = node{kind: kWords, text: plainWords(text)}
		u.notes = []string{u.lang.say("not understood %s; searched as words", "检索式有误（%s），已按词检索", syntax.In(q.Lang))}
	} else if err != nil {
		return nil, err
	}
	u.name(q)
	if u.tree.kind == kList && len(u.tree.kids) == 0 {
		return u, nil
	}
	u.tree = u.tree.soften()
	free, required := u.tree.free()
	var ranking []string
	u.collect(u.tree, &ranking)
	cut := zh.NewCutter(r.x.dict)
	cut.Learn(text)
	w := wordCompiler{cut: cut}
	if !q.Literal {
		if w.synonyms, err = r.synonyms(ctx); err != nil {
			return nil, err
		}
	}
	rank := ask(cut, strings.Join(ranking, "\n"))
	u.also(w, rank, u.tree)
	if len(rank.Words) > 0 {
		rank.Ranking = DefaultRanking()
		if q.Ranking != nil {
			rank.Ranking = *q.Ranking
		}
		if rank.HalfLife, rank.Now = q.Freshness, q.AsOf; rank.Now.IsZero() {
			rank.Now = time.Now()
		}
		u.query.Rank = rank
	}
	for _, n := range required {
		u.query.All.Kids = append(u.query.All.Kids, w.compile(n))
	}
	if len(free) > 0 {
		u.query.Free = &Free{
			All: w.words("", strings.Join(free, "\n")), Words: rank.main(),
			Few: fewWords, Many: manyAnswers, Share: someShare,
		}
	}
	return u, nil
}

// collapse returns the field whose values are listed once each.
func (q Query) collapse() (field string, err error) {
	switch q.Collapse {
	case "":
		return "", nil
	case CollapseSite:
		return FieldSiteCopies, nil
	case CollapseAll:
		return FieldCopies, nil
	}
	return "", fmt.Errorf("collapse %q: %s or %s", q.Collapse, CollapseSite, CollapseAll)
}

// note says what became of the words of a query once it was searched.
func (u *understood) note(f Found) {
	if u.query.Free == nil || u.query.Free.Words < 2 || !f.Partly {
		return
	}
	u.say(message{"%d articles have all of them as words; those with some are counted too", "按词计，含全部检索词的文章有 %d 篇；只含部分检索词的也计入"}, f.Complete)
}

// say adds a remark, once.
func (u *understood) say(what message, args ...any) {
	if text := u.lang.say(what.en, what.zh, args...); !slices.Contains(u.notes, text) {
		u.notes = append(u.notes, text)
	}
}

// also adds to what ranks the words of the names that stand for those of a query, with the weight of words inside
// words, and says so.
func (u *understood) also(c wordCompiler, rank *Rank, n node) {
	var others []string
	var walk func(n node)
	walk = func(n node) {
		switch n.kind {
		case kNot, kNear:
			return
		case kWords:
			for _, r := range c.synonyms.Find(c.cut, n.text) {
				others = append(others, r.Others...)
			}
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(n)
	if len(others) == 0 {
		return
	}
	long := rank.main() > longQuestion // its other words tell what is wanted; there, others' only disturb the order
	slices.Sort(others)
	others = slices.Compact(others)
	for _, other := range others {
		if long {
			break
		}
		c.cut.Words(other, false, func(w zh.Word) {
			if utf8.RuneCountInString(w.Text) > 1 && !slices.Contains(rank.Words, w.Text) {
				rank.Words, rank.Sub = append(rank.Words, w.Text), append(rank.Sub, true)
			}
		})
	}
	u.say(noteAlso, strings.Join(others, u.lang.say(", ", "、")))
}

// notice is all remarks.
func (u *understood) notice() string { return strings.Join(u.notes, u.lang.say("; ", "；")) }

// clauseOf is a value of a field that a query names.
type clauseOf struct{ field, value string }

// states are the states an article may have.
var states = []string{string(extract.StateLive), string(extract.StateMissing), string(extract.StateGone)}

// checked are the fields whose values are named when no article has them, however much else was found.
var checked = map[string]bool{FieldSite: true, FieldState: true, FieldKind: true}

// name gathers the values a query asks for.
func (u *understood) name(q Query) {
	for _, n := range q.values() {
		for _, v := range n.values {
			u.names = append(u.names, clauseOf{n.field, v})
		}
	}
	var walk func(n node)
	walk = func(n node) {
		u.like = u.like || n.kind == kLike
		if n.kind == kField {
			u.names = append(u.names, clauseOf{n.field, n.text})
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(u.tree)
}

// check says which values that the query names no article has: of those fields whose values are few always, of
// the others when nothing was found.
func (r *reader) check(ctx context.Context, u *understood, f Found) error {
	if u.like && f.Total == 0 {
		u.say(noteLike)
	}
	for _, c := range u.names {
		if !checked[c.field] && f.Total > 0 {
			continue
		}
		if c.field == FieldState && !slices.Contains(states, c.value) && !strings.Contains(c.value, "*") {
			u.say(noteState, c.value)
			continue
		}
		some, err := r.Search(ctx, Request{Query: Compiled{All: compileField(c.field, c.value)}})
		if err != nil {
			return err
		}
		if some.Total == 0 && c.field != FieldState && c.field != FieldKind {
			u.say(noteValue, u.lang.name(c.field), strings.Trim(c.value, "*"))
		}
	}
	return nil
}

// wordCompiler compiles words, with the names that stand for them.
type wordCompiler struct {
	cut      *zh.Cutter
	synonyms *zh.Synonyms
}

// compile makes a clause of a node.
func (c wordCompiler) compile(n node) Clause {
	switch n.kind {
	case kWords:
		return c.words(n.field, n.text)
	case kExact, kFolded:
		return Clause{Op: OpPhrase, Field: n.field, Text: n.text, Fold: n.kind == kFolded}
	case kLike:
		return Clause{Op: OpWordLike, Field: n.field, Terms: strings.Split(zh.Fold(n.text), "*")}
	case kField:
		return compileField(n.field, n.text)
	case kDate:
		return Clause{Op: OpDays, Lo: n.lo, Hi: n.hi}
	case kNear:
		near := Clause{Op: OpNear, N: n.n}
		for _, k := range n.kids {
			near.Terms = append(near.Terms, k.text)
		}
		return near
	}
	out := Clause{Op: OpAll}
	switch n.kind {
	case kNot:
		out.Op, c.synonyms = OpNot, nil // what is left out is what was written
	case kOr:
		out.Op = OpAny
	}
	for _, k := range n.kids {
		out.Kids = append(out.Kids, c.compile(k))
	}
	return out
}

func compileField(field, value string) Clause {
	c := Clause{Op: OpLike, Field: field, Terms: strings.Split(zh.Fold(value), "*")}
	if kinds := typeNames[zh.Fold(value)]; field == FieldType && kinds != nil {
		c = Clause{Op: OpValues, Field: FieldType, Terms: kinds}
	}
	return c
}

// words asks for all words of a text, whose parts stand in lines of their own. A part of one character is found
// as a string: 包 in 包裹, which has no such word.
func (c wordCompiler) words(field, text string) Clause {
	words := Clause{Op: OpWords, Field: field}
	all := Clause{Op: OpAll}
	for part := range strings.SplitSeq(text, "\n") {
		if s, ok := lone(part); ok {
			all.Kids = append(all.Kids, Clause{Op: OpPhrase, Field: field, Text: s, Fold: true})
			continue
		}
		n := len(words.Terms) + len(all.Kids)
		names := c.synonyms.Find(c.cut, part)
		instead := make([]Clause, len(names))
		c.cut.Words(part, false, func(w zh.Word) {
			free := true
			for i, r := range names {
				if w.Start < r.End && w.End > r.Start {
					free = false
					instead[i].Terms = append(instead[i].Terms, w.Text)
					instead[i].Text += outside(w, r)
				}
			}
			if free {
				words.Terms = append(words.Terms, w.Text)
			}
		})
		for i, r := range names {
			all.Kids = append(all.Kids, c.orOthers(field, r, instead[i].Terms, instead[i].Text))
		}
		if part = strings.TrimSpace(part); len(words.Terms)+len(all.Kids) == n && part != "" { // punctuation only
			all.Kids = append(all.Kids, Clause{Op: OpPhrase, Field: field, Text: part})
		}
	}
	if len(words.Terms) > 0 {
		all.Kids = append([]Clause{words}, all.Kids...)
	}
	if len(all.Kids) == 1 {
		return all.Kids[0]
	}
	return all
}

// outside returns what a word has beside a name in it: 精神 of 党的二十大精神.
func outside(w zh.Word, r zh.Replacement) string {
	runes := []rune(w.Text)
	var out string
	if n := r.Start - w.Start; n > 1 {
		out += string(runes[:n]) + " "
	}
	if n := w.End - r.End; n > 1 {
		out += string(runes[len(runes)-n:]) + " "
	}
	return out
}

// orOthers asks for the words that a query has for a name, or for others that stand for it together with the rest of the
// words it is in.
func (c wordCompiler) orOthers(field string, r zh.Replacement, words []string, rest string) Clause {
	others := Clause{Op: OpAny, Kids: []Clause{c.plain(field, r.Name)}}
	for _, other := range r.Others {
		others.Kids = append(others.Kids, c.plain(field, other))
	}
	if rest != "" {
		others = Clause{Op: OpAll, Kids: []Clause{others, c.plain(field, rest)}}
	}
	return Clause{Op: OpAny, Kids: []Clause{{Op: OpWords, Field: field, Terms: words}, others}}
}

// plain asks for all words of a name.
func (c wordCompiler) plain(field, name string) Clause {
	out := Clause{Op: OpWords, Field: field}
	c.cut.Words(name, false, func(w zh.Word) { out.Terms = append(out.Terms, w.Text) })
	return out
}

// lone returns what a text with a single character of words searches for: that and the signs beside it, as in 5℃.
func lone(text string) (s string, ok bool) {
	n := 0
	for _, r := range text {
		if zh.Content(zh.FoldRune(r)) {
			n++
		}
	}
	s = strings.TrimFunc(text, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) })
	return s, n == 1 && s != ""
}

// filter compiles what narrows a query beside its text: the documents that may answer are the newest versions of
// articles, or what stood at the moment asked for.
func (q Query) filter() Clause {
	standing := values(FieldFlag, FlagNewest)
	switch {
	case !q.AsOf.IsZero():
		at := q.AsOf.UnixNano()
		standing = Clause{Kids: []Clause{
			{Op: OpTimes, Field: TimeFrom, From: NoTime + 1, To: at + 1},
			{Op: OpNot, Kids: []Clause{{Op: OpTimes, Field: TimeUntil, From: NoTime + 1, To: at + 1}}},
		}}
		if len(q.Kinds) == 0 {
			q.Kinds = []string{string(extract.KindArticle)}
		}
	case len(q.Kinds) == 0:
		standing = values(FieldFlag, FlagArticle)
	}
	return Clause{Kids: append([]Clause{standing}, q.narrow().Kids...)}
}

// fieldValues is values of a field, any of which will do.
type fieldValues struct {
	field  string
	values []string
}

// values lists what a query names beside its text.
func (q Query) values() []fieldValues {
	return []fieldValues{
		{FieldSite, q.Sites}, {FieldSource, q.Sources}, {FieldAuthor, q.Authors}, {FieldColumn, q.Columns},
		{FieldPeople, q.People}, {FieldPlaces, q.Places}, {FieldOrgs, q.Orgs}, {FieldState, q.States},
	}
}

// narrow compiles the values and dates of a query, for any version.
func (q Query) narrow() Clause {
	all := Clause{Op: OpAll}
	kinds := q.Kinds
	if slices.Contains(kinds, "any") {
		kinds = nil
	}
	for _, n := range append(q.values(), fieldValues{FieldKind, kinds}) {
		if len(n.values) > 0 {
			all.Kids = append(all.Kids, values(n.field, n.values...))
		}
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		c := Clause{Op: OpTimes, Field: TimePub, From: NoTime + 1, To: endOfTime}
		if !q.From.IsZero() {
			c.From = q.From.UnixNano()
		}
		if !q.To.IsZero() {
			y, m, d := q.To.Date()
			c.To = time.Date(y, m, d+1, 0, 0, 0, 0, q.To.Location()).UnixNano()
		}
		all.Kids = append(all.Kids, c)
	}
	for _, s := range q.Only {
		all.Kids = append(all.Kids, s.clause())
	}
	if !q.Except.Empty() {
		all.Kids = append(all.Kids, Clause{Op: OpNot, Kids: []Clause{q.Except.clause()}})
	}
	return all
}

func values(field string, values ...string) Clause {
	return Clause{Op: OpValues, Field: field, Terms: values}
}

// ask cuts query text into what ranks.
func ask(c *zh.Cutter, text string) *Rank {
	q := &Rank{}
	seen := map[string]int{}
	c.Words(text, true, func(w zh.Word) {
		if i, ok := seen[w.Text]; ok {
			q.Sub[i] = q.Sub[i] && w.Sub
			return
		}
		seen[w.Text] = len(q.Words)
		q.Words = append(q.Words, w.Text)
		q.Sub = append(q.Sub, w.Sub)
	})
	pairs := map[[2]rune]bool{}
	c.Pairs(text, func(p zh.Pair) {
		if k := [2]rune{p.A, p.B}; !pairs[k] && p.Word != "" {
			pairs[k] = true
			q.Pairs = append(q.Pairs, p)
		}
	})
	return q
}

// main returns how many words are not inside longer ones.
func (q *Rank) main() (n int) {
	for _, sub := range q.Sub {
		if !sub {
			n++
		}
	}
	return n
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
		if s, ok := lone(n.text); ok {
			u.folded = append(u.folded, s)
		}
	case kLike:
		u.likes = append(u.likes, strings.Split(zh.Fold(n.text), "*"))
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
