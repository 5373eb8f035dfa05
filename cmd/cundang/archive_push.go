package main

import (
	"context"
	"errors"
	"fmt"

	"cundang/archive"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

// openArchive opens DATA for what needs no index.
func openArchive(ctx context.Context, o node.Options) (*node.Node, error) {
	return node.OpenArchive(ctx, o, false)
}

func (a *app) archivePushCommand() *cobra.Command {
	var opts archive.PushOptions
	cmd := &cobra.Command{
		Use: "push",
		Short: a.tr("copy closed WARC files and their proofs into a bucket",
			"将已关闭的 WARC 文件及其证明存入存储桶"),
		Long: a.tr(`Put each closed WARC file, with journal, CDX and log, into the bucket of the configuration
(an S3 store or a directory) and read it back. With --drop the local copy then gives way to a stub:
everything works as before, what is read comes from the bucket. Repeat it as often as you like; a crawl
may go on meanwhile.`,
			`将已关闭的 WARC 文件连同台账、CDX 与日志存入配置的存储桶（S3 或目录），
并逐一读回核对。加 --drop 则本地只留存根：一切照常，读取时取自存储桶。
可随时重复执行，采集可同时进行。`),
		Example: "  cundang archive push --drop",
		Args:    cobra.NoArgs,
		RunE: a.with(func(ctx context.Context, n *node.Node, _ []string) error {
			opts.Progress = func(file string, bytes int64) { a.log.Info("in the bucket", "file", file, "bytes", bytes) }
			r, err := n.Push(ctx, opts)
			if err != nil {
				return err
			}
			return a.listed(a.printer().Pushed(r),
				a.tr("the bucket holds other bytes: %s\n", "存储桶中同名文件内容不同：%s\n"), r.Conflicts)
		}, openArchive),
	}
	cmd.Flags().StringVar(&opts.Site, "site", "", a.tr("only this site's WARC files", "只含该站点的 WARC 文件"))
	cmd.Flags().BoolVar(&opts.Drop, "drop", false, a.tr("then leave only a stub of each here", "之后本地只留存根"))
	return cmd
}

// listed tells of files for which something has to be done; err is that of what was printed before.
func (a *app) listed(err error, line string, files []string) error {
	for _, f := range files {
		fmt.Fprintf(a.err, line, f)
	}
	if err == nil && len(files) > 0 {
		err = silent(statusError)
	}
	return err
}

func (a *app) archivePullCommand() *cobra.Command {
	var opts archive.PullOptions
	pull := func(ctx context.Context, n *node.Node, _ []string) error {
		opts.Progress = func(file string, bytes int64) { a.log.Info("here again", "file", file, "bytes", bytes) }
		r, err := n.Store.Pull(ctx, opts)
		if err != nil {
			return err
		}
		return a.listed(a.printer().Pulled(r),
			a.tr("neither here nor in the bucket: %s\n", "本地与存储桶均无：%s\n"), r.Missing)
	}
	cmd := &cobra.Command{
		Use:   "pull",
		Short: a.tr("bring WARC files back from the bucket", "从存储桶取回 WARC 文件"),
		Long: a.tr(`Bring back, checked against their digests, the WARC files of which only stubs are here. Where there is
no archive at all, what was pushed is restored first: journal, CDX, log and a stub of each file; --stubs
ends with that.`,
			`取回本地只有存根的 WARC 文件，并核对摘要。若本地没有存档，
则先恢复已存入的台账、CDX、日志与各文件的存根；加 --stubs 则到此为止。`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := a.with(pull, openArchive)(cmd, args)
			if !errors.Is(err, node.ErrNoArchive) {
				return err
			}
			if err := a.options().RestoreArchive(cmd.Context()); err != nil || opts.Stubs {
				return err
			}
			return a.with(pull, openArchive)(cmd, args)
		},
	}
	cmd.Flags().StringVar(&opts.Site, "site", "", a.tr("only this site's WARC files", "只含该站点的 WARC 文件"))
	cmd.Flags().BoolVar(&opts.Stubs, "stubs", false,
		a.tr("only stubs: the files stay in the bucket", "只建存根，文件留在存储桶"))
	return cmd
}
