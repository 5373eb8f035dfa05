package listen

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a TLS certificate in files. They are read again when they change, so that a renewed certificate holds
// without a restart. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	of     time.Time // of the file that loaded was read from
}

// LoadCertificate reads a certificate and its key; without files it returns nil.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	if certFile == "" {
		return nil, nil
	}
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := c.current(nil); err != nil {
		return nil, err
	}
	return c, nil
}

// current returns the certificate as the files have it. A half renewed one is left out, and the old one goes on.
func (c *Certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.certFile)
	if err == nil && c.loaded != nil && info.ModTime().Equal(c.of) {
		return c.loaded, nil
	}
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	switch {
	case err == nil && info != nil:
		c.loaded, c.of = &cert, info.ModTime()
	case c.loaded == nil:
		return nil, fmt.Errorf("read certificate: %w", err)
	default:
		c.log.Warn("read certificate", "err", err)
	}
	return c.loaded, nil
}

func (c *Certificate) config() *tls.Config {
	if c == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.current, NextProtos: []string{"h2", "http/1.1"}}
}
