package main

import (
	"context"
	"fmt"
	"time"

	"cundang/crawler"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) whyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "why URL|HOST",
		Short: a.tr("what holds a URL or host back, and the rule that says so", "某网址或主机为何（不）抓取，依据哪条规则"),
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, args []string) error {
		all, err := a.options().AllProfiles()
		if err != nil {
			return err
		}
		x, err := crawler.Why(n.Frontier, all, args[0], time.Now())
		if err != nil {
			return usage("cundang why https://www.example.org/page.html", "%w", err)
		}
		if a.json {
			return a.printJSON(x)
		}
		a.printWhy(x)
		return nil
	})
	return cmd
}

// gate names a gate in the language of this run.
func (a *app) gate(name string) string {
	zh := map[string]string{
		"profile": "配置", "scope": "范围", "trap": "陷阱", "robots": "robots.txt", "host": "主机", "group": "组",
		"address": "地址", "window": "时段", "queue": "队列", "history": "经过",
	}
	if text := zh[name]; text != "" {
		return a.tr(name, text)
	}
	return name
}

func (a *app) printWhy(x crawler.Explanation) {
	t := a.table("", a.tr("gate", "关卡"), a.tr("rule", "规则"))
	for _, g := range x.Gates {
		mark := "✓"
		if !g.Open {
			mark = "✗"
		}
		t.AppendRow(table.Row{mark, a.gate(g.Name), a.reason(g.Rule)})
	}
	t.Render()
	if x.Open {
		fmt.Fprintln(a.out, a.tr("nothing stands against a visit now", "现在可以抓取"))
	}
	if !x.Next.IsZero() {
		fmt.Fprintf(a.out, a.tr("next visit: %s\n", "下次抓取：%s\n"), x.Next.In(zone.China).Format(time.RFC3339))
	}
	if !x.Visited.IsZero() {
		fmt.Fprintf(a.out, a.tr("last visit: %s, %s\n", "上次抓取：%s，%s\n"), x.Visited.In(zone.China).Format(time.RFC3339), x.State)
	}
	if x.Queued > 0 {
		fmt.Fprintf(a.out, a.tr("%d URLs of %s are due\n", "有 %d 个网址到期（%s）\n"), x.Queued, x.Site)
	}
}
