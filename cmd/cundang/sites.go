package main

import (
	"fmt"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/site"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) sitesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "sites", Short: a.tr("site profiles: list, show, propose, try", "站点配置：列出、查看、生成、检验"), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(a.sitesListCommand(), a.sitesShowCommand(), a.sitesAddCommand(), a.sitesCheckCommand(), a.sitesLearnCommand(), a.sitesSchemaCommand())
	return cmd
}

// siteRow is one profile as `sites list --json` prints it.
type siteRow struct {
	Site       string `json:"site"`
	Name       string `json:"name"`
	Region     string `json:"region"`
	Home       string `json:"home"`
	Seeds      int    `json:"seeds"`
	Schedule   string `json:"schedule"`
	Unverified bool   `json:"unverified"`
	Own        bool   `json:"own"` // from DATA/profiles
}

func (a *app) sitesListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: a.tr("every profile, built in and your own", "列出全部站点配置（内置与自有）"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			own, err := a.options().OwnProfiles()
			if err != nil {
				return err
			}
			all, err := a.options().AllProfiles()
			if err != nil {
				return err
			}
			rows := []siteRow{}
			for _, p := range all {
				rows = append(rows, siteRow{p.ID, p.Name, p.Region, p.Home, len(p.Seeds), p.Schedule.Cron, p.Unverified, site.ByID(own, p.ID) != nil})
			}
			if a.json {
				return a.printJSON(rows)
			}
			t := a.table(a.tr("site", "站点"), a.tr("name", "名称"), a.tr("region", "地区"), a.tr("lists", "栏目"), a.tr("schedule", "定时"), a.tr("state", "状态"), a.tr("home", "主页"))
			for _, r := range rows {
				t.AppendRow(table.Row{r.Site, r.Name, r.Region, r.Seeds, r.Schedule, a.profileState(r), r.Home})
			}
			t.Render()
			return nil
		},
	}
}

func (a *app) profileState(r siteRow) string {
	var words []string
	if r.Own {
		words = append(words, a.tr("own", "自有"))
	} else {
		words = append(words, a.tr("built in", "内置"))
	}
	if r.Unverified {
		words = append(words, a.tr("unverified", "未核实"))
	}
	return strings.Join(words, a.tr(", ", "，"))
}

func (a *app) sitesShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show SITE|URL",
		Short: a.tr("one profile, as the file it could be", "以配置文件形式查看一个站点配置"),
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			chosen, err := a.options().ChooseProfiles(args[0])
			if err != nil {
				return err
			}
			if err := a.printProfile(chosen[0]); err != nil {
				return err
			}
			if !a.json {
				fmt.Fprintln(a.out)
				for _, line := range chosen[0].Rhythm(time.Now()) {
					fmt.Fprintln(a.out, "# "+a.reason(line))
				}
			}
			return a.showModel(chosen[0].ID)
		},
	}
}

// printProfile writes a profile as YAML, or as JSON with the same keys.
func (a *app) printProfile(p *site.Profile) error {
	text, err := site.Marshal(p)
	if err != nil {
		return err
	}
	if !a.json {
		_, err = a.out.Write(text)
		return err
	}
	value, err := node.ProfileJSON(p)
	if err != nil {
		return err
	}
	return a.printJSON(value)
}

func (a *app) sitesSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: a.tr("the JSON Schema of profiles, for editors", "输出站点配置的 JSON Schema，供编辑器使用"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := site.Schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}
