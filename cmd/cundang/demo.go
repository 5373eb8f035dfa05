package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"cundang/index"
	"cundang/internal/config"
	"cundang/internal/demo"
	"cundang/internal/fakesite"
	"cundang/internal/node"
	"cundang/web/listen"

	"github.com/spf13/cobra"
)

// demoQueries are what the demo asks once it has crawled.
var demoQueries = []string{"科学素质", `"青少年科技创新大赛"`, "学会 来源:科协"}

func (a *app) demoCommand() *cobra.Command {
	var keep string
	var once bool
	cmd := &cobra.Command{
		Use: "demo",
		Short: a.tr("the whole thing in a minute, no network: crawl a made-up association web twice, serve it",
			"一分钟演示（无需联网）：两次采集虚构的科协网站并提供检索"),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), keep, once, cmd.Flags().Changed("listen"))
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", a.tr("keep the data in this directory", "将数据保留在该目录"))
	cmd.Flags().BoolVar(&once, "once", false,
		a.tr("end instead of serving the pages", "完成后退出，不启动网页服务"))
	cmd.Flags().String("listen", config.Default().Listen,
		a.tr("address to serve the pages on", "网页服务的监听地址"))
	return cmd
}

// demo crawls the made-up web, lets it age, crawls it again, compares with the truth, asks
// three questions and serves the pages.
func (a *app) demo(ctx context.Context, keep string, once, listenGiven bool) (err error) {
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "cundang-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	a.data = dir
	web := fakesite.New(fakesite.Options{Delay: 20 * time.Millisecond})
	if err := web.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, web.Close()) }()
	n, err := node.Open(ctx, a.options(), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	equal, err := a.demoCrawls(ctx, n, web)
	if err != nil {
		return err
	}
	if err := a.demoSearches(ctx, n); err != nil {
		return err
	}
	if !equal {
		return silent(statusError)
	}
	if once && keep == "" {
		fmt.Fprintln(a.out, a.tr("\nWith --keep DIR the data stays, with what to try next.",
			"\n加 --keep 目录 可保留数据并继续尝试。"))
		return nil
	}
	if err := a.demoNext(ctx, n); err != nil {
		return err
	}
	if once {
		return nil
	}
	ln, err := a.listenDemo(ctx, listenGiven)
	if err != nil {
		return err
	}
	return a.serve(ctx, n, ln)
}

// demoCrawls crawls before and after aging and says whether both equal the truth.
func (a *app) demoCrawls(ctx context.Context, n *node.Node, web *fakesite.Web) (equal bool, err error) {
	equal = true
	if err := demo.WriteProfiles(n.ProfileDir(), web); err != nil {
		return false, err
	}
	for round := 1; round <= 2; round++ {
		if round == 2 {
			web.Age()
			fmt.Fprintln(a.out, a.tr("\nThe web ages: articles are edited, deleted, moved and added. Crawling again.",
				"\n网站发生变化：有修改、删除、移动和新增。再次采集。"))
		}
		profiles, err := n.OwnProfiles()
		if err != nil {
			return false, err
		}
		run, err := a.crawl(ctx, n, node.CrawlRequest{Profiles: profiles, Force: round == 2})
		if err != nil {
			return false, err
		}
		if err := a.printer().Run(run); err != nil {
			return false, err
		}
		differences, articles, err := demo.Compare(ctx, n.Index, web)
		if err != nil {
			return false, err
		}
		for _, d := range differences {
			fmt.Fprintln(a.out, "  ≠ "+d)
		}
		if len(differences) > 0 {
			equal = false
			fmt.Fprintf(a.out, a.tr("%d differences from the truth\n", "与真值文件有 %d 处不同\n"), len(differences))
			continue
		}
		fmt.Fprintf(a.out,
			a.tr("= the truth: %d articles found once, title, source, author and date right, nothing forbidden fetched\n",
				"= 与真值一致：%d 篇文章各找到一次，标题、来源、作者、日期均正确，"+
					"未抓取任何禁止的网页\n"), articles)
	}
	return equal, nil
}

func (a *app) demoSearches(ctx context.Context, n *node.Node) error {
	for _, text := range demoQueries {
		q := index.Query{Text: text, Limit: 3}
		res, err := n.Index.Search(ctx, q)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "\n$ cundang search '%s'\n", text)
		if err := a.printer().Result(res, q); err != nil {
			return err
		}
	}
	return nil
}

// demoNext prints commands to try on what the demo has made.
func (a *app) demoNext(ctx context.Context, n *node.Node) error {
	first, changed, err := demo.Examples(ctx, n.Index)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.tr("\nTry next:", "\n接下来可以试试："))
	for _, line := range []string{
		"search 科普 --facet year,source",
		"show " + first,
		"show " + first + " --cite gbt7714",
		"versions " + changed,
		"diff " + changed,
		"export 科学素质 -f csv -o out.csv",
		"archive verify",
	} {
		fmt.Fprintf(a.out, "  cundang --data %s %s\n", n.Dir, line)
	}
	return nil
}

// listenDemo takes any free port when the usual one is in use and none was asked for.
func (a *app) listenDemo(ctx context.Context, given bool) (net.Listener, error) {
	ln, err := a.listen(ctx)
	if err != nil && !given && errors.Is(err, syscall.EADDRINUSE) {
		return listen.On(ctx, "127.0.0.1:0", a.cfg.MaxConnections)
	}
	return ln, err
}
