package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cundang/internal/node"

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
				return a.verifyBackup(cmd.Context(), args[0])
			}
			r, err := a.options().Backup(cmd.Context(), args[0], a.printer().CopyProgress())
			if err != nil {
				return err
			}
			return a.inOrder(r, a.printer().BackedUp(r))
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
func (a *app) openRestored(ctx context.Context, r node.BackupReport) (err error) {
	o := a.options()
	captures := -1
	if o.OpenSearch == nil {
		// What is missing was said by the backup.
		how := node.RebuildOptions{Force: true, Progress: a.printer().RebuildProgress()}
		if captures, err = node.RebuildIndex(ctx, o, how); err != nil {
			return fmt.Errorf("open what was restored: %w", err)
		}
	}
	return a.inOrder(r, a.printer().Restored(r, captures, a.data))
}

// inOrder adds to err what of a backup is not in order, which is an error.
func (a *app) inOrder(r node.BackupReport, err error) error {
	if err == nil && len(r.Problems) > 0 {
		return &problem{statusError, errors.New(strings.Join(r.Problems, "\n")), "cundang archive verify"}
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

func (a *app) verifyBackup(ctx context.Context, dir string) error {
	problems, err := node.VerifyBackup(ctx, dir, a.printer().CopyProgress())
	if err == nil {
		err = a.printer().BackupProblems(problems)
	}
	if err == nil && len(problems) > 0 {
		err = silent(statusError)
	}
	return err
}
