package terminal

import (
	"fmt"
	"io"
	"strings"

	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Findings lists what could not be read with reason and cure.
func (p *Printer) Findings(all []node.Finding) error {
	if p.JSON {
		return p.PrintJSON(all)
	}
	p.findings(all, len(all))
	return nil
}

// SomeFindings lists the first of what could not be read and says how to see the rest.
func (p *Printer) SomeFindings(all []node.Finding) { p.findings(all, reasonsShown) }

func (p *Printer) findings(all []node.Finding, limit int) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(p.Out, p.Tr("\n%d captures could not be read as they should:\n",
		"\n%d 条存档记录未能正常读取：\n"), len(all))
	t := p.headed("captured|URL|reason|try", "采集时间|URL|原因|处理")
	for _, f := range all[:min(limit, len(all))] {
		why := p.reason("finding." + f.Code)
		if f.Code == node.FaultRevisit {
			why += ": " + f.Origin
		}
		t.AppendRow(table.Row{clock(f.Time), f.URL, why, f.Cure})
	}
	t.Render()
	if len(all) > limit {
		fmt.Fprintf(p.Out,
			p.Tr("… and %d more: cundang report --findings\n", "… 另有 %d 条：cundang report --findings\n"),
			len(all)-limit)
	}
}

// NoteFindings says in one line how many captures could not be read.
func (p *Printer) NoteFindings(to io.Writer, counts map[string]int) {
	total := 0
	var parts []string
	for _, code := range node.Faults {
		if counts[code] > 0 {
			total += counts[code]
			parts = append(parts, fmt.Sprintf("%d %s", counts[code], code))
		}
	}
	if total > 0 {
		fmt.Fprintf(to, p.Tr("%d captures could not be read as they should (%s): cundang report --findings\n",
			"%d 条存档记录未能正常读取（%s）：cundang report --findings\n"), total, strings.Join(parts, ", "))
	}
}
