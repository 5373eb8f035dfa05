package extract

import "testing"

// TestAuthorsOf holds the grammar of credits: names with roles, offices and titles around them.
func TestAuthorsOf(t *testing.T) {
	for in, want := range map[string]string{
		"秦岭、何山":               "秦岭、何山",
		"秦岭，龙湾学院副教授":          "秦岭",
		"龙湾市农学会副理事长、研究员 秦岭":   "秦岭",
		"秦岭 龙湾学院生物系讲师":        "秦岭",
		"龙湾学院教授秦岭":            "秦岭",
		"秦岭系龙湾学院教授":           "秦岭",
		"秦岭（龙湾学院）":            "秦岭",
		"秦岭 摄影 何山":            "秦岭",
		"秦岭 通讯员 何山 摄影 罗一平":    "秦岭 何山",
		"秦岭/文 何山/图":           "秦岭",
		"秦岭 何山 文/图":           "秦岭 何山",
		"通讯员秦岭":               "秦岭",
		"欧阳一山":                "欧阳一山",
		"龙湾市农学会科普部":           "龙湾市农学会科普部",
		"山野闲人":                "山野闲人",
		"秦岭 山野闲人":             "秦岭 山野闲人",
		"阿里木江·买买提，龙湾牧业站高级畜牧师": "阿里木江·买买提",
	} {
		if got := authorsOf(in); got != want {
			t.Errorf("authorsOf(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestSplitSource holds where a medium ends and its writers begin.
func TestSplitSource(t *testing.T) {
	for in, want := range map[string][2]string{
		"龙湾晨报":       {"龙湾晨报", ""},
		"龙湾晨报 记者 秦岭": {"龙湾晨报", "秦岭"},
		"龙湾晨报记者秦岭":   {"龙湾晨报", "秦岭"},
		"龙湾晨报（本报记者 秦岭 通讯员 何山）": {"龙湾晨报", "秦岭 何山"},
		"龙湾晨报|秦岭 何山":           {"龙湾晨报", "秦岭 何山"},
		"秦岭/龙湾晨报":              {"龙湾晨报", "秦岭"},
		"龙湾小记者俱乐部":             {"龙湾小记者俱乐部", ""},
		"龙湾晨报 农村版":             {"龙湾晨报 农村版", ""},
		"龙湾市农学会（办公室）":          {"龙湾市农学会（办公室）", ""},
	} {
		if source, authors := splitSource(in); source != want[0] || authors != want[1] {
			t.Errorf("splitSource(%q) = %q, %q, want %q", in, source, authors, want)
		}
	}
}
