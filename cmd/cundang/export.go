package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cundang/export"
	"cundang/index"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) exportCommand() *cobra.Command {
	var f filters
	var q index.Query
	format := "json"
	cmd := &cobra.Command{
		Use:     a.tr("export [QUERY]", "export [检索式]"),
		Short:   a.tr("all results of a query, or the whole archive, as a stream", "导出检索结果或全部文章"),
		Example: "  cundang export 科学素质 --from 2022 -f csv -o out.csv\n  cundang export -f jsonl | jq .title",
		Args:    cobra.ArbitraryArgs,
		PreRunE: func(_ *cobra.Command, args []string) (err error) {
			q, err = f.query(strings.Join(args, " "))
			q.Lang = a.cfg.Lang
			return err
		},
	}
	run := a.reading(func(ctx context.Context, n *node.Node, _ []string) error {
		return a.export(ctx, n, q, format)
	})
	cmd.RunE = a.toOutput(run)
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().StringVarP(&format, "format", "f", format, a.tr("format: ", "格式：")+strings.Join(formatNames(),
		", "))
	cmd.Flags().StringVarP(&a.outputFile, "output", "o", "", a.tr("write to this file", "写入文件"))
	return cmd
}

// toOutput makes the RunE of a command that writes into the file of its flag --output if that is set.
func (a *app) toOutput(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if a.outputFile == "" || a.outputFile == "-" {
			return run(cmd, args)
		}
		a.outputFlag = "output"
		return a.intoFile(a.outputFile, func() error { return run(cmd, args) })
	}
}

func formatNames() []string {
	var names []string
	for _, f := range export.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// intoFile runs do with stdout going to a file, which appears under its name only when it
// is complete.
func (a *app) intoFile(path string, do func() error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".cundang-export-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	a.out = file
	var none silent
	if err = do(); err != nil && !(errors.As(err, &none) && none == statusNoResults) {
		return errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if e := errors.Join(file.Chmod(0o644), file.Sync(), file.Close()); e != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, e), os.Remove(file.Name()))
	}
	return errors.Join(os.Rename(file.Name(), path), err)
}

func (a *app) export(ctx context.Context, n *node.Node, q index.Query, format string) error {
	told := q
	told.Limit, told.Bare = 1, true
	res, err := n.Articles.Search(ctx, told)
	if err != nil {
		return err
	}
	a.printer().Notice(res.Notice)
	count, err := export.Write(a.raw(), format, n.Articles.All(ctx, q), export.Options{})
	if errors.Is(err, export.ErrFormat) {
		return usage("-f "+strings.Join(formatNames(), "|"), "%w", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, a.tr("%d articles\n", "共 %d 篇\n"), count)
	if count == 0 {
		return silent(statusNoResults)
	}
	return nil
}
