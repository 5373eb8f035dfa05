package main

import (
	"context"

	"cundang/index"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) similarCommand() *cobra.Command {
	var f filters
	var q index.Query
	var limit int
	var reprints bool
	cmd := &cobra.Command{
		Use:   "similar ID|URL",
		Short: a.tr("articles that resemble one: reprints and related news", "相似文章：转载与相关报道"),
		Args:  cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) (err error) {
			if limit < 1 || limit > 50 {
				return usage("--limit 10", "--limit must be 1 to 50")
			}
			q, err = f.query("")
			q.Limit = limit
			return err
		},
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		found, err := named(a, n, args[0], func(id string) ([]index.Similar, error) {
			return n.Articles.Similar(ctx, id, q)
		})
		if err != nil {
			return err
		}
		list := []index.Similar{}
		for _, s := range found {
			if s.Reprint || !reprints {
				list = append(list, s)
			}
		}
		if len(list) == 0 && !a.json {
			return silent(statusNoResults)
		}
		return a.printer().Similar(list)
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().IntVar(&limit, "limit", 10, a.tr("articles to print", "显示篇数"))
	cmd.Flags().BoolVar(&reprints, "reprints", false, a.tr("reprints only", "仅转载"))
	return cmd
}
