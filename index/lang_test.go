package index

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseInWords(t *testing.T) {
	for _, c := range []struct{ query, words string }{
		{"科学素质", "科学素质"},
		{"科学素质 行动", "科学素质 行动"},
		{`"全民科学素质" 培训`, `培训 and exactly "全民科学素质"`},
		{"“全民科学素质”", `exactly "全民科学素质"`},
		{`~"C919"`, `"C919" in any script`},
		{"科普 -培训", "科普 and not 培训"},
		{"科普 NOT 培训", "科普 and not 培训"},
		{"“三长制”试点 提速", "“三长制”试点 提速"},
		{"科普｜科协 - 报道", "科普｜科协 - 报道"},
		{"全国“科普日", "全国“科普日"},
		{"COVID-19 疫苗", "COVID-19 疫苗"},
		{"科普 OR 科协", "科普 or 科协"},
		{"科普|科协", "科普 or 科协"},
		{"（科普 OR 科协） AND 院士", "(科普 or 科协) and 院士"},
		{"科普 AND 院士 OR 学会", "(科普 and 院士) or 学会"},
		{"来源:科协", "source has 科协"},
		{`来源："宁夏科协"`, "source is 宁夏科协"},
		{"source:*科协", "source like *科协"},
		{"site:nxkx", "site is nxkx"},
		{"状态:已删除", "state is gone"},
		{"title:科普", "in the title 科普"},
		{`标题:"科普日"`, `in the title exactly "科普日"`},
		{"日期:2022", "published in 2022"},
		{"date:2022年10月7日", "published in 2022-10-07"},
		{"date:2020..2022-06", "published from 2020 to 2022-06"},
		{"date:..2021", "published up to 2021"},
		{"date:2021..", "published from 2021"},
		{"院士 NEAR/10 报告", "院士 within 10 characters of 报告"},
		{"院士 NEAR/5 报告 NEAR/5 会", "院士 within 5 characters of 报告 within 5 characters of 会"},
		{"http://x.example/ 科普", "http://x.example/ 科普"},
		{"12:30", "12:30"},
		{"ORACLE", "ORACLE"},
		{"", ""},
	} {
		n, err := parse(c.query)
		if err != nil || n.String() != c.words {
			t.Errorf("%s: %q, %v, want %q", c.query, n.String(), err, c.words)
		}
	}
}

func TestParseInChineseWords(t *testing.T) {
	for _, c := range []struct{ query, words string }{
		{`"全民科学素质" 培训`, "培训 且 原文“全民科学素质”"},
		{`~"C919"`, "“C919”（不分繁简、全半角、大小写）"},
		{"科普 -培训", "科普 且 不含 培训"},
		{"（科普 OR 科协） AND 院士", "（科普 或 科协） 且 院士"},
		{"来源:科协", "来源含 科协"},
		{`来源："宁夏科协"`, "来源为 宁夏科协"},
		{"person:王*", "人物形如 王*"},
		{"state:gone", "状态为 已删除"},
		{`标题:"科普日"`, "标题中 原文“科普日”"},
		{"日期:2022", "发布于 2022"},
		{"date:2020..2022-06", "发布于 2020 至 2022-06"},
		{"date:..2021", "发布于 2021 及以前"},
		{"date:2021..", "发布于 2021 及以后"},
		{"院士 NEAR/5 报告", "院士 5 字以内邻近 报告"},
		{"100% 科普", "100% 科普"},
	} {
		n, err := parse(c.query)
		if got := language("zh").query(n); err != nil || got != c.words {
			t.Errorf("%s: %q, %v, want %q", c.query, got, err, c.words)
		}
	}
	for query, field := range fieldNames {
		if field != FieldDay && chineseNames[field] == "" {
			t.Errorf("%s: %s has no Chinese name", query, field)
		}
	}
}

func TestParseErrorsSayWhere(t *testing.T) {
	for _, c := range []struct {
		query string
		at    int
		what  string
	}{
		{`科普 "未完`, 3, "not closed"},
		{"(科普", 0, "not closed"},
		{"科普)", 2, "closes nothing"},
		{"科普 AND", 6, "missing"},
		{"OR 科普", 0, "missing"},
		{"来源:", 3, "missing"},
		{"date:昨天", 5, "a date is"},
		{"date:2022-13", 5, "a date is"},
		{"院士 NEAR/x 报告", 8, "number"},
		{"院士 NEAR/3", 9, "missing"},
		{"title:院士 NEAR/3 报告", 9, "between words"},
		{`""`, 0, "nothing between"},
		{strings.Repeat("(", 60) + "x", 50, "too many"},
	} {
		_, err := parse(c.query)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.At != c.at || !strings.Contains(syntax.Error(), c.what) {
			t.Errorf("%s: %v, want %q at %d", c.query, err, c.what, c.at)
			continue
		}
		if zh := syntax.In("zh"); !strings.HasPrefix(zh, "第 ") || zh == syntax.Error() {
			t.Errorf("%s: in Chinese %q", c.query, zh)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`科普 -培训 "全民 素质" OR (来源:科协 日期:2020..2021)`, "a NEAR/3 b", "“x",
		"title:~\"y\"", "－－", "((((", "date:1..2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parse(s)
		var syntax *SyntaxError
		switch {
		case err == nil:
			_ = n.String()
		case !errors.As(err, &syntax):
			t.Fatalf("%q: %v is not a SyntaxError", s, err)
		case syntax.At < 0 || syntax.At > utf8.RuneCountInString(s):
			t.Fatalf("%q: error at %d", s, syntax.At)
		}
		again, err2 := parse(s)
		if n.String() != again.String() || (err == nil) != (err2 == nil) {
			t.Fatalf("%q: parsed twice, two answers", s)
		}
	})
}

// parse reads a query. Empty text is an empty kList.
func parse(text string) (node, error) {
	p := &parser{s: text}
	return p.parse()
}
