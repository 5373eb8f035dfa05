package main

import (
	"context"
	"slices"

	"cundang/index"
	"cundang/internal/node"

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
		t, err := n.Articles.Trend(ctx, q, by, terms...)
		if err != nil {
			return err
		}
		if err := a.printer().Trend(t); err != nil || a.json {
			return err
		}
		for _, s := range t.Series {
			if slices.Max(append(s.Articles, 0)) > 0 {
				return nil
			}
		}
		return silent(statusNoResults)
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVar(&by, "by", "year", a.tr("year, month or day", "按 year、month 或 day 统计"))
	return cmd
}
