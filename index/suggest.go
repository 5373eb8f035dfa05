package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cundang/index/zh"
)

// Suggestion completes what someone begins to type.
type Suggestion struct {
	Text  string `json:"text"`
	Field string `json:"field"` // word, source, author, column, people, places or orgs
	Count int    `json:"count"` // articles and versions that have it
}

// suggestFields are where suggestions come from.
var suggestFields = []string{FieldOrgs, FieldPeople, FieldPlaces, FieldSource, FieldAuthor, FieldColumn}

// suggestible is a value with its spellings.
type suggestible struct {
	Suggestion
	folded   string
	full     string // pinyin, kexue
	initials string // kx
}

// Suggest completes a prefix: words, names, sources and columns that begin with it, the most
// frequent first; a prefix in Latin letters is also taken as pinyin, whole (kexue) or initials
// (kx). Pinyin helps to type: a search never uses it. Limit (0 is 10) and Except of q count: what stands in
// excepted articles alone is not suggested, and what stands in them too is counted without them.
func (x *Index) Suggest(ctx context.Context, prefix string, q Query) (out []Suggestion, err error) {
	out = []Suggestion{}
	limit := q.Limit
	prefix = strings.ReplaceAll(zh.Fold(strings.TrimSpace(prefix)), " ", "")
	if prefix == "" || ctx.Err() != nil {
		return out, ctx.Err()
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	all, err := r.suggestibles(ctx)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	if limit <= 0 {
		limit = 10
	}
	seen := map[string]bool{}
	for _, s := range all { // the most frequent first
		if !strings.HasPrefix(s.folded, prefix) && !strings.HasPrefix(s.full, prefix) && !strings.HasPrefix(s.initials,
			prefix) || seen[s.Text] {
			continue
		}
		seen[s.Text] = true
		if !q.Except.Empty() {
			if s.Count, err = r.countExcept(ctx, s.Suggestion, q.Except); err != nil {
				return nil, fmt.Errorf("suggest: %w", err)
			}
			if s.Count == 0 {
				continue
			}
		}
		out = append(out, s.Suggestion)
		if len(out) == limit {
			break
		}
	}
	return out, nil
}

// countExcept returns how many documents have what is suggested, those of some articles left out.
func (r *reader) countExcept(ctx context.Context, s Suggestion, except Selection) (int, error) {
	having := values(s.Field, s.Text)
	if s.Field == "word" {
		having = Clause{Op: OpWords, Terms: []string{s.Text}}
	}
	found, err := r.Search(ctx,
		Request{Query: Compiled{All: Clause{Kids: []Clause{having, {Op: OpNot, Kids: []Clause{except.clause()}}}}}})
	return found.Total, err
}

// suggestions is what can be suggested. Collecting it reads whole dictionaries, so while a crawl
// writes it may be as old as suggestAge.
type suggestions struct {
	mu   sync.Mutex
	view int // it was collected from
	all  []suggestible
	at   time.Time
}

// suggestAge is how long what was collected is used for an index that has changed since.
const suggestAge = time.Minute

// suggestibles is what can be suggested, the most frequent first.
func (r *reader) suggestibles(ctx context.Context) ([]suggestible, error) {
	s := &r.x.suggest
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view == r.Number() || s.all != nil && time.Since(s.at) < suggestAge {
		return s.all, nil
	}
	all, err := r.collect(ctx)
	if err != nil {
		return nil, err
	}
	s.view, s.all, s.at = r.Number(), all, time.Now()
	return all, nil
}

func (r *reader) collect(ctx context.Context) ([]suggestible, error) {
	all := []suggestible{}
	for _, field := range append([]string{FieldWords}, suggestFields...) {
		name := field
		if field == FieldWords {
			name = "word"
		}
		err := r.Terms(ctx, field, func(term string, documents int) {
			if n := utf8.RuneCountInString(term); field == FieldWords && (documents < 2 || n < 2) {
				return
			}
			s := suggestible{Suggestion: Suggestion{term, name, documents}, folded: zh.Fold(term)}
			s.full, s.initials = zh.Pinyin(term)
			all = append(all, s)
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b suggestible) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text), strings.Compare(a.Field, b.Field))
	})
	return all, nil
}
