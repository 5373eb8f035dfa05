package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"cundang/internal/node"
	"cundang/internal/webcrawls"
	"cundang/web"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
)

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.tr("scheduled crawls, API and web pages in one process", "定时采集、接口与网页服务"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			ln, err := a.listen()
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
	cmd.Flags().String("listen", defaults().Listen, a.tr("address to listen on", "监听地址"))
	return cmd
}

// listen opens the address of the pages before anything else, so that a port in use is said
// at once.
func (a *app) listen() (net.Listener, error) {
	ln, err := net.Listen("tcp", a.cfg.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &problem{statusError, fmt.Errorf(a.tr("address %s is in use: %w", "地址 %s 已被占用：%w"), a.cfg.Listen, syscall.EADDRINUSE), "--listen 127.0.0.1:0"}
	case err != nil:
		return nil, usage("--listen 127.0.0.1:8787", "listen on %s: %w", a.cfg.Listen, err)
	}
	return ln, nil
}

// servePercent is how much garbage may stand beside what is in use, in percent: with 200 instead of Go's 100 a search
// takes 6 % less CPU and a server with 100,000 articles up to 130 MB more.
const servePercent = 200

// serve answers pages and other commands and runs scheduled crawls until ctx ends, then lets
// requests and crawls finish what is on the wire.
func (a *app) serve(ctx context.Context, n *node.Node, ln net.Listener) (err error) {
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
	handler, err := web.New(a.webOptions(n, crawls, ln.Addr().String()))
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	stop, err := a.answerOthers(ctx, n)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, stop()) }()
	wait, err := crawls.Schedule(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, wait()) }()
	fmt.Fprintf(a.err, a.tr("cundang is at http://%s/ (stop with Ctrl-C)\n", "存档服务：http://%s/ （Ctrl-C 停止）\n"), ln.Addr())
	return serveUntil(ctx, handler, ln)
}

// serveUntil serves until ctx ends and then waits for the requests under way.
func serveUntil(ctx context.Context, handler http.Handler, ln net.Listener) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx }} // streams end with the server
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

func (a *app) webOptions(n *node.Node, crawls *node.Crawls, addr string) web.Options {
	n.Meter = node.NewMeter()
	return web.Options{Metrics: n.Collectors(), Index: n.Index, Store: n.Store, Read: n.ReadCapture, Crawls: webcrawls.New(n, crawls),
		Saved: web.SavedFile(n.Path("saved-searches.json")), Log: a.log, Lang: a.cfg.Lang, Version: version(), Listen: addr,
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
	go func() { done <- serveUntil(ctx, mux, ln) }()
	a.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return func() error { cancel(); return <-done }, nil
}
