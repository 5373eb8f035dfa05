package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"cundang/internal/config"
	"cundang/internal/locale"
	"cundang/internal/node"
	"cundang/internal/webcrawls"
	"cundang/web"
	"cundang/web/listen"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.tr("scheduled crawls, API and web pages in one process", "定时采集、接口与网页服务"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			ln, err := a.listen(ctx)
			if err != nil {
				return err
			}
			n, err := node.Open(ctx, a.options(), true)
			if err != nil {
				return errors.Join(err, ln.Close())
			}
			defer func() { err = errors.Join(err, n.Close()) }()
			if _, err := n.CatchUp(ctx); err != nil {
				return errors.Join(err, ln.Close())
			}
			return a.serve(ctx, n, ln)
		},
	}
	cmd.Flags().String("listen", config.Default().Listen,
		a.tr("address to listen on, or unix:PATH", "监听地址，或 unix:路径"))
	a.publishingFlags(cmd.Flags())
	return cmd
}

// publishingFlags are a flag for each key of the configuration that concerns publishing. Lists are separated by commas.
func (a *app) publishingFlags(f *pflag.FlagSet) {
	d := config.Default()
	for _, s := range d.Publishing.Settings() {
		f.String(s.Flag(), s.Text(), locale.Text(a.cfg.Lang, "config."+s.Key))
	}
}

// listen opens the address of the pages before anything else, so that a port in use is said at once.
func (a *app) listen(ctx context.Context) (net.Listener, error) {
	ln, err := listen.On(ctx, a.cfg.Listen, a.cfg.MaxConnections)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		said := fmt.Errorf(a.tr("address %s is in use: %w", "地址 %s 已被占用：%w"), a.cfg.Listen, syscall.EADDRINUSE)
		return nil, &problem{statusError, said, "--listen 127.0.0.1:0"}
	case err != nil:
		return nil, usage("--listen 127.0.0.1:8787", "listen on %s: %w", a.cfg.Listen, err)
	}
	return ln, nil
}

// servePercent is how much garbage may stand beside what is in use, in percent: with 200 instead of Go's 100 a search
// takes 6 % less CPU and a server with 100,000 articles up to 130 MB more.
const servePercent = 200

// serve answers pages and other commands and runs scheduled crawls until ctx ends, then lets
// requests and crawls finish what is on the wire. It closes ln.
func (a *app) serve(ctx context.Context, n *node.Node, ln net.Listener) (err error) {
	defer func() {
		if e := ln.Close(); !errors.Is(e, net.ErrClosed) { // which it is when it was served
			err = errors.Join(err, e)
		}
	}()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(servePercent)
	}
	crawls := node.NewCrawls(ctx, n)
	defer crawls.Wait()
	var warming sync.WaitGroup
	defer warming.Wait()
	warming.Go(func() {
		if err := n.Index.Warm(ctx); err != nil {
			a.log.Warn("the first searches will be slow", "err", err)
		}
	})
	cert, err := listen.LoadCertificate(a.cfg.TLSCert, a.cfg.TLSKey, a.log)
	if err != nil {
		return usage("cundang config --origin", "%w", err)
	}
	handler, err := web.New(a.webOptions(n, crawls, listen.Address(ln)))
	if errors.Is(err, web.ErrOpen) {
		err = &problem{statusUsage, err,
			"cundang token new NAME, or --proxy-user HEADER --trusted-proxies NETWORK; docs/publishing.md"}
	}
	if err != nil {
		return err
	}
	stop, err := a.answerOthers(ctx, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	wait, err := crawls.Schedule(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wait()) }()
	at := "http://" + ln.Addr().String() + a.cfg.BasePath + "/"
	switch {
	case cert != nil:
		at = "https" + strings.TrimPrefix(at, "http")
	case ln.Addr().Network() == "unix":
		at = listen.Address(ln)
	}
	fmt.Fprintf(a.err, a.tr("cundang is at %s (stop with Ctrl-C)\n", "存档服务：%s （Ctrl-C 停止）\n"), at)
	a.log.Info("serving", "addr", at)
	return listen.Serve(ctx, handler, ln, cert)
}

func (a *app) webOptions(n *node.Node, crawls *node.Crawls, addr string) web.Options {
	n.Meter = node.NewMeter()
	proxies, err := a.cfg.Proxies()
	if err != nil { // validated when it was loaded
		a.log.Error("trusted proxies", "err", err)
	}
	grants, err := a.cfg.SitesOfUsers()
	if err != nil {
		a.log.Error("sites of users", "err", err)
	}
	return web.Options{Metrics: n.Collectors(), Index: n.Articles, Store: n.Captures, Curation: n, Read: n.ReadCapture,
		Crawls: webcrawls.New(n, crawls),
		Saved:  web.SavedFile(n.Path("saved-searches.json")), Log: a.log, Lang: a.cfg.Lang, Version: version(), Listen: addr,
		Tokens: a.tokens(), ProxyUser: a.cfg.ProxyUser, TrustedProxies: proxies, Curators: a.cfg.CuratorUsers,
		Operators: a.cfg.OperatorUsers, SiteReaders: grants, Public: a.cfg.Public == "yes",
		Hosts: a.cfg.Hosts, Base: a.cfg.BasePath,
		SiteName: func(id string) string {
			if p := n.Profile(id); p != nil {
				return p.Name
			}
			return ""
		}}
}

// serveMetrics answers scrapes at http://ADDR/metrics until stop.
func (a *app) serveMetrics(ctx context.Context, n *node.Node, addr string) (stop func() error, err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &problem{statusError, err, "--metrics 127.0.0.1:0"}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(n.Collectors()...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- listen.Serve(ctx, mux, ln, nil) }()
	a.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return func() error { cancel(); return <-done }, nil
}
