package zh

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBuiltinSynonyms(t *testing.T) {
	groups, err := BuiltinSynonyms()
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) < 150 {
		t.Errorf("%d groups", len(groups))
	}
	seen := map[string]string{}
	for _, g := range groups {
		key := strings.Join(g, " ")
		for _, name := range g {
			if name != "" && name != strings.TrimSpace(name) ||
				Fold(name) != name && !strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
				t.Errorf("%q of %s is not written simplified", name, key)
			}
		}
		if seen[key] != "" {
			t.Errorf("%s stands there twice", key)
		}
		seen[key] = key
	}
}

func TestFindSynonyms(t *testing.T) {
	own, err := ParseSynonyms([]string{"# ours", "", "沙坡头治沙所 = 治沙所", "人大 > 人民代表大会"})
	if err != nil {
		t.Fatal(err)
	}
	builtin, err := BuiltinSynonyms()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSynonyms(own, builtin)
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"科协", []string{"科协: 科学技术协会"}},
		{"中国科协 培训", []string{"中国科协: 中国科学技术协会"}},
		{"中國科學技術協會", []string{"中国科学技术协会: 中国科协"}},
		{"人社厅发布", []string{"人社厅: 人力资源和社会保障厅"}},
		{"治沙所参观", []string{"治沙所: 沙坡头治沙所"}},
		{"人大", []string{"人大: 人民代表大会"}},
		{"人民代表大会", []string{"人民代表大会: 人代会"}},
		{"学习党的二十大精神",
			[]string{"党的二十大: 中国共产党第二十次全国代表大会,中共二十大,二十大"}},
		{"who", []string{"who: 世界卫生组织,世卫组织"}},
		{"the whole", nil},
		{"天气", nil},
		{"", nil},
	} {
		var got []string
		for _, r := range s.Find(NewCutter(builtinDict(t)), tc.text) {
			got = append(got, r.Name+": "+strings.Join(r.Others, ","))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.text, diff)
		}
	}
	for _, bad := range []string{"一个", "一个 = ", " = 二", "甲 > ", "甲 = 乙 > 丙", `甲 = "乙"`, "，= 乙"} {
		if _, err := ParseSynonyms([]string{"甲 = 乙", bad}); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
