package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cundang/crawler"
	"cundang/extract"
	"cundang/site"

	"github.com/spf13/cobra"
)

func (a *app) crawlCommand() *cobra.Command {
	var limit int
	var force, dryRun bool
	var metrics string
	cmd := &cobra.Command{
		Use:   "crawl [SITE|URL …]",
		Short: a.tr("crawl the due pages of the given or all sites, once", "采集到期网页（指定或全部站点），一次"),
		Long: a.tr("Crawl what is due of the named profiles, or from the given URLs; without arguments of all\nprofiles in DATA/profiles. A URL without a profile is crawled within its own host.",
			"采集指定站点配置或网址的到期网页；不带参数时采集 DATA/profiles 下的全部站点。\n没有配置的网址只在其主机范围内采集。"),
		Example: "  cundang crawl nxkx\n  cundang crawl https://www.example.org/news/",
		RunE: func(cmd *cobra.Command, args []string) error {
			profiles, err := a.chosenProfiles(args)
			if err != nil {
				return err
			}
			if dryRun {
				return a.printSeeds(profiles)
			}
			return a.crawlOnce(cmd.Context(), crawlRequest{profiles: profiles, limit: limit, force: force, metrics: metrics})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 0, a.tr("fetch at most this many pages (0: no limit)", "最多抓取的网页数（0 为不限）"))
	cmd.Flags().BoolVar(&force, "force", false, a.tr("revisit pages that are not due yet", "未到期的网页也重新抓取"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.tr("only print what would be crawled", "只显示将要采集的内容"))
	cmd.Flags().StringVar(&metrics, "metrics", "", a.tr("serve Prometheus metrics at http://ADDR/metrics while crawling, e.g. 127.0.0.1:9187", "采集时在 http://ADDR/metrics 提供 Prometheus 指标，如 127.0.0.1:9187"))
	cmd.Flags().Int("workers", 8, a.tr("hosts crawled at the same time", "同时采集的主机数"))
	return cmd
}

// crawlRequest is what one crawl is asked to do.
type crawlRequest struct {
	profiles []*site.Profile
	limit    int
	force    bool
	progress func(crawler.Progress) // nil: on the terminal
	metrics  string                 // address to serve metrics at, "": none are
}

// crawlOnce owns DATA, crawls, indexes and prints the report.
func (a *app) crawlOnce(ctx context.Context, req crawlRequest) (err error) {
	lib, err := a.openOwner(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.Close()) }()
	stop, err := a.answerOthers(ctx, lib)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if req.metrics != "" {
		a.meter = newMeter()
		stop, err := a.serveMetrics(ctx, lib, req.metrics)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	run, err := a.crawl(ctx, lib, req)
	if run.Crawl != "" {
		if e := a.printRun(run); e != nil {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return a.diskProblem(err)
	}
	if failedPages(run.Report) > 0 || len(run.Alarms) > 0 {
		return silent(statusPartly)
	}
	return nil
}

// crawl fills the archive, lets the index follow it and keeps what became of it. What was
// fetched before an interrupt is indexed all the same.
func (a *app) crawl(ctx context.Context, lib *library, req crawlRequest) (crawlRun, error) {
	lib.profiles.add(req.profiles...)
	before, err := loadRuns(lib.frontier, 0)
	if err != nil {
		return crawlRun{}, err
	}
	follow := lib.follow(context.WithoutCancel(ctx))
	show := req.progress
	if show == nil {
		p := a.newProgress()
		defer p.end()
		show = p.update
	}
	opts := crawler.Options{
		Log: a.log, Profiles: req.profiles, Store: lib.store, Frontier: lib.frontier, Workers: a.cfg.Workers,
		Limit: req.limit, Force: req.force, Contact: a.cfg.Contact, Version: version(), Progress: show,
		Digest: extract.ContentDigest, Committed: follow.wake,
	}
	if a.meter != nil {
		opts.Meter = a.meter
	}
	report, err := crawler.Run(ctx, opts)
	err = errors.Join(err, follow.stop())
	run := crawlRun{Report: report, Fill: lib.takeFills(report.Crawl)}
	if report.Crawl == "" {
		return run, err
	}
	run.Alarms = alarms(run, before, report.Finished)
	if err != nil {
		run.Error = err.Error()
	}
	return run, errors.Join(err, saveRun(lib.frontier, run))
}

// follower indexes what a crawl commits while it goes on.
type follower struct {
	woken chan struct{}
	done  chan error
}

// follow starts a goroutine that catches the index up whenever it is woken; stop ends it
// after a last time.
func (l *library) follow(ctx context.Context) *follower {
	f := &follower{woken: make(chan struct{}, 1), done: make(chan error, 1)}
	go func() {
		var err error
		for range f.woken {
			if err == nil {
				_, err = l.catchUp(ctx)
			}
		}
		_, err = l.catchUp(ctx) // a disk that was full may have room by now
		f.done <- errors.Join(err, l.index.Settle(ctx))
	}()
	return f
}

func (f *follower) wake() {
	select {
	case f.woken <- struct{}{}:
	default: // it is woken already
	}
}

func (f *follower) stop() error {
	close(f.woken)
	return <-f.done
}

func failedPages(r crawler.Report) int {
	n := 0
	for _, s := range r.Sites {
		n += len(s.Failed)
	}
	return n
}

func siteNames(r crawler.Report) []string {
	var names []string
	for name := range r.Sites {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
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
