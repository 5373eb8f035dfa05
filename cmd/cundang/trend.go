package main

import (
	"context"
	"fmt"

	"cundang/index"
	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) trendCommand() *cobra.Command {
	var f filters
	var q index.Query
	var by string
	cmd := &cobra.Command{
		Use:     a.tr("trend TERM …", "trend 词语 …"),
		Short:   a.tr("how often terms occur over time", "词语随时间的出现频次"),
		Example: "  cundang trend 科学素质 全域科普 '\"三长制\"' --by month --from 2020",
		Args:    cobra.MinimumNArgs(1),
		PreRunE: func(*cobra.Command, []string) (err error) {
			if by != "year" && by != "month" && by != "day" {
				return usage("--by year|month|day", "--by %q is not an interval", by)
			}
			q, err = f.query("")
			q.Lang = a.cfg.Lang
			return err
		},
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, terms []string) error {
		t, err := n.Index.Trend(ctx, q, by, terms...)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(t)
		}
		a.notice(t.Notice)
		header := []any{a.tr("published", "发布时间"), a.tr("articles", "文章数")}
		if t.Texts != nil {
			header = append(header, a.tr("texts", "去重篇数"))
		}
		for _, s := range t.Series {
			header = append(header, s.Term, a.tr("per 10,000", "每万篇"))
			if t.Texts != nil {
				header = append(header, a.tr("texts", "去重篇数"))
			}
			if s.Notice != "" {
				fmt.Fprintf(a.err, "%s: %s\n", s.Term, s.Notice)
			}
		}
		out := a.table(header...)
		found := 0
		for i, l := range t.Labels {
			row := table.Row{l, t.Articles[i]}
			if t.Texts != nil {
				row = append(row, t.Texts[i])
			}
			for _, s := range t.Series {
				row = append(row, s.Articles[i], fmt.Sprintf("%.1f", s.Per10000[i]))
				if t.Texts != nil {
					row = append(row, s.Texts[i])
				}
				found += s.Articles[i]
			}
			out.AppendRow(row)
		}
		out.Render()
		if found == 0 {
			return silent(statusNoResults)
		}
		return nil
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVar(&by, "by", "year", a.tr("year, month or day", "按 year、month 或 day 统计"))
	return cmd
}
