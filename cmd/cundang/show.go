package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cundang/archive"
	"cundang/export"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) showCommand() *cobra.Command {
	var at, cite string
	var asText, asHTML bool
	cmd := &cobra.Command{
		Use:   "show ID|URL",
		Short: a.tr("one article with where each field came from", "查看一篇文章及各字段出处"),
		Args:  cobra.ExactArgs(1),
	}
	run := a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		if cite != "" && !slices.Contains(export.Styles(), cite) {
			return usage("--cite "+strings.Join(export.Styles(), "|"), "--cite %q is not a citation style", cite)
		}
		when, err := momentFlag("at", at)
		if err != nil {
			return err
		}
		article, err := named(a, n, args[0], func(id string) (extract.Article, error) {
			return n.Articles.Article(ctx, id, when)
		})
		if err != nil {
			return err
		}
		switch {
		case a.outputFile != "":
			return a.writeEvidence(ctx, n, article, strings.TrimSpace(export.Cite(article, "gbt7714")))
		case cite != "":
			_, err = fmt.Fprintln(a.out, strings.TrimRight(export.Cite(article, cite), "\n"))
			return err
		case asHTML:
			return a.copyCapture(ctx, n, article)
		case asText && !a.json:
			_, err := fmt.Fprintf(a.out, "%s\n\n%s\n", article.Title, article.Body)
			return err
		}
		return a.printer().Article(article)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if a.outputFile == "" || a.outputFile == "-" {
			return run(cmd, args)
		}
		a.outputFlag = "evidence"
		return a.intoFile(a.outputFile, func() error { return run(cmd, args) })
	}
	cmd.Flags().StringVar(&at, "at", "",
		a.tr("the version of that time (date or RFC 3339)", "查看该时刻的版本（日期或 RFC 3339）"))
	cmd.Flags().StringVar(&cite, "cite", "",
		a.tr("print a citation: gbt7714, bibtex or ris", "输出引文格式：gbt7714、bibtex 或 ris"))
	cmd.Flags().BoolVar(&asText, "text", false, a.tr("title and body only", "只显示标题和正文"))
	cmd.Flags().BoolVar(&asHTML, "html", false, a.tr("the archived bytes", "输出存档的原始内容"))
	cmd.Flags().StringVar(&a.outputFile, "evidence", "",
		a.tr("write the capture with its proof into this ZIP file", "将存档记录及其证明写入该 ZIP 文件"))
	cmd.MarkFlagsMutuallyExclusive("text", "html", "cite", "evidence")
	return cmd
}

// named asks for what the index knows of an article that is given by ID or URL.
func named[T any](a *app, n *node.Node, name string, ask func(id string) (T, error)) (found T, err error) {
	id, err := node.ArticleID(name)
	if err != nil {
		return found, usage("", "%w", err)
	}
	found, err = ask(id)
	var hidden *curation.HiddenError
	if errors.As(err, &hidden) {
		return found, &problem{statusNoResults, fmt.Errorf(a.tr("%w: %s", "%w：%s"), err, hidden.Reason), "--with-hidden"}
	}
	if errors.Is(err, index.ErrNotFound) {
		return found,
			&problem{statusNoResults, fmt.Errorf(a.tr("no article %s in %s", "没有文章 %s（%s）"), name, n.Dir),
				"cundang search …"}
	}
	return found, err
}

// copyCapture writes the payload that the article was read from.
func (a *app) copyCapture(ctx context.Context, n *node.Node, article extract.Article) (err error) {
	if article.Capture == nil {
		return errors.New("the article has no capture")
	}
	ref, err := archive.ParseRef(article.Capture.Ref)
	if err != nil {
		return err
	}
	c, err := n.Store.Read(ctx, ref)
	if err != nil {
		return err
	}
	body, err := c.Body()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	_, err = io.Copy(a.raw(), body)
	return err
}
