package main

import (
	"context"
	"fmt"

	"cundang/index"
	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
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
		c, err := n.Index.KWIC(ctx, q, args[0], exact, width)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(c)
		}
		a.notice(c.Notice)
		fmt.Fprintf(a.err, a.tr("%d articles\n", "共 %d 篇\n"), c.Articles)
		if len(c.Lines) == 0 {
			return silent(statusNoResults)
		}
		t := a.table(a.tr("published", "发布时间"), a.tr("source", "来源"), "", a.tr("term", "词语"), "", "ID")
		t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight}})
		for _, l := range c.Lines {
			t.AppendRow(table.Row{l.Published.String(), clip(string(l.Source), 12), l.Left, l.Match, l.Right, l.ID})
		}
		t.Render()
		return nil
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVar(&within, "within", "", a.tr("only in articles that this query finds", "仅在该检索式命中的文章内"))
	cmd.Flags().IntVar(&width, "width", 20, a.tr("characters on either side", "左右各显示字数"))
	cmd.Flags().IntVar(&limit, "limit", 100, a.tr("lines to print", "显示行数"))
	cmd.Flags().IntVar(&offset, "offset", 0, a.tr("lines to skip", "跳过行数"))
	cmd.Flags().BoolVar(&exact, "exact", false, a.tr("as it is written: no traditional, wide or capital forms", "严格匹配原文（不做繁简、全半角、大小写归并）"))
	return cmd
}
