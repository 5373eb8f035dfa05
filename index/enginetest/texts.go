package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// China is the zone of the dates.
var China = zone.China

// Day returns noon of a day of November 2022.
func Day(d int) time.Time { return time.Date(2022, 11, d, 12, 0, 0, 0, China) }

// Article makes an article of one paragraph a line.
func Article(id, title, body string, published int) extract.Article {
	a := extract.Article{
		ID: id, URL: "https://kx.example/" + id, Site: "kx", Kind: extract.KindArticle,
		Title: extract.Text(title), Body: extract.Text(body), Source: "示例科协",
		Published: extract.Date{Time: time.Date(2022, 10, published, 0, 0, 0, 0, China)},
		Column:    []string{"首页", "科协要闻"},
		Fetched:   Day(1), State: extract.StateLive,
		Capture: &extract.CaptureRef{Ref: "kx-1.warc.gz:" + id + ":100", Digest: "sha256:" + id},
	}
	for _, p := range strings.Split(body, "\n") {
		a.Paragraphs = append(a.Paragraphs, extract.Paragraph{Kind: "p", Text: p})
	}
	return a
}

// Corpus returns a small association web.
func Corpus() []extract.Article {
	return []extract.Article{
		Article("a1", "自治区科协学习宣传党的二十大精神", "10月20日，自治区科协召开会议。会议传达学习党的二十大精神，部署全民科学素质工作。\n会议强调，要把科技工作者之家建设好。", 27),
		Article("a2", "全国科普日活动在银川启动", "今年全国科普日的主题是“喜迎二十大，科普向未来”。启动仪式上，院士作了报告。", 15),
		Article("a3", "青少年科技创新大賽獲獎名單公佈", "第37屆青少年科技創新大賽獲獎名單日前公佈，C919模型與5G技術項目獲一等獎。", 9),
		Article("a4", "学会服务基层“三长制”试点", "中国科协推进“三长制”，医院院长、学校校长、农技站站长进入县级科协领导机构。", 3),
	}
}

// MadeUp makes n articles of association news out of parts; the same n gives the same texts.
func MadeUp(n int) []extract.Article {
	rng := rand.New(rand.NewPCG(7, 7))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	place := func() string {
		return pick("青山", "白水", "云岭", "金川", "石桥", "东湖", "南屏", "北塔") + pick("市", "县", "区", "省")
	}
	body := func() string {
		return place() + pick("科协", "科技馆", "学会", "科学技术协会", "农技协", "青少年科技中心")
	}
	topic := func() string {
		return pick("全民科学素质", "科技工作者之家建设", "全域科普", "青少年科技创新大赛", "院士专家工作站", "科技志愿服务", "“三长制”试点", "学术年会", "全国科普日", "5G应用", "C919研制", "海智计划", "科创中国")
	}
	sentence := func() string {
		return pick(
			fmt.Sprintf("%d月%d日，%s召开%s工作推进会。", 1+rng.IntN(12), 1+rng.IntN(28), body(), topic()),
			fmt.Sprintf("会议指出，%s是%s服务大局的重要抓手，要做到%d个到位。", topic(), body(), 2+rng.IntN(8)),
			fmt.Sprintf("%s有关负责人介绍了%s的进展，共有%d名科技工作者参加。", body(), topic(), 10+rng.IntN(900)),
			fmt.Sprintf("活动由%s主办，%s承办，%s协办。", body(), body(), body()),
			fmt.Sprintf("与会代表围绕%s和%s作了交流发言。", topic(), topic()),
			fmt.Sprintf("据统计，%s累计开展%s%d场，覆盖%d.%d万人次。", place(), topic(), 1+rng.IntN(99), rng.IntN(90), rng.IntN(10)),
		)
	}
	out := make([]extract.Article, n)
	for i := range out {
		var paras []string
		for range 2 + rng.IntN(5) {
			var p strings.Builder
			for range 1 + rng.IntN(4) {
				p.WriteString(sentence())
			}
			paras = append(paras, p.String())
		}
		a := Article(fmt.Sprintf("m%06d", i), body()+"部署"+topic()+"工作", strings.Join(paras, "\n"), 1+rng.IntN(28))
		a.Source = extract.Text(body())
		a.Author = extract.Text(pick("办公室", "学会部", "科普部", "", ""))
		out[i] = a
	}
	return out
}
