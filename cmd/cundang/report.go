package main

import (
	"fmt"
	"time"

	"cundang/crawler"

	"github.com/jedib0t/go-pretty/v6/table"
)

// reasonsShown is how many lines of a list the terminal report prints; --json has all.
const reasonsShown = 10

// printRun writes what became of one crawl: counts a site, each failure with its reason,
// alarms.
func (a *app) printRun(run crawlRun) error {
	if a.json {
		return a.printJSON(run)
	}
	r := run.Report
	fmt.Fprintf(a.out, a.tr("crawl %s, %s\n", "采集 %s，用时 %s\n"), r.Crawl, r.Finished.Sub(r.Started).Round(time.Millisecond))
	t := a.table(a.tr("site", "站点"), a.tr("fetched", "抓取"), a.tr("new", "新增"), a.tr("changed", "变更"), a.tr("unchanged", "未变"),
		a.tr("missing", "不可达"), a.tr("gone", "已删除"), a.tr("failed", "失败"), a.tr("robots", "协议禁止"), a.tr("skipped", "范围外"), "MB")
	for _, name := range siteNames(r) {
		s := r.Sites[name]
		t.AppendRow(table.Row{name, s.Fetched, len(s.New), len(s.Changed), s.Unchanged, len(s.Missing), len(s.Gone),
			len(s.Failed), len(s.Denied), len(s.Skipped), fmt.Sprintf("%.1f", float64(s.Bytes)/1e6)})
	}
	t.Render()
	for _, name := range siteNames(r) {
		s := r.Sites[name]
		a.printOutcomes(name, a.tr("failed", "失败"), s.Failed)
		a.printOutcomes(name, a.tr("gone", "已删除"), s.Gone)
		a.printOutcomes(name, a.tr("changed", "变更"), s.Changed)
		a.printOutcomes(name, a.tr("denied by robots.txt", "robots.txt 禁止"), s.Denied)
		a.printOutcomes(name, a.tr("blocked", "被拦截"), s.Blocked)
		a.printOutcomes(name, a.tr("quarantined", "已隔离"), s.Quarantined)
		a.printOutcomes(name, a.tr("held back", "暂缓"), s.Held)
	}
	for _, al := range run.Alarms {
		fmt.Fprintf(a.out, a.tr("ALARM %s: %s\n", "警报 %s：%s\n"), al.Site, al.Text)
	}
	return nil
}

func (a *app) printOutcomes(site, what string, list []crawler.Outcome) {
	for i, o := range list {
		if i == reasonsShown {
			fmt.Fprintf(a.out, a.tr("  … and %d more (--json shows all)\n", "  … 另有 %d 条（--json 查看全部）\n"), len(list)-i)
			return
		}
		fmt.Fprintf(a.out, "  %s %s: %s", site, what, o.URL)
		if o.Reason != "" {
			fmt.Fprintf(a.out, "  (%s)", o.Reason)
		}
		fmt.Fprintln(a.out)
	}
}
