package main

import (
	"context"
	"fmt"

	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) indexCommand() *cobra.Command {
	var force bool
	rebuild := &cobra.Command{
		Use:   "rebuild",
		Short: a.tr("make the index anew from the WARC files", "由 WARC 文件重建索引"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.rebuildIndex(cmd.Context(), force) },
	}
	rebuild.Flags().BoolVar(&force, "force", false, a.tr("also where WARC files that the journal or CDX lists are missing",
		"即使台账或 CDX 所列的 WARC 文件有缺失"))
	status := &cobra.Command{
		Use:   "status",
		Short: a.tr("documents, size, dictionary, position", "文档数、大小、词典、位置"),
		Args:  cobra.NoArgs,
	}
	status.RunE = a.reading(func(ctx context.Context, n *node.Node, _ []string) error {
		s, err := n.Index.Status(ctx)
		if err != nil {
			return err
		}
		return a.printer().IndexStatus(s, n.Rebuilding())
	})
	check := &cobra.Command{
		Use:   "check",
		Short: a.tr("read all of the index and compare it with the archive", "读取整个索引并与存档核对"),
		Args:  cobra.NoArgs,
	}
	check.RunE = a.reading(a.checkIndex)
	return group("index", a.tr("rebuild or look at the index", "重建或查看索引"), rebuild, status, check)
}

func (a *app) checkIndex(ctx context.Context, n *node.Node, _ []string) error {
	r, err := n.CheckIndex(ctx, a.printer().CheckProgress())
	if err != nil {
		return err
	}
	if err := a.printer().CheckedIndex(r); err != nil || len(r.Missing) == 0 {
		return err
	}
	lacks := a.tr("the index lacks %d articles that the archive has", "索引缺少存档中的 %d 篇文章")
	return &problem{statusError, fmt.Errorf(lacks, len(r.Missing)), "cundang --data " + a.data + " index rebuild"}
}

// rebuildIndex makes the index anew. The process that owns DATA does it while it goes on answering.
func (a *app) rebuildIndex(ctx context.Context, force bool) (err error) {
	var captures int
	how := node.RebuildOptions{Force: force, Progress: a.printer().RebuildProgress()}
	if a.owned != nil {
		captures, err = a.owned.Rebuild(ctx, how)
	} else {
		if asked, err := a.askOwner(ctx); asked {
			return err
		}
		captures, err = node.RebuildIndex(ctx, a.options(), how)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]int{"captures": captures})
	}
	_, err = fmt.Fprintf(a.out,
		a.tr("index rebuilt from %d captures\n", "已由 %d 条存档记录重建索引\n"), captures)
	return err
}
