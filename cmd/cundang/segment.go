package main

import (
	"strings"

	"cundang/index"

	"github.com/spf13/cobra"
)

func (a *app) segmentCommand() *cobra.Command {
	return &cobra.Command{
		Use:     a.tr("segment TEXT", "segment 文本"),
		Short:   a.tr("cut a text into words as the index does", "按索引方式分词"),
		Example: "  cundang segment 自治区科协召开全民科学素质工作会议",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := a.options().IndexOptions()
			if err != nil {
				return err
			}
			tokens, err := index.Segment(opts, strings.Join(args, " "))
			if err != nil {
				return err
			}
			return a.printer().Tokens(tokens)
		},
	}
}
