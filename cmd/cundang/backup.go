package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/spf13/cobra"
)

func (a *app) backupCommand() *cobra.Command {
	var list, verify bool
	cmd := &cobra.Command{
		Use: "backup DIR",
		Short: a.tr("copy the data directory, also while it is written to",
			"备份数据目录（可在采集或服务运行时进行）"),
		Long: a.tr("Make a consistent, verified copy of DATA in DIR, outside DATA, as a new version of what is there. "+
			"Only what\nis new is copied. A crawl or server may go on. The index is left out: restore makes it anew.",
			"在 DATA 之外的目录 DIR 中生成一致且经过校验的副本，作为其中的新版本；"+
				"只复制新增内容。\n采集与服务可同时运行。索引不在备份内，恢复时重建。"),
		Example: "  cundang backup /mnt/backup/archive\n  cundang backup --list /mnt/backup/archive\n" +
			"  cundang backup --verify /mnt/backup/archive",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case list:
				return a.listBackups(args[0])
			case verify:
				return a.verifyBackup(cmd, args[0])
			}
			r, err := a.options().Backup(cmd.Context(), args[0], a.printer().CopyProgress())
			if err != nil {
				return err
			}
			return a.printBackup(r, fmt.Sprintf(a.tr("backup %s: %d files, %.1f MB; new: %d files, %.1f MB; journal %s\n",
				"备份 %s：共 %d 个文件，%.1f MB；新增 %d 个文件，%.1f MB；台账 %s\n"),
				r.Version, r.Files, float64(r.Bytes)/1e6, r.NewFiles, float64(r.NewBytes)/1e6, r.Journal))
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, a.tr("only say what DIR holds", "只列出 DIR 中的各版本"))
	cmd.Flags().BoolVar(&verify, "verify", false, a.tr("only read all of DIR and compare it with its digests",
		"只读取 DIR 全部内容并核对摘要"))
	cmd.MarkFlagsMutuallyExclusive("list", "verify")
	return cmd
}

func (a *app) restoreCommand() *cobra.Command {
	var version string
	cmd := &cobra.Command{
		Use:   "restore BACKUP DATA",
		Short: a.tr("make a data directory from a backup and open it", "由备份恢复数据目录并打开"),
		Long: a.tr("Copy a version of a backup to DATA, which must be empty, hold every file to its digest,\nthen make "+
			"the index.",
			"将备份的一个版本复制到空目录 DATA，逐一核对摘要，然后重建索引。"),
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.data = args[1]
			r, err := a.options().Restore(cmd.Context(), args[0], version, a.printer().CopyProgress())
			if err != nil {
				return err
			}
			if err := a.configure(cmd.Flags()); err != nil { // with what was restored
				return err
			}
			return a.openRestored(cmd.Context(), r)
		},
	}
	cmd.Flags().StringVar(&version, "version", "",
		a.tr("version to restore, as backup --list names it (default: the newest)",
			"要恢复的版本，见 backup --list（默认最新）"))
	return cmd
}

// openRestored makes the index of a restored data directory. One in a cluster is left alone: it may be that of the
// original, which goes on.
func (a *app) openRestored(ctx context.Context, r node.BackupReport) error {
	o := a.options()
	captures, next := 0, "archive verify"
	if o.OpenSearch != nil {
		next = "archive verify; index rebuild"
	} else {
		var err error
		// What is missing was said by the backup.
		how := node.RebuildOptions{Force: true, Progress: a.printer().RebuildProgress()}
		if captures, err = node.RebuildIndex(ctx, o, how); err != nil {
			return fmt.Errorf("open what was restored: %w", err)
		}
	}
	return a.printBackup(r, fmt.Sprintf(a.tr("restored %s of %s: %d files, %.1f MB, index of %d captures\n"+
		"  next: cundang --data %s %s\n",
		"已恢复 %s（%s）：%d 个文件，%.1f MB，%d 条存档记录已编入索引\n"+
			"  下一步：cundang --data %s %s\n"),
		r.Version, r.Created.In(zone.China).Format(time.DateTime), r.Files, float64(r.Bytes)/1e6, captures, a.data, next))
}

// printBackup prints what was copied, and what of it is not in order, which is an error.
func (a *app) printBackup(r node.BackupReport, line string) (err error) {
	if a.json {
		err = a.printJSON(r)
	} else {
		_, err = fmt.Fprint(a.out, line)
	}
	if err == nil && len(r.Problems) > 0 {
		err = &problem{statusError, errors.New(strings.Join(r.Problems, "\n")), "cundang archive verify"}
	}
	return err
}

func (a *app) listBackups(dir string) error {
	all, err := node.Backups(dir)
	if err != nil {
		return err
	}
	return a.printer().Backups(all)
}

func (a *app) verifyBackup(cmd *cobra.Command, dir string) error {
	problems, err := node.VerifyBackup(cmd.Context(), dir, a.printer().CopyProgress())
	if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(map[string][]string{"problems": problems})
	} else {
		_, err = fmt.Fprintf(a.out, "%s"+a.tr("%d problems\n", "%d 个问题\n"), lines(problems), len(problems))
	}
	if err == nil && len(problems) > 0 {
		err = silent(statusError)
	}
	return err
}

func lines(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return strings.Join(texts, "\n") + "\n"
}

// backupCure says what to try when a backup could not be made or restored.
func (a *app) backupCure(fault node.BackupFault) string {
	switch fault {
	case node.BackupInside:
		return a.tr("name a directory outside of DATA, on another disk",
			"请指定 DATA 之外、另一块磁盘上的目录")
	case node.BackupOther, node.BackupForeign, node.BackupDiverged:
		return a.tr("name a directory of its own for this archive's backup", "请为本存档的备份指定单独的目录")
	case node.BackupDamaged:
		return a.tr("cundang backup --verify DIR; then a new backup in another directory",
			"cundang backup --verify DIR；然后在其他目录重新备份")
	case node.BackupBusy:
		return a.tr("wait for the other backup to end", "等待另一个备份结束")
	case node.BackupNone:
		return "cundang backup DIR"
	case node.BackupNotEmpty:
		return a.tr("name a directory that is empty or not there", "请指定空目录或尚不存在的目录")
	}
	return ""
}
