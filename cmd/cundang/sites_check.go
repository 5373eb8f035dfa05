package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"cundang/internal/node"
	"cundang/site"

	"github.com/spf13/cobra"
)

func (a *app) sitesCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [SITE …]",
		Short: a.tr("try every rule of profiles on the stored captures", "用存档记录检验站点配置的每条规则"),
		Long: a.tr("Check the profiles (all of DATA/profiles without arguments) and try each of their rules on what is\n"+
			"stored of the site. Exit status 3: a rule matched nothing.",
			"检查站点配置（不带参数时为 DATA/profiles 下全部），"+
				"并用该站点的存档记录检验每条规则。\n退出码 3：有规则未匹配任何内容。"),
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
	if err := a.printer().Checked(checked); err != nil {
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
		err = usage("cundang sites check SITE, cundang sites add URL", a.tr("no profile in %s", "%s 下没有站点配置"),
			a.options().ProfileDir())
	}
	return own, err
}
