package fakesite

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed texts/*.txt
var texts embed.FS

// kind is one sort of article of the grammar.
type kind struct {
	name   string
	column string
	weight int
	tail   bool
	sign   bool
	title  part
	parts  []part
	attach part
}

// part is a place in an article: from min to max of its alternatives are drawn.
type part struct {
	what     string // "p", "h", "li", "to"
	min, max int
	alts     []alt
}

// alt is an alternative line; tags are the variants it belongs to, "" is all.
type alt struct{ tags, text string }

type grammar struct {
	kinds []*kind
	words map[string][]string
}

var theGrammar = sync.OnceValue(func() grammar {
	g := grammar{words: map[string][]string{}}
	for line := range strings.Lines(mustText("words.txt")) {
		if name, list, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			g.words[name] = strings.Split(list, "|")
		}
	}
	for _, file := range []string{"news.txt", "popular.txt", "notices.txt"} {
		g.kinds = append(g.kinds, parseKinds(mustText(file))...)
	}
	return g
})

// mustText reads an embedded text; that it is there is decided at compile time.
func mustText(name string) string {
	b, err := texts.ReadFile("texts/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func parseKinds(text string) []*kind {
	var kinds []*kind
	var k *kind
	var at *part
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] != '@':
			at.alts = append(at.alts, parseAlt(line))
			continue
		}
		word, arg, _ := strings.Cut(line[1:], " ")
		switch word {
		case "kind":
			k = &kind{name: arg, weight: 1}
			kinds = append(kinds, k)
		case "column":
			k.column = arg
		case "weight":
			k.weight, _ = strconv.Atoi(arg)
		case "tail":
			k.tail = true
		case "sign":
			k.sign = true
		case "title":
			k.title = part{what: "title", min: 1, max: 1}
			at = &k.title
		case "attach":
			k.attach = part{what: "attach"}
			k.attach.min, k.attach.max = parseRange(arg)
			at = &k.attach
		default: // p p? h h? li to
			p := part{what: strings.TrimSuffix(word, "?"), min: 1, max: 1}
			if arg != "" {
				p.min, p.max = parseRange(arg)
			}
			if strings.HasSuffix(word, "?") {
				p.min = 0
			}
			k.parts = append(k.parts, p)
			at = &k.parts[len(k.parts)-1]
		}
	}
	return kinds
}

func parseAlt(line string) alt {
	if rest, ok := strings.CutPrefix(line, "~"); ok {
		tags, text, _ := strings.Cut(rest, " ")
		return alt{tags: tags, text: text}
	}
	return alt{text: line}
}

func parseRange(s string) (lo, hi int) {
	a, b, ok := strings.Cut(s, "-")
	lo, _ = strconv.Atoi(a)
	if hi, _ = strconv.Atoi(b); !ok {
		hi = lo
	}
	return lo, hi
}

// voice fills in the slots of one article. Its bindings hold for the whole article.
type voice struct {
	rng       *rand.Rand
	bound     map[string]string
	variant   string
	published time.Time
	event     time.Time
}

// draw returns n of the alternatives that fit the variant, in the order they stand.
func (v *voice) draw(p part) []string {
	var fit []string
	for _, a := range p.alts {
		if a.tags == "" || v.variant == "" || strings.Contains(a.tags, v.variant) {
			fit = append(fit, a.text)
		}
	}
	n := p.min + v.rng.IntN(p.max-p.min+1)
	if n >= len(fit) {
		return fit
	}
	keep := make([]bool, len(fit))
	for _, i := range v.rng.Perm(len(fit))[:n] {
		keep[i] = true
	}
	var out []string
	for i, t := range fit {
		if keep[i] {
			out = append(out, t)
		}
	}
	return out
}

// line fills in the slots of a line; the persons 甲 and 乙 are others in each line.
func (v *voice) line(text string) string {
	delete(v.bound, "甲")
	delete(v.bound, "乙")
	return v.expand(text)
}

// expand fills in the slots of text.
func (v *voice) expand(text string) string {
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "{[")
		if i < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:i])
		closing := map[byte]string{'{': "}", '[': "]"}[text[i]]
		j := i + strings.Index(text[i:], closing)
		inner := text[i+1 : j]
		if text[i] == '[' {
			choices := strings.Split(inner, "|")
			b.WriteString(v.expand(choices[v.rng.IntN(len(choices))]))
		} else {
			b.WriteString(v.slot(inner))
		}
		text = text[j+1:]
	}
	return b.String()
}

func (v *voice) slot(name string) string {
	if rest, ok := strings.CutPrefix(name, "#"); ok {
		spec, name, named := strings.Cut(rest, ":")
		if !named {
			return v.number(spec)
		}
		if v.bound[name] == "" {
			v.bound[name] = v.number(spec)
		}
		return v.bound[name]
	}
	if day, ok := v.day(name); ok {
		return day
	}
	if s, ok := v.bound[name]; ok {
		return s
	}
	base := strings.TrimRight(name, "23456789")
	s := v.fresh(base)
	v.bound[name] = s
	return s
}

// fresh draws a value for a slot that no other slot of the article has.
func (v *voice) fresh(base string) string {
	for try := 0; ; try++ {
		s := v.make(base)
		if try > 20 || !v.taken(s) {
			return s
		}
	}
}

func (v *voice) taken(s string) bool {
	for _, b := range v.bound {
		if b == s {
			return true
		}
	}
	return false
}

func (v *voice) make(base string) string {
	switch base {
	case "人", "甲", "乙":
		return v.person()
	case "省大学":
		return v.bound["地"] + v.word("大学后缀")
	case "企业":
		return v.bound["地"] + v.word("企业名") + v.word("企业类")
	case "副主席":
		return v.bound["副主席"+strconv.Itoa(1+v.rng.IntN(3))]
	}
	return v.word(base)
}

// word draws from a pool, from that of the article's domain if there is one.
func (v *voice) word(pool string) string {
	words := theGrammar().words
	if _, ok := words[pool+".农"]; ok {
		pool += "." + v.slot("域")
	}
	list := words[pool]
	if len(list) == 0 {
		panic(fmt.Sprintf("fakesite: no words for slot {%s}", pool))
	}
	return list[v.rng.IntN(len(list))]
}

func (v *voice) person() string { return v.word("姓") + v.word("名") }

// number draws "lo-hi" or "lo-hi/step".
func (v *voice) number(spec string) string {
	spec, step, _ := strings.Cut(spec, "/")
	lo, hi := parseRange(spec)
	by, err := strconv.Atoi(step)
	if err != nil {
		by = 1
	}
	return strconv.Itoa(lo + by*v.rng.IntN((hi-lo)/by+1))
}

// day expands the slots that are about time.
func (v *voice) day(name string) (string, bool) {
	switch name {
	case "日":
		return v.event.Format("1月2日"), true
	case "年":
		return v.event.Format("2006"), true
	case "年下":
		return strconv.Itoa(v.published.AddDate(0, 2, 0).Year()), true
	case "月下":
		return strconv.Itoa(int(v.published.AddDate(0, 0, 45).Month())) + "月", true
	case "期限":
		return v.published.AddDate(0, 0, 30+int(v.published.Unix()/86400)%11).Format("2006年1月2日"), true
	case "期限近":
		return v.event.AddDate(0, 0, 12).Format("1月2日"), true
	}
	if rest, ok := strings.CutPrefix(name, "日+"); ok {
		n, err := strconv.Atoi(rest)
		if err != nil {
			panic(err)
		}
		return v.event.AddDate(0, 0, n).Format("1月2日"), true
	}
	return "", false
}
