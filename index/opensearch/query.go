package opensearch

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"cundang/index"
	"cundang/index/zh"
)

// everything matches every document, but not that of the state.
func everything() object { return object{"exists": object{"field": fKey}} }

func nothing() object { return object{"match_none": object{}} }

func term(field, value string) object {
	return object{"term": object{field: object{"value": value}}}
}

func allOf(kids ...object) object {
	if len(kids) == 1 {
		return kids[0]
	}
	return object{"bool": object{"filter": kids}}
}

func anyOf(kids ...object) object {
	switch len(kids) {
	case 0:
		return nothing()
	case 1:
		return kids[0]
	}
	return object{"bool": object{"should": kids, "minimum_should_match": 1}}
}

// clause translates a clause. within is what the documents match besides: only those are read where the cluster
// cannot tell what matches.
func (v *view) clause(ctx context.Context, c index.Clause, within []object) (object, error) {
	switch c.Op {
	case index.OpWords:
		kids := []object{everything()}
		for _, w := range c.Terms {
			kids = append(kids, word(c.Field, w))
		}
		return allOf(kids...), nil
	case index.OpWordLike:
		var kids []object
		for _, f := range wordFields(c.Field) {
			kids = append(kids, like(f, c.Terms))
		}
		return anyOf(kids...), nil
	case index.OpPhrase:
		q, exact := phrase(c)
		if exact {
			return q, nil
		}
		return v.verified(ctx, c, append(within, q))
	case index.OpNear:
		q, exact := near(c)
		if exact {
			return q, nil
		}
		return v.verified(ctx, c, append(within, q))
	case index.OpValues:
		if c.N > 1 {
			return several("values."+c.Field, c.Terms, c.N), nil
		}
		return object{"terms": object{"values." + c.Field: c.Terms}}, nil
	case index.OpLike:
		return like("folded."+c.Field, c.Terms), nil
	case index.OpDays:
		days := object{}
		if c.Lo != "" {
			days["gte"] = c.Lo
		}
		if c.Hi != "" {
			days["lte"] = c.Hi
		}
		if len(days) == 0 {
			return object{"exists": object{"field": "values." + index.FieldDay}}, nil
		}
		return object{"range": object{"values." + index.FieldDay: days}}, nil
	case index.OpArticles:
		return object{"terms": object{fArticle: c.Terms}}, nil
	case index.OpTimes:
		return object{"range": object{"times." + c.Field: object{"gte": c.From, "lt": c.To}}}, nil
	case index.OpNot:
		kids, err := v.clauses(ctx, c.Kids, within)
		return object{"bool": object{"filter": everything(), "must_not": kids}}, err
	case index.OpAny:
		kids, err := v.clauses(ctx, c.Kids, within)
		return anyOf(kids...), err
	case index.OpAll:
		return v.all(ctx, c, within)
	}
	return nil, fmt.Errorf("opensearch: a clause of an unknown kind %d", c.Op)
}

// all translates what has to match as a whole. What reads texts comes last, and reads what the others match.
func (v *view) all(ctx context.Context, c index.Clause, within []object) (object, error) {
	if len(c.Kids) == 0 {
		return everything(), nil
	}
	kids := make([]object, len(c.Kids))
	for _, reads := range []bool{false, true} {
		for i, k := range c.Kids {
			if readsTexts(k) != reads {
				continue
			}
			q, err := v.clause(ctx, k, within)
			if err != nil {
				return nil, err
			}
			kids[i] = q
			within = append(within[:len(within):len(within)], q)
		}
	}
	return allOf(kids...), nil
}

// several matches documents with at least n of some values.
func several(field string, values []string, n int) object {
	var kids []object
	for _, v := range values {
		kids = append(kids, term(field, v))
	}
	if len(kids) < n {
		return nothing()
	}
	return object{"bool": object{"should": kids, "minimum_should_match": n}}
}

func (v *view) clauses(ctx context.Context, kids []index.Clause, within []object) ([]object, error) {
	out := []object{}
	for _, k := range kids {
		q, err := v.clause(ctx, k, within)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// readsTexts says whether a clause may have to.
func readsTexts(c index.Clause) bool {
	switch c.Op {
	case index.OpPhrase:
		_, exact := phrase(c)
		return !exact
	case index.OpNear:
		_, exact := near(c)
		return !exact
	}
	for _, k := range c.Kids {
		if readsTexts(k) {
			return true
		}
	}
	return false
}

func wordFields(field string) []string {
	if field == "title" {
		return []string{fTitleWords}
	}
	return []string{fWords, fAttachWord}
}

func word(field, w string) object {
	var kids []object
	for _, f := range wordFields(field) {
		kids = append(kids, term(f, w))
	}
	return anyOf(kids...)
}

// wild escapes what has a meaning in a wildcard query.
var wild = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)

// like matches terms that are some pieces with anything between them.
func like(field string, pieces []string) object {
	if len(pieces) == 1 {
		return term(field, pieces[0])
	}
	escaped := make([]string, len(pieces))
	for i, p := range pieces {
		escaped[i] = wild.Replace(p)
	}
	return object{"wildcard": object{field: object{"value": strings.Join(escaped, "*")}}}
}

// textFieldsOf are the fields of texts that belong to a field of a query.
func textFieldsOf(field string) []string {
	switch field {
	case "title":
		return []string{fTitle}
	case "body":
		return []string{fBody}
	}
	return []string{fTitle, fBody, fAttach}
}

// phrase translates a string that stands in a text: pairs of characters that follow each other. exact says whether it
// matches nothing else.
func phrase(c index.Clause) (q object, exact bool) {
	text := c.Text
	if c.Fold {
		text = zh.Fold(text)
	}
	if text == "" {
		return everything(), true
	}
	exact = true
	var kids []object
	for _, f := range textFieldsOf(c.Field) {
		switch {
		case c.Fold:
			var k object
			k, exact = folded(f, []rune(text))
			kids = append(kids, k)
		case utf8.RuneCountInString(text) == 1:
			kids = append(kids, term(f+one, text))
		default:
			kids = append(kids, object{"match_phrase": object{f: text}})
		}
	}
	return anyOf(kids...), exact
}

// mostPairs bounds the spellings of a folded phrase that are asked for: the cluster takes 1,024 clauses in all.
const mostPairs = 250

// folded translates folded characters that stand in a text in any of their forms. When there are too many, it matches
// all parts of them, wherever they stand.
func folded(field string, text []rune) (q object, exact bool) {
	forms := make([][]rune, len(text))
	for i, r := range text {
		forms[i] = variants(r)
	}
	if len(text) == 1 {
		return object{"terms": object{field + one: texts(forms[0], nil)}}, true
	}
	n := 0
	for i := range len(text) - 1 {
		n += len(forms[i]) * len(forms[i+1])
	}
	if n == len(text)-1 {
		return object{"match_phrase": object{field: string(text)}}, true
	}
	if n > mostPairs && len(text) > 2 {
		half := (len(text) + 1) / 2
		a, _ := folded(field, text[:half])
		b, _ := folded(field, text[half-1:])
		return allOf(a, b), false
	}
	return spans(field, text), true
}

// spans asks for folded characters side by side in any of their forms, as a span query, which others may contain.
func spans(field string, text []rune) object {
	var pairs []object
	for i := range len(text) - 1 {
		var alternatives []object
		for _, pair := range texts(variants(text[i]), variants(text[i+1])) {
			alternatives = append(alternatives, object{"span_term": object{field: pair}})
		}
		if len(alternatives) == 1 {
			pairs = append(pairs, alternatives[0])
		} else {
			pairs = append(pairs, object{"span_or": object{"clauses": alternatives}})
		}
	}
	if len(pairs) == 1 {
		return pairs[0]
	}
	return object{"span_near": object{"clauses": pairs, "slop": 0, "in_order": true}}
}

// texts are the characters of a, each with each of b after it unless that is nil.
func texts(a, b []rune) (out []string) {
	for _, x := range a {
		if b == nil {
			out = append(out, string(x))
		}
		for _, y := range b {
			out = append(out, string([]rune{x, y}))
		}
	}
	return out
}

// unfold lists the characters that fold to one, where there are others than itself.
var unfold = sync.OnceValue(func() map[rune][]rune {
	of := map[rune][]rune{}
	for r := range rune(unicode.MaxRune + 1) {
		if f := zh.FoldRune(r); f != r && utf8.ValidRune(r) {
			of[f] = append(of[f], r)
		}
	}
	return of
})

// variants are the characters that fold to a folded one.
func variants(r rune) []rune { return append([]rune{r}, unfold()[r]...) }

// near translates strings that stand close to each other. It is exact for two of several characters that cannot
// overlap; else it matches more.
func near(c index.Clause) (q object, exact bool) {
	needles := make([][]rune, len(c.Terms))
	long, pairs := true, 0
	for i, s := range c.Terms {
		needles[i] = zh.FoldRunes(nil, s)
		long = long && len(needles[i]) > 1
		for j := range max(len(needles[i])-1, 0) {
			pairs += len(variants(needles[i][j])) * len(variants(needles[i][j+1]))
		}
	}
	exact = long && len(needles) == 2 && !overlap(needles[0], needles[1])
	var fields []object
	for _, f := range textFieldsOf("") {
		var kids []object
		for i, needle := range needles {
			if len(needle) == 0 {
				return nothing(), true
			}
			if long && pairs <= mostPairs && i > 0 {
				// A string of n characters is n-1 pairs long, so that there is one more between two of them.
				kids = append(kids, object{"span_near": object{
					"clauses": []object{spans(f, needles[i-1]), spans(f, needle)}, "slop": c.N + 1, "in_order": false,
				}})
			} else if !long || pairs > mostPairs {
				k, _ := folded(f, needle)
				kids, exact = append(kids, k), false
			}
		}
		if len(kids) == 0 { // one string alone
			k, _ := folded(f, needles[0])
			kids = append(kids, k)
		}
		fields = append(fields, allOf(kids...))
	}
	return anyOf(fields...), exact
}

// overlap says whether two strings have a character in common: they may then stand on the same place.
func overlap(a, b []rune) bool {
	for _, r := range a {
		for _, s := range b {
			if r == s {
				return true
			}
		}
	}
	return false
}

// mostVerified bounds how many documents may match what has to be read to be told.
const mostVerified = 1 << 20

// verifiedAtOnce is how many documents are read in one request to be looked at.
const verifiedAtOnce = 300

// verified reads the documents that may match a clause and matches those that do.
func (v *view) verified(ctx context.Context, c index.Clause, candidates []object) (object, error) {
	matches := c.Matcher()
	keys := []string{}
	var t index.Text
	err := v.pages(ctx, object{
		"size": verifiedAtOnce, "track_total_hits": false, "_source": textFields, "sort": []object{{fKey: "asc"}},
		"query": allOf(candidates...),
	}, func(h *hit) error {
		h.Source.source.text(&t)
		if matches(&t) {
			keys = append(keys, h.ID)
		}
		return ctx.Err()
	})
	return object{"terms": object{fKey: keys}}, err
}
