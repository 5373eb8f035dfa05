package zh

import (
	"strings"
	"unicode/utf8"
)

// Abbreviation is a name and what a text says it calls it from there on:
// 云溪市科学技术协会（以下简称“市科协”）.
type Abbreviation struct{ Short, Full string }

// bounds of an abbreviation and its name, in characters.
const (
	shortMost   = 12
	fullMost    = 40
	bracketMost = 60
	learnedMost = 20 // of one text
)

// introductions stand between the bracket and the abbreviation.
var introductions = []string{"以下简称", "以下统称", "以下称", "下称", "简称"}

// Abbreviations finds the abbreviations that a text introduces. One counts only when its characters stand in the name
// in their order, so that “大会” for a meeting of this text is none, and when it is no ordinary word.
func (c *Cutter) Abbreviations(text string) []Abbreviation {
	if !strings.Contains(text, "称") {
		return nil
	}
	var words []Word
	c.Words(text, false, func(w Word) { words = append(words, w) })
	runes := c.fold(text).runes
	plain := []rune(text)
	var out []Abbreviation
	for i := 0; i < len(runes) && len(out) < learnedMost; i++ {
		if runes[i] != '(' { // folded from （ too
			continue
		}
		rest := string(plain[i+1 : min(len(plain), i+1+bracketMost)])
		for _, intro := range introductions {
			inside, ok := strings.CutPrefix(rest, intro)
			if !ok {
				continue
			}
			if end := strings.IndexAny(inside, ")）"); end >= 0 {
				for _, short := range shorts(inside[:end]) {
					if full := c.fullName(words, plain, runes, i, short); full != "" {
						out = append(out, Abbreviation{short, full})
					}
				}
			}
			break
		}
	}
	return out
}

// shorts are the abbreviations between the brackets: “市科协”, “科协”或“协会”.
func shorts(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool {
		return strings.ContainsRune("“”\"‘’「」『』《》〈〉、，,；;：: 或和及\u3000", r)
	}) {
		if n := utf8.RuneCountInString(part); n >= 2 && n <= shortMost &&
			strings.IndexFunc(part, func(r rune) bool { return !Content(r) }) < 0 {
			out = append(out, part)
		}
	}
	return out
}

// fullName returns the name before the bracket at i that a short one stands for: the shortest row of whole words that
// has its characters in their order and begins with its first or with a word of the name. "" is none.
func (c *Cutter) fullName(words []Word, plain, runes []rune, i int, short string) string {
	key := FoldRunes(nil, short)
	if strings.ContainsRune("本该此其上下", key[0]) || c.ordinary(string(key)) {
		return ""
	}
	end := i
	for end > 0 && strings.ContainsRune("》”」』\"", plain[end-1]) {
		end--
	}
	last := -1
	for k := len(words) - 1; k >= 0; k-- {
		if words[k].End == end {
			last = k
			break
		}
		if words[k].End < end {
			return ""
		}
	}
	for k := last; k >= 0 && end-words[k].Start <= fullMost; k-- {
		if k < last && words[k].End != words[k+1].Start {
			return ""
		}
		name := runes[words[k].Start:end]
		if len(name) >= len(key)+2 && subsequence(key, name) {
			return string(plain[words[k].Start:end])
		}
	}
	return ""
}

// ordinary says whether the dictionary has a word as an ordinary one, no abbreviation or name.
func (c *Cutter) ordinary(word string) bool {
	_, pos, ok := c.d.Lookup(word)
	switch pos {
	case "j", "nt", "nz", "ns":
		return false
	}
	return ok && utf8.RuneCountInString(word) < 3
}

func subsequence(short, long []rune) bool {
	for _, r := range long {
		if len(short) > 0 && short[0] == r {
			short = short[1:]
		}
	}
	return len(short) == 0
}
