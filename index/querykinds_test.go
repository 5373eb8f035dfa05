package index_test

import (
	"path/filepath"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/index"
	"cundang/index/enginetest"

	"github.com/google/go-cmp/cmp"
)

// kinds is an index for queries that are easily taken for something else.
func kinds(t *testing.T) *index.Index {
	t.Helper()
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	with := func(a extract.Article, files ...extract.Attachment) extract.Article {
		a.Attachments = files
		return a
	}
	err := x.Put(t.Context(), "1",
		with(enginetest.Article("k1", "邮包寄存点搬迁通知", "会员的邮包改由南门收发室保管。", 3),
			extract.Attachment{URL: "https://kx.example/f/1", Title: "登记表", Type: "application/pdf; charset=binary"}),
		with(enginetest.Article("k2", "寒潮来袭的防冻措施", "夜间最低气温-12℃，白天-3℃，水管要包扎。", 5),
			extract.Attachment{URL: "https://kx.example/f/防冻.PDF?x=1", Title: "下载", Type: "application/octet-stream"}),
		with(enginetest.Article("k3", "数控车床2019TX型试制成功", "装有iPad4mini终端，比T-90快，胡蝶夢的故事另刊。", 7),
			extract.Attachment{URL: "https://kx.example/f/3", Title: "名单.docx"}),
		with(enginetest.Article("k4", "科普大篷车与科协年会", "科普大篷车进社区，科协年会在红崖召开。", 9)),
	)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestKindsOfQueries(t *testing.T) {
	x := kinds(t)
	for _, c := range []struct {
		query, want string
		notice      string // a part of it; "" is none
	}{
		{"包", "k1 k2", ""},
		{"蝶", "k3", ""},
		{"title:包", "k1", ""},
		{"包 -邮", "k2", ""},
		{"包 OR 蝶", "k1 k2 k3", ""},
		{"包，", "k1 k2", ""},
		{"2019", "k3", ""},
		{"tx", "k3", ""},
		{"IPAD", "k3", ""},
		{"90", "k3", ""},
		{"4", "k3", ""},
		{"科*", "k4", ""},
		{"title:寒*", "k2", ""},
		{"*会", "k4", ""},
		{"ip*mini", "k3", ""},
		{"科*星", "", "within a word"},
		{"气温 -12℃", "k2", "NOT 12℃"},
		{"-3℃", "k2", "NOT 3℃"},
		{"NOT 12", "k1 k3 k4", ""},
		{`-"12℃"`, "k1 k3 k4", ""},
		{"foo:包扎", "k2", "no field foo"},
		{"关键词：包扎", "k2", "no field 关键词"},
		{`foo:"包扎"`, "k2", "no field foo"},
		{"23:45", "", ""},
		{"site:nosuch", "", "no article has nosuch as its site"},
		{"包 site:kx", "k1 k2", ""},
		{"包 site:kx,zz", "", "no article has kx,zz as its site"},
		{"state:lost", "", "no state lost"},
		{"state:gone", "", ""},
		{"来源:无此", "", "no article has 无此 as its source"},
		{"来源:科协 数控", "k3", ""},
		{"type:pdf", "k1 k2", ""},
		{"type:PDF", "k1 k2", ""},
		{"附件类型:.docx", "k3", ""},
		{"type:word", "k3", ""},
		{"type:application/octet-stream", "k2", ""},
		{"type:xlsx", "", "no article has xlsx as its type"},
	} {
		r := search(t, x, index.Query{Text: c.query})
		if !sameSet(ids(r), strings.Fields(c.want)) {
			t.Errorf("%s (%s): %v, want %s", c.query, r.Query, ids(r), c.want)
		}
		if c.notice == "" && r.Notice != "" && !strings.Contains(r.Notice, "some") || !strings.Contains(r.Notice, c.notice) {
			t.Errorf("%s: notice %q, want %q", c.query, r.Notice, c.notice)
		}
		n := 0
		for _, err := range x.All(t.Context(), index.Query{Text: c.query}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != r.Total {
			t.Errorf("%s: %d exported, %d found", c.query, n, r.Total)
		}
	}
}

// TestValuesThatNobodyHas names values beside the text, for searches, concordances and trends.
func TestValuesThatNobodyHas(t *testing.T) {
	x := kinds(t)
	q := index.Query{Text: "包", Sites: []string{"kx", "nosuch"}, Lang: "zh"}
	const want = "存档中没有站点为“nosuch”的文章"
	if r := search(t, x, q); r.Notice != want || r.Total != 2 {
		t.Errorf("search: %d found, %q", r.Total, r.Notice)
	}
	c, err := x.KWIC(t.Context(), q, "包扎", false, 0)
	if err != nil || c.Notice != want {
		t.Errorf("concordance: %q, %v", c.Notice, err)
	}
	q.Text = ""
	tr, err := x.Trend(t.Context(), q, "year", "包", "foo:包")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{tr.Notice, tr.Series[0].Notice, tr.Series[1].Notice}
	if diff := cmp.Diff([]string{want, want, "没有名为“foo”的字段，已按词检索；" + want}, got); diff != "" {
		t.Error(diff)
	}
	q = index.Query{States: []string{"lost"}}
	if r := search(t, x, q); !strings.Contains(r.Notice, "no state lost") {
		t.Errorf("state: %q", r.Notice)
	}
}

func TestMarksWhatWasFound(t *testing.T) {
	x := kinds(t)
	for _, c := range [][2]string{
		{"包", "<mark>包</mark>"}, {"蝶", "<mark>蝶</mark>"}, {"2019", "<mark>2019</mark>"}, {"防*", "<mark>防冻</mark>"}, {"-12℃", "<mark>12</mark>"},
	} {
		r := search(t, x, index.Query{Text: c[0]})
		if len(r.Hits) == 0 || !strings.Contains(r.Hits[0].Title+strings.Join(r.Hits[0].Fragments, ""), c[1]) {
			t.Errorf("%s: %+v", c[0], r.Hits)
		}
	}
}
