// Package listen opens the address of a server, its certificate, and serves until it is told to end.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// On listens on host:port, or on the socket unix:PATH, for at most so many connections at once. Of an address in use
// the error is syscall.EADDRINUSE.
func On(ctx context.Context, address string, connections int) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix:")
	if unix {
		return onSocket(ctx, path, connections)
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return netutil.LimitListener(ln, connections), nil
}

func onSocket(ctx context.Context, path string, connections int) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o660); err != nil { // for its owner and group: a proxy
		return nil, errors.Join(err, ln.Close())
	}
	return netutil.LimitListener(ln, connections), nil
}

// removeStale removes a socket on which nobody listens any more.
func removeStale(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Type() != fs.ModeSocket {
		return nil // nothing there, or what Listen will refuse
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		return errors.Join(fmt.Errorf("listen unix %s: %w", path, syscall.EADDRINUSE), c.Close())
	}
	return os.Remove(path)
}

// Address returns what On calls the address of a listener.
func Address(ln net.Listener) string {
	if ln.Addr().Network() == "unix" {
		return "unix:" + ln.Addr().String()
	}
	return ln.Addr().String()
}

// Serve answers on ln, with TLS if there is a certificate, until ctx ends and then waits for the requests under way.
// Heads and bodies have to come within a time; answers may take longer.
func Serve(ctx context.Context, handler http.Handler, ln net.Listener, cert *Certificate) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, TLSConfig: cert.config(),
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
