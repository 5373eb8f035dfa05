package index

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a query is made of: white space, operators, names of fields, phrases, words.

// fieldNames are the names of fields in queries.
var fieldNames = map[string]string{
	"title": "title", "标题": "title", "题名": "title",
	"body": "body", "正文": "body",
	"site": FieldSite, "站点": FieldSite,
	"source": FieldSource, "来源": FieldSource,
	"author": FieldAuthor, "作者": FieldAuthor,
	"column": FieldColumn, "栏目": FieldColumn,
	"person": FieldPeople, "people": FieldPeople, "人物": FieldPeople, "人名": FieldPeople,
	"place": FieldPlaces, "places": FieldPlaces, "地点": FieldPlaces, "地名": FieldPlaces,
	"org": FieldOrgs, "orgs": FieldOrgs, "机构": FieldOrgs,
	"state": FieldState, "状态": FieldState,
	"type": FieldType, "附件类型": FieldType,
	"date": FieldDay, "published": FieldDay, "year": FieldDay, "month": FieldDay, "日期": FieldDay, "发布": FieldDay, "年": FieldDay, "月": FieldDay,
}

// stateNames are the states in Chinese.
var stateNames = map[string]string{"在线": "live", "失联": "missing", "已删除": "gone"}

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

// field takes the name of a field and its colon.
func (p *parser) field() (string, error) {
	rest := p.s[p.at:]
	i := strings.IndexAny(rest, ":：")
	if i <= 0 || i > 20 {
		return "", nil
	}
	name, ok := fieldNames[strings.ToLower(rest[:i])]
	if !ok {
		if likeField(rest[:i], rest[i:]) {
			p.note(noteField, rest[:i])
		}
		return "", nil
	}
	_, size := utf8.DecodeRuneInString(rest[i:])
	p.at += i + size
	if p.closing() {
		return "", p.wrong(wrongFieldValue)
	}
	return name, nil
}

// likeField says whether what stands before a colon was meant as the name of a field: foo:bar, 关键词：科普. Neither a
// time (10:30) nor an address (http://…) nor the colon of a pasted headline was.
func likeField(name, rest string) bool {
	colon, size := utf8.DecodeRuneInString(rest)
	value := rest[size:]
	next, _ := utf8.DecodeRuneInString(value)
	if value == "" || unicode.IsSpace(next) || next == '/' || utf8.RuneCountInString(name) > 12 {
		return false
	}
	if colon == '：' && utf8.RuneCountInString(name)+utf8.RuneCountInString(value) > 16 {
		return false
	}
	letter := false
	for _, r := range name {
		if !unicode.IsLetter(r) && r != '_' && r != '-' && !unicode.IsDigit(r) {
			return false
		}
		letter = letter || unicode.IsLetter(r)
	}
	return letter
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
		return "", false, false, p.wrong(wrongQuotation)
	}
	if after, _ := utf8.DecodeRuneInString(rest[end+len(shut):]); shut == "”" && rest[end+len(shut):] != "" && !unicode.IsSpace(after) && !strings.ContainsRune(")）", after) {
		return "", false, false, nil // “三长制”试点: a quotation inside a headline
	}
	text = rest[:end]
	p.at = len(p.s) - len(rest) + end + len(shut)
	if strings.TrimSpace(text) == "" {
		p.at = start
		return "", false, false, p.wrong(wrongQuoted)
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
