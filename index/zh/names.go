package zh

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Names are the people, places and organisations a text names, each once, as they are written
// in it, the most frequent first.
type Names struct {
	People, Places, Orgs []string
}

// Names finds names by gse's parts of speech (nr, ns, nt) and what stands beside them. A person needs
// a role, a kinship or a saying beside the name somewhere in the text, or to stand in a row with one who has; a place
// has to be known, to end like one or to be written like a foreign one; organisations are also put together from a
// place and what follows it up to a word like 协会. What was found once is found wherever it stands.
//
// A text may come in parts, as title and body; no name goes from one into the next.
func (c *Cutter) Names(parts ...string) Names {
	t := &naming{d: c.d, found: map[string]*named{}}
	text := strings.Join(parts, "\n")
	t.runes = []rune(text)
	for i, part := range parts {
		if i > 0 {
			t.folded = append(t.folded, '\n')
		}
		at := len(t.folded)
		t.folded = append(t.folded, c.fold(part).runes...)
		c.Words(part, false, func(w Word) {
			w.Start, w.End = at+w.Start, at+w.End
			t.words = append(t.words, w)
		})
	}
	for i := 0; i < len(t.words); {
		end, k := t.at(i)
		if end == i {
			i++
			continue
		}
		t.add(k, i, end)
		if k == org {
			for j := i; j < end; j++ {
				if e := t.placeAt(j); e > j && e <= end {
					t.add(place, j, e)
				}
			}
		}
		i = end
	}
	t.prefixes(text)
	return Names{People: t.list(person), Places: t.list(place), Orgs: t.list(org)}
}

// prefixes drops names of people that are everywhere the beginning of a longer one, where the cut went wrong: 李克 |
// 强将于.
func (t *naming) prefixes(text string) {
	for short, f := range t.found {
		if f.kind != person || utf8.RuneCountInString(short) != 2 {
			continue
		}
		for long, g := range t.found {
			if g.kind == person && len(long) > len(short) && strings.HasPrefix(long, short) &&
				strings.Count(text, short) == strings.Count(text, long) {
				delete(t.found, short)
			}
		}
	}
}

type nameKind int

const (
	person nameKind = iota
	place
	org
)

type named struct {
	kind     nameKind
	n, first int
}

// naming is the search for names in one text.
type naming struct {
	d      *Dict
	words  []Word
	runes  []rune // as written
	folded []rune
	row    int // where a row of people goes on: 张三、李四
	found  map[string]*named
}

// at finds the name that begins at word i and where it ends; i for none.
func (t *naming) at(i int) (end int, k nameKind) {
	if end := t.orgAt(i); end > i {
		return end, org
	}
	if end := t.personAt(i); end > i {
		return end, person
	}
	if end := t.placeAt(i); end > i {
		return end, place
	}
	return i, 0
}

func (t *naming) add(k nameKind, from, to int) {
	start, end := t.words[from].Start, t.words[to-1].End
	if k == person {
		t.row = end
	}
	s := string(t.runes[start:end])
	f := t.found[s]
	if f == nil {
		f = &named{kind: k, first: start}
		t.found[s] = f
	}
	f.n++
}

func (t *naming) list(k nameKind) []string {
	out := []string{}
	for s, f := range t.found {
		if f.kind == k {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.found[b].n, t.found[a].n), cmp.Compare(t.found[a].first, t.found[b].first))
	})
	return out
}

// adjacent says whether word i follows the one before it without anything between.
func (t *naming) adjacent(i int) bool {
	return i > 0 && i < len(t.words) && t.words[i].Start == t.words[i-1].End
}

// text is the folded text of words.
func (t *naming) text(from, to int) string {
	return string(t.folded[t.words[from].Start:t.words[to-1].End])
}

// next is the character behind the first n words, 0 at the end of the text.
func (t *naming) next(to int) rune {
	if at := t.words[to-1].End; at < len(t.folded) {
		return t.folded[at]
	}
	return 0
}

// endsWith says whether a word is one of a set, or ends with one of two characters or more.
func endsWith(set map[string]bool, word string) bool {
	if set[word] {
		return true
	}
	runes := []rune(word)
	for n := 2; n < len(runes); n++ {
		if set[string(runes[len(runes)-n:])] {
			return true
		}
	}
	return false
}

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

func runeSet(s string) map[rune]bool {
	out := map[rune]bool{}
	for _, r := range s {
		out[r] = true
	}
	return out
}
