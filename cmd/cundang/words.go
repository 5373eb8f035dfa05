package main

import (
	"context"
	"fmt"
	"strings"

	"cundang/index"
	"cundang/internal/node"
	"cundang/internal/terminal"

	"github.com/spf13/cobra"
)

// counting makes a command that counts words.
func (a *app) counting(cmd *cobra.Command, count func(context.Context, *node.Node, index.Query, index.Counting,
	[]string) (terminal.WordTable, string, error)) *cobra.Command {
	var f filters
	var q index.Query
	var c index.Counting
	format := "table"
	words := strings.HasPrefix(cmd.Use, "collocations")
	cmd.PreRunE = func(_ *cobra.Command, args []string) (err error) {
		if words {
			args = args[1:]
		}
		if format != "table" && format != "csv" {
			return usage("-f table|csv", "-f %q is not a format", format)
		}
		if c.Limit < 1 || c.Window < 1 || c.Window > 50 || c.Least < 1 || c.Read < 0 {
			return usage("--limit 100 --window 5 --least 3", "--limit, --window (up to 50) and --least must be positive")
		}
		q, err = f.query(strings.Join(args, " "))
		q.Lang = a.cfg.Lang
		return err
	}
	cmd.RunE = a.toOutput(a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		t, notice, err := count(ctx, n, q, c, args)
		if err != nil {
			return err
		}
		err = a.printer().Words(t, notice, format == "csv")
		if err != nil || format == "csv" || a.json || len(t.Rows()) > 0 {
			return err
		}
		return silent(statusNoResults)
	}))
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().IntVar(&c.Limit, "limit", 100, a.tr("words to print", "显示词数"))
	cmd.Flags().IntVar(&c.Read, "read", 0, a.tr("articles to read at most, 0: all",
		"最多统计的篇数，0 为全部"))
	cmd.Flags().IntVar(&c.Window, "window", 5, a.tr("words on each side of a collocation",
		"搭配的跨距（左右各几个词）"))
	cmd.Flags().IntVar(&c.Least, "least", 3, a.tr("times a collocation or keyword occurs at least",
		"搭配词、主题词至少出现的次数"))
	cmd.Flags().StringVarP(&format, "format", "f", format, a.tr("format: table, csv", "格式：table、csv"))
	cmd.Flags().StringVarP(&a.outputFile, "output", "o", "", a.tr("write to this file", "写入文件"))
	return cmd
}

func (a *app) frequenciesCommand() *cobra.Command {
	return a.counting(&cobra.Command{
		Use:   a.tr("frequencies [QUERY]", "frequencies [检索式]"),
		Short: a.tr("the words of articles by how often they occur", "词频表"),
		Args:  cobra.ArbitraryArgs,
	}, func(ctx context.Context, n *node.Node, q index.Query, c index.Counting, _ []string) (
		terminal.WordTable, string, error) {
		l, err := n.Articles.Words(ctx, q, c)
		fmt.Fprintf(a.err, a.tr("%d articles, %d words, %d different\n", "%d 篇，%d 词，%d 个不同的词\n"),
			l.Articles, l.Tokens, l.Types)
		return l, l.Notice, err
	})
}

func (a *app) collocationsCommand() *cobra.Command {
	return a.counting(&cobra.Command{
		Use: a.tr("collocations WORD [QUERY]", "collocations 词 [检索式]"),
		Short: a.tr("the words that stand near a word more often than elsewhere (log-likelihood)",
			"搭配：常与某词共现的词（对数似然）"),
		Args: cobra.MinimumNArgs(1),
	}, func(ctx context.Context, n *node.Node, q index.Query, c index.Counting, args []string) (
		terminal.WordTable, string, error) {
		l, err := n.Articles.Collocations(ctx, q, args[0], c)
		return l, l.Notice, err
	})
}

func (a *app) keynessCommand() *cobra.Command {
	return a.counting(&cobra.Command{
		Use: a.tr("keyness QUERY", "keyness 检索式"),
		Short: a.tr("the words that tell articles from the rest of the archive (log-likelihood)",
			"主题词：与存档其余文章相比突出的词（对数似然）"),
		Example: "  cundang keyness 全域科普 --from 2022 -f csv -o keyness.csv",
		Args:    cobra.ArbitraryArgs,
	}, func(ctx context.Context, n *node.Node, q index.Query, c index.Counting, _ []string) (
		terminal.WordTable, string, error) {
		l, err := n.Articles.Keyness(ctx, q, c)
		return l, l.Notice, err
	})
}
