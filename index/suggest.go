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
// (kx). Pinyin helps to type: a search never uses it. limit 0 is 10.
func (x *Index) Suggest(ctx context.Context, prefix string, limit int) (out []Suggestion, err error) {
	out = []Suggestion{}
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
		if !strings.HasPrefix(s.folded, prefix) && !strings.HasPrefix(s.full, prefix) && !strings.HasPrefix(s.initials, prefix) || seen[s.Text] {
			continue
		}
		seen[s.Text] = true
		out = append(out, s.Suggestion)
		if len(out) == limit {
			break
		}
	}
	return out, nil
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
