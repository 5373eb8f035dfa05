package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cundang/extract"
	"cundang/internal/node"
	"cundang/internal/terminal"
	"cundang/site"

	"github.com/spf13/cobra"
)

// fromFile is an article read from a plain file: the object of interface.md with its file.
type fromFile struct {
	File string `json:"file"`
	extract.Article
}

func (f fromFile) MarshalJSON() ([]byte, error) {
	article, err := json.Marshal(f.Article)
	if err != nil {
		return nil, err
	}
	name, err := json.Marshal(f.File)
	if err != nil {
		return nil, err
	}
	return append(append([]byte(`{"file":`), name...), append([]byte{','}, article[1:]...)...), nil
}

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
	enc := terminal.NewEncoder(a.out)
	failed := 0
	for _, name := range args {
		x, err := a.extractOne(ctx, reader, name, url, profile)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(a.err, "cundang: %s: %v\n", name, err)
			failed++
			continue
		}
		switch {
		case a.json && explain:
			err = enc.Encode(explained{x.File, x.Explanation})
		case a.json:
			err = enc.Encode(fromFile{x.File, x.Article})
		case explain:
			a.printer().Candidates(x.Article, x.Explanation)
		default:
			err = a.printer().Article(x.Article)
		}
		if err != nil {
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

// tried is one reading with all that was considered.
type tried struct {
	File        string
	Article     extract.Article
	Explanation extract.Explanation
}

// explained is what `extract --explain --json` prints a line of.
type explained struct {
	File string `json:"file"`
	extract.Explanation
}

func (a *app) extractOne(ctx context.Context, reader *extract.Reader, name, url string,
	p *site.Profile) (x tried, err error) {
	x.File = name
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return a.extractArchived(ctx, name)
	}
	body, err := a.readFile(name)
	if err != nil {
		return x, err
	}
	page := extract.Page{URL: url, Body: body, Profile: p}
	if p != nil {
		page.Site = p.ID
	}
	x.Article, x.Explanation, err = reader.Explain(ctx, page)
	return x, err
}

func (a *app) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	body, err := os.ReadFile(name)
	var pe *os.PathError
	if errors.As(err, &pe) {
		return nil, pe.Err // the name is printed by the caller
	}
	return body, err
}

// extractArchived reads the newest capture of a URL anew, whatever the index holds.
func (a *app) extractArchived(ctx context.Context, url string) (x tried, err error) {
	x.File = url
	n, err := node.OpenReader(ctx, a.options())
	if err != nil {
		return x, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	x.Article, x.Explanation, err = n.Explain(ctx, url)
	return x, err
}
