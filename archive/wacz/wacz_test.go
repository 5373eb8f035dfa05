package wacz

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func of[T any](xs ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, x := range xs {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func sample(lines int) Package {
	p := Package{Title: "学会网站", Created: time.Date(2026, 11, 22, 8, 0, 1, 0, time.UTC)}
	for _, name := range []string{"a.warc.gz", "b.warc.gz"} {
		p.Files = append(p.Files, File{Name: name, Size: 5, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("\x1f\x8b" + name)), nil
		}})
	}
	var all []string
	for i := range lines {
		all = append(all, fmt.Sprintf(`org,example)/%06d 20261122080000 {"url": "http://example.org/%d", "length": "1", "offset": "%d", "filename": "a.warc.gz"}`, i, i, i))
	}
	p.Lines = of(all...)
	p.Pages = of(Page{URL: "http://example.org/0", Time: p.Created, Title: "首页 <新>"})
	return p
}

func TestPackage(t *testing.T) {
	for _, n := range []int{1, BlockLines, BlockLines + 1, 5*BlockLines - 1} {
		var a, b bytes.Buffer
		for _, w := range []io.Writer{&a, &b} {
			if err := Write(w, sample(n)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("two packages of the same differ")
		}
		r, err := NewReader(bytes.NewReader(a.Bytes()), int64(a.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := r.Check(t.Context()); len(p) > 0 || err != nil {
			t.Errorf("%d lines: %v", n, p)
		}
		if d := cmp.Diff([]string{"a.warc.gz", "b.warc.gz"}, r.WARCs()); d != "" || r.Title() != "学会网站" {
			t.Error(d)
		}
		var lines []string
		for l, err := range r.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, l)
		}
		if len(lines) != n || !slices.IsSorted(lines) {
			t.Errorf("%d lines of %d", len(lines), n)
		}
		idx, err := r.read(idxPath, maxIndex)
		if err != nil || strings.Count(string(idx), "\n") != 1+(n+BlockLines-1)/BlockLines {
			t.Errorf("%d lines: index of blocks %s, %v", n, idx, err)
		}
	}
}

func TestNoPackage(t *testing.T) {
	for _, s := range []string{"", "PK", "PK\x05\x06" + strings.Repeat("\x00", 18)} {
		if _, err := NewReader(strings.NewReader(s), int64(len(s))); err == nil {
			t.Errorf("%q is a package", s)
		}
	}
	p := sample(1)
	p.Files[0].Name = "../a.warc.gz"
	if err := Write(io.Discard, p); err == nil {
		t.Error("a file outside archive/ was packed")
	}
}

func FuzzPackage(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, sample(3)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		r.Check(t.Context()) // any bytes: problems are as good as none
		for _, name := range r.WARCs() {
			rc, err := r.OpenWARC(name)
			if err != nil {
				continue
			}
			io.Copy(io.Discard, rc) // any bytes: an error is as good as none
			rc.Close()
		}
	})
}

func TestSignature(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	hash := "sha256:" + strings.Repeat("ab", 32)
	sum := sha256.Sum256([]byte(hash))
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	x, y, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := append(x.FillBytes(make([]byte, 48)), y.FillBytes(make([]byte, 48))...)
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct {
		name string
		s    signedData
		want string // code
	}{
		{"as OpenSSL writes it", signedData{Hash: hash, Signature: b64(der), PublicKey: b64(public)}, "wacz-signer"},
		{"as browsers write it", signedData{Hash: hash, Signature: b64(raw), PublicKey: b64(public)}, "wacz-signer"},
		{"of another hash", signedData{Hash: hash[:70] + "0", Signature: b64(der), PublicKey: b64(public)}, "wacz-signature"},
		{"changed", signedData{Hash: hash, Signature: b64(append([]byte{1}, raw[1:]...)), PublicKey: b64(public)},
			"wacz-signature"},
		{"no key", signedData{Hash: hash, Signature: b64(der)}, "wacz-signature"},
		{"no certificate", signedData{Hash: hash, Signature: b64(der), DomainCert: "none"}, "wacz-signature"},
	} {
		k := &checker{ctx: t.Context()}
		k.checkSignature(digestFile{Path: dataPackage, Hash: hash, Signed: &c.s})
		if len(k.out) != 1 || k.out[0].Code != c.want || k.out[0].Warning != (c.want == "wacz-signer") {
			t.Errorf("%s: %+v", c.name, k.out)
		}
	}
}

// TestCheckReadsEachFileOnce names one file often in the manifest.
func TestCheckReadsEachFileOnce(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	names := strings.Repeat(`{"path":"archive/a.warc.gz","hash":"SHA-256:00","bytes":3},`, 50_000)
	for name, data := range map[string]string{
		dataPackage:         `{"wacz_version":"1.1.1","resources":[` + strings.TrimSuffix(names, ",") + `]}`,
		"archive/a.warc.gz": "abc",
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	for _, p := range got {
		codes[p.Code]++
	}
	want := map[string]int{"wacz-hash": 1, "wacz-manifest": 1, "wacz-deflated": 1, "wacz-index": 1, "wacz-pages": 1}
	if d := cmp.Diff(want, codes); d != "" {
		t.Error(d, got)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
