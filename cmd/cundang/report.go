package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cundang/crawler"
	"cundang/internal/locale"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
)

// reasonsShown is how many lines of a list the terminal report prints; --json has all.
const reasonsShown = 10

// printRun writes what became of one crawl: its alarms, counts a site, then site by site
// what happened to which page and why.
func (a *app) printRun(run node.Run) error {
	if a.json {
		return a.printJSON(run)
	}
	r := run.Report
	fmt.Fprintf(a.out, a.tr("crawl %s, %s, took %s\n", "采集 %s，%s，用时 %s\n"), r.Crawl, r.Started.In(zone.China).Format(time.DateTime), r.Finished.Sub(r.Started).Round(100*time.Millisecond))
	if r.Stopped != "" {
		fmt.Fprintf(a.out, a.tr("not ended: %s; `cundang crawl` of the same sites goes on with it\n",
			"未完成：%s；对相同站点执行 cundang crawl 即接续\n"), a.reason(r.Stopped))
	}
	for _, al := range run.Alarms {
		fmt.Fprintf(a.out, a.tr("ALARM %s: %s\n", "警报 %s：%s\n"), al.Site, a.reason(al.Text))
	}
	t := a.table(a.tr("site", "站点"), a.tr("fetched", "抓取"), a.tr("new", "新增"), a.tr("changed", "变更"), a.tr("same", "未变"),
		a.tr("missing", "不可达"), a.tr("gone", "已删"), a.tr("failed", "失败"), a.tr("robots", "禁止"), a.tr("pictures", "图片样式"), "MB")
	for _, name := range node.SiteNames(r) {
		s := r.Sites[name]
		t.AppendRow(table.Row{clip(name, 16), s.Fetched, len(s.New), len(s.Changed), s.Unchanged, len(s.Missing), len(s.Gone),
			len(s.Failed), len(s.Denied), s.Requisites.Fetched, fmt.Sprintf("%.1f", float64(s.Bytes)/1e6)})
	}
	t.Render()
	for _, name := range node.SiteNames(r) {
		a.printSite(name, r.Sites[name])
	}
	return nil
}

// printSite lists what an archivist looks into, the gravest first. New pages are counted and not listed: they
// are what a crawl is for.
func (a *app) printSite(name string, s *crawler.SiteReport) {
	head := "\n" + name + "\n"
	for _, l := range []struct {
		en, zh string
		list   []crawler.Outcome
	}{
		{"failed", "失败", s.Failed}, {"blocked by a challenge", "被验证页拦截", s.Blocked}, {"held back for the next crawl", "暂缓至下次", s.Held},
		{"gone", "已删除", s.Gone}, {"missing", "不可达", s.Missing}, {"error pages with status 200", "状态 200 的错误页", s.Soft404},
		{"changed", "变更", s.Changed}, {"moved", "已移动", s.Moved}, {"back again", "重新出现", s.Reappeared},
		{"denied by robots.txt", "robots.txt 禁止", s.Denied}, {"out of scope", "范围外", s.Skipped}, {"quarantined as a trap", "疑为陷阱，已隔离", s.Quarantined},
		{"pictures and style sheets that pages lack", "网页缺少的图片与样式", s.Requisites.Lost},
	} {
		if len(l.list) == 0 {
			continue
		}
		fmt.Fprintf(a.out, "%s  %s %d\n", head, a.tr(l.en, l.zh), len(l.list))
		head = ""
		for i, o := range l.list {
			if i == reasonsShown {
				fmt.Fprintf(a.out, a.tr("    … and %d more (--json shows all)\n", "    … 另有 %d 条（--json 查看全部）\n"), len(l.list)-i)
				break
			}
			fmt.Fprintln(a.out, strings.TrimRight("    "+o.URL+"  "+a.reason(o.Reason), " "))
		}
	}
}

// reason says why in the language of this run.
func (a *app) reason(text string) string { return locale.Say(a.cfg.Lang, text) }

// printKinds counts the responses by status, type and host.
func (a *app) printKinds(r crawler.Report) {
	for _, name := range node.SiteNames(r) {
		s := r.Sites[name]
		fmt.Fprintf(a.out, a.tr("\n%s: responses\n", "\n%s：响应统计\n"), name)
		for _, l := range []struct {
			en, zh string
			counts map[string]int
		}{{"status", "状态码", s.Status}, {"type", "类型", s.Types}, {"host", "主机", s.Hosts}} {
			fmt.Fprintf(a.out, "  %s\n", a.tr(l.en, l.zh))
			keys := slices.SortedFunc(maps.Keys(l.counts), func(x, y string) int {
				return cmp.Or(cmp.Compare(l.counts[y], l.counts[x]), cmp.Compare(x, y))
			})
			for i, key := range keys {
				if i == reasonsShown {
					fmt.Fprintf(a.out, a.tr("    … and %d more (--json shows all)\n", "    … 另有 %d 条（--json 查看全部）\n"), len(keys)-i)
					break
				}
				fmt.Fprintf(a.out, "    %6d  %s\n", l.counts[key], key)
			}
		}
	}
}
