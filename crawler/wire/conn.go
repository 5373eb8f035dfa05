package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// target is a URL taken apart for the connection.
type target struct {
	tls       bool
	authority string // as in Host:
	host      string // to resolve
	port      string
	path      string // request target
	origin    string // scheme://authority, the key of idle connections
}

func split(raw string) (target, error) {
	var t target
	scheme, rest, ok := strings.Cut(raw, "://")
	switch {
	case ok && strings.EqualFold(scheme, "http"):
		t.port = "80"
	case ok && strings.EqualFold(scheme, "https"):
		t.port, t.tls = "443", true
	default:
		return t, fmt.Errorf("not an http URL: %q", raw)
	}
	rest, _, _ = strings.Cut(rest, "#")
	i := strings.IndexAny(rest, "/?")
	t.authority, t.path = rest, "/"
	if i >= 0 {
		t.authority, t.path = rest[:i], rest[i:]
		if t.path[0] == '?' {
			t.path = "/" + t.path
		}
	}
	if i := strings.LastIndexByte(t.authority, '@'); i >= 0 {
		t.authority = t.authority[i+1:]
	}
	t.host = t.authority
	if h, p, err := net.SplitHostPort(t.authority); err == nil {
		t.host = h
		if p != "" {
			t.port = p
		}
	}
	t.host = strings.Trim(t.host, "[]")
	if t.host == "" || strings.ContainsAny(raw, " \r\n\x00") {
		return t, fmt.Errorf("not an http URL: %q", raw)
	}
	t.origin = strings.ToLower(scheme) + "://" + t.authority
	return t, nil
}

// conn is a connection with what we read ahead on it.
type conn struct {
	net.Conn
	br      *bufio.Reader
	buf     []byte // bodies pass through it, once one came
	ip      string
	tls     string
	certs   [][]byte // of the server, DER
	private bool
	since   time.Time // idle since
}

// maxIdle is how long a connection may wait for its next exchange.
const maxIdle = 60 * time.Second

// conn returns an idle connection (reused) or a new one.
func (t *Transport) conn(ctx context.Context, tgt target, r Request, lim Limits) (*conn, bool, error) {
	named := t.named(ctx, tgt.host)
	t.mu.Lock()
	cs := t.idle[tgt.origin]
	for len(cs) > 0 {
		c := cs[len(cs)-1]
		cs = cs[:len(cs)-1]
		t.idle[tgt.origin] = cs
		if time.Since(c.since) < maxIdle && (r.Private || !c.private) && named(c.ip) {
			t.mu.Unlock()
			return c, true, nil
		}
		c.Close()
	}
	why, soft := t.lenient[tgt.origin]
	t.mu.Unlock()
	if !tgt.tls {
		c, err := t.dial(ctx, tgt, r, lim)
		return c, false, err
	}
	if !soft || !r.Lenient {
		c, err := t.dialTLS(ctx, tgt, r, lim, strict(tgt.host), "")
		var te *Error
		if err == nil || !r.Lenient || !errors.As(err, &te) || te.Op != "tls" || ctx.Err() != nil {
			return c, false, err
		}
		why = te.Err.Error()
	}
	c, err := t.dialTLS(ctx, tgt, r, lim, lenient(tgt.host), why)
	if err == nil {
		t.mu.Lock()
		if t.lenient == nil {
			t.lenient = map[string]string{}
		}
		t.lenient[tgt.origin] = why
		t.mu.Unlock()
	}
	return c, false, err
}

// named returns a test of whether Resolve still names an address for a host. Without a Resolve every one is as good.
func (t *Transport) named(ctx context.Context, host string) func(ip string) bool {
	if t.Resolve == nil {
		return func(string) bool { return true }
	}
	ips, err := t.resolve(ctx, host)
	return func(ip string) bool {
		return err == nil && slices.ContainsFunc(ips, func(x net.IP) bool { return x.String() == ip })
	}
}

// put keeps a connection for the next exchange.
func (t *Transport) put(origin string, c *conn) {
	c.SetDeadline(time.Time{})
	c.since = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.idle == nil {
		t.idle = map[string][]*conn{}
	}
	if len(t.idle[origin]) >= 2 {
		c.Close()
		return
	}
	t.idle[origin] = append(t.idle[origin], c)
}

func (t *Transport) dial(ctx context.Context, tgt target, r Request, lim Limits) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lim.Dial)
	defer cancel()
	fail := func(op string, err error) (*conn, error) { return nil, &Error{op, r.URL, cause(ctx, err)} }
	ips, err := t.resolve(ctx, tgt.host)
	if err != nil {
		return fail("resolve", err)
	}
	dial := t.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var last error
	for _, ip := range ips {
		// The address that is checked is the one that is dialled: a name that resolves
		// differently a moment later changes nothing.
		priv := !public(ip)
		if priv && !r.Private {
			last = fmt.Errorf("%w %s", ErrPrivate, ip)
			continue
		}
		nc, err := dial(ctx, "tcp", net.JoinHostPort(ip.String(), tgt.port))
		if err != nil {
			last = err
			continue
		}
		return &conn{Conn: nc, br: bufio.NewReaderSize(nc, 32<<10), ip: ip.String(), private: priv}, nil
	}
	if last == nil {
		last = errors.New("no address")
	}
	return fail("dial", last)
}

func (t *Transport) resolve(ctx context.Context, host string) ([]net.IP, error) {
	if ip := net.ParseIP(host); ip != nil {
		return []net.IP{ip}, nil
	}
	if t.Resolve != nil {
		return t.Resolve(ctx, host)
	}
	return net.DefaultResolver.LookupIP(ctx, "ip", host)
}

// reserved lists what is not private by net/netip's reckoning but not the public net either.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // RFC 6598, also cloud metadata services
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),          // IPv4-compatible, RFC 4291
	netip.MustParsePrefix("64:ff9b:1::/48"), // NAT64 of a network's own, RFC 8215
	netip.MustParsePrefix("2001::/32"),      // Teredo: an IPv4 address within, RFC 4380
	netip.MustParsePrefix("2002::/16"),      // 6to4: the same, RFC 3056
	netip.MustParsePrefix("fec0::/10"),      // site-local, RFC 3879
}

// nat64 is where a translator reaches the IPv4 address that stands in the last four bytes (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// public says that ip is an address of the open Internet.
func public(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	a = a.Unmap()
	if nat64.Contains(a) {
		return public(ip[len(ip)-4:])
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func (t *Transport) dialTLS(ctx context.Context, tgt target, r Request, lim Limits, cfg *tls.Config,
	why string) (*conn, error) {
	c, err := t.dial(ctx, tgt, r, lim)
	if err != nil {
		return nil, err
	}
	hctx, cancel := context.WithTimeout(ctx, lim.Dial)
	defer cancel()
	tc := tls.Client(c.Conn, cfg)
	if err := tc.HandshakeContext(hctx); err != nil {
		c.Close()
		return nil, &Error{"tls", r.URL, cause(ctx, err)}
	}
	st := tc.ConnectionState()
	c.Conn, c.br = tc, bufio.NewReaderSize(tc, 32<<10)
	c.tls = tls.VersionName(st.Version) + " " + tls.CipherSuiteName(st.CipherSuite)
	for _, cert := range st.PeerCertificates {
		c.certs = append(c.certs, cert.Raw)
	}
	if why != "" {
		c.tls += " lenient: " + why
	}
	return c, nil
}

func strict(host string) *tls.Config {
	return &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}}
}

// lenient accepts what old association sites have: TLS 1.0, RSA key exchange, RC4 and
// 3DES, expired, self-signed and wrongly named certificates. The outcome is recorded.
func lenient(host string) *tls.Config {
	var suites []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		suites = append(suites, s.ID)
	}
	return &tls.Config{
		ServerName:         host,
		NextProtos:         []string{"http/1.1"},
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       suites,
		InsecureSkipVerify: true,
		Renegotiation:      tls.RenegotiateOnceAsClient,
	}
}
