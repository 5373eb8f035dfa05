package web

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/urlkey"
)

// TestReprints goes from a search to the chain of a text, a comparison and the network.
func TestReprints(t *testing.T) {
	w := newWorld(t)
	text := "清源县科协昨日在文化广场举办防震减灾科普展，二百多名小学生参观了地震体" +
		"验车。县地震局工程师现场讲解了避险要点，并发放手册三千册。"
	addresses := []string{"http://kx.qingyuan.example/a1.html", "http://m.kx.qingyuan.example/a1.html",
		"http://xh.baishi.example/b7.html"}
	for i, address := range addresses {
		w.article(address, []string{"2024-03-01", "2024-03-01", "2024-03-09"}[i]+" 10:00:00", "<p>"+text,
			func(a *extract.Article) {
				a.Title, a.Source, a.Paragraphs = "防震减灾科普展举行", "清源县科协", paragraphs(text)
				if i == 2 {
					a.Site, a.Source, a.Title, a.Paragraphs = "baishi", "白石日报", "地震体验车进广场", paragraphs("本"+
						"报讯 "+text)
				}
			})
	}
	w.check(w.index.Group(t.Context()))
	srv := w.serve()
	get := func(address string) string {
		t.Helper()
		res, body := fetch(t, "GET", srv.URL+address)
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d %s", address, res.StatusCode, body)
		}
		return body
	}
	has := func(address string, parts ...string) {
		t.Helper()
		body := get(address)
		for _, p := range parts {
			if !strings.Contains(body, p) {
				t.Errorf("%s lacks %q in\n%s", address, p, body)
			}
		}
	}
	ids := make([]string, len(addresses))
	for i, a := range addresses {
		ids[i] = urlkey.ID(a)
	}
	q := "?q=" + url.QueryEscape("地震体验车")
	has("/"+q, "共 3 篇", "列出 2 篇，其余与之同文", "另有 1 篇同文", "collapse=none")
	has("/"+q+"&collapse=all", "列出 1 篇", "另有 2 篇同文", "title=\"去重篇数\">(1)")
	if body := get("/" + q + "&collapse=none"); strings.Contains(body, "同文</a>") {
		t.Error("copies are collapsed though they should not be")
	}
	has("/a/"+ids[2], `id="reprints"`, "2024-03-01 · kx.qingyuan.example", "改题", "/diff?with="+ids[2])
	has("/a/"+ids[0]+"/diff?with="+ids[2], "<ins>本报讯 </ins>", "<del>清源县科协</del>", "同文比较")
	has("/network", "<svg viewBox", "清源县科协 → 白石日报: 1", "format=graphml",
		`<td>白石日报</td><td class="n">1</td><td>2024-03-09</td>`)
	has("/network?by=site&lang=en", "qingyuan → baishi: 1")
	var r index.Reprints
	if err := json.Unmarshal([]byte(get("/api/v1/articles/"+ids[0]+"/reprints")), &r); err != nil || len(r.Copies) != 3 ||
		r.Copies[2].Article.ID != ids[2] {
		t.Errorf("%+v, %v", r, err)
	}
	has("/api/v1/articles/"+ids[0]+"/diff?with="+ids[2], `"from":1`, "本报讯")
	has("/api/v1/network?format=csv", "from,to,texts,first,last", "清源县科协,白石日报,1,2024-03-09,2024-03-09")
	var g struct {
		Nodes []struct {
			ID string `xml:"id,attr"`
		} `xml:"graph>node"`
		Edges []struct {
			Source string `xml:"source,attr"`
			Target string `xml:"target,attr"`
		} `xml:"graph>edge"`
	}
	if err := xml.Unmarshal([]byte(get("/api/v1/network?format=graphml")), &g); err != nil || len(g.Nodes) != 2 ||
		len(g.Edges) != 1 ||
		g.Edges[0].Source != g.Nodes[0].ID || g.Edges[0].Target != g.Nodes[1].ID {
		t.Errorf("%+v, %v", g, err)
	}
	has("/words?measure=frequencies", "科普", "每百万词", "format=csv")
	has("/words?measure=collocations&word="+url.QueryEscape("科普"), "对数似然")
	has("/words", "与存档其余文章相比突出的词")
	has("/api/v1/words?measure=frequencies&format=csv", "word,count,per_million,articles")
	has("/api/v1/words?measure=keyness&q="+q[3:], `"reference_articles":0`)
	if res, _ := fetch(t, "GET", srv.URL+"/api/v1/words?measure=collocations"); res.StatusCode != 400 {
		t.Errorf("collocations of nothing: %d", res.StatusCode)
	}
	if res, _ := fetch(t, "GET", srv.URL+"/?collapse=hosts"); res.StatusCode != 400 {
		t.Errorf("collapse=hosts: %d", res.StatusCode)
	}
	if res, _ := fetch(t, "GET", srv.URL+"/a/"+ids[0]+"/diff?with=00000000000000000000"); res.StatusCode != 404 {
		t.Errorf("diff with nothing: %d", res.StatusCode)
	}
}
