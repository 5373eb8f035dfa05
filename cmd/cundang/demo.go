package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"cundang/internal/config"
	"cundang/internal/demo"
	"cundang/internal/fakesite"
	"cundang/internal/node"
	"cundang/web/listen"

	"github.com/spf13/cobra"
)

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
	story := demo.Story{Node: n, Printer: a.printer()}
	equal, err := story.Crawls(ctx, web)
	if err != nil {
		return err
	}
	if err := story.Searches(ctx); err != nil {
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
	if err := story.Next(ctx); err != nil {
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

// listenDemo takes any free port when the usual one is in use and none was asked for.
func (a *app) listenDemo(ctx context.Context, given bool) (net.Listener, error) {
	ln, err := a.listen(ctx)
	if err != nil && !given && errors.Is(err, syscall.EADDRINUSE) {
		return listen.On(ctx, "127.0.0.1:0", a.cfg.MaxConnections)
	}
	return ln, err
}
