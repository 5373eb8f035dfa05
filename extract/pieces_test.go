package extract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindDate(t *testing.T) {
	for in, want := range map[string]string{
		"2022-10-27":                  "2022-10-27",
		"发布于:2022/1/7":                "2022-01-07",
		"2022.10.27 09:30":            "2022-10-27T09:30:00+08:00",
		"2022年10月27日 09时32分":          "2022-10-27T09:32:00+08:00",
		"2022 年 3 月 5 日":              "2022-03-05",
		"2023-08-19 10∶08":            "2023-08-19T10:08:00+08:00",
		"2024年05月17日08:59":            "2024-05-17T08:59:00+08:00",
		"2015/7/3 下午 3:02:45":         "2015-07-03T15:02:45+08:00",
		"2020-02-19T20:29:58+08:00":   "2020-02-19T20:29:58+08:00",
		"二〇二二年十月二十七日":                 "2022-10-27",
		"二○一九年三月十日":                   "2019-03-10",
		"２０２２年１０月２７日":                 "2022-10-27",
		"2021-05-06 (星期四) 10:12":      "2021-05-06T10:12:00+08:00",
		"电话 0991-2022-1027":           "",
		"2022-13-01":                  "",
		"2022-02-30":                  "",
		"版本 12022-10-27":              "",
		"3.2022-10-27":                "",
		"2022年10月":                    "",
		"1948-01-01":                  "",
		"2022-10-27 25:00":            "2022-10-27",
		"（2012-06-04 09:20:26 ） 稿件来源": "2012-06-04T09:20:26+08:00",

		// other clocks and zones: converted, not cut
		"2019-05-06T17:40:00Z":                 "2019-05-07T01:40:00+08:00",
		"2019-05-06T17:40:00.125+00:00":        "2019-05-07T01:40:00+08:00",
		"2019-05-06T02:10:00-05:00":            "2019-05-06T15:10:00+08:00",
		"2019-05-06 23:10:00 +0900":            "2019-05-06T22:10:00+08:00",
		"Mon, 06 May 2019 17:40:00 GMT":        "2019-05-07T01:40:00+08:00",
		"2019-05-06 07:20 PM":                  "2019-05-06T19:20:00+08:00",
		"2019/5/6 12:03:00 AM":                 "2019-05-06T00:03:00+08:00",
		"2019/5/6 12:03:00 PM":                 "2019-05-06T12:03:00+08:00",
		"2019/5/6 上午 12:03:00":                 "2019-05-06T00:03:00+08:00",
		"2019-05-06 09:00-11:30":               "2019-05-06T09:00:00+08:00",
		"2019-05-0614:22":                      "2019-05-06T14:22:00+08:00",
		"二零一九年五月廿六日":                           "2019-05-26",
		"二〇一九年十二月卅一日":                          "2019-12-31",
		"中華民國108年5月6日":                         "2019-05-06",
		"民國一百零八年五月六日":                          "2019-05-06",
		"May 6th, 2019":                        "2019-05-06",
		"posted 6 September 2019 by":           "2019-09-06",
		"Maying 6, 2019":                       "",
		"http://a.example/2019/05/06/1.shtml":  "",
		"a.example/html/2019-05/06/node_3.htm": "",
		"20190506":                             "", "108.05.06": "", "19-05-06": "",
	} {
		d, _, _, ok := findDate(in)
		if got := d.String(); got != want || ok != (want != "") {
			t.Errorf("findDate(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestLabelledDate holds the forms that only a label makes dates.
func TestLabelledDate(t *testing.T) {
	for in, want := range map[string]string{
		"20190506":             "2019-05-06",
		"20190506 09:30":       "2019-05-06T09:30:00+08:00",
		"20190506093015":       "2019-05-06T09:30:15+08:00",
		"108.05.06":            "2019-05-06",
		"108-05-06":            "2019-05-06",
		"108年5月6日":             "2019-05-06",
		"19-05-06":             "2019-05-06",
		"97/5/6":               "1997-05-06",
		"5/26/2019 9:15:00 AM": "2019-05-26T09:15:00+08:00",
		"26/5/2019":            "2019-05-26",
		"[108-05-06]":          "2019-05-06",
		"1234567":              "",
		"第三期 19-05-06":         "",
		"20191399":             "",
	} {
		d, _, _, ok := labelledDate(in, false)
		if got := d.String(); got != want || ok != (want != "") {
			t.Errorf("labelledDate(%q) = %q, want %q", in, got, want)
		}
	}
	if d, _, _, _ := labelledDate("97/5/6", true); d.String() != "2008-05-06" {
		t.Errorf("the Republic's year 97 is %s", d)
	}
}

func TestURLDate(t *testing.T) {
	for in, want := range map[string]string{
		"http://x.example/202210/t20221027_123.html":         "2022-10-27",
		"http://x.example/art/2024/10/14/art_1_2.html":       "2024-10-14",
		"http://x.example/art/2024/9/4/art_1_2.html":         "2024-09-04",
		"http://x.example/2022/1027/c123.html":               "2022-10-27",
		"http://x.example/2022-10/27/content_1.htm":          "2022-10-27",
		"http://x.example/2012/content_37319243.htm":         "",
		"http://20221027.example/a.html":                     "",
		"http://x.example/show?id=20221399":                  "",
		"http://x.example/1/20221027093012.html":             "2022-10-27",
		"http://x.example/info/1027/120851.htm":              "",
		"http://x.example/2024051312345678901234/index.html": "",
	} {
		d, _, ok := urlDate(in)
		if got := d.String(); got != want || ok != (want != "") {
			t.Errorf("urlDate(%q) = %q, want %q", in, got, want)
		}
	}
}

// line reads the values of one line of HTML.
func line(html string) []string {
	v := flatten(parse([]byte("<body><p>"+html+"</p></body>")), len(html))
	var out []string
	for _, it := range v.itemsOf(0, len(v.blocks)) {
		s := it.value
		if it.label != "" {
			s = it.label + "=" + s
		}
		out = append(out, s)
	}
	return out
}

func TestLabels(t *testing.T) {
	for html, want := range map[string]string{
		"来源:宁夏科协   作者:科协办公室 发布于:2022-10-27": "来源=宁夏科" +
			"协|作者=科协办公室|发布于=2022-10-27",
		"<span>来　源：</span><span>某学会</span><span>发布时间：2020-01-02</span>": "来源=某学会|" +
			"发布时间=2020-01-02",
		"来源：<a>人民网</a>－<a>人民日报</a>　2020-01-02": "来源=人民网－人" +
			"民日报|2020-01-02",
		"<i>作者：</i><a>张三</a> <a>李四</a>": "作者=张三 李四",
		"2020-01-02 10:20 | 来源：某报 | 浏览：33": "2020-01-02 10:20|来源=某报|" +
			"浏览=33",
		"【字体：<a>大</a> <a>中</a>】 信息来源∶某局": "字体=大 中|" +
			"信息来源=某局",
		"文/林小满":                               "文=林小满",
		"责任编辑 王五":                             "责任编辑=王五",
		"数据来源：国家某局":                           "数据来源=国家某局",
		"来源:某网作者:赵六":                          "来源=某网|作者=赵六",
		"发布日期：<b>2020-01-02</b>　<b>10:20</b>": "发布日期=2020-01-02 10:20",
		"这一发现的来源是什么，记者没有回答": "这一发现的来源是什么，" +
			"记者没有回答",
		"來源：中央山林學會　作者：林佳穎": "來源=中央山林學會|作者=林佳穎",
	} {
		got := strings.Join(line(html), "|")
		got = strings.ReplaceAll(strings.ReplaceAll(got, "】", ""), "大|中", "大 中")
		if got = strings.Trim(got, "| "); got != want {
			t.Errorf("%s\n got %s\nwant %s", html, got, want)
		}
	}
}

func TestClosingBracket(t *testing.T) {
	for in, want := range map[string]string{
		"活动圆满结束。（记者：魏伟）":      "author=魏伟",
		"活动圆满结束。（评论员 罗博 萧海川）": "author=罗博 萧海川",
		"活动圆满结束。（张巨峰）":        "author=张巨峰",
		"(办公室   供稿)":          "contributor=办公室",
		"总体趋稳。（临泽县发改局）":       "contributor=临泽县发改局",
		"（作者：王晓璐）":            "author=王晓璐",
		"（来源：上海某报）":           "source=上海某报",
		"选拔赛入选（特殊打法）":         "",
		"比赛延期（完）":             "",
		"据外电报道。（BBC）":         "",
		"公司（下称本公司）":           "",
		"（摄影：李雷）":             "",
		"（责任编辑：韩梅）":           "editor=韩梅",
	} {
		var f fields
		closingBracket(in, 0, &f)
		var got []string
		for _, x := range []struct {
			name string
			f    *field
		}{{"author", &f.author}, {"source", &f.source}, {"editor", &f.editor}, {"contributor", &f.contributor}} {
			if c, ok := x.f.best(); ok {
				got = append(got, x.name+"="+c.Value)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", in, s, want)
		}
	}
}

func TestPeople(t *testing.T) {
	for _, s := range []string{"王五", "欧阳修远", "范姜佳鈺", "张巨峰", "阿卜杜拉·买买提"} {
		if !isPerson(s) {
			t.Errorf("%s is no person", s)
		}
	}
	for _, s := range []string{"办公室", "宣传部", "关闭", "时间", "文联", "解放日报", "高新区",
		"全文", "A君", "石家庄", "通讯员", "张", "司马光明日报"} {
		if isPerson(s) {
			t.Errorf("%s is a person", s)
		}
	}
}

func TestCutSuffix(t *testing.T) {
	for _, c := range []struct{ in, site, want string }{
		{"昆明完成顶层设计_州市动态_云南省人民政府门户网站", "", "昆明完成顶层设计"},
		{"某学会举办讲座 - 某省科协", "某省科协", "某学会举办讲座"},
		{"奋进——某省书法展开幕", "", "奋进——某省书法展开幕"},
		{"1-10月投资趋稳", "", "1-10月投资趋稳"},
		{"短缺药品保供-新华网", "", "短缺药品保供"},
		{"A-B测试方法", "", "A-B测试方法"},
	} {
		if got := cutSuffix(c.in, c.site); got != c.want {
			t.Errorf("cutSuffix(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestBreadcrumb(t *testing.T) {
	for html, want := range map[string][]string{
		"<div>首页&gt;&gt;科协时政&gt;&gt;宁夏科协要情</div>": {"首页",
			"科协时政", "宁夏科协要情"},
		"<div>当前位置：<a>首页</a> » <a>动态</a> » 正文</div>": {
			"首页", "动态"},
		"<table><tr><td>当前位置：</td><td><a>首页</a></td><td>&gt;<a>工作</a></td></tr></table>": {
			"首页", "工作"},
		"<ol class=breadcrumb><li><a>首页</a></li><li><a>新闻</a></li><li><a>要闻</a></li></ol>": {"首页",
			"新闻", "要闻"},
		"<div class=path><a>首页</a> / <a>新闻</a> / <a>要闻</a></div>": {"首页",
			"新闻", "要闻"},
		"<div class=crumb><a>频道</a> &gt; <a>要闻</a> &gt; 正文 <a>申请入驻</a></div>": {
			"频道", "要闻"},
		"<div><a>首页</a><a>机构</a><a>联系我们</a></div>": nil,
	} {
		rd := read(Page{Body: []byte("<title>某学会举办年会的消息</title>" + html +
			"<h1>某学会举办年会的消息</h1><p>来源：某报 2020-01-02</p><p>年会在某地举行，" +
			"三百人参加，会期两天。</p>")})
		if d := cmp.Diff(want, rd.column); d != "" {
			t.Errorf("%s (-want +got)\n%s", html, d)
		}
	}
}
