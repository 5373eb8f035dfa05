package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// owning makes the RunE of a command that reads what only the owner of DATA can open. When
// another process owns DATA the command is executed there.
func (a *app) owning(do func(context.Context, *library, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if a.lib != nil {
			return do(ctx, a.lib, args)
		}
		if o, err := findOwner(a.data); err == nil {
			if err := a.askOwner(ctx, o, a.args); !errors.Is(err, errNoOwner) {
				return err
			}
		}
		lib, err := a.openOwner(ctx, false)
		if err != nil {
			return err
		}
		return errors.Join(do(ctx, lib, args), lib.Close())
	}
}

// siteStatus is one site as `status --json` prints it.
type siteStatus struct {
	Site   string    `json:"site"`
	Due    int       `json:"due"`
	Queued int       `json:"queued"`
	Last   time.Time `json:"last_run,omitzero"`
	Run    string    `json:"last_run_id,omitempty"`
	Failed int       `json:"failed"`
	Alarms []alarm   `json:"alarms"`
}

// dataStatus is what `status --json` prints.
type dataStatus struct {
	Data  string       `json:"data"`
	Owner int          `json:"owner"` // pid of the process that answers
	Sites []siteStatus `json:"sites"`

	Rebuild *rebuildStatus `json:"rebuild,omitempty"` // of the index, while it is under way
}

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: a.tr("what is due, queued and failing", "到期、待抓与失败情况"),
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.owning(func(_ context.Context, lib *library, _ []string) error {
		st, err := lib.status(time.Now())
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
				last = s.Last.In(cst).Format(time.DateTime)
			}
			t.AppendRow(table.Row{s.Site, s.Due, s.Queued, last, s.Failed, len(s.Alarms)})
		}
		t.Render()
		if st.Rebuild != nil {
			fmt.Fprintln(a.out, st.Rebuild.line(a))
		}
		return nil
	})
	return cmd
}

// status gathers every site that was ever crawled.
func (l *library) status(now time.Time) (dataStatus, error) {
	st := dataStatus{Data: l.dir, Owner: os.Getpid(), Sites: []siteStatus{}, Rebuild: l.rebuilding.Load()}
	runs, err := loadRuns(l.frontier, 0)
	if err != nil {
		return st, err
	}
	seen := map[string]bool{}
	for _, r := range runs {
		for _, name := range siteNames(r.Report) {
			if seen[name] {
				continue
			}
			seen[name] = true
			s := siteStatus{Site: name, Last: r.Started, Run: r.Crawl, Failed: len(r.Report.Sites[name].Failed), Alarms: []alarm{}}
			if s.Due, s.Queued, err = l.frontier.Queued(name, now); err != nil {
				return st, err
			}
			for _, al := range r.Alarms {
				if al.Site == name {
					s.Alarms = append(s.Alarms, al)
				}
			}
			st.Sites = append(st.Sites, s)
		}
	}
	return st, nil
}

func (a *app) reportCommand() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:   "report [CRAWL]",
		Short: a.tr("what became of a crawl (default: the last)", "查看一次采集的报告（默认最近一次）"),
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = a.owning(func(_ context.Context, lib *library, args []string) error {
		if list {
			return a.printRuns(lib)
		}
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		run, err := loadRun(lib.frontier, name)
		if errors.Is(err, errNoRun) {
			return &problem{statusNoResults, err, "cundang report --list"}
		}
		if err != nil {
			return err
		}
		if err := a.printRun(run); err != nil || a.json {
			return err
		}
		a.printKinds(run.Report)
		return nil
	})
	cmd.Flags().BoolVar(&list, "list", false, a.tr("list all crawls", "列出全部采集"))
	return cmd
}

func (a *app) printRuns(lib *library) error {
	runs, err := loadRuns(lib.frontier, 0)
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
		t.AppendRow(table.Row{r.Crawl, r.Started.In(cst).Format(time.DateTime), r.Finished.Sub(r.Started).Round(time.Millisecond),
			len(r.Report.Sites), fetched, failedPages(r.Report), len(r.Alarms)})
	}
	t.Render()
	if len(runs) == 0 {
		fmt.Fprintln(a.err, a.tr("nothing was crawled yet", "尚未采集"))
		return silent(statusNoResults)
	}
	return nil
}
