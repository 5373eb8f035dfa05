package main

import (
	"context"
	"errors"
	"fmt"

	"cundang/index"
	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
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
		id, err := articleID(args[0])
		if err != nil {
			return err
		}
		found, err := n.Index.Similar(ctx, id, q)
		if errors.Is(err, index.ErrNotFound) {
			return &problem{statusNoResults, fmt.Errorf(a.tr("no article %s in %s", "没有文章 %s（%s）"), args[0], n.Dir), "cundang search …"}
		}
		if err != nil {
			return err
		}
		list := []index.Similar{}
		for _, s := range found {
			if s.Reprint || !reprints {
				list = append(list, s)
			}
		}
		if a.json {
			return a.printJSON(list)
		}
		if len(list) == 0 {
			return silent(statusNoResults)
		}
		t := a.table(a.tr("shared", "重合"), a.tr("reprint", "转载"), a.tr("published", "发布时间"), a.tr("source", "来源"), a.tr("title", "标题"), "ID")
		for _, s := range list {
			mark := ""
			if s.Reprint {
				mark = a.tr("yes", "是")
			}
			t.AppendRow(table.Row{fmt.Sprintf("%.0f %%", s.Shared*100), mark, s.Article.Published.String(), clip(string(s.Article.Source), 16), clip(string(s.Article.Title), 40), s.Article.ID})
		}
		t.Render()
		return nil
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().IntVar(&limit, "limit", 10, a.tr("articles to print", "显示篇数"))
	cmd.Flags().BoolVar(&reprints, "reprints", false, a.tr("reprints only", "仅转载"))
	return cmd
}
