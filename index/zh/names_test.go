package zh

import (
	"slices"
	"strings"
	"testing"
)

// TestNames has a line of made-up text a case and the names that are in it, with the reason beside it.
func TestNames(t *testing.T) {
	c := NewCutter(builtinDict(t))
	for _, tc := range []struct{ text, people, places, orgs, why string }{
		{"10月20日，宁夏科协主席张伟国在银川会见了中国工程院院士李建华教授。",
			"张伟国 李建华", "宁夏 银川", "宁夏科协 中国工程院", "roles before and behind"},
		{"王志刚主任陪同，银川市青少年活动中心派人参加。", "王志刚", "银川市",
			"银川市青少年活动中心", "a family name and two characters; an organisation put together"},
		{"会议由副会长林小青、周大山、吴越主持。高峰论坛同时举行。", "林小青 周大山 吴越",
			"", "", "a row that begins with a role"},
		{"严格遵守财经纪律，高水平开放，许可证制度，夏粮丰收。许可证可以网上办。", "", "",
			"", "ordinary words that gse's dictionary has as people"},
		{"全国政协委员吴德刚作了发言。", "吴德刚", "", "全国政协",
			"the last character is an adverb elsewhere"},
		{"总统马尔科夫斯基来访，作家安德烈·别列佐夫说，阅读是乐趣。",
			"马尔科夫斯基 安德烈·别列佐夫", "", "", "foreign names, by a role or a dot"},
		{"王师傅说，贾家庄的路修好了。李克强总理总结了经验，总理李克强将于五月来访。",
			"李克强", "", "", "a title is no given name; the cut 李克|强将 is put right"},
		{"具有重大意义，特大城市，得到高度肯定，大型超市关心群众福利，深山中天黑得早。",
			"", "", "", "ordinary words that gse's dictionary has as places"},
		{"他去了北溪村、马德里、高雄和青山县。", "", "北溪村 马德里 高雄 青山县", "",
			"places by their ending, and known ones that gse has as people"},
		{"海军辽宁舰出海。", "", "", "", "a ship"},
		{"大马士革市中心和上海中心城区，中东部降温，重点高校招生。", "", "大马士革 上海",
			"", "no organisations"},
		{"中国物流与采购联合会发布数据，住房城乡建设部回应。", "", "",
			"中国物流与采购联合会", "the name with 与 in it; no half names"},
	} {
		n := c.Names(tc.text)
		for _, k := range []struct {
			kind      string
			got, want []string
		}{{"people", n.People, strings.Fields(tc.people)}, {"places", n.Places, strings.Fields(tc.places)},
			{"organisations", n.Orgs, strings.Fields(tc.orgs)}} {
			got := slices.Sorted(slices.Values(k.got))
			slices.Sort(k.want)
			if !slices.Equal(got, k.want) {
				t.Errorf("%s (%s): %s %v, want %v", tc.text, tc.why, k.kind, got, k.want)
			}
		}
	}
}

// TestNamesByFrequency: the name that stands there most comes first.
func TestNamesByFrequency(t *testing.T) {
	n := NewCutter(builtinDict(t)).Names("主席张伟国和主任李建华会面。李建华说，李建华写。")
	if !slices.Equal(n.People, []string{"李建华", "张伟国"}) {
		t.Errorf("people: %v", n.People)
	}
}
