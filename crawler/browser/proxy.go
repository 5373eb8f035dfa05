package browser

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// proxy stands between the browser and the net. It answers with what its Fetch gives,
// https included: the browser is told to believe the certificate made here.
type proxy struct {
	addr   string
	secret string // that a request must bring
	cert   tls.Certificate
	srv    *http.Server
	done   sync.WaitGroup

	mu     sync.Mutex
	fetch  Fetch
	flying int
	last   time.Time // when the last answer was given
}

func newProxy() (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{addr: l.Addr().String(), secret: rand.Text()}
	if p.cert, err = selfSigned(); err != nil {
		l.Close()
		return nil, err
	}
	p.srv = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	p.done.Go(func() { p.srv.Serve(l) }) // ends with close, with ErrServerClosed
	return p, nil
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "cundang recording proxy"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(365 * 24 * time.Hour), DNSNames: []string{"*"},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (p *proxy) close() {
	p.srv.Close()
	p.done.Wait()
}

// serve sets who answers; nil: nobody.
func (p *proxy) serve(f Fetch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetch, p.last = f, time.Now()
}

// quiet waits until nothing has been asked for during quietTime.
func (p *proxy) quiet(ctx context.Context) error {
	t := time.NewTicker(quietTime / 7)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		p.mu.Lock()
		still := p.flying == 0 && time.Since(p.last) >= quietTime
		p.mu.Unlock()
		if still {
			return nil
		}
	}
}

// answer asks fetch, or says why not.
func (p *proxy) answer(r *http.Request) *http.Response {
	p.mu.Lock()
	f := p.fetch
	p.flying++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.flying--
		p.last = time.Now()
		p.mu.Unlock()
	}()
	if f != nil {
		resp, err := f(r.Context(), r)
		if err == nil {
			return resp
		}
	}
	return Refuse(http.StatusForbidden)
}

// Refuse is an answer without content.
func Refuse(status int) *http.Response {
	return &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}
}

// proxyUser is the name that goes with the secret.
const proxyUser = "cundang"

// vouched reports whether a request brings the credential of the browser that was started with this proxy.
func (p *proxy) vouched(r *http.Request) bool {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(proxyUser+":"+p.secret))
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Proxy-Authorization")), []byte(basic)) == 1
}

// ServeHTTP answers what comes for the proxy from its own browser.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.vouched(r) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="cundang"`)
		http.Error(w, http.StatusText(http.StatusProxyAuthRequired), http.StatusProxyAuthRequired)
		return
	}
	r.Header.Del("Proxy-Authorization")
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	resp := p.answer(r)
	defer resp.Body.Close()
	for k, vs := range resp.Header {
		for _, v := range vs {
			w.Header().Add(k, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body) // the browser went away: nothing to tell
}

// tunnel speaks TLS to the browser in the place of the site.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer c.Close()
	if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{p.cert}, NextProtos: []string{"http/1.1"}})
	br := bufio.NewReader(t)
	host := strings.TrimSuffix(r.Host, ":443")
	for {
		c.SetDeadline(time.Now().Add(pageTime))
		q, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		q.URL.Scheme, q.URL.Host = "https", host
		resp := p.answer(q.WithContext(r.Context()))
		err = resp.Write(t)
		resp.Body.Close()
		if err != nil || q.Close {
			return
		}
	}
}
