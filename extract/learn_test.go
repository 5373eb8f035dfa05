package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sitePage is a page of a made-up site whose side bar is longer than most articles and whose
// articles all carry the same closing line.
func sitePage(n int, text string) Page {
	side := strings.Repeat("<p>本会成立于一九八六年，是由从事观鸟和鸟类保护的爱好者、"+
		"专家自愿结成的团体，长期开展调查、环志、救助和科普，欢迎各界人士加入。</p>", 4)
	html := fmt.Sprintf(`<html><head><title>第%d次观鸟活动记录-湖滨观鸟社</title></head><body><div class="top"><a href="/">首页</a></div>
<div class="tt">第%d次观鸟活动记录</div><div class="sj">发布时间：2021-03-%02d</div>
<div class="nr">%s<p>湖滨观鸟社记录仅供会员内部交流，请勿作商业用途</p></div><div class="about">%s</div></body></html>`, n, n, n, text, side)
	return Page{URL: fmt.Sprintf("http://birds.example/jl/%d.html", n), Body: []byte(html)}
}

func learnSite() (pages []Page, truth []string) {
	for n := 1; n <= 9; n++ {
		t := fmt.Sprintf("第%d次活动在湖滨公园举行，共记录到鸟类%d种，其中夜鹭、"+
			"白鹭和黑水鸡数量最多，参加活动的会员有%d人。", n, 20+n, 8+n)
		u := fmt.Sprintf("会员们分成%d组，沿着湖岸行走，记录每一处的种类、数量和行为，"+
			"午后在码头汇总，并讨论了下一次的路线。", n)
		body := []string{t, u, t[:len("第1次活动")] + "结束后大家合影，约定下月再来。",
			fmt.Sprintf("%d位新会员第一次使用单筒望远镜，在指导下认出了远处的凤头䴙䴘，"+
				"大家都很高兴。", n+1),
			fmt.Sprintf("本次%d条记录已提交数据库，供研究者使用，感谢所有志愿者的付出。", 30+n)}
		if n == 9 {
			body = []string{"因雨取消。"}
		}
		truth = append(truth, strings.Join(body, "\n"))
		pages = append(pages, sitePage(n, "<p>"+strings.Join(body, "</p><p>")+"</p>"))
	}
	return pages, truth
}

func TestLearningGainsAndNeverHarms(t *testing.T) {
	pages, truth := learnSite()
	m := Learn("birds", pages, nil)
	if len(m.Groups) != 1 || m.Groups[0].Container.Value != "div.nr" {
		t.Fatalf("learnt %+v", m.Groups)
	}
	gained := 0
	for i, p := range pages {
		generic := mustRead(t, p)
		p.Model = &m
		learned := mustRead(t, p)
		if learned.Body != Text(truth[i]) {
			t.Errorf("page %d: with the model the body is\n%s\nwant\n%s", i+1, learned.Body, truth[i])
		}
		if generic.Body != learned.Body {
			gained++
		}
		if !strings.Contains(learned.Rules, "model/1") {
			t.Errorf("rules %q do not name the model", learned.Rules)
		}
	}
	if gained == 0 {
		t.Error("no page gained: the fixture teaches nothing")
	}
}

func TestModelRoundTripAndVersion(t *testing.T) {
	pages, _ := learnSite()
	m := Learn("birds", pages, nil)
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseModel(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, *back); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if again := Learn("birds", pages, back); again.Version != 1 {
		t.Errorf("the same pages made version %d", again.Version)
	}
	if fewer := Learn("birds", pages[:4], back); fewer.Version != 2 || fewer.Groups[0].Container.Value != "" ||
		len(fewer.Groups[0].Why) == 0 {
		t.Errorf("four pages taught %+v", fewer)
	}
	if _, err := ParseModel([]byte(`{"format":"other"}`)); err == nil {
		t.Error("a model of another format was read")
	}
}

func TestPattern(t *testing.T) {
	for in, want := range map[string]string{
		"http://a3.example/art/2024/10/14/art_1_2.html": "a3.example/art/#/#/#/art_#_#.html",
		"http://x.example/202210/t20221027_5.html":      "x.example/#/t#_#.html",
		"http://x.example/show.aspx?id=5&page=2":        "x.example/show.aspx?id&page",
		"":                                              "/",
	} {
		if got := Pattern(in); got != want {
			t.Errorf("Pattern(%q) = %q, want %q", in, got, want)
		}
	}
}

func mustRead(t *testing.T, p Page) Article {
	t.Helper()
	a, err := (&Reader{}).Read(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
