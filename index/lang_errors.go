package index

import (
	"unicode/utf8"

	"cundang/internal/locale"
)

// SyntaxError says where a query stops making sense. Such a query is searched as words.
type SyntaxError struct {
	At   int    // characters before the place
	Code string // what is wrong, a code of internal/locale
}

func (e *SyntaxError) Error() string { return e.In(locale.English) }

// In returns the error in a language, Chinese for "zh" and English otherwise.
func (e *SyntaxError) In(lang string) string {
	if lang != locale.Chinese {
		lang = locale.English
	}
	return locale.Say(lang, locale.Reason("query.at", e.At+1, e.Code))
}

// message is a text in English and in Chinese.
type message struct{ en, zh string }

// What can be wrong with a query, by its code in internal/locale.
const (
	wrongBracket    = "query.bracket"
	wrongUnclosed   = "query.unclosed"
	wrongQuotation  = "query.quotation"
	wrongQuoted     = "query.quoted"
	wrongDepth      = "query.depth"
	wrongNegations  = "query.negations"
	wrongNothing    = "query.nothing"
	wrongNot        = "query.not"
	wrongDistance   = "query.distance"
	wrongNearby     = "query.nearby"
	wrongNear       = "query.near"
	wrongNearRow    = "query.near-row"
	wrongDate       = "query.date"
	wrongFieldValue = "query.field-value"
)

func (p *parser) wrong(code string) error {
	return &SyntaxError{utf8.RuneCountInString(p.s[:p.at]), code}
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
