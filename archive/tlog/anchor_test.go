package tlog

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// authority is a time stamping authority of our own on loopback; it tells the time at.
func authority(t *testing.T, at time.Time) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "时间戳测试"},
		NotBefore: at.Add(-time.Hour), NotAfter: at.AddDate(100, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		req, err := timestamp.ParseRequest(body)
		if err != nil {
			t.Error(err)
			return
		}
		stamp := timestamp.Timestamp{HashAlgorithm: req.HashAlgorithm, HashedMessage: req.HashedMessage, Time: at,
			Nonce: req.Nonce, Policy: []int{2, 4, 5, 6}, AddTSACertificate: req.Certificates}
		answer, err := stamp.CreateResponseWithOpts(cert, key, crypto.SHA256)
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		w.Write(answer)
	}))
	t.Cleanup(s.Close)
	return s
}

// grown makes a log of n entries in a directory of its own.
func grown(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	l := open(t, dir)
	if err := l.Append(filesFrom("s/a.warc.gz", 0, n)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// grow adds n captures of another WARC.
func grow(t *testing.T, dir, file string, n int) {
	t.Helper()
	l := open(t, dir)
	if err := l.Append(filesFrom(file, 0, n)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStamp(t *testing.T) {
	dir := grown(t, 300)
	at := time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)
	path, told, err := Stamp(t.Context(), http.DefaultClient, dir, authority(t, at).URL)
	if err != nil || !told.Equal(at) {
		t.Fatalf("stamped at %v: %v", told, err)
	}
	grow(t, dir, "s/b.warc.gz", 100)
	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, ok, err := Anchored(dir, v.Keys, 299)
	if err != nil || !ok || a.Size != 300 || len(a.Files) != 2 {
		t.Fatalf("anchor %+v, %v, %v", a.Checkpoint, ok, err)
	}
	if _, ok, err := Anchored(dir, v.Keys, 300); ok || err != nil {
		t.Errorf("an entry behind the stamped head: %v, %v", ok, err)
	}
	if err := v.Continues(a.Checkpoint); err != nil {
		t.Error(err)
	}
	response, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := CheckStamp(response, a.Files["300.checkpoint"]); err != nil || !got.Equal(at) {
		t.Errorf("kept stamp: %v, %v", got, err)
	}
	if _, err := CheckStamp(response, v.Signed); err == nil {
		t.Error("the stamp of one head holds for another")
	}
	old := v.At(a.Checkpoint)
	text, err := old.Proof(255)
	if err != nil {
		t.Fatal(err)
	}
	if _, head, err := CheckProof(text, leafAt("s/a.warc.gz", 255).Marshal(), v.Keys); err != nil || head.Size != 300 {
		t.Errorf("proof up to the stamped head: %d, %v", head.Size, err)
	}
}

func TestWitness(t *testing.T) {
	dir := grown(t, 300)
	keys, err := LoadKeys(Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	w, err := OpenWitness(t.TempDir(), "witness.example", []string{keys[0].Key})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(w)
	defer s.Close()
	for _, n := range []int{0, 0, 5, 400} {
		if n > 0 {
			grow(t, dir, "s/"+string(rune('a'+n%26))+".warc.gz", n)
		}
		head, err := Cosign(t.Context(), s.Client(), dir, s.URL, w.Key())
		if err != nil {
			t.Fatalf("after %d more: %v", n, err)
		}
		a, ok, err := Anchored(dir, keys, head.Size-1)
		if err != nil || !ok {
			t.Fatalf("no anchor of %d: %v", head.Size, err)
		}
		got, err := Cosignatures(a.Signed, []string{w.Key()})
		if err != nil || len(got) == 0 || got[0].Witness != "witness.example" {
			t.Errorf("cosignatures of %d: %v, %v", head.Size, got, err)
		}
	}
	t.Run("two histories", func(t *testing.T) {
		other := t.TempDir()
		for _, name := range []string{keyName, keysName} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(other, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		grow(t, other, "s/z.warc.gz", 1000)
		if _, err := Cosign(t.Context(), s.Client(), other, s.URL, w.Key()); err == nil {
			t.Error("a second history is cosigned")
		}
	})
	t.Run("unknown log", func(t *testing.T) {
		stranger := t.TempDir()
		l, err := Open(stranger, Options{Origin: "stranger.example"})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Append(filesFrom("s/a.warc.gz", 0, 2)), l.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := Cosign(context.Background(), s.Client(), stranger, s.URL, w.Key()); err == nil {
			t.Error("the head of an unknown log is cosigned")
		}
	})
}
