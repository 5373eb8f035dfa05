package main

import (
	"context"
	"fmt"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/web/diff"

	"github.com/spf13/cobra"
)

func (a *app) versionsCommand() *cobra.Command {
	var captures bool
	var timemap string
	cmd := &cobra.Command{
		Use:   "versions ID|URL",
		Short: a.tr("what an article said over time", "一篇文章的历次版本"),
		Args:  cobra.ExactArgs(1),
	}
	list := a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		if captures {
			return a.printCaptures(ctx, n, args[0])
		}
		versions, err := a.versions(ctx, n, args[0])
		if err != nil {
			return err
		}
		return a.printer().Versions(versions)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch timemap {
		case "":
			return list(cmd, args)
		case "link", "cdxj":
			return a.printTimeMap(cmd.Context(), args[0], timemap)
		}
		return usage("--timemap link|cdxj", "--timemap %q is not a format", timemap)
	}
	cmd.Flags().StringVar(&timemap, "timemap", "", a.tr("print the TimeMap of the URL (RFC 7089): link or cdxj",
		"输出该网址的 TimeMap（RFC 7089）：link 或 cdxj"))
	cmd.Flags().BoolVar(&captures, "captures", false,
		a.tr("every capture of the URL, revisits too", "列出该网址的全部存档记录（含重访）"))
	return cmd
}

func (a *app) versions(ctx context.Context, n *node.Node, name string) ([]extract.Article, error) {
	return named(a, n, name, func(id string) ([]extract.Article, error) {
		versions, err := n.Articles.Versions(ctx, id)
		if err == nil && len(versions) == 0 {
			err = index.ErrNotFound
		}
		return versions, err
	})
}

func (a *app) printCaptures(ctx context.Context, n *node.Node, url string) error {
	clean, err := urlkey.Clean(url)
	if err != nil {
		return usage("cundang versions --captures https://…", "%w", err)
	}
	var all []archive.Capture
	for c, err := range n.Captures.Versions(ctx, clean) {
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return &problem{statusNoResults, fmt.Errorf(a.tr("no capture of %s", "没有 %s 的存档记录"), clean),
			"cundang archive list"}
	}
	return a.printer().Captures(all)
}

func (a *app) diffCommand() *cobra.Command {
	var from, to int
	cmd := &cobra.Command{
		Use:   "diff ID|URL",
		Short: a.tr("what changed between two versions", "比较两个版本的差异"),
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		versions, err := a.versions(ctx, n, args[0])
		if err != nil {
			return err
		}
		if to == 0 {
			to = len(versions)
		}
		if from == 0 {
			from = max(to-1, 1)
		}
		if from < 1 || to < 1 || from > len(versions) || to > len(versions) {
			return usage("cundang versions "+args[0], "there are %d versions", len(versions))
		}
		return a.printer().Comparison(diff.Compare(versions, from, to))
	})
	cmd.Flags().IntVar(&from, "from", 0,
		a.tr("older version (default: the one before)", "旧版本号（默认为前一版）"))
	cmd.Flags().IntVar(&to, "to", 0, a.tr("newer version (default: the newest)", "新版本号（默认为最新）"))
	return cmd
}
