package listen

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A socket that a killed server left is taken over, one with a server behind it is not.
func TestSocket(t *testing.T) {
	at := "unix:" + filepath.Join(t.TempDir(), "s")
	first, err := On(t.Context(), at, 8)
	if err != nil {
		t.Fatal(err)
	}
	if Address(first) != at {
		t.Errorf("address %s, want %s", Address(first), at)
	}
	if _, err := On(t.Context(), at, 8); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a socket in use: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: at[len("unix:"):]})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := On(t.Context(), at, 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A request under way when the server is told to end is answered.
func TestServeEndsInOrder(t *testing.T) {
	ln, err := On(t.Context(), "127.0.0.1:0", 8)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		io.WriteString(w, "done")
	})
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, handler, ln, nil) }()
	resp, err := http.Get("http://" + Address(ln) + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || string(body) != "done" {
		t.Errorf("%q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A renewed certificate holds at once; a half renewed one leaves the old one in force.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	if c, err := LoadCertificate("", "", nil); c != nil || err != nil {
		t.Errorf("without files: %v, %v", c, err)
	}
	if _, err := LoadCertificate(certFile, keyFile, nil); err == nil {
		t.Error("missing files are no error")
	}
	writeCertificate(t, certFile, keyFile, 1)
	c, err := LoadCertificate(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		cert, err := c.current(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.SerialNumber.Int64()
	}
	writeCertificate(t, certFile, keyFile, 2)
	touch(t, certFile, time.Hour)
	if n := serial(); n != 2 {
		t.Errorf("certificate %d after renewal", n)
	}
	if err := os.WriteFile(keyFile, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(t, certFile, 2*time.Hour)
	if n := serial(); n != 2 {
		t.Errorf("certificate %d when half renewed", n)
	}
}

func touch(t *testing.T, file string, later time.Duration) {
	t.Helper()
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC).Add(later)
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"archive.example"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
