package main

import (
	"context"

	"cundang/index"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) kwicCommand() *cobra.Command {
	var f filters
	var q index.Query
	var within string
	var width, limit, offset int
	var exact bool
	cmd := &cobra.Command{
		Use:     a.tr("kwic TERM", "kwic 词语"),
		Short:   a.tr("a term in its contexts, a line each", "词语的上下文索引（逐行列出）"),
		Example: "  cundang kwic 科技工作者之家 --width 30 --site nxkx",
		Args:    cobra.ExactArgs(1),
		PreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			if width < 1 || width > 500 || limit < 1 || offset < 0 {
				return usage("--width 20 --limit 100", "--width must be 1 to 500, --limit positive, --offset not negative")
			}
			if q, err = f.query(within); err != nil {
				return err
			}
			if !cmd.Flags().Changed("sort") {
				q.Sort = "-published"
			}
			q.Limit, q.Offset, q.Lang = limit, offset, a.cfg.Lang
			return nil
		},
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		c, err := n.Articles.KWIC(ctx, q, args[0], exact, width)
		if err != nil {
			return err
		}
		if err := a.printer().Concordance(c); err != nil || a.json || len(c.Lines) > 0 {
			return err
		}
		return silent(statusNoResults)
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVar(&within, "within", "",
		a.tr("only in articles that this query finds", "仅在该检索式命中的文章内"))
	cmd.Flags().IntVar(&width, "width", 20, a.tr("characters on either side", "左右各显示字数"))
	cmd.Flags().IntVar(&limit, "limit", 100, a.tr("lines to print", "显示行数"))
	cmd.Flags().IntVar(&offset, "offset", 0, a.tr("lines to skip", "跳过行数"))
	cmd.Flags().BoolVar(&exact, "exact", false, a.tr("as it is written: no traditional, wide or capital forms",
		"严格匹配原文（不做繁简、全半角、大小写归并）"))
	return cmd
}
