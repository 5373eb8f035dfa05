package zh

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Names and abbreviations that stand for the same: 科协 for 科学技术协会.

//go:embed data/synonyms.txt
var builtinSynonyms string

// Synonyms finds names that stand for the same. It is immutable and safe for concurrent use.
type Synonyms struct {
	others map[string][]string // folded name → the other names of its groups
	first  map[rune]int        // longest name that begins with a character, in characters
}

// bounds of one search: how many names are replaced in it, and by how many others each.
const (
	maxReplaced = 8
	maxOthers   = 4
)

var builtinNames = sync.OnceValues(
	func() ([][]string, error) { return ParseSynonyms(strings.Split(builtinSynonyms, "\n")) })

// ParseSynonyms reads lines of names for the same: "科学技术协会 = 科协 = …", or "人大 >
// 人民代表大会" for a name that others do not stand for. Empty lines and lines that begin with # are skipped. A
// group is returned as a list; that of a one-way line begins with "" and the name. A line that cannot be read is an
// error that names it.
func ParseSynonyms(lines []string) ([][]string, error) {
	var out [][]string
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sep, group := "=", []string(nil)
		if strings.Contains(line, ">") {
			sep, group = ">", []string{""}
		}
		for name := range strings.SplitSeq(line, sep) {
			name = strings.TrimSpace(name)
			if !slices.ContainsFunc([]rune(name), Content) || strings.ContainsAny(name, "=>\"") ||
				utf8.RuneCountInString(name) > 60 {
				return nil, fmt.Errorf("synonyms line %d: %q is not a row of names, as 科学技术协会 = 科协", i+1, line)
			}
			group = append(group, name)
		}
		if len(group) < 2 || group[0] == "" && len(group) < 3 {
			return nil, fmt.Errorf("synonyms line %d: %q is one name alone", i+1, line)
		}
		out = append(out, group)
	}
	return out, nil
}

// BuiltinSynonyms returns the groups that are compiled in.
func BuiltinSynonyms() ([][]string, error) { return builtinNames() }

// NewSynonyms puts groups together. A name may be in several.
func NewSynonyms(groups ...[][]string) *Synonyms {
	s := &Synonyms{others: map[string][]string{}, first: map[rune]int{}}
	for _, list := range groups {
		for _, g := range list {
			from := g
			if g[0] == "" {
				g, from = g[1:], g[1:2]
			}
			for _, name := range from {
				s.add(name, g)
			}
		}
	}
	return s
}

func (s *Synonyms) add(name string, group []string) {
	key := Fold(name)
	first, _ := utf8.DecodeRuneInString(key)
	s.first[first] = max(s.first[first], utf8.RuneCountInString(key))
	for _, other := range group {
		if Fold(other) != key && !slices.Contains(s.others[key], other) {
			s.others[key] = append(s.others[key], other)
		}
	}
}

// Replacement is a name in a text and what else stands for it.
type Replacement struct {
	Name       string // folded
	Start, End int    // in characters
	Others     []string
}

// Find returns the names in a text that others stand for, the longest at each place, none inside a longer one. They
// begin and end where words of the text do: 区科协 is none in 地区科协会.
func (s *Synonyms) Find(c *Cutter, text string) []Replacement {
	if s == nil || text == "" {
		return nil
	}
	runes := FoldRunes(nil, text)
	begin, end := make([]bool, len(runes)+1), make([]bool, len(runes)+1)
	c.Words(text, true, func(w Word) {
		begin[w.Start] = true
		end[w.End] = true
	})
	var out []Replacement
	for i := 0; i < len(runes) && len(out) < maxReplaced; i++ {
		if !begin[i] {
			continue
		}
		for n := min(s.first[runes[i]], len(runes)-i); n > 0; n-- {
			others := s.others[string(runes[i:i+n])]
			if len(others) == 0 || !end[i+n] {
				continue
			}
			out = append(out, Replacement{string(runes[i : i+n]), i, i + n, others[:min(len(others), maxOthers)]})
			i += n - 1
			break
		}
	}
	return out
}
