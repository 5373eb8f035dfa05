package listing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// topics are the titles of made lists.
var topics = []string{
	"关于举办气象科普讲解大赛的通知", "省气象学会召开常务理事会议", "台风路径预报技术研讨班开班", "第三届观云识天摄影展征稿启事",
	"雷电防护标准宣贯会在临江举行", "农业气象服务直通车走进山村", "关于征集年会学术论文的公告", "青少年气象夏令营圆满结束",
	"学会专家解读秋季气候趋势", "暴雨灾害风险普查成果通报",
}

// made writes a list: {n} is the number of the row from 1, {t} its title, {m} its month and
// {d} its day, each of two digits.
func made(row, frame string) string {
	var b strings.Builder
	for i, t := range topics {
		b.WriteString(strings.NewReplacer("{n}", fmt.Sprint(i+1), "{t}", t, "{m}", "09", "{d}", fmt.Sprintf("%02d", 28-i)).Replace(row))
	}
	return `<html><head><title>学会</title></head><body><ul class="nav"><li><a href="/a/">首页</a></li><li><a href="/b/">学会概况</a></li>` +
		`<li><a href="/c/">通知公告</a></li><li><a href="/d/">联系我们</a></li></ul>` +
		strings.Replace(frame, "{rows}", b.String(), 1) + `<div class="foot">版权所有 <a href="/map.html">网站地图</a> <a href="http://icp.example/">备案20240001号</a></div></body></html>`
}

// How rows are written, one template each. A row is {n}.html at least, its date 09-{d} at least.
func TestRowTemplates(t *testing.T) {
	for _, c := range []struct{ name, row, frame, date string }{
		{"file icon after", `<p class=r><a href=/f/{n}.html>{t}</a> <a href=/dl?id={n}><img src=/i.png></a> <i>2024-{m}-{d}</i></p>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"file icon before", `<div class=r><a href=/dl?id={n} class=x>下载</a><a href=/f/{n}.html>{t}</a><i>2024-{m}-{d}</i></div>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"date between", `<article><a href=/f/{n}.html>{t}</a><time>2024-{m}-{d}</time><a href=/f/{n}.pdf>附件：{t}登记表及说明.pdf</a></article>`, `<section>{rows}</section>`, "2024-09-%s"},
		{"file with a longer name", `<div class=r><a href=/d/{n}.docx?v=1>（征求意见稿）{t}附表</a><a href=/f/{n}.html>{t}</a><i>2024-{m}-{d}</i></div>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"deep", `<div class=r><div class=x><span><a href=/f/{n}.html>{t}</a></span><span><a href=/v/{n}>预览</a><a href=/w/{n}>下载</a></span></div><div>2024.{m}.{d}</div></div>`, `<div>{rows}</div>`, "2024.09.%s"},
		{"table of files", `<tr><td>{n}</td><td><a href=/f/{n}.html>{t}</a></td><td><a href=/l/3/>气象学会</a></td><td><a href=/dl/{n}.doc>下载</a></td><td>2024-{m}-{d}</td></tr>`, `<table>{rows}</table>`, "2024-09-%s"},
		{"source link", `<div class=r><h3><a href=/f/{n}.html>{t}</a></h3><p>来源：<a href=/s/1>省气象学会</a> 2024-{m}-{d} 10:20</p></div>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"column in brackets", `<p>[<a href=/c/>通知</a>] <a href=/f/{n}.html>{t}</a> (2024-{m}-{d})</p>`, `<div>{rows}</div>`, "2024-09-%s"},

		{"day in the link", `<li><a href=/f/{n}.html>{t}<em>{m}-{d}</em></a></li>`, `<ul>{rows}</ul>`, "09-%s"},
		{"day before in the link", `<li><a href=/f/{n}.html><time>{m}/{d}</time>{t}</a></li>`, `<ul>{rows}</ul>`, "09/%s"},
		{"day behind the title", `<li><a href=/f/{n}.html>{t} [{m}-{d}]</a></li>`, `<ul>{rows}</ul>`, "09-%s"},
		{"day in brackets", `<li><a href=/f/{n}.html>（{m}月{d}日）{t}</a></li>`, `<ul>{rows}</ul>`, "09月%s日"},
		{"day set off", `<li><a href=/f/{n}.html>{t}　{m}-{d}</a></li>`, `<ul>{rows}</ul>`, "09-%s"},
		{"day close by", `<li><a href=/f/{n}.html>{m}-{d}{t}</a></li>`, `<ul>{rows}</ul>`, "09-%s"},
		{"day over month", `<li><a href=/f/{n}.html><div class=day><b>{d}</b><i>{m}月</i></div><h4>{t}</h4></a></li>`, `<ul>{rows}</ul>`, "09-%s"},
		{"day over year and month", `<li><div class=day><b>{d}</b><i>2024-{m}</i></div><a href=/f/{n}.html>{t}</a></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"compact", `<li><a href=/f/{n}.html>{t}</a><i>2024{m}{d}</i></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"summary in the link", `<li><a href=/f/{n}.html><div class=tit>{t}</div><div>会议指出，2023年5月1日以来，全省共举办讲座一百二十场，受众两万余人次。</div><div>2024-{m}-{d}</div></a></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"more in the link", `<li><a href=/f/{n}.html><p class=title>{t}</p><span>查看详情</span><span>2024-{m}-{d}</span></a></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},

		{"link in link", `<div class=r><a href=/f/{n}.html><p><a href=/f/{n}.html>{t}</a></p><span>2024-{m}-{d}</span></a></div>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"link in link, flat", `<a class=r href=/f/{n}.html><i><a href=/f/{n}.html>{t}</a></i><b>2024-{m}-{d}</b></a>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"thumbnail", `<dl><dt><a href=/f/{n}.html><img src={n}.jpg></a></dt><dd><a href=/f/{n}.html>{t}</a><p>2024-{m}-{d}</p></dd></dl>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"thumbnail that has a text", `<li><a href=/f/{n}.html><img src={n}.jpg alt="图{n}"></a><h3><a href=/f/{n}.html>{t}</a></h3><i>2024-{m}-{d}</i></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"thumbnail in a table", `<tr><td><a href=/f/{n}.html title="{t}"><img src={n}.jpg></a></td><td><a href=/f/{n}.html>{t}</a></td><td>2024-{m}-{d}</td></tr>`, `<table>{rows}</table>`, "2024-09-%s"},
		{"title, then picture and more", `<div class=r><a href=/f/{n}.html>{t}</a><a href=/f/{n}.html><img src={n}.jpg></a><p>风云三号。<a href=/f/{n}.html>[详细]</a></p><i>2024-{m}-{d}</i></div>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"thumbnail, flat", `<a href=/f/{n}.html><img src={n}.jpg alt="图片"></a> <a href=/f/{n}.html>{t}</a> <i>2024-{m}-{d}</i>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"thumbnail without a text, flat", `<a href=/f/{n}.html><img src={n}.jpg></a> <a href=/f/{n}.html>{t}</a> <i>2024-{m}-{d}</i><br>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"picture only", `<li><a href=/f/{n}.html><img src={n}.jpg alt="{t}"></a><i>2024-{m}-{d}</i></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},

		{"Taiwan, points", `<li><span>113.{m}.{d}</span><a href=/f/{n}.html>{t}</a></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, strokes", `<li><a href=/f/{n}.html>{t}</a><span>113/{m}/{d}</span></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, words", `<li><a href=/f/{n}.html>{t}</a><span>民國113年{m}月{d}日</span></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, whole", `<li><a href=/f/{n}.html>{t}</a><span>中華民國 113 年 {m} 月 {d} 日</span></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, compact", `<li><a href=/f/{n}.html>{t}</a><span>113{m}{d}</span></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, labelled", `<li><a href=/f/{n}.html>{t}</a><span>發布日期：113-{m}-{d}</span></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"Taiwan, in the link", `<li><a href=/f/{n}.html><i>113-{m}-{d}</i>{t}</a></li>`, `<ul>{rows}</ul>`, "2024-09-%s"},
		{"year of two digits", `<li><a href=/f/{n}.html>{t}</a><span>24-{m}-{d}</span></li>`, `<ul>{rows}</ul>`, "24-09-%s"},

		{"flat, date behind", `<a href=/f/{n}.html>{t}</a> 2024-{m}-{d}<br>`, `<td>{rows}</td>`, "2024-09-%s"},
		{"flat, date before", `<span>2024-{m}-{d}</span> <a href=/f/{n}.html>{t}</a><br>`, `<div>{rows}</div>`, "2024-09-%s"},
		{"terms", `<dt><a href=/f/{n}.html>{t}</a></dt><dd>2024-{m}-{d}</dd>`, `<dl>{rows}</dl>`, "2024-09-%s"},

		{"blog", `<div class=post><h2><a href="/?p={n}">{t}</a></h2><p>2024-{m}-{d} | <a href=/?cat=2>科普</a> <a href=/?tag=a>天气</a> <a href=/?tag=b>预报</a> | <a href="/?p={n}#respond">3 条评论</a></p><p>2019年3月2日，学会在临江举办讲座，介绍卫星云图的读法，并回答了听众的提问。</p><a href="/?p={n}">阅读全文</a></div>`, `<div id=content>{rows}</div>`, "2024-09-%s"},
		{"blog, meta behind", `<article class=post><a href="/?p={n}"><img src=x.jpg></a><h3><a href="/?p={n}">{t}</a></h3><p>临江站自2019年3月2日起，每天三次施放探空气球，为预报员提供高空资料，至今已有数千次。</p><footer>作者 <a href=/?author=1>学会秘书处</a> 于 2024-{m}-{d} 发布</footer></article>`, `<div>{rows}</div>`, "2024-09-%s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.frame, "<td>") {
				c.frame = "<table><tr>" + c.frame + "</tr></table>"
			}
			l, err := Expand(Page{URL: "http://www.qixiang.example/list/", ContentType: "text/html", Body: []byte(made(c.row, c.frame)), Listed: true})
			if err != nil {
				t.Fatal(err)
			}
			var want []Row
			for i, title := range topics {
				u := fmt.Sprintf("http://www.qixiang.example/f/%d.html", i+1)
				if strings.Contains(c.row, "?p=") {
					u = fmt.Sprintf("http://www.qixiang.example/?p=%d", i+1)
				}
				want = append(want, Row{URL: u, Title: title, Date: fmt.Sprintf(c.date, fmt.Sprintf("%02d", 28-i))})
			}
			if d := cmp.Diff(want, l.Rows); d != "" {
				t.Error(d)
			}
		})
	}
}

// What looks like a date or a title and is none.
func TestRowCounterexamples(t *testing.T) {
	for _, c := range []struct{ name, row, title, date string }{
		{"months in the title", `<li><a href=/f/{n}.html>{t}（9-10月）</a><i>2024-{m}-{d}</i></li>`, "（9-10月）", "2024-09-%s"},
		{"score in the title", `<li><a href=/f/{n}.html>{t} 12-10</a><i>2024-{m}-{d}</i></li>`, " 12-10", "2024-09-%s"},
		{"number of a letter", `<li><a href=/f/{n}.html>{t}（113-05-02號函）</a><i>2024-{m}-{d}</i></li>`, "（113-05-02號函）", "2024-09-%s"},
		{"counter", `<li><a href=/f/{n}.html>{t}</a><i>阅读 12.5%</i></li>`, "", ""},
		{"fraction", `<li><a href=/f/{n}.html>{t}</a><i>15/43</i></li>`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := strings.Replace(c.row, "/f/{n}", "/f/20240{n}1", 1)
			l, err := Expand(Page{URL: "http://www.qixiang.example/list/", Body: []byte(made(row, `<ul class=l>{rows}</ul>`)), Listed: true})
			if err != nil {
				t.Fatal(err)
			}
			var want []Row
			for i, title := range topics {
				date := c.date
				if date != "" {
					date = fmt.Sprintf(date, fmt.Sprintf("%02d", 28-i))
				}
				want = append(want, Row{URL: fmt.Sprintf("http://www.qixiang.example/f/20240%d1.html", i+1), Title: title + c.title, Date: date})
			}
			if d := cmp.Diff(want, l.Rows); d != "" {
				t.Error(d)
			}
		})
	}
}

// A portal has rows in several blocks; a list has those of the list.
func TestPortal(t *testing.T) {
	block := func(from, to int, row string) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			b.WriteString(strings.NewReplacer("{n}", fmt.Sprint(i+1), "{t}", topics[i%len(topics)], "{d}", fmt.Sprintf("%02d", 28-i)).Replace(row))
		}
		return b.String()
	}
	const li = `<li><a href=/f/{n}.html>{t}</a><i>09-{d}</i></li>`
	three := `<div class=a><h3>要闻</h3><ul>` + block(0, 5, li) + `</ul></div>` +
		`<div class=b><h3>通知</h3>` + block(5, 9, `<p><i>[2024-09-{d}]</i><a href=/f/{n}.html>{t}</a></p>`) + `</div>` +
		`<table><tr><th>科普</th></tr>` + block(9, 14, `<tr><td><a href=/f/{n}.html>{t}</a></td><td>09-{d}</td></tr>`) + `</table>`
	ranked := `<ul class=main>` + block(0, 9, li) + `</ul><div class=r><h4>点击排行</h4>` + block(9, 14, `<p><a href=/f/{n}.html>{t}</a><i>09-{d}</i></p>`) + `</div>`
	led := `<div><h3>要闻 <a href=/yw/>更多&gt;&gt;</a></h3><ul>` + block(0, 5, li) + `</ul></div>` +
		`<div><div class=hd><a href=/tz/ class=more>+More</a></div>` + block(5, 9, `<p><i>[2024-09-{d}]</i><a href=/f/{n}.html>{t}</a></p>`) + `</div>`
	undated := `<ul>` + block(0, 5, li) + `</ul><div><h3>科普 <a href=/kp/>更多</a></h3>` + block(5, 9, `<p><a href=/f/2024{n}1.html>{t}</a></p>`) + `</div>` +
		`<div><h3>友情链接</h3>` + block(9, 14, `<b><a href=/x/2024{n}1.html>{t}</a></b>`) + `</div>`
	for _, c := range []struct {
		name, url, body string
		listed          bool
		want            int
	}{
		{"home", "http://www.qixiang.example/", three, true, 14},
		{"home by its file", "http://www.qixiang.example/index.shtml", three, true, 14},
		{"home that nobody named", "http://www.qixiang.example/default.aspx", three, false, 14},
		{"list with other blocks", "http://www.qixiang.example/yw/", three, true, 5},
		{"home with a ranking", "http://www.qixiang.example/", ranked, true, 9},
		{"list with a ranking", "http://www.qixiang.example/yw/index.html", ranked, true, 9},
		{"section with blocks that lead on", "http://www.qixiang.example/kp/", led, true, 9},
		{"home with undated blocks", "http://www.qixiang.example/", undated, true, 9},
		{"page of few rows", "http://www.qixiang.example/", `<ul>` + block(0, 3, li) + `</ul>`, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := Expand(Page{URL: c.url, Body: []byte("<body>" + c.body + "</body>"), Listed: c.listed})
			if err != nil {
				t.Fatal(err)
			}
			if len(l.Rows) != c.want || l.IsList != (c.want > 0) {
				t.Errorf("list %v, %d rows, want %d: %v", l.IsList, len(l.Rows), c.want, l.Rows)
			}
		})
	}
}
