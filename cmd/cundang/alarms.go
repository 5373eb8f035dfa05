package main

import (
	"context"
	"errors"
	"time"

	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) alarmsCommand() *cobra.Command {
	return group("alarms", a.tr("what looks wrong with sites: list, acknowledge", "站点异常警报：列出、确认"),
		a.alarmsListCommand(), a.alarmsAckCommand())
}

func (a *app) alarmsListCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "list",
		Short: a.tr(
			"alarms that stand; exit status 3 when there are any", "列出未确认的警报；有警报时退出状态为 3"),
		Args: cobra.NoArgs,
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, _ []string) error {
		found, err := n.Alarms(all)
		if err != nil {
			return err
		}
		if err := a.printer().Alarms(found); err != nil {
			return err
		}
		for _, al := range found {
			if al.Acked.IsZero() {
				return silent(statusPartly)
			}
		}
		return nil
	})
	cmd.Flags().BoolVar(&all, "all", false,
		a.tr("also those that were acknowledged and last", "包括已确认而仍存在的"))
	return cmd
}

func (a *app) alarmsAckCommand() *cobra.Command {
	var comment string
	var all bool
	cmd := &cobra.Command{
		Use: "ack ALARM|SITE …",
		Short: a.tr("acknowledge alarms: they are not shown again while they last",
			"确认警报：在其持续期间不再显示"),
		Example: "  cundang alarms ack nxkx/field-fill/source\n" +
			"  cundang alarms ack nxkx --comment " +
			a.tr(`"new template, selectors are adapted"`, `"网站改版，已调整选择器"`),
		Args: func(_ *cobra.Command, args []string) error {
			if all != (len(args) == 0) {
				return usage("cundang alarms ack --all", "%s",
					a.tr("name ALARM, SITE or --all", "请指定 ALARM、SITE 或 --all"))
			}
			return nil
		},
	}
	cmd.RunE = a.owning(func(_ context.Context, n *node.Node, args []string) error {
		if all {
			standing, err := n.Alarms(false)
			if err != nil {
				return err
			}
			for _, al := range standing {
				args = append(args, al.ID)
			}
		}
		done, err := n.AckAlarms(args, comment, time.Now())
		if errors.Is(err, node.ErrNoAlarm) {
			return &problem{statusNoResults, err, "cundang alarms list --all"}
		}
		if err != nil {
			return err
		}
		return a.printer().Alarms(done)
	})
	cmd.Flags().BoolVar(&all, "all", false, a.tr("all that stand", "全部警报"))
	cmd.Flags().StringVar(&comment, "comment", "", a.tr("why, kept with the alarm", "说明，随警报保存"))
	return cmd
}
