package terminal

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

// Run writes what became of one crawl: its alarms, counts a site, then site by site
// what happened to which page and why.
func (p *Printer) Run(run node.Run) error {
	if p.JSON {
		return p.PrintJSON(run)
	}
	p.run(run)
	return nil
}

func (p *Printer) run(run node.Run) {
	r := run.Report
	fmt.Fprintf(p.Out, p.Tr("crawl %s, %s, took %s\n", "采集 %s，%s，用时 %s\n"), r.Crawl, clock(r.Started),
		r.Finished.Sub(r.Started).Round(100*time.Millisecond))
	if r.Stopped != "" {
		fmt.Fprintf(p.Out, p.Tr("not ended: %s; `cundang crawl` of the same sites goes on with it\n",
			"未完成：%s；对相同站点执行 cundang crawl 即接续\n"), p.reason(r.Stopped))
	}
	for _, al := range run.Alarms {
		fmt.Fprintf(p.Out, p.Tr("ALARM %s: %s\n", "警报 %s：%s\n"), al.Site, p.reason(al.Text))
	}
	t := p.headed("site|fetched|new|changed|same|missing|gone|failed|robots|pictures|MB",
		"站点|抓取|新增|变更|未变|不可达|已删|失败|禁止|图片样式|MB")
	for _, name := range node.SiteNames(r) {
		s := r.Sites[name]
		t.AppendRow(table.Row{Clip(name, 16), s.Fetched, len(s.New), len(s.Changed), s.Unchanged, len(s.Missing), len(s.Gone),
			len(s.Failed), len(s.Denied), s.Requisites.Fetched, fmt.Sprintf("%.1f", float64(s.Bytes)/1e6)})
	}
	t.Render()
	for _, name := range node.SiteNames(r) {
		p.outcomes(name, r.Sites[name])
	}
}

// outcomes lists what an archivist looks into: articles first, with what became of them, then what stood in the way,
// a line a cause. Pages that are no articles are counted.
func (p *Printer) outcomes(name string, s *crawler.SiteReport) {
	head := "\n" + name + "\n"
	title := func(what string, n int) {
		fmt.Fprintf(p.Out, "%s  %s %d\n", head, what, n)
		head = ""
	}
	for _, l := range []struct {
		en, zh string
		list   []crawler.Outcome
	}{
		{"new", "新增", s.New}, {"changed", "变更", s.Changed}, {"gone", "已删除", s.Gone},
		{"missing", "不可达", s.Missing},
		{"error pages with status 200", "状态 200 的错误页", s.Soft404}, {"moved", "已移动", s.Moved},
		{"back again", "重新出现", s.Reappeared}, {"failed", "失败", s.Failed},
	} {
		articles, others := 0, len(l.list)
		for _, o := range l.list {
			if !o.Article {
				continue
			}
			if articles++; articles == 1 {
				title(p.Tr("articles "+l.en, "文章"+l.zh), countArticles(l.list))
			}
			if articles <= reasonsShown {
				fmt.Fprintln(p.Out, strings.TrimRight("    "+o.URL+"  "+p.reason(o.Reason), " "))
			}
		}
		p.more(articles - reasonsShown)
		if others -= articles; others > 0 {
			title(p.Tr("other pages "+l.en, "其他网页"+l.zh), others)
		}
	}
	for _, l := range []struct {
		en, zh string
		list   []crawler.Outcome
	}{
		{"failed", "失败", s.Failed}, {"blocked by a challenge", "被验证页拦截", s.Blocked},
		{"held back for the next crawl", "暂缓至下次", s.Held},
		{"lists not read whole", "未能完整读取的列表", s.Problems},
		{"denied by robots.txt", "robots.txt 禁止", s.Denied}, {"out of scope", "范围外", s.Skipped},
		{"quarantined as a trap", "疑为陷阱，已隔离", s.Quarantined},
		{"pictures and style sheets that pages lack", "网页缺少的图片与样式", s.Requisites.Lost},
	} {
		if len(l.list) == 0 {
			continue
		}
		title(p.Tr(l.en, l.zh), len(l.list))
		causes := causesOf(l.list)
		for _, c := range causes[:min(len(causes), reasonsShown)] {
			fmt.Fprintf(p.Out, p.Tr("    %d  %s, such as %s\n", "    %d  %s，如 %s\n"), c.n,
				cmp.Or(p.reason(c.reason), "–"), c.example)
		}
		p.more(len(causes) - reasonsShown)
	}
}

// more says how many lines were left out, if any.
func (p *Printer) more(n int) {
	if n > 0 {
		fmt.Fprintf(p.Out, p.Tr("    … and %d more (--json shows all)\n",
			"    … 另有 %d 条（--json 查看全部）\n"), n)
	}
}

func countArticles(list []crawler.Outcome) (n int) {
	for _, o := range list {
		if o.Article {
			n++
		}
	}
	return n
}

// cause is a reason and how many pages have it.
type cause struct {
	reason, example string
	n               int
}

// causesOf counts outcomes by what is the same in their reasons, the most frequent first.
func causesOf(list []crawler.Outcome) (all []cause) {
	at := map[string]int{}
	for _, o := range list {
		key := locale.Code(o.Reason)
		switch key {
		case "", "http.status", "robots.line":
			key = o.Reason
		}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, cause{reason: o.Reason, example: o.URL})
		}
		all[i].n++
	}
	slices.SortStableFunc(all, func(x, y cause) int { return cmp.Compare(y.n, x.n) })
	return all
}

// kinds counts the responses by status, type and host.
func (p *Printer) kinds(r crawler.Report) {
	for _, name := range node.SiteNames(r) {
		s := r.Sites[name]
		fmt.Fprintf(p.Out, p.Tr("\n%s: responses\n", "\n%s：响应统计\n"), name)
		for _, l := range []struct {
			en, zh string
			counts map[string]int
		}{{"status", "状态码", s.Status}, {"type", "类型", s.Types}, {"host", "主机", s.Hosts}} {
			fmt.Fprintf(p.Out, "  %s\n", p.Tr(l.en, l.zh))
			keys := slices.SortedFunc(maps.Keys(l.counts), func(x, y string) int {
				return cmp.Or(cmp.Compare(l.counts[y], l.counts[x]), cmp.Compare(x, y))
			})
			for i, key := range keys {
				if i == reasonsShown {
					fmt.Fprintf(p.Out, p.Tr("    … and %d more (--json shows all)\n",
						"    … 另有 %d 条（--json 查看全部）\n"), len(keys)-i)
					break
				}
				fmt.Fprintf(p.Out, "    %6d  %s\n", l.counts[key], key)
			}
		}
	}
}

// Report prints the whole report of a crawl with what could not be read.
func (p *Printer) Report(run node.Run, found []node.Finding) error {
	if p.JSON {
		return p.PrintJSON(struct {
			node.Run
			Findings []node.Finding `json:"findings"`
		}{run, found})
	}
	p.run(run)
	p.kinds(run.Report)
	p.SomeFindings(found)
	return nil
}

// Runs lists crawls.
func (p *Printer) Runs(runs []node.Run) error {
	return list(p, runs, "crawl|started|took|sites|fetched|failed|alarms",
		"采集|开始|用时|站点|抓取|失败|警报", runs,
		func(r node.Run) table.Row {
			fetched := 0
			for _, s := range r.Report.Sites {
				fetched += s.Fetched
			}
			return table.Row{r.Crawl, clock(r.Started), r.Finished.Sub(r.Started).Round(time.Millisecond),
				len(r.Report.Sites), fetched, r.FailedPages(), len(r.Alarms)}
		})
}

// Status prints what is due, queued and failing.
func (p *Printer) Status(st node.Status) error {
	err := list(p, st, "site|due|scheduled|last crawl|failed|alarms",
		"站点|到期|已排期|上次采集|失败|警报", st.Sites,
		func(s node.SiteQueue) table.Row {
			return table.Row{s.Site, s.Due, s.Queued, clock(s.Last), s.Failed, len(s.Alarms)}
		})
	if err != nil || p.JSON {
		return err
	}
	for _, s := range st.Sites {
		for _, al := range s.Alarms {
			fmt.Fprintf(p.Out, p.Tr("ALARM %s: %s (cundang alarms ack %[1]s)\n",
				"警报 %s：%s（cundang alarms ack %[1]s）\n"), al.ID, p.reason(al.Text))
		}
	}
	p.NoteFindings(p.Out, st.Findings)
	if st.Rebuild != nil {
		fmt.Fprintln(p.Out, p.RebuildLine(*st.Rebuild))
	}
	return nil
}

// Alarms lists alarms that stand.
func (p *Printer) Alarms(all []node.StandingAlarm) error {
	if len(all) == 0 && !p.JSON {
		_, err := fmt.Fprintln(p.Err, p.Tr("no alarms", "没有警报"))
		return err
	}
	return list(p, append([]node.StandingAlarm{}, all...), "alarm|since|acknowledged|what",
		"警报|始于|已确认|内容", all,
		func(al node.StandingAlarm) table.Row {
			acked := ""
			if !al.Acked.IsZero() {
				acked = al.Acked.In(zone.China).Format(time.DateOnly) + " " + al.Comment
			}
			return table.Row{al.ID, clock(al.Raised), acked, p.reason(al.Text)}
		})
}
