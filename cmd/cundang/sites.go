package main

import (
	"fmt"
	"time"

	"cundang/site"

	"github.com/spf13/cobra"
)

func (a *app) sitesCommand() *cobra.Command {
	return group(
		"sites", a.tr("site profiles: list, show, propose, try", "站点配置：列出、查看、生成、检验"),
		a.sitesListCommand(), a.sitesShowCommand(), a.sitesAddCommand(), a.sitesCheckCommand(),
		a.sitesLearnCommand(), a.sitesSchemaCommand())
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
			return a.printer().Profiles(all, func(id string) bool { return site.ByID(own, id) != nil })
		},
	}
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
			if err := a.printer().Profile(chosen[0]); err != nil {
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
