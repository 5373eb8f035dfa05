package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"cundang/internal/node"
	"cundang/site"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) sitesCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [SITE …]",
		Short: a.tr("try every rule of profiles on the stored captures", "用存档记录检验站点配置的每条规则"),
		Long: a.tr("Check the profiles (all of DATA/profiles without arguments) and try each of their rules on what is\nstored of the site. Exit status 3: a rule matched nothing.",
			"检查站点配置（不带参数时为 DATA/profiles 下全部），并用该站点的存档记录检验每条规则。\n退出码 3：有规则未匹配任何内容。"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(a.options().Path("archive")); errors.Is(err, fs.ErrNotExist) && a.owned == nil {
				return a.checkSites(cmd.Context(), nil, args)
			}
			return a.reading(a.checkSites)(cmd, args)
		},
	}
}

func (a *app) checkSites(ctx context.Context, n *node.Node, args []string) error {
	profiles, err := a.profilesToCheck(args)
	if err != nil {
		return err
	}
	var checked []node.CheckedSite
	if n != nil {
		checked, err = n.CheckProfiles(ctx, profiles)
	} else {
		checked, err = node.CheckProfiles(profiles)
	}
	if err != nil {
		return err
	}
	if err := a.printChecked(checked); err != nil {
		return err
	}
	if slices.ContainsFunc(checked, node.CheckedSite.Idle) {
		return silent(statusPartly)
	}
	return nil
}

func (a *app) profilesToCheck(args []string) ([]*site.Profile, error) {
	if len(args) > 0 {
		return a.options().ChooseProfiles(args...)
	}
	own, err := a.options().OwnProfiles()
	if err == nil && len(own) == 0 {
		err = usage("cundang sites check SITE, cundang sites add URL", a.tr("no profile in %s", "%s 下没有站点配置"), a.options().ProfileDir())
	}
	return own, err
}

func (a *app) printChecked(checked []node.CheckedSite) error {
	if a.json {
		return a.printJSON(checked)
	}
	t := a.table(a.tr("site", "站点"), a.tr("rule", "规则"), "", a.tr("matched", "匹配"), a.tr("tried", "检验"), a.tr("example", "示例"))
	for _, c := range checked {
		if c.Captures == 0 {
			if _, err := fmt.Fprintf(a.err, a.tr("%s: the profile is in order; nothing of the site is stored to try it on\n", "%s：配置无误；尚无该站点的存档可供检验\n"), c.Site); err != nil {
				return err
			}
			continue
		}
		for _, r := range c.Rules {
			matched := fmt.Sprint(r.Matched)
			if r.Tried > 0 && r.Matched == 0 {
				matched += a.tr(" (nothing)", "（无）")
			}
			t.AppendRow(table.Row{c.Site, r.Field, clip(r.Rule, 50), matched, r.Tried, clip(r.Example, 40)})
		}
	}
	if t.Length() > 0 {
		t.Render()
	}
	return nil
}
