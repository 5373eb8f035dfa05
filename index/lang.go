package index

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// SyntaxError says where a query stops making sense. Such a query is searched as words.
type SyntaxError struct {
	At   int    `json:"at"` // characters before the place
	What string `json:"what"`
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.What) }

// kind of a node of a parsed query.
type kind int

const (
	kWords  kind = iota // text: words, in any form
	kExact              // text: as it is written
	kFolded             // text: as it is written, but for traditional forms, width and case
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

// fieldNames are the names of fields in queries.
var fieldNames = map[string]string{
	"title": "title", "标题": "title", "题名": "title",
	"body": "body", "正文": "body",
	"site": fSite, "站点": fSite,
	"source": fSource, "来源": fSource,
	"author": fAuthor, "作者": fAuthor,
	"column": fColumn, "栏目": fColumn,
	"person": fPeople, "people": fPeople, "人物": fPeople, "人名": fPeople,
	"place": fPlaces, "places": fPlaces, "地点": fPlaces, "地名": fPlaces,
	"org": fOrgs, "orgs": fOrgs, "机构": fOrgs,
	"state": fState, "状态": fState,
	"type": fFiles, "附件类型": fFiles,
	"date": fDay, "published": fDay, "year": fDay, "month": fDay, "日期": fDay, "发布": fDay, "年": fDay, "月": fDay,
}

// stateNames are the states in Chinese.
var stateNames = map[string]string{"在线": "live", "失联": "missing", "已删除": "gone"}

// maxDepth bounds brackets in brackets.
const maxDepth = 50

type parser struct {
	s     string
	at    int // byte
	depth int
}

// parse reads a query. Empty text is an empty kList.
func parse(text string) (node, error) {
	p := &parser{s: text}
	p.space()
	if p.at == len(p.s) {
		return node{kind: kList}, nil
	}
	n, err := p.or()
	if err != nil {
		return node{}, err
	}
	if p.at < len(p.s) {
		return node{}, p.wrong("this bracket closes nothing")
	}
	return n, nil
}

func (p *parser) wrong(what string) error {
	return &SyntaxError{utf8.RuneCountInString(p.s[:p.at]), what}
}

func (p *parser) space() {
	for p.at < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += n
	}
}

// operator takes an operator that stands alone.
func (p *parser) operator(names ...string) bool {
	for _, name := range names {
		rest, ok := strings.CutPrefix(p.s[p.at:], name)
		if !ok {
			continue
		}
		r, _ := utf8.DecodeRuneInString(rest)
		if name[0] >= 'A' && name[0] <= 'Z' && rest != "" && !unicode.IsSpace(r) && !strings.ContainsRune("(（\"“", r) {
			continue // the beginning of a word
		}
		p.at += len(name)
		p.space()
		return true
	}
	return false
}

func (p *parser) peek(names ...string) bool {
	at := p.at
	ok := p.operator(names...)
	p.at = at
	return ok
}

func (p *parser) closing() bool {
	return p.at == len(p.s) || strings.HasPrefix(p.s[p.at:], ")") || strings.HasPrefix(p.s[p.at:], "）")
}

func (p *parser) or() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return node{}, p.wrong("too many brackets in brackets")
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
		return node{}, p.wrong("something to search for is missing here")
	case 1:
		return kids[0], nil
	}
	return node{kind: kList, kids: kids}, nil
}

func (p *parser) unary() (node, error) {
	if p.operator("NOT") || p.minus() {
		if p.closing() {
			return node{}, p.wrong("what to leave out is missing here")
		}
		if p.depth++; p.depth > maxDepth {
			return node{}, p.wrong("too many negations")
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
			return node{}, p.wrong("NEAR/ takes a number of characters up to 1000")
		}
		p.space()
		if p.closing() {
			return node{}, p.wrong("what is to be near is missing here")
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
				return node{}, p.wrong("NEAR/ stands between words and phrases")
			}
		}
		if first.kind == kNear && first.n == n {
			first.kids = append(first.kids, second)
		} else if first.kind == kNear {
			p.at = start
			return node{}, p.wrong("one distance for a row of NEAR/")
		} else {
			first = node{kind: kNear, n: n, kids: []node{first, second}}
		}
	}
	return first, nil
}

func (p *parser) atom() (node, error) {
	for open, shut := range map[string]string{"(": ")", "（": "）"} {
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
			return node{}, p.wrong("this bracket is not closed by " + shut)
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
	} else {
		n.text = p.word()
	}
	if n.text == "" {
		return node{}, p.wrong("something to search for is missing here")
	}
	p.space()
	switch field {
	case "", "title", "body":
		n.field = field
		return n, nil
	case fDay:
		lo, hi, ok := dates(n.text)
		if !ok {
			p.at = start
			return node{}, p.wrong("a date is 2022, 2022-10, 2022-10-27 or a range like 2020..2022-06")
		}
		return node{kind: kDate, field: fDay, text: n.text, lo: lo, hi: hi}, nil
	case fState:
		if s, ok := stateNames[n.text]; ok {
			n.text = s
		}
	}
	if n.kind == kWords && !strings.Contains(n.text, "*") && partial[field] {
		n.text = "*" + n.text + "*"
	}
	return node{kind: kField, field: field, text: n.text}, nil
}

// partial are the fields where an unquoted value may be a part: 来源:科协 finds 宁夏科协.
var partial = map[string]bool{fSource: true, fAuthor: true, fColumn: true, fOrgs: true, fPlaces: true}

// field takes the name of a field and its colon.
func (p *parser) field() (string, error) {
	rest := p.s[p.at:]
	i := strings.IndexAny(rest, ":：")
	if i <= 0 || i > 20 {
		return "", nil
	}
	name, ok := fieldNames[strings.ToLower(rest[:i])]
	if !ok {
		return "", nil
	}
	_, size := utf8.DecodeRuneInString(rest[i:])
	p.at += i + size
	if p.closing() {
		return "", p.wrong("the value of the field is missing here")
	}
	return name, nil
}

// phrase takes a quoted phrase.
func (p *parser) phrase() (text string, folded, ok bool, err error) {
	start := p.at
	rest := p.s[p.at:]
	if tilde, is := strings.CutPrefix(rest, "~"); is && (strings.HasPrefix(tilde, `"`) || strings.HasPrefix(tilde, "“")) {
		folded, rest = true, tilde
	}
	shut := ""
	switch {
	case strings.HasPrefix(rest, `"`):
		rest, shut = rest[1:], `"`
	case strings.HasPrefix(rest, "“"):
		rest, shut = rest[len("“"):], "”"
	default:
		return "", false, false, nil
	}
	end := strings.Index(rest, shut)
	if end < 0 && shut == "”" {
		return "", false, false, nil
	}
	if end < 0 {
		p.at = start
		return "", false, false, p.wrong("this quotation is not closed by " + shut)
	}
	if after, _ := utf8.DecodeRuneInString(rest[end+len(shut):]); shut == "”" && rest[end+len(shut):] != "" && !unicode.IsSpace(after) && !strings.ContainsRune(")）", after) {
		return "", false, false, nil // “三长制”试点: a quotation inside a headline
	}
	text = rest[:end]
	p.at = len(p.s) - len(rest) + end + len(shut)
	if strings.TrimSpace(text) == "" {
		p.at = start
		return "", false, false, p.wrong("there is nothing between the quotation marks")
	}
	return text, folded, true, nil
}

// word takes characters up to white space, a bracket or a quotation mark.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.at:])
		if unicode.IsSpace(r) || strings.ContainsRune("()（）\"|", r) {
			break
		}
		p.at += n
	}
	return p.s[start:p.at]
}

// dates reads a year, month or day or a range of them into the first and the last day.
func dates(s string) (lo, hi string, ok bool) {
	from, to, ranged := strings.Cut(s, "..")
	if !ranged {
		from, to = s, s
	}
	if from == "" && to == "" {
		return "", "", false
	}
	if from != "" {
		if lo, ok = dateStart(from); !ok {
			return "", "", false
		}
	}
	if to != "" {
		if _, ok = dateStart(to); !ok {
			return "", "", false
		}
		hi = normalDate(to) + "-99-99"[min(len(normalDate(to))-4, 6):]
	}
	return lo, hi, lo == "" || hi == "" || lo <= hi
}

// normalDate writes 2022年10月7日, 2022/10/7 and 2022-10-7 as 2022-10-07.
func normalDate(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	for i, p := range parts {
		if i > 0 && len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	return strings.Join(parts, "-")
}

func dateStart(s string) (string, bool) {
	if strings.Trim(s, "0123456789-/.年月日") != "" {
		return "", false
	}
	d := normalDate(s)
	parts := strings.Split(d, "-")
	if len(parts) > 3 || len(parts[0]) != 4 {
		return "", false
	}
	for i, limit := range []int{9999, 12, 31}[:len(parts)] {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 1 || n > limit {
			return "", false
		}
	}
	return d, true
}
