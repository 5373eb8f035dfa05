package main

import (
	"context"

	"cundang/internal/node"

	"github.com/spf13/cobra"
)

func (a *app) sitesLearnCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "learn [SITE …]",
		Short: a.tr("learn from stored pages what the pages of a site share",
			"从已存档网页学习站点的共同部分"),
		Long: a.tr("Read the newest articles of each site and learn what its pages share: repeated lines, the title's "+
			"suffix,\nthe element around the text and the byline. What is accepted is kept in DATA/models and used for all\n"+
			"pages read from then on; `cundang index rebuild` applies it to those read before.",
			"读取各站点最新的文章，学习网页的共同部分：重复行、标题后缀、"+
				"正文与署名所在元素。\n被采纳的内容保存在 DATA/models，用于此后读取的网页；"+
				"cundang index rebuild 将其用于此前的网页。"),
	}
	cmd.RunE = a.owning(func(ctx context.Context, n *node.Node, args []string) error {
		models, err := n.Learn(ctx, args)
		if err != nil {
			return err
		}
		return a.printer().Models(models)
	})
	return cmd
}

// showModel says on stderr what was learnt about a site.
func (a *app) showModel(site string) error {
	model, err := a.options().Model(site)
	if err != nil || model == nil {
		return err
	}
	a.printer().Learnt(model)
	return nil
}
