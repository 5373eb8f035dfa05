// Package wire speaks HTTP/1.1 and keeps every byte of it.
//
// It is the net/http transport's place under colly, written anew because an archive
// needs what net/http does not offer: the bytes of a message as they were on the
// connection, the exact end of a message on a kept-alive connection, answers that
// net/http refuses (ICY, LF-only, a space before the colon, conflicting lengths), and
// no silent retry. See docs/adr/0020-wire.md.
package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Field is one header line of a request, sent as it stands.
type Field struct{ Name, Value string }

// Request is what to ask for. URL is an absolute http or https URL without fragment;
// its path and query go out byte for byte.
type Request struct {
	Method  string // "" is GET
	URL     string
	Header  []Field // after Host, in this order
	Lenient bool    // retry a failed TLS handshake with old versions and no verification
	Body    string  // of a POST, with a Content-Type among Header
	MaxBody int64   // bytes of the response body, 0: Limits.Body
	Private bool    // allow loopback, private and link-local addresses
}

// Limits bound one exchange. A zero field is its default.
type Limits struct {
	Header    int64         // bytes of a response header, 512 KiB
	Body      int64         // bytes of a response body on the wire, 512 MiB
	Dial      time.Duration // connect and TLS handshake, 20 s each
	FirstByte time.Duration // until the first byte of a response, 60 s
	Idle      time.Duration // between two reads, 30 s
	Total     time.Duration // for the whole exchange, 15 min
	MinRate   int64         // bytes a second, averaged since the first byte; 256
	Grace     time.Duration // before MinRate counts, 30 s
	Linger    time.Duration // waiting for a close after a message whose end is unclear, 3 s
}

func (l Limits) withDefaults() Limits {
	def := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	defDur := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.Header, 512<<10)
	def(&l.Body, 512<<20)
	def(&l.MinRate, 256)
	defDur(&l.Dial, 20*time.Second)
	defDur(&l.FirstByte, 60*time.Second)
	defDur(&l.Idle, 30*time.Second)
	defDur(&l.Total, 15*time.Minute)
	defDur(&l.Grace, 30*time.Second)
	defDur(&l.Linger, 3*time.Second)
	return l
}

// Transport keeps connections and makes exchanges on them. It is safe for concurrent
// use; Close it when no exchange is running.
type Transport struct {
	Limits Limits
	Log    *slog.Logger
	// Spool is the directory for bodies over 1 MiB; "" is the system's.
	Spool string
	// Now tells when an exchange begins; nil is the machine's clock.
	Now func() time.Time
	// Resolve looks a host name up; nil is the system's resolver.
	Resolve func(ctx context.Context, host string) ([]net.IP, error)
	// Dial connects to IP:port; nil is net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu      sync.Mutex
	idle    map[string][]*conn
	lenient map[string]string // origin → why the strict handshake failed
}

// Truncation reasons, as WARC-Truncated has them.
const (
	TruncLength     = "length"
	TruncTime       = "time"
	TruncDisconnect = "disconnect"
)

// Exchange is one request with what came back. Close releases its spool.
type Exchange struct {
	URL       string
	Start     time.Time // when the request was sent
	FirstByte time.Duration
	Took      time.Duration
	IP        string
	TLS       string // version and cipher suite, "lenient: …" when verification was given up; "" without TLS
	// Certificates are the server's, DER as it sent them, the leaf first; nil without TLS.
	Certificates [][]byte
	Request      []byte
	Truncated    string // "", "length", "time" or "disconnect"
	Malformed    string // what is wrong with the message, "" if nothing
	Interim      []byte // the 1xx messages before the response

	Proto  string // as sent: "HTTP/1.1", "ICY", …
	Status int    // 0 when no status line could be read
	Header http.Header
	// Digest is "sha256:hex" of the payload: transfer coding removed, content coding kept.
	Digest  string
	Payload int64 // bytes of the payload

	sent    time.Time // as Start, by the machine's clock
	spool   *spool
	head    int64 // where the body starts in the response
	chunked bool
}

// Response returns the response message as it was on the connection.
func (x *Exchange) Response() io.ReadSeeker { return x.spool.reader(0) }

// Size returns the bytes of the response message.
func (x *Exchange) Size() int64 { return x.spool.size() }

// Close releases the spool file, if there is one.
func (x *Exchange) Close() error { return x.spool.Close() }

// ErrPrivate says that an address was refused because it is not public.
var ErrPrivate = errors.New("private address")

// Error is a failure before any byte of a response.
type Error struct {
	Op  string // "resolve", "dial", "tls", "send", "receive"
	URL string
	Err error
}

func (e *Error) Error() string { return e.Op + " " + e.URL + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Do makes one exchange. The error is an *Error or ctx's; when any byte of a response
// came there is no error but an Exchange that says what is wrong with it. A stale kept-alive connection is replaced
// once.
func (t *Transport) Do(ctx context.Context, r Request) (*Exchange, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	tgt, err := split(r.URL)
	if err != nil {
		return nil, err
	}
	lim := t.Limits.withDefaults()
	if r.MaxBody > 0 {
		lim.Body = min(lim.Body, r.MaxBody)
	}
	ctx, cancel := context.WithTimeout(ctx, lim.Total)
	defer cancel()
	for {
		c, reused, err := t.conn(ctx, tgt, r, lim)
		if err != nil {
			return nil, err
		}
		x, keep, err := t.exchange(ctx, c, tgt, r, lim)
		if keep {
			t.put(tgt.origin, c)
		} else {
			c.Close()
		}
		if err != nil && reused && ctx.Err() == nil {
			continue // the server had closed it meanwhile
		}
		if err != nil {
			return nil, err
		}
		return x, nil
	}
}

func (t *Transport) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

// Close closes the idle connections.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, cs := range t.idle {
		for _, c := range cs {
			c.Close()
		}
	}
	t.idle = nil
	return nil
}

// exchange sends the request and reads the response on c. keep says that c can be used again.
func (t *Transport) exchange(ctx context.Context, c *conn, tgt target, r Request, lim Limits) (*Exchange, bool, error) {
	start, began := t.now(), time.Now()
	x := &Exchange{URL: r.URL, Start: start, sent: began, IP: c.ip, TLS: c.tls, Certificates: c.certs,
		spool: &spool{dir: t.Spool}}
	x.Request = message(tgt, r)
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	deadline, _ := ctx.Deadline()
	rd := &reader{ctx: ctx, c: c, lim: lim, deadline: deadline, start: began, out: x.spool}
	c.SetWriteDeadline(began.Add(lim.FirstByte))
	if _, err := c.Write(x.Request); err != nil {
		return nil, false, &Error{"send", r.URL, cause(ctx, err)}
	}
	keep, err := rd.response(x, r.Method)
	if x.Proto == "" { // no header: all of it is the message
		x.head, x.Digest = 0, ""
	}
	x.Took = time.Since(began)
	if err != nil {
		x.spool.Close()
		return nil, false, err
	}
	if x.Size() == 0 {
		x.spool.Close()
		e := rd.err
		if e == nil {
			e = io.ErrUnexpectedEOF
		}
		return nil, false, &Error{"receive", r.URL, cause(ctx, e)}
	}
	if ctx.Err() != nil || !stop() {
		keep = false
	}
	return x, keep, nil
}

// cause prefers the context's reason over the deadline it set on the connection.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}

// message writes the request as it goes out.
func message(tgt target, r Request) []byte {
	var b strings.Builder
	b.Grow(512)
	b.WriteString(r.Method + " " + tgt.path + " HTTP/1.1\r\nHost: " + tgt.authority + "\r\n")
	for _, f := range r.Header {
		b.WriteString(clean(f.Name) + ": " + clean(f.Value) + "\r\n")
	}
	if r.Body != "" || r.Method == http.MethodPost {
		b.WriteString("Content-Length: " + strconv.Itoa(len(r.Body)) + "\r\n")
	}
	b.WriteString("\r\n" + r.Body)
	return []byte(b.String())
}

// clean keeps a value on its line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return -1
		}
		return r
	}, s)
}

type digester struct {
	h hash.Hash
	n int64
}

func newDigester() *digester { return &digester{h: sha256.New()} }

func (d *digester) Write(p []byte) (int, error) {
	d.n += int64(len(p))
	return d.h.Write(p)
}

func (d *digester) String() string { return "sha256:" + hex.EncodeToString(d.h.Sum(nil)) }
