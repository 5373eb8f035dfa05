package main

import (
	"context"
	"strings"

	"cundang/export"
	"cundang/index"
	"cundang/internal/node"
	"cundang/web"

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
		r, err := named(a, n, args[0], func(id string) (index.Reprints, error) { return n.Articles.Reprints(ctx, id) })
		if err != nil {
			return err
		}
		return a.printer().Reprints(r)
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
		net, err := n.Articles.Network(ctx, q, by)
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
		if err := a.printer().Network(net); err != nil || len(net.Edges) > 0 {
			return err
		}
		return silent(statusNoResults)
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
