package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"cundang/extract"
	"cundang/index"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func (a *app) indexCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "index", Short: a.tr("rebuild or look at the index", "重建或查看索引"), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	rebuild := &cobra.Command{
		Use:   "rebuild",
		Short: a.tr("make the index anew from the WARC files", "由 WARC 文件重建索引"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.rebuild(cmd.Context()) },
	}
	status := &cobra.Command{
		Use:   "status",
		Short: a.tr("documents, size, dictionary, position", "文档数、大小、词典、位置"),
		Args:  cobra.NoArgs,
	}
	status.RunE = a.reading(func(_ context.Context, lib *library, _ []string) error { return a.printIndexStatus(lib) })
	cmd.AddCommand(rebuild, status)
	return cmd
}

// rebuild makes a new index beside the old one from the archive alone and swaps them. The
// old one may be damaged, of another dictionary, or missing.
func (a *app) rebuild(ctx context.Context) (err error) {
	lib, err := a.openArchive(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.Close()) }()
	opts, err := a.indexOptions()
	if err != nil {
		return err
	}
	n := 0
	err = index.Rebuild(ctx, lib.path("index.bleve"), opts, func(ctx context.Context, put func(string, ...extract.Article) error) (err error) {
		n, err = (&ingest{lib: lib}).run(ctx, "", put, a.rebuildProgress())
		return err
	})
	if err != nil {
		return a.diskProblem(err)
	}
	if a.json {
		return a.printJSON(map[string]int{"captures": n})
	}
	_, err = fmt.Fprintf(a.out, a.tr("index rebuilt from %d captures\n", "已由 %d 条存档记录重建索引\n"), n)
	return err
}

// rebuildProgress shows on a terminal how many captures were read.
func (a *app) rebuildProgress() func(int) {
	if !a.isTerminal(a.err) || a.quiet {
		return nil
	}
	return func(n int) { fmt.Fprintf(a.err, a.tr("\r%d captures read", "\r已读取 %d 条存档记录"), n) }
}

func (a *app) printIndexStatus(lib *library) error {
	s, err := lib.index.Status()
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(s)
	}
	for _, r := range [][2]string{
		{a.tr("documents", "文档数"), strconv.Itoa(s.Documents)},
		{a.tr("bytes", "字节"), strconv.FormatInt(s.Bytes, 10)},
		{a.tr("position", "位置"), s.Position},
		{a.tr("format", "格式"), s.Format},
		{a.tr("segmenter", "分词器"), s.Segmenter},
		{a.tr("dictionary", "词典"), s.Dictionary},
	} {
		if _, err := fmt.Fprintf(a.out, "%s %s\n", text.Pad(r[0], 12, ' '), r[1]); err != nil {
			return err
		}
	}
	return nil
}
