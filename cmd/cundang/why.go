package main

import (
	"context"
	"time"

	"cundang/crawler"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) whyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "why URL|HOST",
		Short: a.tr("what holds a URL or host back, and the rule that says so",
			"某网址或主机为何（不）抓取，依据哪条规则"),
		Args: cobra.ExactArgs(1),
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
		return a.printer().Why(x)
	})
	return cmd
}
