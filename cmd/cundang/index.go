package main

import (
	"context"
	"fmt"
	"strconv"

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
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.rebuildIndex(cmd.Context()) },
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

func (a *app) printIndexStatus(lib *library) error {
	s, err := lib.index.Status()
	if err != nil {
		return err
	}
	under := lib.rebuilding.Load()
	if a.json {
		return a.printJSON(struct {
			index.Status
			Rebuild *rebuildStatus `json:"rebuild,omitempty"`
		}{s, under})
	}
	if under != nil {
		if _, err := fmt.Fprintln(a.out, under.line(a)); err != nil {
			return err
		}
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
