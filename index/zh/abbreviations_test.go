package zh

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAbbreviations(t *testing.T) {
	for _, tc := range []struct {
		text string
		want []Abbreviation
	}{
		{"云溪市科学技术协会（以下简称“市科协”）换届。",
			[]Abbreviation{{"市科协", "市科学技术协会"}}},
		{"近日，红崖湖湿地鸟类监测联盟(下称“鸟监联”)成立",
			[]Abbreviation{{"鸟监联", "鸟类监测联盟"}}},
		{"《全民科学素质行动规划纲要》（以下简称《科学素质纲要》）印发",
			[]Abbreviation{{"科学素质纲要", "全民科学素质行动规划纲要"}}},
		{"本次大会（以下简称“大会”）", nil},
		{"青山省青少年科技创新大赛（以下简称“大赛”）", nil},
		{"宁夏医科大学（简称：宁医大）", []Abbreviation{{"宁医大", "宁夏医科大学"}}},
		{"根据通知（以下简称“本通知”）", nil},
		{"会议（以下简称“", nil},
		{"（以下简称“科协”）", nil},
		{"名称不变", nil},
	} {
		got := NewCutter(builtinDict(t)).Abbreviations(tc.text)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.text, diff)
		}
	}
}
