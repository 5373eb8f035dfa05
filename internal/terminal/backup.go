package terminal

import (
	"fmt"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/internal/zone"
)

// BackedUp prints what a backup copied.
func (p *Printer) BackedUp(r node.BackupReport) error {
	if p.JSON {
		return p.PrintJSON(r)
	}
	_, err := fmt.Fprintf(p.Out, p.Tr("backup %s: %d files, %.1f MB; new: %d files, %.1f MB; journal %s\n",
		"备份 %s：共 %d 个文件，%.1f MB；新增 %d 个文件，%.1f MB；台账 %s\n"),
		r.Version, r.Files, float64(r.Bytes)/1e6, r.NewFiles, float64(r.NewBytes)/1e6, r.Journal)
	return err
}

// Restored prints what was restored to a data directory and what to do next. Captures is how many its new index
// holds, less than 0 when none was made.
func (p *Printer) Restored(r node.BackupReport, captures int, data string) error {
	if p.JSON {
		return p.PrintJSON(r)
	}
	next := "archive verify"
	if captures < 0 {
		captures, next = 0, "archive verify; index rebuild"
	}
	_, err := fmt.Fprintf(p.Out, p.Tr("restored %s of %s: %d files, %.1f MB, index of %d captures\n"+
		"  next: cundang --data %s %s\n",
		"已恢复 %s（%s）：%d 个文件，%.1f MB，%d 条存档记录已编入索引\n"+
			"  下一步：cundang --data %s %s\n"),
		r.Version, r.Created.In(zone.China).Format(time.DateTime), r.Files, float64(r.Bytes)/1e6, captures, data, next)
	return err
}

// BackupProblems prints what of a backup does not agree with its digests.
func (p *Printer) BackupProblems(problems []string) error {
	if p.JSON {
		return p.PrintJSON(map[string][]string{"problems": problems})
	}
	var b strings.Builder
	for _, problem := range problems {
		b.WriteString(problem + "\n")
	}
	_, err := fmt.Fprintf(p.Out, "%s"+p.Tr("%d problems\n", "%d 个问题\n"), b.String(), len(problems))
	return err
}

// BackupCure says what to try when a backup could not be made or restored.
func (p *Printer) BackupCure(fault node.BackupFault) string {
	switch fault {
	case node.BackupInside:
		return p.Tr("name a directory outside of DATA, on another disk",
			"请指定 DATA 之外、另一块磁盘上的目录")
	case node.BackupOther, node.BackupForeign, node.BackupDiverged:
		return p.Tr("name a directory of its own for this archive's backup", "请为本存档的备份指定单独的目录")
	case node.BackupDamaged:
		return p.Tr("cundang backup --verify DIR; then a new backup in another directory",
			"cundang backup --verify DIR；然后在其他目录重新备份")
	case node.BackupBusy:
		return p.Tr("wait for the other backup to end", "等待另一个备份结束")
	case node.BackupNone:
		return "cundang backup DIR"
	case node.BackupNotEmpty:
		return p.Tr("name a directory that is empty or not there", "请指定空目录或尚不存在的目录")
	}
	return ""
}
