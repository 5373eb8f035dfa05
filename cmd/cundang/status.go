package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: a.tr("what is due, queued and failing", "到期、待抓与失败情况"),
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, _ []string) error {
		st, err := n.Status(time.Now())
		if err != nil {
			return err
		}
		return a.printer().Status(st)
	})
	return cmd
}

func (a *app) reportCommand() *cobra.Command {
	var list, faults bool
	var limit, offset uint
	cmd := &cobra.Command{
		Use:   "report [CRAWL]",
		Short: a.tr("what became of a crawl (default: the last)", "查看一次采集的报告（默认最近一次）"),
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, args []string) error {
		if list {
			return a.printRuns(n, offset, limit)
		}
		found, err := n.AllFindings()
		if err != nil {
			return err
		}
		if faults {
			return a.printer().Findings(found)
		}
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		run, err := n.Run(name)
		if errors.Is(err, node.ErrNoRun) && name == "" && len(found) > 0 && !a.json { // nothing was crawled, but imported
			a.printer().SomeFindings(found)
			return nil
		}
		if errors.Is(err, node.ErrNoRun) {
			return &problem{statusNoResults, err, "cundang report --list"}
		}
		if err != nil {
			return err
		}
		return a.printer().Report(run, found)
	})
	cmd.Flags().BoolVar(&faults, "findings", false, a.tr("list the captures that could not be read, with reason and cure",
		"列出未能读取的存档记录及原因、处理办法"))
	cmd.Flags().BoolVar(&list, "list", false,
		a.tr("list the crawls, the newest first", "列出各次采集，新的在前"))
	cmd.Flags().UintVar(&limit, "limit", 20,
		a.tr("crawls of --list at a time (0: all)", "--list 每次列出的采集数（0 为全部）"))
	cmd.Flags().UintVar(&offset, "offset", 0, a.tr("crawls of --list to pass over", "--list 跳过的采集数"))
	return cmd
}

func (a *app) printRuns(n *node.Node, offset, limit uint) error {
	upTo := 0 // all
	if limit > 0 {
		upTo = int(offset + limit)
	}
	runs, err := n.Runs(upTo)
	if err != nil {
		return err
	}
	runs = runs[min(int(offset), len(runs)):]
	if err := a.printer().Runs(runs); err != nil || a.json || len(runs) > 0 {
		return err
	}
	fmt.Fprintln(a.err, a.tr("nothing was crawled yet", "尚未采集"))
	return silent(statusNoResults)
}
