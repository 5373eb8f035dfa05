package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"cundang/internal/node"
	"cundang/site"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

func (a *app) crawlCommand() *cobra.Command {
	var limit int
	var duration time.Duration
	var size string
	var force, dryRun, fresh bool
	var metrics string
	cmd := &cobra.Command{
		Use: "crawl [SITE|URL …]",
		Short: a.tr("crawl the due pages of the given or all sites, once",
			"采集到期网页（指定或全部站点），一次"),
		Long: a.tr(`Crawl what is due of the named profiles, or from the given URLs; without arguments of all
profiles in DATA/profiles. A URL without a profile is crawled within its own host.

A crawl that was stopped, killed or ended by --for, --bytes or --limit is gone on with by the
next crawl of the same sites within a week: its name and its limits stay, and no list is asked twice.`,
			`采集指定站点配置或网址的到期网页；不带参数时采集 DATA/profiles 下的全部站点。
没有配置的网址只在其主机范围内采集。

被中止、被强行终止或因 --for、--bytes、--limit 而结束的采集，
一周内再次采集相同站点时接续：编号与各项限额不变，列表页不重复抓取。`),
		Example: "  cundang crawl nxkx\n  cundang crawl https://www.example.org/news/",
		RunE: func(cmd *cobra.Command, args []string) error {
			profiles, err := a.options().ChooseProfiles(args...)
			if err != nil {
				return err
			}
			if dryRun {
				return a.printSeeds(profiles)
			}
			req := node.CrawlRequest{Profiles: profiles, Limit: limit, Force: force, For: duration, Fresh: fresh}
			if size != "" {
				n, err := humanize.ParseBytes(size)
				if err != nil || n == 0 || n > math.MaxInt64 || duration < 0 {
					return usage("cundang crawl --bytes 2GB", "--bytes %s is no size", size)
				}
				req.Bytes = int64(n)
			}
			return a.crawlOnce(cmd.Context(), req, metrics)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 0,
		a.tr("fetch at most this many pages (0: no limit)", "最多抓取的网页数（0 为不限）"))
	cmd.Flags().DurationVar(&duration, "for", 0,
		a.tr("end after this time, e.g. 2h; the next crawl goes on", "到此时长即止，如 2h；下次 crawl 接续"))
	cmd.Flags().StringVar(&size, "bytes", "",
		a.tr("end after as much was received, e.g. 2GB", "接收到此数量即止，如 2GB"))
	cmd.Flags().BoolVar(&fresh, "fresh", false,
		a.tr("begin a crawl, do not go on with an unfinished one", "重新开始，不接续未完成的采集"))
	cmd.Flags().BoolVar(&force, "force", false,
		a.tr("revisit pages that are not due yet", "未到期的网页也重新抓取"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false,
		a.tr("only print what would be crawled", "只显示将要采集的内容"))
	cmd.Flags().StringVar(&metrics, "metrics", "",
		a.tr("serve Prometheus metrics at http://ADDR/metrics while crawling, e.g. 127.0.0.1:9187",
			"采集时在 http://ADDR/metrics 提供 Prometheus 指标，如 127.0.0.1:9187"))
	cmd.Flags().Int("workers", 8, a.tr("hosts crawled at the same time", "同时采集的主机数"))
	return cmd
}

// crawlOnce owns DATA, crawls, indexes and prints the report.
func (a *app) crawlOnce(ctx context.Context, req node.CrawlRequest, metrics string) (err error) {
	n, err := node.Open(ctx, a.options(), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	stop, err := a.answerOthers(ctx, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if metrics != "" {
		n.Meter = node.NewMeter()
		stop, err := a.serveMetrics(ctx, n, metrics)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	run, err := a.printer().Crawl(ctx, n, req)
	if run.Crawl != "" {
		if e := a.printer().Run(run); e != nil {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return err
	}
	if run.FailedPages() > 0 || len(run.Alarms) > 0 {
		return silent(statusPartly)
	}
	return nil
}

func (a *app) printSeeds(profiles []*site.Profile) error {
	for _, p := range profiles {
		for _, s := range p.Seeds {
			if _, err := fmt.Fprintln(a.out, strings.TrimSpace(p.ID+"\t"+s.URL+"\t"+s.Column)); err != nil {
				return err
			}
		}
	}
	return nil
}
