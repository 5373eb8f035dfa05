package index

import "unicode/utf8"

// SyntaxError says where a query stops making sense. Such a query is searched as words.
type SyntaxError struct {
	At   int    // characters before the place
	What string // in English
	zh   string
}

func (e *SyntaxError) Error() string { return e.In("en") }

// In is the error in a language, en or zh.
func (e *SyntaxError) In(lang string) string {
	l := language(lang)
	return l.say("at character %d: %s", "第 %d 个字符处：%s", e.At+1, l.say(e.What, e.zh))
}

// message is a text in English and in Chinese.
type message struct{ en, zh string }

// What can be wrong with a query.
var (
	wrongBracket    = message{"this bracket closes nothing", "这个括号没有对应的左括号"}
	wrongUnclosed   = message{"this bracket is not closed", "这个括号没有闭合"}
	wrongQuotation  = message{"this quotation is not closed", "这个引号没有闭合"}
	wrongQuoted     = message{"there is nothing between the quotation marks", "引号内没有内容"}
	wrongDepth      = message{"too many brackets in brackets", "括号嵌套过深"}
	wrongNegations  = message{"too many negations", "否定过多"}
	wrongNothing    = message{"something to search for is missing here", "此处缺少检索词"}
	wrongNot        = message{"what to leave out is missing here", "此处缺少要排除的内容"}
	wrongDistance   = message{"NEAR/ takes a number of characters up to 1000", "NEAR/ 后须为不超过 1000 的字数"}
	wrongNearby     = message{"what is to be near is missing here", "此处缺少与之邻近的检索词"}
	wrongNear       = message{"NEAR/ stands between words and phrases", "NEAR/ 只能用于词或短语之间"}
	wrongNearRow    = message{"one distance for a row of NEAR/", "连用的 NEAR/ 须为同一距离"}
	wrongDate       = message{"a date is 2022, 2022-10, 2022-10-27 or a range like 2020..2022-06", "日期写作 2022、2022-10、2022-10-27 或 2020..2022-06"}
	wrongFieldValue = message{"the value of the field is missing here", "此处缺少字段的值"}
)

func (p *parser) wrong(what message) error {
	return &SyntaxError{utf8.RuneCountInString(p.s[:p.at]), what.en, what.zh}
}

// note is a remark on a query that was understood.
type note struct {
	what message
	args []any
}

// What a reader may have meant otherwise.
var (
	noteMinus = message{"-%[1]s is searched as it stands; NOT %[1]s leaves it out", "“-%[1]s”按原样检索；要排除请写 NOT %[1]s"}
	noteField = message{"there is no field %s, it is searched as a word", "没有名为“%s”的字段，已按词检索"}
	noteValue = message{"no article has %[2]s as its %[1]s", "存档中没有%[1]s为“%[2]s”的文章"}
	noteState = message{"there is no state %s: states are live, missing and gone", "没有“%s”这一状态；状态有：live（在线）、missing（失联）、gone（已删除）"}
	noteLike  = message{"* stands for characters within a word; ~\"…\" finds strings, NEAR/10 words close together",
		"* 代表一个词之内的任意字；~“…”检索字串，NEAR/10 检索邻近的词"}
	noteAlso = message{"also searched for %s", "同时检索：%s"}
)

func (p *parser) note(what message, args ...any) {
	p.notes = append(p.notes, note{what, args})
}
