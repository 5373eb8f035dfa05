package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/internal/zone"
	"cundang/web/diff"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (a *app) versionsCommand() *cobra.Command {
	var captures bool
	var timemap string
	cmd := &cobra.Command{
		Use:   "versions ID|URL",
		Short: a.tr("what an article said over time", "一篇文章的历次版本"),
		Args:  cobra.ExactArgs(1),
	}
	list := a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		if captures {
			return a.printCaptures(ctx, n, args[0])
		}
		versions, err := a.versions(ctx, n, args[0])
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(versions)
		}
		t := a.table(a.tr("version", "版本"), a.tr("since", "始于"), a.tr("last seen", "最后采集"), a.tr("state", "状态"), a.tr("title", "标题"), "WARC")
		for _, v := range versions {
			ref := ""
			if v.Capture != nil {
				ref = v.Capture.Ref
			}
			t.AppendRow(table.Row{v.Version, v.StandsSince().In(zone.China).Format(time.DateTime), v.Fetched.In(zone.China).Format(time.RFC3339), v.State, clip(string(v.Title), 40), ref})
		}
		t.Render()
		return nil
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch timemap {
		case "":
			return list(cmd, args)
		case "link", "cdxj":
			return a.printTimeMap(cmd.Context(), args[0], timemap)
		}
		return usage("--timemap link|cdxj", "--timemap %q is not a format", timemap)
	}
	cmd.Flags().StringVar(&timemap, "timemap", "", a.tr("print the TimeMap of the URL (RFC 7089): link or cdxj", "输出该网址的 TimeMap（RFC 7089）：link 或 cdxj"))
	cmd.Flags().BoolVar(&captures, "captures", false, a.tr("every capture of the URL, revisits too", "列出该网址的全部存档记录（含重访）"))
	return cmd
}

func (a *app) versions(ctx context.Context, n *node.Node, name string) ([]extract.Article, error) {
	id, err := articleID(name)
	if err != nil {
		return nil, err
	}
	versions, err := n.Index.Versions(ctx, id)
	if errors.Is(err, index.ErrNotFound) || err == nil && len(versions) == 0 {
		return nil, &problem{statusNoResults, fmt.Errorf(a.tr("no article %s in %s", "没有文章 %s（%s）"), name, n.Dir), "cundang search …"}
	}
	return versions, err
}

// captureRow is one capture as `versions --captures --json` prints it.
type captureRow struct {
	Time    time.Time `json:"time"`
	Status  int       `json:"status"`
	Revisit bool      `json:"revisit"`
	State   string    `json:"state"`
	Ref     string    `json:"ref"`
	Digest  string    `json:"digest"`
}

func (a *app) printCaptures(ctx context.Context, n *node.Node, url string) error {
	clean, err := urlkey.Clean(url)
	if err != nil {
		return usage("cundang versions --captures https://…", "%w", err)
	}
	var rows []captureRow
	for c, err := range n.Store.Versions(ctx, clean) {
		if err != nil {
			return err
		}
		rows = append(rows, captureRow{c.Time, c.Status, c.Revisit, c.Fields[archive.FieldState], c.Ref.String(), c.Digest})
	}
	if len(rows) == 0 {
		return &problem{statusNoResults, fmt.Errorf(a.tr("no capture of %s", "没有 %s 的存档记录"), clean), "cundang archive list"}
	}
	if a.json {
		return a.printJSON(rows)
	}
	t := a.table(a.tr("captured", "采集时间"), a.tr("status", "状态码"), a.tr("state", "状态"), a.tr("record", "记录"), "WARC")
	for _, r := range rows {
		kind := "response"
		if r.Revisit {
			kind = "revisit"
		}
		t.AppendRow(table.Row{r.Time.In(zone.China).Format(time.RFC3339), r.Status, r.State, kind, r.Ref})
	}
	t.Render()
	return nil
}

// comparison is what `diff --json` prints.
type comparison struct {
	From        int          `json:"from"`
	To          int          `json:"to"`
	FromSince   time.Time    `json:"from_since"` // first capture of each
	ToSince     time.Time    `json:"to_since"`
	FromFetched time.Time    `json:"from_fetched"` // last capture of each
	ToFetched   time.Time    `json:"to_fetched"`
	Title       []diff.Span  `json:"title"`
	Fields      []diff.Field `json:"fields"` // that differ, beside the body
	Body        []diff.Span  `json:"body"`
}

func (a *app) diffCommand() *cobra.Command {
	var from, to int
	cmd := &cobra.Command{
		Use:   "diff ID|URL",
		Short: a.tr("what changed between two versions", "比较两个版本的差异"),
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, args []string) error {
		versions, err := a.versions(ctx, n, args[0])
		if err != nil {
			return err
		}
		if to == 0 {
			to = len(versions)
		}
		if from == 0 {
			from = max(to-1, 1)
		}
		if from < 1 || to < 1 || from > len(versions) || to > len(versions) {
			return usage("cundang versions "+args[0], "there are %d versions", len(versions))
		}
		old, now := versions[from-1], versions[to-1]
		c := comparison{From: from, To: to, FromSince: old.StandsSince(), ToSince: now.StandsSince(), FromFetched: old.Fetched, ToFetched: now.Fetched,
			Title: diff.ByWord(string(old.Title), string(now.Title), nil), Fields: diff.Fields(old, now), Body: diff.ByWord(string(old.Body), string(now.Body), nil)}
		if a.json {
			return a.printJSON(c)
		}
		fmt.Fprintf(a.out, a.tr("version %d (%s) → %d (%s)\n", "第 %d 版（%s）→ 第 %d 版（%s）\n"),
			from, c.FromSince.In(zone.China).Format(time.DateTime), to, c.ToSince.In(zone.China).Format(time.DateTime))
		a.printSpans(c.Title)
		for _, f := range c.Fields {
			if f.Field == "title" {
				continue
			}
			fmt.Fprintf(a.out, a.tr("%s: ", "%s："), cmp.Or(locale.Text(a.cfg.Lang, "field."+f.Field), f.Field))
			a.printSpans(f.Spans)
		}
		a.printSpans(c.Body)
		return nil
	})
	cmd.Flags().IntVar(&from, "from", 0, a.tr("older version (default: the one before)", "旧版本号（默认为前一版）"))
	cmd.Flags().IntVar(&to, "to", 0, a.tr("newer version (default: the newest)", "新版本号（默认为最新）"))
	return cmd
}

// printSpans writes a comparison: red and green on a terminal, [-old-]{+new+} elsewhere.
func (a *app) printSpans(spans []diff.Span) {
	del, ins, end := [2]string{"[-", "-]"}, [2]string{"{+", "+}"}, "\n"
	if a.colors(a.out) {
		del, ins = [2]string{"\x1b[31;9m", "\x1b[0m"}, [2]string{"\x1b[32m", "\x1b[0m"}
	}
	for _, s := range spans {
		switch s.Op {
		case diff.Delete:
			fmt.Fprint(a.out, del[0]+s.Text+del[1])
		case diff.Insert:
			fmt.Fprint(a.out, ins[0]+s.Text+ins[1])
		default:
			fmt.Fprint(a.out, s.Text)
		}
	}
	fmt.Fprint(a.out, end)
}
