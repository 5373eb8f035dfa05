package index

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"cundang/extract"
)

// madeUp makes n articles of association news out of parts; the same n gives the same texts.
func madeUp(n int) []extract.Article {
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
		a := article(fmt.Sprintf("m%06d", i), body()+"部署"+topic()+"工作", strings.Join(paras, "\n"), 1+rng.IntN(28))
		a.Source = extract.Text(body())
		a.Author = extract.Text(pick("办公室", "学会部", "科普部", "", ""))
		out[i] = a
	}
	return out
}
