package document

import (
	"strings"
	"testing"
)

func TestWritePages(t *testing.T) {
	full := strings.Repeat("字", 28)
	var out text
	out.max = 1 << 20
	writePages(&out, []pdfPage{
		{lines: []string{"云岭市农学会 2024年第1期", "一、总则", full, full, "- 1 -"}},
		{lines: []string{"云岭市农学会 2024年第2期", "完。", full + "。", "下一段", "- 2 -"}},
		{lines: []string{"扫描", full}, scan: true},
		{lines: []string{"云岭市农学会 2024年第3期", "末", "第 4 页 共 4 页"}},
		{lines: []string{"云岭市农学会 2024年第4期", "2024", "5"}},
	})
	want := strings.Join([]string{"一、总则", full + full + "完。", full + "。", "下一段", "扫描", full, "末",
		"2024"}, "\n")
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
	var single text
	single.max = 100
	writePages(&single, []pdfPage{{lines: []string{"总计", "2024"}}})
	if single.String() != "总计\n2024" {
		t.Errorf("%q", single.String())
	}
}

func TestUnify(t *testing.T) {
	if got := unify("⼈⺠科学⽂章 豈"); got != "人民科学文章 豈" {
		t.Errorf("%q", got)
	}
}
