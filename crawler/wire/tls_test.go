package wire_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"testing"

	"cundang/crawler/wire"
)

// TestAbortedTLS breaks connections off below HTTP: in the handshake nothing has been said that
// could be kept; in an answer what came before is kept and marked, although no close_notify came.
func TestAbortedTLS(t *testing.T) {
	srv := httptest.NewTLSServer(nil)
	certificates := srv.TLS.Certificates
	srv.Close()
	const part = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<html>正文"
	for _, c := range []struct {
		name      string
		serve     func(net.Conn)
		op        string // of the error; "" for none
		truncated string
	}{
		{name: "before an answer to the ClientHello", serve: func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1024)) },
			op: "tls"},
		{name: "half a record", serve: func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1024))
			_, _ = conn.Write([]byte{22, 3, 3, 0, 90, 2, 0})
		}, op: "tls"},
		{name: "no TLS at all",
			serve: func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\n\r\n") }, op: "tls"},
		{name: "in the body", serve: func(conn net.Conn) {
			s := tls.Server(conn, &tls.Config{Certificates: certificates})
			_, _ = s.Read(make([]byte, 4096))
			_, _ = io.WriteString(s, part) // the caller closes the connection below TLS
		}, truncated: "disconnect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				for {
					conn, err := ln.Accept()
					if err != nil {
						return
					}
					c.serve(conn)
					conn.Close()
				}
			}()
			x, err := transport(t).Do(t.Context(), wire.Request{URL: "https://" + ln.Addr().String() + "/", Private: true,
				Lenient: true})
			if c.op != "" {
				var we *wire.Error
				if !errors.As(err, &we) || we.Op != c.op {
					t.Fatalf("%v, want an error of %q", err, c.op)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			got, err := io.ReadAll(x.Response())
			if err != nil || string(got) != part || x.Truncated != c.truncated || x.TLS == "" {
				t.Errorf("recorded %q (%v), truncated %q, TLS %q", got, err, x.Truncated, x.TLS)
			}
		})
	}
}
