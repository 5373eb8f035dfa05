package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
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
		if a.json {
			return a.printJSON(st)
		}
		t := a.table(a.tr("site", "站点"), a.tr("due", "到期"), a.tr("scheduled", "已排期"), a.tr("last crawl", "上次采集"), a.tr("failed", "失败"), a.tr("alarms", "警报"))
		for _, s := range st.Sites {
			last := ""
			if !s.Last.IsZero() {
				last = s.Last.In(zone.China).Format(time.DateTime)
			}
			t.AppendRow(table.Row{s.Site, s.Due, s.Queued, last, s.Failed, len(s.Alarms)})
		}
		t.Render()
		for _, s := range st.Sites {
			for _, al := range s.Alarms {
				fmt.Fprintf(a.out, a.tr("ALARM %s: %s (cundang alarms ack %[1]s)\n",
					"警报 %s：%s（cundang alarms ack %[1]s）\n"), al.ID, a.reason(al.Text))
			}
		}
		a.noteFindings(a.out, st.Findings)
		if st.Rebuild != nil {
			fmt.Fprintln(a.out, a.rebuildLine(*st.Rebuild))
		}
		return nil
	})
	return cmd
}

func (a *app) reportCommand() *cobra.Command {
	var list, faults bool
	cmd := &cobra.Command{
		Use:   "report [CRAWL]",
		Short: a.tr("what became of a crawl (default: the last)", "查看一次采集的报告（默认最近一次）"),
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, args []string) error {
		if list {
			return a.printRuns(n)
		}
		found, err := findings(n)
		if err != nil {
			return err
		}
		if faults && a.json {
			return a.printJSON(found)
		}
		if faults {
			a.printFindings(found, 0)
			return nil
		}
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		run, err := n.Run(name)
		if errors.Is(err, node.ErrNoRun) && name == "" && len(found) > 0 && !a.json { // nothing was crawled, but imported
			a.printFindings(found, reasonsShown)
			return nil
		}
		if errors.Is(err, node.ErrNoRun) {
			return &problem{statusNoResults, err, "cundang report --list"}
		}
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(struct {
				node.Run
				Findings []node.Finding `json:"findings"`
			}{run, found})
		}
		if err := a.printRun(run); err != nil {
			return err
		}
		a.printKinds(run.Report)
		a.printFindings(found, reasonsShown)
		return nil
	})
	cmd.Flags().BoolVar(&faults, "findings", false, a.tr("list the captures that could not be read, with reason and cure", "列出未能读取的存档记录及原因、处理办法"))
	cmd.Flags().BoolVar(&list, "list", false, a.tr("list all crawls", "列出全部采集"))
	return cmd
}

func (a *app) printRuns(n *node.Node) error {
	runs, err := n.Runs(0)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(runs)
	}
	t := a.table(a.tr("crawl", "采集"), a.tr("started", "开始"), a.tr("took", "用时"), a.tr("sites", "站点"), a.tr("fetched", "抓取"), a.tr("failed", "失败"), a.tr("alarms", "警报"))
	for _, r := range runs {
		fetched := 0
		for _, s := range r.Report.Sites {
			fetched += s.Fetched
		}
		t.AppendRow(table.Row{r.Crawl, r.Started.In(zone.China).Format(time.DateTime), r.Finished.Sub(r.Started).Round(time.Millisecond),
			len(r.Report.Sites), fetched, r.FailedPages(), len(r.Alarms)})
	}
	t.Render()
	if len(runs) == 0 {
		fmt.Fprintln(a.err, a.tr("nothing was crawled yet", "尚未采集"))
		return silent(statusNoResults)
	}
	return nil
}
