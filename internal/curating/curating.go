// Package curating is the commands with which curators work: curate and collection.
package curating

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"cundang/internal/curation"
	"cundang/internal/node"
	"cundang/internal/terminal"
	"cundang/internal/zone"

	"github.com/spf13/cobra"
)

// Commands makes the commands for a program.
type Commands struct {
	Printer func() *terminal.Printer // for this run
	User    string                   // of this machine
	File    func() string            // of the acts
	// Owning makes what a command runs on an open data directory that it may write.
	Owning func(do func(ctx context.Context, n *node.Node, args []string) error) func(*cobra.Command, []string) error
}

// tr returns the message in the language of this run.
func (a Commands) tr(en, zh string) string { return a.Printer().Tr(en, zh) }

// Curate returns the command that hides, merges, tags and notes.
func (a Commands) Curate() *cobra.Command {
	cmd := &cobra.Command{Use: "curate", Short: a.tr("hide, merge, tag and note articles; all of it stays on record",
		"隐藏、并入、标签、批注，全部留有记录"),
		Args: cobra.NoArgs}
	cmd.PersistentFlags().String("by", "", a.tr("who does it (default: the user of this machine)",
		"操作者（默认为本机用户）"))
	cmd.AddCommand(a.hideCommand(), a.mergeCommand(), a.curateListCommand(),
		a.actCommand(curation.Unhide, "unhide ID|URL…", a.tr("show hidden articles again", "重新公开"), 1, nil),
		a.actCommand(curation.Unmerge, "unmerge ID|URL…", a.tr("take merged articles apart again",
			"拆出已并入的文章"), 1, nil),
		a.actCommand(curation.Tag, "tag TAG[,TAG] ID|URL…", a.tr("put tags on articles", "加标签"), 2, setTags),
		a.actCommand(curation.Untag, "untag TAG[,TAG] ID|URL…", a.tr("take tags off articles", "去标签"), 2, setTags),
		a.actCommand(curation.Note, "note TEXT ID|URL…", a.tr("put a note on articles", "加批注"), 2,
			func(x *curation.Act, text string) { x.Note = text }))
	return cmd
}

func setTags(x *curation.Act, text string) {
	x.Tags = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '，' })
}

// act begins an act of whoever runs the command.
func (a Commands) act(cmd *cobra.Command, do curation.Kind) curation.Act {
	by, _ := cmd.Flags().GetString("by") // the flag exists
	return curation.Act{Time: time.Now(), By: cmp.Or(by, a.User, "local"), Do: do}
}

// actCommand is a command that does one thing with some articles; set takes what stands before their names.
func (a Commands) actCommand(do curation.Kind, use, short string, args int, set func(*curation.Act,
	string)) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.MinimumNArgs(args)}
	cmd.RunE = a.Owning(func(ctx context.Context, n *node.Node, args []string) error {
		x := a.act(cmd, do)
		if set != nil {
			set(&x, args[0])
			args = args[1:]
		}
		var acts []curation.Act
		for _, name := range args {
			id, err := node.ArticleID(name)
			if err != nil {
				return &curation.InvalidError{Problem: err.Error()}
			}
			x.Article = id
			acts = append(acts, x)
		}
		return a.done(len(acts), n.Curate(ctx, acts...))
	})
	return cmd
}

// done says that acts are on record.
func (a Commands) done(n int, err error) error {
	if err == nil {
		fmt.Fprintf(a.Printer().Err, a.tr("%d acts recorded\n", "已记录 %d 项\n"), n)
	}
	return err
}

func (a Commands) hideCommand() *cobra.Command {
	var reason, from, until string
	var files bool
	cmd := &cobra.Command{
		Use:   "hide ID|URL…",
		Short: a.tr("hide articles from readers; nothing is deleted", "对读者隐藏文章（不删除任何内容）"),
		Args:  cobra.MinimumNArgs(1),
	}
	cmd.RunE = a.Owning(func(ctx context.Context, n *node.Node, args []string) error {
		end, ok := zone.ParseDay(until, true)
		if until != "" && !ok {
			return &curation.InvalidError{Problem: fmt.Sprintf("--until %q is not a date", until)}
		}
		if !end.IsZero() {
			end = end.AddDate(0, 0, 1)
		}
		with := curation.PagesOnly
		if files {
			with = curation.Everything
		}
		for _, name := range args {
			x := a.act(cmd, curation.Hide)
			x.Reason, x.From, x.Until = reason, from, end
			done, err := n.HideArticle(ctx, name, with, x)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.Printer().Err, a.tr("hidden: %s and %d further addresses\n", "已隐藏：%s，另有 %d 个网址\n"),
				done.URL,
				len(done.Also))
		}
		return nil
	})
	cmd.Flags().StringVar(&reason, "reason", "", a.tr("why; readers see it where hidden is notice",
		"理由；hidden 设为 notice 时读者可见"))
	cmd.Flags().StringVar(&from, "from", "", a.tr("who asked for it; for curators only",
		"提出者，仅编研人员可见"))
	cmd.Flags().StringVar(&until, "until", "", a.tr("the last day it stays hidden", "隐藏的最后一天"))
	cmd.Flags().BoolVar(&files, "files", false, a.tr("its pictures and attachments too", "连同图片和附件"))
	return cmd
}

func (a Commands) mergeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "merge ID|URL INTO",
		Short: a.tr("say that an article is another one at a second address", "将同一文章的另一网址并入"),
		Args:  cobra.ExactArgs(2),
	}
	cmd.RunE = a.Owning(func(ctx context.Context, n *node.Node, args []string) error {
		x := a.act(cmd, curation.Merge)
		from, err := n.Index.Article(ctx, known(node.ArticleID(args[0])), time.Time{})
		if err != nil {
			return err
		}
		x.Article, x.URL, x.Into = from.ID, from.URL, known(node.ArticleID(args[1]))
		return a.done(1, n.Curate(ctx, x))
	})
	return cmd
}

// known returns the ID of an article, the name itself if it is no address: nothing has that ID.
func known(id string, err error) string {
	if err != nil {
		return "?"
	}
	return id
}

func (a Commands) curateListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: a.tr("what was done, by whom, and what is hidden now", "全部记录，及现在隐藏的内容"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			state, err := curation.Open(a.File()).State()
			if err != nil {
				return err
			}
			return a.Printer().Acts(state, time.Now())
		},
	}
}

// Collection returns the command of collections.
func (a Commands) Collection() *cobra.Command {
	cmd := &cobra.Command{Use: "collection", Short: a.tr("collections of articles and sites, described in Dublin Core",
		"专题集：文章与网站的集合，以都柏林核心著录"),
		Args: cobra.NoArgs}
	cmd.PersistentFlags().String("by", "", a.tr("who does it (default: the user of this machine)",
		"操作者（默认为本机用户）"))
	cmd.AddCommand(a.collectionListCommand(), a.describeCommand(),
		a.collectCommand(curation.Collect, "add NAME ID|URL|SITE…", a.tr("put articles or whole sites in",
			"收入文章或整站")),
		a.collectCommand(curation.Drop, "remove NAME ID|URL|SITE…", a.tr("take articles or sites out",
			"移出文章或网站")),
		a.collectCommand(curation.Dissolve, "dissolve NAME", a.tr("remove a collection; its articles stay",
			"撤销专题集（文章不受影响）")))
	return cmd
}

func (a Commands) describeCommand() *cobra.Command {
	var dc map[string]string
	var owner, access string
	cmd := &cobra.Command{
		Use:     "set NAME",
		Short:   a.tr("make a collection or change its description", "新建专题集或修改著录"),
		Example: "  cundang collection set fangzai --dc title=防灾减灾 --dc 'subject=地震;洪水' --owner 资料室",
		Args:    cobra.ExactArgs(1),
	}
	cmd.RunE = a.Owning(func(ctx context.Context, n *node.Node, args []string) error {
		x := a.act(cmd, curation.Describe)
		x.Collection, x.Owner, x.Access, x.DC = args[0], owner, curation.Access(access), map[string][]string{}
		for name, text := range dc {
			x.DC[name] = strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' })
		}
		return a.done(1, n.Curate(ctx, x))
	})
	cmd.Flags().StringToStringVar(&dc, "dc", nil, a.tr("element=value;value of Dublin Core: ",
		"都柏林核心元素=值;值：")+strings.Join(curation.Elements, ", "))
	cmd.Flags().StringVar(&owner, "owner", "", a.tr("who answers for it", "负责者"))
	cmd.Flags().StringVar(&access, "access", "", a.tr("open, readers or restricted",
		"open（公开）、readers（登录者）或 restricted（限制）"))
	return cmd
}

func (a Commands) collectCommand(do curation.Kind, use, short string) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.MinimumNArgs(1)}
	cmd.RunE = a.Owning(func(ctx context.Context, n *node.Node, args []string) error {
		x := a.act(cmd, do)
		x.Collection = args[0]
		for _, name := range args[1:] {
			if n.Profile(name) != nil {
				x.Sites = append(x.Sites, name)
				continue
			}
			id, err := node.ArticleID(name)
			if err != nil {
				return &curation.InvalidError{Problem: err.Error()}
			}
			x.Articles = append(x.Articles, id)
		}
		return a.done(1, n.Curate(ctx, x))
	})
	return cmd
}

func (a Commands) collectionListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: a.tr("the collections there are", "列出专题集"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			state, err := curation.Open(a.File()).State()
			if err != nil {
				return err
			}
			return a.Printer().Collections(state.Collections())
		},
	}
}
