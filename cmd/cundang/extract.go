package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cundang/extract"
	"cundang/internal/node"
	"cundang/site"

	"github.com/spf13/cobra"
)

func (a *app) extractCommand() *cobra.Command {
	var url, profile string
	var explain bool
	cmd := &cobra.Command{
		Use:   "extract FILE|URL|- …",
		Short: a.tr("read articles out of files or archived pages", "试读文件或已存档网页中的文章"),
		Long: a.tr("Read each file (\"-\" is standard input) or archived URL. With --json one object a line is printed,\n"+
			"the article's fields with \"file\" added.",
			"逐个读取文件（- 为标准输入）或已存档的网址。用 --json 时每行输出一个对象，"+
				"即文章各字段加上 file。"),
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.extractAll(cmd.Context(), args, url, profile, explain)
		},
	}
	cmd.Flags().StringVar(&url, "url", "", a.tr("address that the file was served under", "文件原来的网址"))
	cmd.Flags().StringVar(&profile, "profile", "", a.tr("site profile (a file) with reading rules", "站点配置文件"))
	cmd.Flags().BoolVar(&explain, "explain", false,
		a.tr("show every candidate of every field", "显示各字段的所有候选"))
	return cmd
}

func (a *app) extractAll(ctx context.Context, args []string, url, profileFile string, explain bool) error {
	var profile *site.Profile
	if profileFile != "" {
		var err error
		if profile, err = node.ReadProfile(profileFile); err != nil {
			return err
		}
	}
	if url != "" && len(args) > 1 {
		return usage("", "--url goes with one file")
	}
	reader := &extract.Reader{}
	failed := 0
	for _, name := range args {
		article, found, err := a.extractOne(ctx, reader, name, url, profile)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(a.err, "cundang: %s: %v\n", name, err)
			failed++
			continue
		}
		if err := a.printer().Reading(name, article, found, explain); err != nil {
			return err
		}
	}
	if failed == len(args) {
		return silent(statusError)
	}
	if failed > 0 {
		return silent(statusPartly)
	}
	return nil
}

func (a *app) extractOne(ctx context.Context, reader *extract.Reader, name, url string,
	p *site.Profile) (article extract.Article, found extract.Explanation, err error) {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		n, err := node.OpenReader(ctx, a.options())
		if err != nil {
			return article, found, err
		}
		article, found, err = n.Explain(ctx, name) // the newest capture anew, whatever the index holds
		return article, found, errors.Join(err, n.Close())
	}
	body, err := a.readFile(name)
	if err != nil {
		return article, found, err
	}
	page := extract.Page{URL: url, Body: body, Profile: p}
	if p != nil {
		page.Site = p.ID
	}
	return reader.Explain(ctx, page)
}

// maxPage bounds what is read of a file that is to be a page.
const maxPage = 64 << 20

func (a *app) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.in, maxPage))
	}
	f, err := os.Open(name)
	var pe *os.PathError
	if errors.As(err, &pe) {
		return nil, pe.Err // the name is printed by the caller
	}
	body, err := io.ReadAll(io.LimitReader(f, maxPage))
	return body, errors.Join(err, f.Close())
}
