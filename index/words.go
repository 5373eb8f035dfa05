package index

import (
	"fmt"
	"strings"
)

// String says in English words how a query was understood.
func (n node) String() string { return language("en").query(n) }

// language is en or zh, the language of what an answer says in words; anything else is en.
type language string

// say fills the text of the language.
func (l language) say(english, chinese string, args ...any) string {
	if l == "zh" {
		english = chinese
	}
	if len(args) == 0 {
		return english
	}
	return fmt.Sprintf(english, args...)
}

// chineseNames are fields and states as an answer in Chinese calls them.
var chineseNames = map[string]string{
	"title": "标题", "body": "正文",
	FieldSite: "站点", FieldSource: "来源", FieldAuthor: "作者", FieldColumn: "栏目", FieldPeople: "人物", FieldPlaces: "地点", FieldOrgs: "机构",
	FieldState: "状态", FieldFiles: "附件类型", FieldType: "附件类型",
	"live": "在线", "missing": "失联", "gone": "已删除",
}

// name is a field or a state.
func (l language) name(s string) string {
	if c, ok := chineseNames[s]; ok {
		return l.say(s, c)
	}
	return s
}

// query says how a query was understood.
func (l language) query(n node) string {
	switch n.kind {
	case kWords:
		return l.scope(n.field) + n.text
	case kExact:
		return l.scope(n.field) + l.say(`exactly "%s"`, "原文“%s”", n.text)
	case kFolded:
		return l.scope(n.field) + l.say(`"%s" in any script`, "“%s”（不分繁简、全半角、大小写）", n.text)
	case kLike:
		return l.scope(n.field) + l.say("words like %s", "形如 %s 的词", n.text)
	case kField:
		return l.value(n)
	case kDate:
		return l.date(n)
	case kNear:
		return l.join(n.kids, l.say(" within %d characters of ", " %d 字以内邻近 ", n.n))
	case kNot:
		return l.say("not ", "不含 ") + l.bracket(n.kids[0])
	case kOr:
		return l.join(n.kids, l.say(" or ", " 或 "))
	case kAnd:
		return l.join(n.kids, l.and())
	}
	var words, required []string
	for _, k := range n.kids {
		if k.kind == kWords && k.field == "" {
			words = append(words, k.text)
		} else {
			required = append(required, l.bracket(k))
		}
	}
	if len(words) > 0 {
		required = append([]string{strings.Join(words, " ")}, required...)
	}
	return strings.Join(required, l.and())
}

func (l language) and() string { return l.say(" and ", " 且 ") }

// scope stands before what is looked for in one field.
func (l language) scope(field string) string {
	if field == "" {
		return ""
	}
	return l.say("in the %s ", "%s中 ", l.name(field))
}

// value says what a field has to be.
func (l language) value(n node) string {
	field, text := l.name(n.field), n.text
	if part := strings.Trim(text, "*"); text == "*"+part+"*" && part != "" && !strings.Contains(part, "*") {
		return l.say("%s has %s", "%s含 %s", field, part)
	}
	if strings.Contains(text, "*") {
		return l.say("%s like %s", "%s形如 %s", field, text)
	}
	if n.field == FieldState {
		text = l.name(text)
	}
	return l.say("%s is %s", "%s为 %s", field, text)
}

// date says when something was published.
func (l language) date(n node) string {
	lo, hi := n.lo, strings.ReplaceAll(n.hi, "-99", "")
	switch {
	case lo == "":
		return l.say("published up to %s", "发布于 %s 及以前", hi)
	case hi == "":
		return l.say("published from %s", "发布于 %s 及以后", lo)
	case lo == hi:
		return l.say("published in %s", "发布于 %s", lo)
	}
	return l.say("published from %s to %s", "发布于 %s 至 %s", lo, hi)
}

// bracket puts brackets around what consists of several parts.
func (l language) bracket(n node) string {
	if n.kind == kOr || n.kind == kAnd || n.kind == kList || n.kind == kNear {
		return l.say("(%s)", "（%s）", l.query(n))
	}
	return l.query(n)
}

func (l language) join(kids []node, by string) string {
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = l.bracket(k)
	}
	return strings.Join(parts, by)
}
