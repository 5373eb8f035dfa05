package crawler_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/site"
)

// TestTLS: strict first; a site whose certificate or version is out of date is read only
// where the profile allows it, and the capture says what happened.
func TestTLS(t *testing.T) {
	for _, c := range []struct {
		name   string
		config *tls.Config
		mode   string
		want   string // in the tls field; "" is no capture
	}{
		{"self-signed, strict", &tls.Config{}, "", ""},
		{"self-signed, lenient", &tls.Config{}, "lenient", "TLS 1.3 TLS_AES_128_GCM_SHA256 lenient: "},
		{"TLS 1.0, lenient", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, "lenient", "TLS 1.0 "},
		{"RC4 and RSA, lenient", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}, "lenient", "TLS 1.2 TLS_RSA_WITH_RC4_128_SHA lenient: "},
		{"3DES, lenient", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}, "lenient", "TLS_RSA_WITH_3DES_EDE_CBC_SHA lenient: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Proto != "HTTP/1.1" {
					t.Errorf("spoken to in %s", r.Proto)
				}
				page(w, "<p>老站点</p>")
			}))
			srv.TLS = c.config
			srv.Config.ErrorLog = log.New(io.Discard, "", 0)
			srv.EnableHTTP2 = true
			srv.StartTLS()
			defer srv.Close()
			p := hostProfile("tls", srv.URL+"/")
			p.TLS = c.mode
			r := newRig(t)
			rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Wait = time.Millisecond })
			got, chains := "", 0
			for _, x := range r.captures() {
				if x.URL == srv.URL+"/" {
					got = x.Fields[archive.FieldTLS]
				}
				all, err := r.store.Companions(t.Context(), x.Ref)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range all {
					if block, _ := pem.Decode(c.Content); block == nil || !bytes.Equal(block.Bytes, srv.Certificate().Raw) {
						t.Errorf("%s kept, not the server's certificate", c.Name)
					}
					chains++
				}
			}
			if c.want == "" {
				s := rep.Sites["tls"]
				if got != "" || len(r.captures()) != 0 || len(s.Denied)+len(s.Failed)+len(s.Held) == 0 {
					t.Errorf("read all the same: %q, %+v", got, s)
				}
				return
			}
			if chains != 1 {
				t.Errorf("the certificates are kept %d times, want once", chains)
			}
			if !strings.Contains(got, c.want) || !strings.Contains(got, "certificate") && !strings.Contains(got, "version") && !strings.Contains(got, "handshake") {
				t.Errorf("tls %q, want %q and why", got, c.want)
			}
		})
	}
}
