package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cundang/index"
	"cundang/internal/node"

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
	status.RunE = a.reading(a.printIndexStatus)
	check := &cobra.Command{
		Use:   "check",
		Short: a.tr("read all of the index and compare it with the archive", "读取整个索引并与存档核对"),
		Args:  cobra.NoArgs,
	}
	check.RunE = a.reading(a.checkIndex)
	cmd.AddCommand(rebuild, status, check)
	return cmd
}

// missingShown is how many missing articles are listed.
const missingShown = 20

func (a *app) checkIndex(ctx context.Context, n *node.Node, _ []string) error {
	r, err := n.CheckIndex(ctx, a.checkProgress())
	if err != nil {
		return err
	}
	if a.json {
		err = a.printJSON(r)
	} else {
		_, err = fmt.Fprintf(a.out, a.tr("%d documents read; %d articles of %d captures looked up, %d missing\n",
			"已读取 %d 份文档；核对 %d 篇文章（%d 条存档记录），缺 %d 篇\n"), r.Documents, r.Articles, r.Captures, len(r.Missing))
		for _, u := range r.Missing[:min(len(r.Missing), missingShown)] {
			if err == nil {
				_, err = fmt.Fprintln(a.out, u)
			}
		}
	}
	if err == nil && len(r.Missing) > 0 {
		err = &problem{statusError, fmt.Errorf(a.tr("the index lacks %d articles that the archive has", "索引缺少存档中的 %d 篇文章"), len(r.Missing)),
			"cundang --data " + a.data + " index rebuild"}
	}
	return err
}

func (a *app) printIndexStatus(ctx context.Context, n *node.Node, _ []string) error {
	s, err := n.Index.Status(ctx)
	if err != nil {
		return err
	}
	under := n.Rebuilding()
	if a.json {
		return a.printJSON(struct {
			index.Status
			Rebuild *node.RebuildStatus `json:"rebuild,omitempty"`
		}{s, under})
	}
	if under != nil {
		if _, err := fmt.Fprintln(a.out, a.rebuildLine(*under)); err != nil {
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

// rebuildIndex makes the index anew. The process that owns DATA does it while it goes on answering.
func (a *app) rebuildIndex(ctx context.Context) (err error) {
	var captures int
	if a.owned != nil {
		captures, err = a.owned.Rebuild(ctx, a.rebuildProgress())
	} else {
		if asked, err := a.askOwner(ctx); asked {
			return err
		}
		captures, err = node.RebuildIndex(ctx, a.options(), a.rebuildProgress())
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]int{"captures": captures})
	}
	_, err = fmt.Fprintf(a.out, a.tr("index rebuilt from %d captures\n", "已由 %d 条存档记录重建索引\n"), captures)
	return err
}

// rebuildLine says how a rebuild stands on one line.
func (a *app) rebuildLine(s node.RebuildStatus) string {
	left := ""
	if s.Rate > 0 && s.Captures < s.Total {
		d := time.Duration(float64(s.Total-s.Captures) / s.Rate * float64(time.Second)).Round(time.Second)
		left = fmt.Sprintf(a.tr(", %s left", "，还需 %s"), d)
	}
	return fmt.Sprintf(a.tr("rebuilding the index: %d of %d captures, %.0f a second%s", "正在重建索引：%d / %d 条存档记录，每秒 %.0f 条%s"),
		s.Captures, s.Total, s.Rate, left)
}

// rebuildProgress shows how far a rebuild is: a line redrawn on a terminal, a line now and then elsewhere.
func (a *app) rebuildProgress() func(node.RebuildStatus) { return a.indexProgress(a.rebuildLine) }

// checkProgress shows how far a check is.
func (a *app) checkProgress() func(node.RebuildStatus) {
	return a.indexProgress(func(s node.RebuildStatus) string {
		return fmt.Sprintf(a.tr("checking the index: %d of %d captures", "正在核对索引：%d / %d 条存档记录"), s.Captures, s.Total)
	})
}

func (a *app) indexProgress(line func(node.RebuildStatus) string) func(node.RebuildStatus) {
	shown := time.Now()
	return func(s node.RebuildStatus) {
		switch {
		case a.quiet:
		case a.isTerminal(a.err):
			fmt.Fprintf(a.err, "\r\x1b[2K%s", line(s))
			if s.Captures >= s.Total {
				fmt.Fprintln(a.err)
			}
		case s.Captures >= s.Total || time.Since(shown) >= logEvery:
			shown = time.Now()
			fmt.Fprintln(a.err, line(s))
		}
	}
}
