package index

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cundang/index/zh"
)

// The query language; docs/query-language.md is its reference.
//
//	query  = and { "OR" and } .
//	and    = list { "AND" list } .
//	list   = unary { unary } .
//	unary  = ( "-" | "NOT" ) unary | near .
//	near   = atom { "NEAR/" number atom } .
//	atom   = "(" query ")" | [ field ":" ] ( phrase | [ "~" ] phrase | word ) .
//	phrase = '"' characters '"' | "“" characters "”" .
//
// A “phrase” counts as one only where white space or a bracket follows it.

// kind of a node of a parsed query.
type kind int

const (
	kWords  kind = iota // text: words, in any form
	kExact              // text: as it is written
	kFolded             // text: as it is written, but for traditional forms, width and case
	kLike               // text: a word with * for any characters
	kField              // text: value of field, with * for any characters; a quoted or whole value has none
	kDate               // published from lo to hi
	kNear               // kids: at most n characters between them
	kList               // kids side by side: words rank, everything else is required
	kAnd
	kOr
	kNot
)

type node struct {
	kind   kind
	field  string // kWords, kExact, kFolded: "", title or body
	soft   bool   // kExact in “ ”: in a long row of words, a headline, it is words
	text   string
	n      int
	lo, hi string // kDate: days, "" is open
	kids   []node
}

// maxDepth bounds brackets in brackets.
const maxDepth = 50

type parser struct {
	s     string
	at    int // byte
	depth int
	notes []note // what a reader may have meant otherwise
}

func (p *parser) parse() (node, error) {
	p.space()
	if p.at == len(p.s) {
		return node{kind: kList}, nil
	}
	n, err := p.or()
	if err != nil {
		return node{}, err
	}
	if p.at < len(p.s) {
		return node{}, p.wrong(wrongBracket)
	}
	return n, nil
}

func (p *parser) or() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return node{}, p.wrong(wrongDepth)
	}
	defer func() { p.depth-- }()
	return p.chain(kOr, p.and, "OR", "|")
}

func (p *parser) and() (node, error) { return p.chain(kAnd, p.list, "AND") }

func (p *parser) chain(k kind, next func() (node, error), names ...string) (node, error) {
	first, err := next()
	if err != nil {
		return node{}, err
	}
	kids := []node{first}
	for p.operator(names...) {
		n, err := next()
		if err != nil {
			return node{}, err
		}
		kids = append(kids, n)
	}
	if len(kids) == 1 {
		return first, nil
	}
	return node{kind: k, kids: kids}, nil
}

func (p *parser) list() (node, error) {
	var kids []node
	for !p.closing() && !p.peek("OR", "|", "AND") {
		n, err := p.unary()
		if err != nil {
			return node{}, err
		}
		kids = append(kids, n)
	}
	switch len(kids) {
	case 0:
		return node{}, p.wrong(wrongNothing)
	case 1:
		return kids[0], nil
	}
	return node{kind: kList, kids: kids}, nil
}

func (p *parser) unary() (node, error) {
	if p.operator("NOT") || p.minus() {
		if p.closing() {
			return node{}, p.wrong(wrongNot)
		}
		if p.depth++; p.depth > maxDepth {
			return node{}, p.wrong(wrongNegations)
		}
		defer func() { p.depth-- }()
		n, err := p.unary()
		if err != nil {
			return node{}, err
		}
		return node{kind: kNot, kids: []node{n}}, nil
	}
	return p.near()
}

// minus takes a - that stands right before what it leaves out.
func (p *parser) minus() bool {
	rest, ok := strings.CutPrefix(p.s[p.at:], "-")
	r, _ := utf8.DecodeRuneInString(rest)
	if !ok || rest == "" || unicode.IsSpace(r) || strings.ContainsRune("-)）", r) {
		return false
	}
	if unicode.IsDigit(r) { // -5℃
		start := p.at
		p.note(noteMinus, strings.TrimPrefix(p.word(), "-"))
		p.at = start
		return false
	}
	p.at++
	return true
}

func (p *parser) near() (node, error) {
	first, err := p.atom()
	if err != nil {
		return node{}, err
	}
	for strings.HasPrefix(p.s[p.at:], "NEAR/") {
		start := p.at
		p.at += len("NEAR/")
		digits := p.at
		for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.Atoi(p.s[digits:p.at])
		if err != nil || n > 1000 {
			return node{}, p.wrong(wrongDistance)
		}
		p.space()
		if p.closing() {
			return node{}, p.wrong(wrongNearby)
		}
		second, err := p.atom()
		if err != nil {
			return node{}, err
		}
		for _, side := range []node{first, second} {
			if side.kind == kNear {
				continue
			}
			if side.kind > kFolded || side.field != "" {
				p.at = start
				return node{}, p.wrong(wrongNear)
			}
		}
		if first.kind == kNear && first.n == n {
			first.kids = append(first.kids, second)
		} else if first.kind == kNear {
			p.at = start
			return node{}, p.wrong(wrongNearRow)
		} else {
			first = node{kind: kNear, n: n, kids: []node{first, second}}
		}
	}
	return first, nil
}

func (p *parser) atom() (node, error) {
	for _, open := range []string{"(", "（"} {
		if !strings.HasPrefix(p.s[p.at:], open) {
			continue
		}
		start := p.at
		p.at += len(open)
		p.space()
		n, err := p.or()
		if err != nil {
			return node{}, err
		}
		if !strings.HasPrefix(p.s[p.at:], ")") && !strings.HasPrefix(p.s[p.at:], "）") {
			p.at = start
			return node{}, p.wrong(wrongUnclosed)
		}
		_, size := utf8.DecodeRuneInString(p.s[p.at:])
		p.at += size
		p.space()
		return n, nil
	}
	field, err := p.field()
	if err != nil {
		return node{}, err
	}
	start := p.at
	n := node{kind: kWords}
	if text, folded, ok, err := p.phrase(); err != nil {
		return node{}, err
	} else if ok {
		n.kind, n.text, n.soft = kExact, text, strings.HasSuffix(p.s[start:p.at], "”")
		if folded {
			n.kind = kFolded
		}
	} else if n.text = p.word(); field == "" || field == partTitle || field == partBody {
		if strings.Contains(n.text, "*") && strings.ContainsFunc(n.text, zh.Content) {
			n.kind = kLike
		}
	}
	if n.text == "" {
		return node{}, p.wrong(wrongNothing)
	}
	p.space()
	switch field {
	case "", "title", "body":
		n.field = field
		return n, nil
	case FieldDay:
		lo, hi, ok := dates(n.text)
		if !ok {
			p.at = start
			return node{}, p.wrong(wrongDate)
		}
		return node{kind: kDate, field: FieldDay, text: n.text, lo: lo, hi: hi}, nil
	case FieldState:
		if s, ok := stateNames[n.text]; ok {
			n.text = s
		}
	case FieldType:
		if strings.Contains(n.text, "/") {
			field = FieldFiles
		} else {
			n.text = strings.TrimPrefix(n.text, ".")
		}
	}
	if n.kind == kWords && !strings.Contains(n.text, "*") && partial[field] {
		n.text = "*" + n.text + "*"
	}
	return node{kind: kField, field: field, text: n.text}, nil
}

// partial are the fields where an unquoted value may be a part: 来源:科协 finds 宁夏科协.
var partial = map[string]bool{FieldSource: true, FieldAuthor: true, FieldColumn: true, FieldOrgs: true,
	FieldPlaces: true}
