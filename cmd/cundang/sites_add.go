package main

import (
	"fmt"
	"strings"

	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

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
			p, err := a.options().Propose(cmd.Context(), args[0], id)
			if err != nil {
				return err
			}
			if !dryRun {
				if p.File, err = a.options().SaveProfile(p.Site, force); err != nil {
					return err
				}
			}
			if err := a.printProposal(p); err != nil {
				return err
			}
			if p.Doubtful() {
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

// doubts says in the language of this run what is doubtful about a reading.
func (a *app) doubts(list []string) string {
	zh := map[string]string{node.DoubtKind: "不像文章", node.DoubtTitle: "标题与列表不符", node.DoubtDate: "日期与列表不符",
		node.DoubtText: "没有正文", node.DoubtConfidence: "置信度低"}
	var said []string
	for _, d := range list {
		said = append(said, a.tr(d, zh[d]))
	}
	return strings.Join(said, "; ")
}

func (a *app) printProposal(p *node.Proposal) error {
	if a.json {
		return a.printJSON(p)
	}
	if err := a.printProfile(p.Site); err != nil {
		return err
	}
	l := p.List
	fmt.Fprintf(a.out, a.tr("\nlist %s: %d rows (%s), next page: %s\n\n", "\n栏目 %s：%d 行（%s），翻页：%s\n\n"), l.URL, l.Rows, l.RowsBy, orDash(l.NextBy))
	t := a.table(a.tr("title", "标题"), a.tr("published", "发布"), a.tr("source", "来源"), a.tr("author", "作者"), a.tr("paragraphs", "段落"), a.tr("characters", "字数"), a.tr("confidence", "置信度"), a.tr("doubts", "存疑"))
	for _, r := range p.Articles {
		t.AppendRow(table.Row{clip(r.Title, 30), r.Published, r.Source, r.Author, r.Paragraphs, r.Characters, fmt.Sprintf("%.2f", r.Confidence), a.doubts(r.Doubts)})
	}
	t.Render()
	if p.File != "" {
		_, err := fmt.Fprintf(a.out, a.tr("\nwritten to %s; next: cundang crawl %s\n", "\n已写入 %s；接着：cundang crawl %s\n"), p.File, p.Site.ID)
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
