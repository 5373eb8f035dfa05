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

// fault says what a code of a finding means.
func (a *app) fault(code string) string {
	zh := map[string]string{node.FaultRevisit: "重访记录的原始记录不在存档中", node.FaultBody: "记录或其内容无法读取",
		node.FaultTruncated: "内容过大，只读取开头部分 (truncated)", node.FaultReader: "解析程序出错", node.FaultEnded: "两次使进程终止，已搁置"}
	en := map[string]string{node.FaultRevisit: "the capture that this revisit refers to is not in the archive (unresolved)",
		node.FaultBody: "the record or its body cannot be read", node.FaultTruncated: "too large: only its beginning is read (truncated)",
		node.FaultReader: "the reader failed", node.FaultEnded: "ended the process twice: set aside"}
	return a.tr(en[code], zh[code])
}

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
		why := a.fault(f.Code)
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
