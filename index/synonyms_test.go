package index_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/index/enginetest"

	"github.com/google/go-cmp/cmp"
)

// TestSynonyms searches by names that articles do not have, but others for the same: from our list, the operator's
// and what an article itself says.
func TestSynonyms(t *testing.T) {
	groups, err := index.ParseSynonyms([]string{"沙生植物研究所 = 沙研所"})
	if err != nil {
		t.Fatal(err)
	}
	opts := index.Options{Synonyms: groups}
	x, err := bleve.Open(filepath.Join(t.TempDir(), "index.bleve"), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = x.Put(t.Context(), "1",
		enginetest.Article("s1", "人力资源和社会保障厅发布招聘公告", "岗位共二十个。", 1),
		enginetest.Article("s2", "人社厅答记者问", "关于职称评审。", 2),
		enginetest.Article("s3", "沙生植物研究所开放日", "欢迎学生参观。", 3),
		enginetest.Article("s4", "联盟成立", "红崖湖湿地鸟类监测联盟（以下简称“鸟监联”）今日成立。会议（以下简称“会议”）开了一天。", 4),
		enginetest.Article("s5", "湿地监测年报", "红崖湖湿地鸟类监测联盟完成冬季同步调查。", 5),
		enginetest.Article("s6", "学习贯彻中国共产党第二十次全国代表大会精神", "报告会在礼堂举行。", 6),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ query, want, also string }{
		{"人社厅", "s2 s1", "人力资源和社会保障厅"},
		{"人力资源和社会保障厅", "s1 s2", "人社厅"},
		{"人社厅 招聘", "s2 s1", "人力资源和社会保障厅"},
		{"title:人社厅", "s1 s2", "人力资源和社会保障厅"},
		{`"人社厅"`, "s2", ""},
		{"NOT 人社厅", "s1 s3 s4 s5 s6", ""},
		{"沙研所", "s3", "沙生植物研究所"},
		{"鸟监联", "s4 s5", "鸟类监测联盟"},
		{"党的二十大精神", "s6", "中国共产党第二十次全国代表大会"},
		{"湿地", "s4 s5", ""},
	} {
		r := search(t, x, index.Query{Text: c.query})
		got, want := ids(r), strings.Fields(c.want)
		inOrder := c.also != "" && !strings.HasPrefix(c.query, "title:") && c.query != "鸟监联"
		if !sameSet(got, want) || inOrder && got[0] != want[0] {
			t.Errorf("%s: %v, want %v", c.query, got, want)
		}
		if c.also == "" && r.Notice != "" || !strings.Contains(r.Notice, c.also) {
			t.Errorf("%s: notice %q, want %q", c.query, r.Notice, c.also)
		}
		literal := search(t, x, index.Query{Text: c.query, Literal: true})
		if strings.Contains(literal.Notice, "also") {
			t.Errorf("%s literally: %d of %d, %q", c.query, literal.Total, r.Total, literal.Notice)
		}
	}
	if r := search(t, x, index.Query{Text: "沙研所", Literal: true}); len(r.Hits) > 0 && strings.Contains(r.Hits[0].Title, "<mark>沙生") {
		t.Errorf("literally: %+v", r.Hits)
	}
	before := search(t, x, index.Query{Text: "鸟监联"})
	err = x.Rebuild(t.Context(), func(ctx context.Context, put func(string, ...extract.Article) error) error {
		return put("1", enginetest.Article("s4", "联盟成立", "红崖湖湿地鸟类监测联盟（以下简称“鸟监联”）今日成立。会议（以下简称“会议”）开了一天。", 4),
			enginetest.Article("s5", "湿地监测年报", "红崖湖湿地鸟类监测联盟完成冬季同步调查。", 5))
	})
	if err != nil {
		t.Fatal(err)
	}
	after := search(t, x, index.Query{Text: "鸟监联"})
	if diff := cmp.Diff(ids(before), ids(after)); diff != "" {
		t.Errorf("after a rebuild: %s", diff)
	}
}
