package listing

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// columnWords are what columns of association sites are called.
var columnWords = []string{"要闻", "新闻", "动态", "通知", "公告", "公示", "资讯", "工作", "科普",
	"学会", "学术", "党建", "政策", "信息", "交流", "活动", "基层", "人才", "文件", "专题", "通报",
	"快讯", "更多"}

// Channels returns the links of a page that look like those to its lists, for an
// operator who named a home page. Titles are the links' texts.
func Channels(p Page) ([]Row, error) {
	x, err := open(p)
	if err != nil {
		return nil, err
	}
	if err := x.parse(); err != nil {
		return nil, err
	}
	var rows []Row
	seen := map[string]bool{x.URL: true}
	each(x.doc.Nodes[0], func(n *html.Node) bool {
		if n.Data != "a" {
			return true
		}
		u, text := x.resolve(attr(n, "href")), clean(textOf(n))
		if text == "" {
			text = clean(attr(n, "title"))
		}
		if u == "" || seen[u] || !sameHost(u, x.URL) || formed(u) || utf8.RuneCountInString(text) > 10 {
			return true
		}
		for _, word := range columnWords {
			if strings.Contains(text, word) {
				seen[u] = true
				rows = append(rows, Row{URL: u, Title: text})
				break
			}
		}
		return true
	})
	return rows, nil
}
