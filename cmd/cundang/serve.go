package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"cundang/internal/node"
	"cundang/internal/webcrawls"
	"cundang/web"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/net/netutil"
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
	cmd.Flags().String("listen", defaults().Listen, a.tr("address to listen on, or unix:PATH", "监听地址，或 unix:路径"))
	a.publishingFlags(cmd.Flags())
	return cmd
}

// publishingFlags are a flag for each key of the configuration that concerns publishing. Lists are separated by commas.
func (a *app) publishingFlags(f *pflag.FlagSet) {
	d := defaults()
	for _, s := range fieldsOf(reflect.ValueOf(&d.Publishing).Elem()) {
		f.String(s.flag(), s.text(), a.tr(s.en, s.zh))
	}
}

// listen opens the address of the pages before anything else, so that a port in use is said
// at once.
func (a *app) listen() (net.Listener, error) {
	network, addr := "tcp", a.cfg.Listen
	if path, ok := strings.CutPrefix(a.cfg.Listen, "unix:"); ok {
		network, addr = "unix", path
		if err := removeStale(path); err != nil {
			return nil, usage("--listen unix:PATH", "listen on %s: %w", a.cfg.Listen, err)
		}
	}
	ln, err := net.Listen(network, addr)
	if err == nil && network == "unix" { // for its owner and group: a proxy
		if err = os.Chmod(addr, 0o660); err != nil {
			err = errors.Join(err, ln.Close())
		}
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &problem{statusError, fmt.Errorf(a.tr("address %s is in use: %w", "地址 %s 已被占用：%w"), a.cfg.Listen, syscall.EADDRINUSE), "--listen 127.0.0.1:0"}
	case err != nil:
		return nil, usage("--listen 127.0.0.1:8787", "listen on %s: %w", a.cfg.Listen, err)
	}
	return netutil.LimitListener(ln, a.cfg.MaxConnections), nil
}

// removeStale removes a socket on which nobody listens any more.
func removeStale(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return nil // nothing there, or what Listen will refuse
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		return errors.Join(syscall.EADDRINUSE, c.Close())
	}
	return os.Remove(path)
}

// address is what a listener is called in the configuration.
func address(ln net.Listener) string {
	if ln.Addr().Network() == "unix" {
		return "unix:" + ln.Addr().String()
	}
	return ln.Addr().String()
}

// certificate returns the TLS configuration, nil without certificate files. They are read again when they change, so
// that a renewed certificate holds without a restart.
func (a *app) certificate() (*tls.Config, error) {
	if a.cfg.TLSCert == "" {
		return nil, nil
	}
	var mu sync.Mutex
	var loaded *tls.Certificate
	var of time.Time
	load := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		info, err := os.Stat(a.cfg.TLSCert)
		if err == nil && loaded != nil && info.ModTime().Equal(of) {
			return loaded, nil
		}
		cert, err := tls.LoadX509KeyPair(a.cfg.TLSCert, a.cfg.TLSKey)
		switch {
		case err == nil && info != nil:
			loaded, of = &cert, info.ModTime()
		case loaded == nil:
			return nil, fmt.Errorf("read certificate: %w", err)
		default: // half renewed: the old one goes on
			a.log.Warn("read certificate", "err", err)
		}
		return loaded, nil
	}
	if _, err := load(nil); err != nil {
		return nil, usage("cundang config --origin", "%w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: load, NextProtos: []string{"h2", "http/1.1"}}, nil
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
	cert, err := a.certificate()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	handler, err := web.New(a.webOptions(n, crawls, address(ln)))
	if errors.Is(err, web.ErrOpen) {
		err = &problem{statusUsage, err, "cundang token new NAME, or --proxy-user HEADER --trusted-proxies NETWORK; docs/publishing.md"}
	}
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
	at := "http://" + ln.Addr().String() + a.cfg.BasePath + "/"
	switch {
	case cert != nil:
		at = "https" + strings.TrimPrefix(at, "http")
	case ln.Addr().Network() == "unix":
		at = address(ln)
	}
	fmt.Fprintf(a.err, a.tr("cundang is at %s (stop with Ctrl-C)\n", "存档服务：%s （Ctrl-C 停止）\n"), at)
	a.log.Info("serving", "addr", at)
	return serveUntil(ctx, handler, ln, cert)
}

// serveUntil serves, with TLS unless cert is nil, until ctx ends and then waits for the requests under way. Heads and
// bodies have to come within a time; answers may take longer.
func serveUntil(ctx context.Context, handler http.Handler, ln net.Listener, cert *tls.Config) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		TLSConfig: cert, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }} // streams end with the server
	served := make(chan error, 1)
	go func() {
		if cert != nil {
			served <- srv.ServeTLS(ln, "", "")
			return
		}
		served <- srv.Serve(ln)
	}()
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
	proxies, err := a.cfg.proxies()
	if err != nil { // validated when it was loaded
		a.log.Error("trusted proxies", "err", err)
	}
	return web.Options{Metrics: n.Collectors(), Index: n.Index, Store: n.Store, Read: n.ReadCapture, Crawls: webcrawls.New(n, crawls),
		Saved: web.SavedFile(n.Path("saved-searches.json")), Log: a.log, Lang: a.cfg.Lang, Version: version(), Listen: addr,
		Tokens: a.tokens(), ProxyUser: a.cfg.ProxyUser, TrustedProxies: proxies, Curators: a.cfg.CuratorUsers, Operators: a.cfg.OperatorUsers,
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
	go func() { done <- serveUntil(ctx, mux, ln, nil) }()
	a.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return func() error { cancel(); return <-done }, nil
}
