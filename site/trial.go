package site

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"cundang/internal/urlkey"
)

// Trial tries every rule of a profile on pages of the site. It is not safe for concurrent use.
type Trial struct {
	profile *Profile
	rules   []TriedRule
	byField map[string]int
	seen    map[string]bool
}

// TriedRule is what became of one rule.
type TriedRule struct {
	Field   string `json:"field"`   // such as reading.body or scope[0]
	Rule    string `json:"rule"`    // as written
	Tried   int    `json:"tried"`   // pages the rule was tried on
	Matched int    `json:"matched"` // pages it matched
	Example string `json:"example"` // a URL or text it matched, "" if none
}

// NewTrial begins a trial.
func NewTrial(p *Profile) *Trial {
	t := &Trial{profile: p, byField: map[string]int{}, seen: map[string]bool{}}
	add := func(field, rule string) {
		t.byField[field] = len(t.rules)
		t.rules = append(t.rules, TriedRule{Field: field, Rule: rule})
	}
	for i, s := range p.Seeds {
		add(at("seeds", i), s.URL)
	}
	for i, r := range p.Scope {
		if r.Deny != "" {
			add(at("scope", i), "deny "+r.Deny)
		} else {
			add(at("scope", i), "allow "+r.Allow)
		}
	}
	for i, name := range p.URLs.Drop {
		add(at("urls.drop", i), name)
	}
	for i, name := range p.URLs.Keep {
		add(at("urls.keep", i), name)
	}
	for i, expr := range p.Lists.Pages {
		add(at("lists.pages", i), expr)
	}
	for i, expr := range p.Lists.Articles {
		add(at("lists.articles", i), expr)
	}
	for _, s := range p.Selectors() {
		add(s.Field, s.Selector)
	}
	return t
}

// URL tries the rules on addresses that the site's pages link to or the archive holds.
func (t *Trial) URL(clean string) {
	if t.seen[clean] {
		return
	}
	t.seen[clean] = true
	for i, s := range t.profile.Seeds {
		seed, err := urlkey.Clean(s.URL)
		t.note(at("seeds", i), err == nil && seed == clean, clean)
	}
	c := t.profile.rules()
	decided := false
	for i, r := range c.scope {
		hit := !decided && r.re.MatchString(clean)
		decided = decided || hit
		t.note(at("scope", i), hit, clean)
	}
	_, query, _ := strings.Cut(clean, "?")
	for i, pattern := range c.drop {
		t.note(at("urls.drop", i), hasArg(query, pattern), clean)
	}
	for i, pattern := range c.keep {
		t.note(at("urls.keep", i), hasArg(query, pattern), clean)
	}
	for i, re := range c.pages {
		t.note(at("lists.pages", i), re.MatchString(clean), clean)
	}
	for i, re := range c.articles {
		t.note(at("lists.articles", i), re.MatchString(clean), clean)
	}
}

func hasArg(query, pattern string) bool {
	for arg := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(arg, "="); name != "" && named([]string{pattern}, strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// Page tries the selectors on a page in UTF-8: those of lists where list is set, those
// of articles otherwise.
func (t *Trial) Page(page []byte, list bool) error {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return err
	}
	for _, s := range t.profile.Selectors() {
		if strings.HasPrefix(s.Field, "lists.") != list {
			continue
		}
		text, ok := firstMatch(doc, s.Selector)
		t.note(s.Field, ok && text != "", text)
	}
	return nil
}

func (t *Trial) note(field string, matched bool, example string) {
	r := &t.rules[t.byField[field]]
	r.Tried++
	if !matched {
		return
	}
	r.Matched++
	if r.Example == "" {
		runes := []rune(example)
		if len(runes) > 100 {
			example = string(runes[:100]) + "…"
		}
		r.Example = example
	}
}

// Rules returns how the rules fared, in the order of the profile.
func (t *Trial) Rules() []TriedRule { return t.rules }
