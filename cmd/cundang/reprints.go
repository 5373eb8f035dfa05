package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cundang/export"
	"cundang/index"
	"cundang/internal/node"
	"cundang/web"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) reprintsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reprints ID|URL",
		Short: a.tr("who published the text of an article, when and under which source",
			"一篇文章的转载链：何时、由谁、以何来源发布"),
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		id, err := articleID(args[0])
		if err != nil {
			return err
		}
		r, err := n.Index.Reprints(ctx, id)
		if errors.Is(err, index.ErrNotFound) {
			return &problem{statusNoResults, fmt.Errorf(a.tr("no article %s in %s", "没有文章 %s（%s）"), args[0], n.Dir),
				"cundang search …"}
		}
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(r)
		}
		t := a.table(a.tr("published", "发布时间"), a.tr("site", "站点"), a.tr("source", "来源"),
			a.tr("of the text", "相同"),
			a.tr("characters", "字数"), a.tr("title", "标题"), "ID")
		for _, c := range r.Copies {
			title := clip(string(c.Article.Title), 40)
			if c.Title {
				title = a.tr("(retitled) ", "（改题）") + title
			}
			t.AppendRow(table.Row{c.Article.Published.String(), c.Article.Site, clip(string(c.Article.Source), 16),
				fmt.Sprintf("%.0f %%", c.Shared*100), c.Length, title, c.Article.ID})
		}
		t.Render()
		if len(r.Copies) == 1 {
			fmt.Fprintln(a.err, a.tr("no other article has this text", "没有其他文章与它同文"))
		}
		return nil
	})
	return cmd
}

func (a *app) networkCommand() *cobra.Command {
	var f filters
	var q index.Query
	var by, format string
	cmd := &cobra.Command{
		Use:   a.tr("network [QUERY]", "network [检索式]"),
		Short: a.tr("who reprints whom: the network of sources", "转载网络：谁转载谁"),
		Example: `  cundang network --from 2022 --by site
  cundang network -f graphml -o sources.graphml`,
		Args: cobra.ArbitraryArgs,
		PreRunE: func(_ *cobra.Command, args []string) (err error) {
			if by != index.BySource && by != index.BySite {
				return usage("--by source|site", "--by %q is neither", by)
			}
			if format != "table" && format != "csv" && format != "graphml" {
				return usage("-f table|csv|graphml", "-f %q is not a format", format)
			}
			q, err = f.query(strings.Join(args, " "))
			q.Lang = a.cfg.Lang
			return err
		},
	}
	run := a.reading(func(ctx context.Context, n *node.Node, _ []string) error {
		net, err := n.Index.Network(ctx, q, by)
		if err != nil {
			return err
		}
		switch {
		case a.json:
			return a.printJSON(net)
		case format == "csv":
			return export.WriteTable(a.raw(), index.NetworkHead(), net.Rows())
		case format == "graphml":
			return export.WriteGraphML(a.raw(), web.Graph(net))
		}
		a.notice(net.Notice)
		if len(net.Edges) == 0 {
			fmt.Fprintln(a.err, a.tr("no text is reprinted", "没有转载"))
			return silent(statusNoResults)
		}
		t := a.table(a.tr("from", "首发"), a.tr("reprinted by", "转载"), a.tr("texts", "篇数"),
			a.tr("first", "最早"), a.tr("last", "最晚"))
		for _, e := range net.Edges {
			t.AppendRow(table.Row{clip(e.From, 24), clip(e.To, 24), e.Texts, e.First, e.Last})
		}
		t.Render()
		return nil
	})
	cmd.RunE = a.toOutput(run)
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVar(&by, "by", index.BySource, a.tr("what is joined: source or site",
		"节点：source（来源）或 site（站点）"))
	cmd.Flags().StringVarP(&format, "format", "f", "table", a.tr("format: table, csv, graphml",
		"格式：table、csv、graphml"))
	cmd.Flags().StringVarP(&a.outputFile, "output", "o", "", a.tr("write to this file", "写入文件"))
	return cmd
}
