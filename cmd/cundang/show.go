package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cundang/archive"
	"cundang/export"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/internal/zone"

	"github.com/jedib0t/go-pretty/v6/table"
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
		article, err := a.article(ctx, n, args[0], when)
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
		case a.json:
			return a.printJSON(article)
		case asText:
			_, err := fmt.Fprintf(a.out, "%s\n\n%s\n", article.Title, article.Body)
			return err
		}
		return a.printArticle(article)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if a.outputFile == "" || a.outputFile == "-" {
			return run(cmd, args)
		}
		a.outputFlag = "evidence"
		return a.intoFile(a.outputFile, func() error { return run(cmd, args) })
	}
	cmd.Flags().StringVar(&at, "at", "", a.tr("the version of that time (date or RFC 3339)", "查看该时刻的版本（日期或 RFC 3339）"))
	cmd.Flags().StringVar(&cite, "cite", "", a.tr("print a citation: gbt7714, bibtex or ris", "输出引文格式：gbt7714、bibtex 或 ris"))
	cmd.Flags().BoolVar(&asText, "text", false, a.tr("title and body only", "只显示标题和正文"))
	cmd.Flags().BoolVar(&asHTML, "html", false, a.tr("the archived bytes", "输出存档的原始内容"))
	cmd.Flags().StringVar(&a.outputFile, "evidence", "", a.tr("write the capture with its proof into this ZIP file", "将存档记录及其证明写入该 ZIP 文件"))
	cmd.MarkFlagsMutuallyExclusive("text", "html", "cite", "evidence")
	return cmd
}

// articleID takes an article's ID or URL.
func articleID(s string) (string, error) {
	if !strings.Contains(s, "://") {
		return s, nil
	}
	clean, err := urlkey.Clean(s)
	if err != nil {
		return "", usage("", "%w", err)
	}
	return urlkey.ID(clean), nil
}

func (a *app) article(ctx context.Context, n *node.Node, name string, at time.Time) (extract.Article, error) {
	id, err := articleID(name)
	if err != nil {
		return extract.Article{}, err
	}
	article, err := n.Index.Article(ctx, id, at)
	if errors.Is(err, index.ErrNotFound) {
		return article, &problem{statusNoResults, fmt.Errorf(a.tr("no article %s in %s", "没有文章 %s（%s）"), name, n.Dir), "cundang search …"}
	}
	return article, err
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

// labels of the fields as a person reads them, in the order they are shown.
func (a *app) fieldRows(x extract.Article) [][3]string {
	rows := [][3]string{
		{"title", a.tr("title", "标题"), string(x.Title)},
		{"source", a.tr("source", "来源"), string(x.Source)},
		{"author", a.tr("author", "作者"), string(x.Author)},
		{"editor", a.tr("editor", "编辑"), string(x.Editor)},
		{"contributor", a.tr("contributor", "供稿"), string(x.Contributor)},
		{"published", a.tr("published", "发布"), x.Published.String()},
		{"column", a.tr("column", "栏目"), strings.Join(x.Column, " > ")},
	}
	if d := x.Document; d != nil {
		rows = append(rows, [3]string{"document", a.tr("issuer", "发文机关"), string(d.Issuer)},
			[3]string{"document", a.tr("number", "发文字号"), string(d.Number)},
			[3]string{"document", a.tr("signed", "成文日期"), d.Signed.String()},
			[3]string{"document", a.tr("index", "索引号"), string(d.Index)})
	}
	return rows
}

func (a *app) printArticle(x extract.Article) error {
	t := a.table(a.tr("field", "字段"), a.tr("value", "值"), a.tr("rule", "规则"), a.tr("confidence", "置信度"))
	for _, r := range a.fieldRows(x) {
		p, ok := x.Provenance[r[0]]
		if r[2] == "" {
			continue
		}
		conf := ""
		if ok {
			conf = fmt.Sprintf("%.2f", p.Confidence)
		}
		t.AppendRow(table.Row{r[1], r[2], p.Rule, conf})
	}
	t.Render()
	fmt.Fprintf(a.out, "\n%s\n", x.Body)
	for _, att := range x.Attachments {
		fmt.Fprintf(a.out, "\n%s %s\n  %s\n", a.tr("attachment:", "附件："), att.Title, att.URL)
		if att.Note != "" {
			fmt.Fprintf(a.out, "  %s\n", att.Note)
		}
	}
	fmt.Fprintf(a.out, "\n%s  %s%s\nURL  %s\n", a.tr("id", "编号"), x.ID, a.badge(string(x.State)), x.URL)
	fmt.Fprintf(a.out, a.tr("version %d of %d, fetched %s\n", "第 %d 版，共 %d 版，采集于 %s\n"), x.Version, x.Versions, x.Fetched.In(zone.China).Format(time.RFC3339))
	if x.Capture != nil {
		_, err := fmt.Fprintf(a.out, "WARC %s\n     %s\n", x.Capture.Ref, x.Capture.Digest)
		return err
	}
	return nil
}
