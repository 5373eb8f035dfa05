package main

import (
	"github.com/spf13/cobra"
)

func (a *app) sitesAddCommand() *cobra.Command {
	var id string
	var dryRun, force bool
	cmd := &cobra.Command{
		Use: "add URL",
		Short: a.tr("look at a list page and five articles, propose a profile",
			"查看一个栏目页和五篇文章，生成站点配置"),
		Long: a.tr("Fetch a list page and the first five articles it names, learn what the generic reading does not\n"+
			"know by itself, write DATA/profiles/SITE.yaml and show what it reads. Exit status 3: look at the doubts first.",
			"抓取一个栏目页及其列出的前五篇文章，补上通用规则读不出的部分，"+
				"写入 DATA/profiles/SITE.yaml，\n并显示读取结果。退出码 3：请先核对存疑之处。"),
		Example: "  cundang sites add http://www.example.org/tzgg/\n" +
			"  cundang sites add --dry-run http://www.example.org/tzgg/",
		Args: cobra.ExactArgs(1),
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
			if err := a.printer().Proposal(p); err != nil {
				return err
			}
			if p.Doubtful() {
				return silent(statusPartly)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", "",
		a.tr("short name of the site (default: from its host)", "站点短名（默认取自域名）"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.tr("show the proposal, write nothing", "只显示，不写入"))
	cmd.Flags().BoolVar(&force, "force", false, a.tr("replace a profile of the same name", "覆盖同名配置"))
	return cmd
}
