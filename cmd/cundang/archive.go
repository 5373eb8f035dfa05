package main

import (
	"context"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) archiveCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "archive", Short: a.tr("prove the archive, look into it, take it elsewhere", "校验、查看、导出存档"), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(a.archiveListCommand(), a.archiveVerifyCommand())
	return cmd
}

func (a *app) archiveListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: a.tr("every WARC file", "列出全部 WARC 文件"),
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.reading(func(_ context.Context, lib *library, _ []string) error {
		files, err := lib.store.Files()
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(files)
		}
		t := a.table(a.tr("file", "文件"), a.tr("bytes", "字节"), a.tr("open", "写入中"))
		for _, f := range files {
			t.AppendRow(table.Row{f.File, f.Size, f.Open})
		}
		t.Render()
		return nil
	})
	return cmd
}

func (a *app) archiveVerifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: a.tr("check every record, digest, index row and the journal", "校验全部记录、摘要、索引行和台账"),
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.reading(func(ctx context.Context, lib *library, _ []string) error {
		return a.verify(ctx, lib.store)
	})
	return cmd
}
