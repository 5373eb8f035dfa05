package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
)

// findings gathers all findings of a node.
func findings(n *node.Node) ([]node.Finding, error) {
	all := []node.Finding{}
	for f, err := range n.Findings() {
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// printFindings lists what could not be read with reason and cure; limit 0 is all.
func (a *app) printFindings(all []node.Finding, limit int) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(a.out, a.tr("\n%d captures could not be read as they should:\n", "\n%d 条存档记录未能正常读取：\n"), len(all))
	t := a.table(a.tr("captured", "采集时间"), "URL", a.tr("reason", "原因"), a.tr("try", "处理"))
	for i, f := range all {
		if limit > 0 && i == limit {
			break
		}
		why := a.reason("finding." + f.Code)
		if f.Code == node.FaultRevisit {
			why += ": " + f.Origin
		}
		t.AppendRow(table.Row{f.Time.In(zone.China).Format(time.DateTime), f.URL, why, f.Cure})
	}
	t.Render()
	if limit > 0 && len(all) > limit {
		fmt.Fprintf(a.out, a.tr("… and %d more: cundang report --findings\n", "… 另有 %d 条：cundang report --findings\n"), len(all)-limit)
	}
}

// noteFindings says in one line how many captures could not be read.
func (a *app) noteFindings(to io.Writer, counts map[string]int) {
	total := 0
	var parts []string
	for _, code := range node.Faults {
		if counts[code] > 0 {
			total += counts[code]
			parts = append(parts, fmt.Sprintf("%d %s", counts[code], code))
		}
	}
	if total > 0 {
		fmt.Fprintf(to, a.tr("%d captures could not be read as they should (%s): cundang report --findings\n",
			"%d 条存档记录未能正常读取（%s）：cundang report --findings\n"), total, strings.Join(parts, ", "))
	}
}
