package main

import (
	"context"

	"cundang/archive"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) archiveCommand() *cobra.Command {
	return group("archive", a.tr("prove the archive, look into it, take it elsewhere", "校验、查看、导出存档"),
		a.archiveListCommand(), a.archiveVerifyCommand(), a.archiveCDXCommand(), a.archiveWACZCommand(),
		a.archiveBagCommand(), a.archiveImportCommand(), a.archivePushCommand(), a.archivePullCommand(),
		a.archiveLogCommand())
}

func (a *app) archiveListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: a.tr("every WARC file", "列出全部 WARC 文件"),
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.reading(func(_ context.Context, n *node.Node, _ []string) error {
		files, err := n.Store.Files()
		if err != nil {
			return err
		}
		return a.printer().Files(files)
	})
	return cmd
}

func (a *app) archiveVerifyCommand() *cobra.Command {
	var since string
	var against []string
	var opts archive.VerifyOptions
	cmd := &cobra.Command{
		Use:   "verify [FILE.wacz …]",
		Short: a.tr("check every record, digest, CDX row and the journal", "校验全部记录、摘要、CDX 行和台账"),
		Long: a.tr("Read the archive and report everything that is wrong with it. Nothing is changed, and a crawl may go "+
			"on\nmeanwhile. The head of the journal's chain is printed: noted down elsewhere, it proves later that\n"+
			"no closed file was removed.",
			"读取全部存档并报告一切问题。不做任何修改，采集可同时进行。\n"+
				"最后给出台账链的末值：另行记录后，可证明以后没有文件被移除。"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) > 0 {
				return a.verifyWACZ(cmd.Context(), args)
			}
			if opts.Since, err = dayFlag("since", since, false); err != nil {
				return err
			}
			if opts.Sample < 0 || opts.Sample > 1 {
				return usage("--sample 0.1", "--sample is %v, must be between 0 and 1", opts.Sample)
			}
			for _, name := range against {
				head, err := node.EarlierHead(cmd.Context(), asking, name)
				if err != nil {
					return err
				}
				opts.Against = append(opts.Against, head)
			}
			return a.verify(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&since, "since", "",
		a.tr("only WARC files closed since that day", "只校验该日以后关闭的 WARC 文件"))
	cmd.Flags().Float64Var(&opts.Sample, "sample", 0,
		a.tr("only this share of the files, drawn at random: 0.1", "只抽查这一比例的文件，如 0.1"))
	cmd.Flags().Uint64Var(&opts.Seed, "seed", 0, a.tr("seed of the sample", "抽样种子"))
	cmd.Flags().StringArrayVar(&against, "against", nil,
		a.tr("an earlier head of the log (file or address; also an evidence file) that it has to continue; repeatable",
			"较早的日志树头（文件或网址，亦可为证据文件），日志须为其延续；可多次给出"))
	cmd.Flags().StringVar(&opts.State, "resume", "",
		a.tr("remember in this file what is done, and go on there", "用该文件记录进度，可中断后继续"))
	return cmd
}

func (a *app) verify(ctx context.Context, opts archive.VerifyOptions) error {
	return a.withStore(func(store *archive.Store) error {
		report, err := store.Verify(ctx, opts)
		if err != nil {
			return err
		}
		return a.verified(report)
	})
}

// verified prints what a verification found; damage is exit status 1.
func (a *app) verified(report archive.VerifyReport) (err error) {
	if a.json {
		err = a.printJSON(report)
	} else {
		err = report.WriteText(a.out)
	}
	if err == nil && report.Damaged() {
		return silent(statusError)
	}
	return err
}
