package terminal

import (
	"fmt"

	"cundang/crawler"

	"github.com/jedib0t/go-pretty/v6/table"
)

// gate names a gate in the language of this run.
func (p *Printer) gate(name string) string {
	zh := map[string]string{
		"profile": "配置", "scope": "范围", "trap": "陷阱", "robots": "robots.txt", "host": "主机", "group": "组",
		"address": "地址", "window": "时段", "queue": "队列", "history": "经过",
	}
	if text := zh[name]; text != "" {
		return p.Tr(name, text)
	}
	return name
}

// Why prints what holds a URL or host back.
func (p *Printer) Why(x crawler.Explanation) error {
	err := list(p, x, "|gate|rule", "|关卡|规则", x.Gates, func(g crawler.Gate) table.Row {
		return table.Row{mark(g.Open), p.gate(g.Name), p.reason(g.Rule)}
	})
	if err != nil || p.JSON {
		return err
	}
	if x.Open {
		fmt.Fprintln(p.Out, p.Tr("nothing stands against a visit now", "现在可以抓取"))
	}
	if !x.Next.IsZero() {
		fmt.Fprintf(p.Out, p.Tr("next visit: %s\n", "下次抓取：%s\n"), moment(x.Next))
	}
	if !x.Visited.IsZero() {
		fmt.Fprintf(p.Out, p.Tr("last visit: %s, %s\n", "上次抓取：%s，%s\n"), moment(x.Visited), x.State)
	}
	if x.Queued > 0 {
		fmt.Fprintf(p.Out, p.Tr("%d URLs of %s are due\n", "有 %d 个网址到期（%s）\n"), x.Queued, x.Site)
	}
	return nil
}
