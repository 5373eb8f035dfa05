package index

import (
	"bytes"
	"slices"
	"strings"

	"cundang/index/zh"
)

// Texts is the texts of a document. When Paragraphs joined by line ends are the Body, they may be parts of it.
type Texts struct {
	Title, Body             string
	Paragraphs, Attachments []string
}

// parts returns the texts that belong to a field of a query.
func (t Texts) parts(field string) []string {
	switch field {
	case partTitle:
		return []string{t.Title}
	case partBody:
		return []string{t.Body}
	}
	return append([]string{t.Title, t.Body}, t.Attachments...)
}

// Text is the texts of a document as an engine reads them. A query may read thousands, so the memory of
// one is used for the next.
type Text struct {
	Title, Body             []byte
	Paragraphs, Attachments [][]byte
	Raw, Joined             []byte // memory for the engine, which the parts may lie in
	runes                   []rune
}

// Strings copies a text for longer use.
func (p *Text) Strings() Texts {
	t := Texts{Title: string(p.Title), Body: string(p.Body)}
	at := 0
	for _, para := range p.Paragraphs {
		if rest := t.Body[min(at, len(t.Body)):]; len(rest) >= len(para) && rest[:len(para)] == string(para) {
			t.Paragraphs = append(t.Paragraphs, rest[:len(para)])
			at += len(para) + 1
			continue
		}
		t.Paragraphs = append(t.Paragraphs, string(para))
	}
	for _, a := range p.Attachments {
		t.Attachments = append(t.Attachments, string(a))
	}
	return t
}

// lineEnd stands between the parts of a text.
var lineEnd = []byte{'\n'}

// folded is the text that is searched, quoted and counted: title, body and attachments, folded, a
// line each. It is valid until the next call; what comes after most bytes is left out.
func (p *Text) folded(most int) []rune {
	out := p.runes[:0]
	add := func(part []byte) {
		part = part[:min(len(part), most)]
		most -= len(part)
		out = zh.FoldBytes(out, part)
	}
	add(p.Title)
	add(lineEnd)
	add(p.Body)
	for _, a := range p.Attachments {
		if len(a) > 0 {
			add(lineEnd)
			add(a)
		}
	}
	p.runes = out
	return out
}

// any says whether a part that belongs to a field of a query passes a test.
func (p *Text) any(field string, test func(part []byte) bool) bool {
	switch field {
	case partTitle:
		return test(p.Title)
	case partBody:
		return test(p.Body)
	}
	return test(p.Title) || test(p.Body) || slices.ContainsFunc(p.Attachments, test)
}

// anyFolded is any for a part's folded characters.
func (p *Text) anyFolded(field string, test func(part []rune) bool) bool {
	return p.any(field, func(part []byte) bool {
		p.runes = zh.FoldBytes(p.runes[:0], part)
		return test(p.runes)
	})
}

// Matcher returns what tells whether a text matches a clause of OpPhrase or OpNear.
func (c Clause) Matcher() func(*Text) bool {
	switch {
	case c.Op == OpNear:
		needles := make([][]rune, len(c.Terms))
		for i, s := range c.Terms {
			needles[i] = zh.FoldRunes(nil, s)
		}
		return func(t *Text) bool {
			return t.anyFolded("", func(part []rune) bool { return near(part, needles, c.N) })
		}
	case c.Fold:
		want := zh.FoldRunes(nil, c.Text)
		return func(t *Text) bool {
			return t.anyFolded(c.Field, func(part []rune) bool { return contains(part, want) })
		}
	}
	want := []byte(c.Text)
	return func(t *Text) bool {
		return t.any(c.Field, func(part []byte) bool { return bytes.Contains(part, want) })
	}
}

func contains(text, want []rune) bool {
	for i := 0; i+len(want) <= len(text); i++ {
		if hasPrefix(text[i:], want) {
			return true
		}
	}
	return false
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

// Like says whether a folded value matches an OpLike clause.
func (c Clause) Like(v string) bool {
	pieces := c.Terms
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
