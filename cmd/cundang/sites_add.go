package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cundang/crawler/listing"
	"cundang/internal/urlkey"
	"cundang/site"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// glanceArticles is how many articles a proposal is tried on.
const glanceArticles = 5

// proposal is what `sites add` found, as it prints it with --json.
type proposal struct {
	File     string          `json:"file"` // where the profile was written, "" if nowhere
	Profile  json.RawMessage `json:"profile"`
	List     proposedList    `json:"list"`
	Articles []proposedRead  `json:"articles"`

	profile *site.Profile
}

type proposedList struct {
	URL    string `json:"url"`
	Rows   int    `json:"rows"`
	RowsBy string `json:"rows_by"`
	NextBy string `json:"next_by"` // "" if no further page was found
	Pages  int    `json:"pages"`   // 0: the list does not say
	Total  int    `json:"total"`   // 0: the list does not say
}

// proposedRead is what the proposed profile reads from one article.
type proposedRead struct {
	URL        string   `json:"url"`
	Title      string   `json:"title"`
	Source     string   `json:"source"`
	Author     string   `json:"author"`
	Published  string   `json:"published"`
	Column     []string `json:"column"`
	Paragraphs int      `json:"paragraphs"`
	Characters int      `json:"characters"`
	Confidence float64  `json:"confidence"`
	Doubts     []string `json:"doubts"` // what the list says otherwise, and what is missing
}

func (a *app) sitesAddCommand() *cobra.Command {
	var id string
	var dryRun, force bool
	cmd := &cobra.Command{
		Use:   "add URL",
		Short: a.tr("look at a list page and five articles, propose a profile", "查看一个栏目页和五篇文章，生成站点配置"),
		Long: a.tr("Fetch a list page and the first five articles it names, learn what the generic reading does not\nknow by itself, write DATA/profiles/SITE.yaml and show what it reads. Exit status 3: look at the doubts first.",
			"抓取一个栏目页及其列出的前五篇文章，补上通用规则读不出的部分，写入 DATA/profiles/SITE.yaml，\n并显示读取结果。退出码 3：请先核对存疑之处。"),
		Example: "  cundang sites add http://www.example.org/tzgg/\n  cundang sites add --dry-run http://www.example.org/tzgg/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.propose(cmd.Context(), args[0], id)
			if err != nil {
				return err
			}
			if !dryRun {
				if err := a.saveProposal(p, force); err != nil {
					return err
				}
			}
			if err := a.printProposal(p); err != nil {
				return err
			}
			if p.doubtful() {
				return silent(statusPartly)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", "", a.tr("short name of the site (default: from its host)", "站点短名（默认取自域名）"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.tr("show the proposal, write nothing", "只显示，不写入"))
	cmd.Flags().BoolVar(&force, "force", false, a.tr("replace a profile of the same name", "覆盖同名配置"))
	return cmd
}

// propose looks at the site and makes a profile of it.
func (a *app) propose(ctx context.Context, raw, id string) (p *proposal, err error) {
	start, err := urlkey.Clean(raw)
	if err != nil {
		return nil, usage("cundang sites add http://www.example.org/tzgg/", "%w", err)
	}
	g, err := a.newGlance()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	list, page, err := g.list(ctx, start)
	if err != nil {
		return nil, err
	}
	draft, err := site.Generic(page.url)
	if err != nil {
		return nil, err
	}
	profile := *draft
	if id != "" {
		profile.ID = id
	}
	if page.lenient {
		profile.TLS = "lenient"
	}
	p = &proposal{List: proposedList{URL: page.url, Rows: len(list.Rows), RowsBy: list.RowsBy, NextBy: list.NextBy, Pages: list.Pages, Total: list.Total}}
	samples, err := g.articles(ctx, page.url, list.Rows)
	if err != nil {
		return nil, err
	}
	if err := a.describe(ctx, g, &profile, page, samples); err != nil {
		return nil, err
	}
	if p.profile, err = site.New(profile); err != nil {
		return nil, usage("--id NAME", "%w", err)
	}
	for _, s := range samples {
		read, err := a.readSample(ctx, g, p.profile, s)
		if err != nil {
			return nil, err
		}
		p.Articles = append(p.Articles, read)
	}
	p.Profile, err = plainProfile(p.profile)
	return p, err
}

// list fetches the page and reads it as a list, following what the page itself would ask
// for when its rows are not in it.
func (g *glance) list(ctx context.Context, start string) (l listing.Listing, page *glanced, err error) {
	a := g.a
	next, base := start, ""
	for range 3 {
		pages, failed, err := g.fetch(ctx, []string{next})
		if err != nil {
			return l, nil, err
		}
		got := pages[next]
		if got == nil {
			return l, nil, &problem{statusError, fmt.Errorf(a.tr("%s did not come: %s", "未能取得 %s：%s"), next, failed[next]), "cundang sites add -v " + start}
		}
		if page == nil {
			page = got
		}
		l, err = listing.Expand(listing.Page{URL: got.url, Base: base, ContentType: got.header, Charset: got.text.Name, Body: got.text.Text, Listed: true})
		if err != nil {
			return l, nil, fmt.Errorf("%s: %w", got.url, err)
		}
		if len(l.Rows) > 0 {
			if got != page {
				g.answer, g.base = got, base
			}
			return l, page, nil
		}
		if len(l.Next) == 0 || l.Next[0].Method != "GET" {
			break
		}
		next, base = l.Next[0].URL, page.url
	}
	return l, nil, a.noList(page)
}

// noList says that a page is no list, and which of its links may be.
func (a *app) noList(page *glanced) error {
	channels, err := listing.Channels(listing.Page{URL: page.url, ContentType: page.header, Charset: page.text.Name, Body: page.text.Text})
	if err != nil {
		return fmt.Errorf("%s: %w", page.url, err)
	}
	next := a.tr("cundang sites add URL with the address of a list page", "cundang sites add 并给出栏目页网址")
	var more []string
	for _, c := range channels[:min(len(channels), 10)] {
		more = append(more, fmt.Sprintf("\n    cundang sites add '%s'  # %s", c.URL, c.Title))
	}
	return &problem{statusError, fmt.Errorf(a.tr("%s is no list of articles", "%s 不是文章列表"), page.url), next + strings.Join(more, "")}
}

// sample is one article page with the row of the list that named it.
type sample struct {
	*glanced
	row listing.Row
}

// articles fetches the first articles of the list that are there, with what their reading
// needs beside them.
func (g *glance) articles(ctx context.Context, list string, rows []listing.Row) ([]sample, error) {
	var samples []sample
	var needs []string
	rows = slices.DeleteFunc(slices.Clone(rows), func(r listing.Row) bool { return isFile(r.URL) })
	tried := rows[:min(len(rows), 2*glanceArticles)]
	for next := tried; len(next) > 0 && len(samples) < glanceArticles; {
		round := next[:min(len(next), glanceArticles-len(samples))]
		next = next[len(round):]
		var urls []string
		for _, r := range round {
			urls = append(urls, r.URL)
		}
		pages, failed, err := g.fetch(ctx, urls)
		if err != nil {
			return nil, err
		}
		for _, r := range round {
			page := pages[r.URL]
			if page == nil {
				g.a.log.Warn("article did not come", "url", r.URL, "reason", failed[r.URL])
				continue
			}
			samples = append(samples, sample{page, r})
			needs = append(needs, needed(page)...)
		}
	}
	if len(samples) == 0 {
		return nil, &problem{statusError, fmt.Errorf(g.a.tr("none of the %d articles on %s came", "%[2]s 上的 %[1]d 篇文章均未取得"), len(tried), list), "cundang sites add -v " + list}
	}
	_, _, err := g.fetch(ctx, needs)
	return samples, err
}

// saveProposal writes DATA/profiles/SITE.yaml.
func (a *app) saveProposal(p *proposal, force bool) error {
	text, err := site.Marshal(p.profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.profileDir(), 0o755); err != nil {
		return a.diskProblem(err)
	}
	name := filepath.Join(a.profileDir(), site.FileName(p.profile))
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		mode |= os.O_EXCL
	}
	f, err := os.OpenFile(name, mode, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("--force, --dry-run, --id NAME", "%s: %w", name, fs.ErrExist)
	}
	if err != nil {
		return a.diskProblem(err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return a.diskProblem(err)
	}
	p.File = name
	return nil
}

func (p *proposal) doubtful() bool {
	for _, r := range p.Articles {
		if len(r.Doubts) > 0 {
			return true
		}
	}
	return false
}

func (a *app) printProposal(p *proposal) error {
	if a.json {
		return a.printJSON(p)
	}
	if err := a.printProfile(p.profile); err != nil {
		return err
	}
	l := p.List
	fmt.Fprintf(a.out, a.tr("\nlist %s: %d rows (%s), next page: %s\n\n", "\n栏目 %s：%d 行（%s），翻页：%s\n\n"), l.URL, l.Rows, l.RowsBy, orDash(l.NextBy))
	t := a.table(a.tr("title", "标题"), a.tr("published", "发布"), a.tr("source", "来源"), a.tr("author", "作者"), a.tr("paragraphs", "段落"), a.tr("characters", "字数"), a.tr("confidence", "置信度"), a.tr("doubts", "存疑"))
	for _, r := range p.Articles {
		t.AppendRow(table.Row{clip(r.Title, 30), r.Published, r.Source, r.Author, r.Paragraphs, r.Characters, fmt.Sprintf("%.2f", r.Confidence), strings.Join(r.Doubts, "; ")})
	}
	t.Render()
	if p.File != "" {
		_, err := fmt.Fprintf(a.out, a.tr("\nwritten to %s; next: cundang crawl %s\n", "\n已写入 %s；接着：cundang crawl %s\n"), p.File, p.profile.ID)
		return err
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
