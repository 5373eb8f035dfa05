package main

import (
	"slices"

	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: a.tr("what is wrong here and the next command", "检查环境与数据目录，给出处理命令"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := a.options().Examine(cmd.Context())
			if err := a.printer().Checks(a.data, checks); err != nil {
				return err
			}
			if slices.ContainsFunc(checks, func(c node.Check) bool { return !c.OK }) {
				return silent(statusError)
			}
			return nil
		},
	}
}
