package index_test

import (
	"cundang/index"

	"strings"
	"testing"
)

func TestAnswersInChinese(t *testing.T) {
	x := filled(t)
	r := search(t, x, index.Query{Text: "科普日 (未完", Lang: "zh", Explain: true})
	if want := "检索式有误（第 5 个字符处：这个括号没有闭合），已按词检索"; !strings.HasPrefix(r.Notice, want) {
		t.Errorf("notice %q, want %q", r.Notice, want)
	}
	if len(r.Hits) == 0 || !strings.HasPrefix(r.Hits[0].Explain, "词 ") {
		t.Errorf("explained as %+v", r.Hits)
	}
}

func TestQueryLanguageFinds(t *testing.T) {
	x := filled(t)
	for _, c := range []struct {
		query string
		want  string
	}{
		{`"科技工作者之家"`, "a1"},
		{`"二十大，科普"`, "a2"},
		{`"獲獎名單"`, "a3"},
		{`"获奖名单"`, ""},
		{`~"获奖名单"`, "a3"},
		{`"C919"`, "a3"},
		{`"c919"`, ""},
		{"科协 -会议", "a4"},
		{"科普日 OR 三长制", "a2 a4"},
		{"title:二十大", "a1"},
		{"标题:启动", "a2"},
		{`body:"院士作了"`, "a2"},
		{"日期:2022-10-09..2022-10-15", "a2 a3"},
		{"来源:科协 院士", "a2"},
		{`来源:"科协"`, ""},
		{"来源:*科*", "a1 a2 a3 a4"},
		{"栏目:科协要闻 -二十大", "a3 a4"},
		{"院士 NEAR/3 报告", "a2"},
		{"院士 NEAR/1 报告", ""},
		{"报告 NEAR/3 院士", "a2"},
		{"(科普日 OR 大赛) AND 技术", "a3"},
		{"NOT 科协", "a2 a3"},
		{"，", "a1 a2 a3 a4"},
	} {
		r := search(t, x, index.Query{Text: c.query})
		got := ids(r)
		want := strings.Fields(c.want)
		if !sameSet(got, want) {
			t.Errorf("%s (%s): %v, want %v %s", c.query, r.Query, got, want, r.Notice)
		}
	}
	r := search(t, x, index.Query{Text: `科普日 "未完`})
	if len(r.Hits) == 0 || !strings.Contains(r.Notice, "searched as words") || !strings.Contains(r.Notice, "character 5") {
		t.Errorf("a query that cannot be parsed: %v, %q", ids(r), r.Notice)
	}
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	seen := map[string]bool{}
	for _, s := range a {
		seen[s] = true
	}
	for _, s := range b {
		if !seen[s] {
			return false
		}
	}
	return true
}
