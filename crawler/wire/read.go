package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"
)

// reader reads one response from a connection and puts every byte it consumes into out.
type reader struct {
	ctx      context.Context
	c        *conn
	lim      Limits
	deadline time.Time // of the exchange
	start    time.Time // first byte of the response
	out      *spool
	err      error         // why reading stopped
	idle     time.Duration // 0 is lim.Idle
	began    bool
	body     int64 // bytes since the header
	limit    int64 // of body bytes, 0 while in the header
	disk     error // the spool failed
}

var (
	errLength  = errors.New("longer than the limit")
	errSlow    = errors.New("slower than the limit")
	errChunk   = errors.New("malformed chunk")
	errNoFinal = errors.New("no final response")
)

// arm sets the deadline of the next read.
func (r *reader) arm() error {
	idle := r.idle
	if idle == 0 {
		idle = r.lim.Idle
	}
	if !r.began {
		idle = r.lim.FirstByte
	}
	now := time.Now()
	if r.began && r.body > 0 {
		if d := now.Sub(r.start); d > r.lim.Grace && r.body*int64(time.Second) < r.lim.MinRate*int64(d) {
			return errSlow
		}
	}
	d := now.Add(idle)
	if d.After(r.deadline) {
		d = r.deadline
	}
	r.c.SetReadDeadline(d)
	return r.ctx.Err() // after the deadline was set, so that a cancellation is never overwritten unseen
}

// Read reads body bytes, at most up to the limit.
func (r *reader) Read(p []byte) (int, error) {
	if r.limit > 0 {
		if r.body >= r.limit {
			return 0, errLength
		}
		p = p[:min(int64(len(p)), r.limit-r.body)]
	}
	if r.c.br.Buffered() == 0 {
		if err := r.arm(); err != nil {
			return 0, err
		}
	}
	n, err := r.c.br.Read(p)
	r.took(p[:n])
	return n, r.or(err)
}

// ReadByte makes the chunk reader's line reading cheap.
func (r *reader) ReadByte() (byte, error) {
	var b [1]byte
	n, err := r.Read(b[:])
	if n == 1 {
		return b[0], nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return 0, err
}

func (r *reader) took(p []byte) {
	if len(p) == 0 {
		return
	}
	r.body += int64(len(p))
	if _, err := r.out.Write(p); err != nil {
		r.disk = err
	}
}

// or prefers the spool's error: a full disk must not look like a bad server.
func (r *reader) or(err error) error {
	if r.disk != nil {
		return r.disk
	}
	return err
}

// line reads one line with its end into out and returns it without.
func (r *reader) line() ([]byte, error) {
	var line []byte
	for {
		if r.c.br.Buffered() == 0 {
			if err := r.arm(); err != nil {
				return line, err
			}
			if _, err := r.c.br.Peek(1); err != nil {
				return line, err
			}
			if !r.began {
				r.began, r.start = true, time.Now()
			}
		}
		r.began = true
		peek, _ := r.c.br.Peek(r.c.br.Buffered())
		n := bytes.IndexByte(peek, '\n') + 1
		if n == 0 {
			n = len(peek)
		}
		if r.out.size()+int64(n) > r.lim.Header {
			n = int(r.lim.Header - r.out.size())
			line = append(line, peek[:n]...)
			r.write(peek[:n])
			return line, errLength
		}
		line = append(line, peek[:n]...)
		r.write(peek[:n])
		if r.disk != nil {
			return line, r.disk
		}
		if line[len(line)-1] == '\n' {
			return trimEOL(line), nil
		}
	}
}

func (r *reader) write(p []byte) {
	if _, err := r.out.Write(p); err != nil {
		r.disk = err
	}
	r.c.br.Discard(len(p))
}

func trimEOL(b []byte) []byte {
	b = b[:len(b)-1]
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return b
}

// response reads the message into x. The error is the disk's; all else is said in x.
func (r *reader) response(x *Exchange, method string) (keep bool, err error) {
	for {
		keep, err = r.head(x)
		if x.FirstByte == 0 {
			x.FirstByte = r.start.Sub(x.sent)
		}
		if r.disk != nil {
			return false, r.disk
		}
		if err != nil {
			r.stopped(x, err)
			x.head = r.out.size()
			return false, nil
		}
		if x.Status >= 200 || x.Status < 100 || x.Status == http.StatusSwitchingProtocols {
			break
		}
		// An interim response is a message of its own (RFC 9110, 15.2).
		b, err := io.ReadAll(r.out.reader(0))
		if err != nil {
			return false, err
		}
		x.Interim = append(x.Interim, b...)
		if len(x.Interim) > int(r.lim.Header) {
			x.Malformed = errNoFinal.Error()
			return false, nil
		}
		*r.out = spool{dir: r.out.dir}
		x.Header = nil
	}
	x.head = r.out.size()
	r.limit, r.body = r.lim.Body, 0
	d := newDigester()
	clean := r.read(x, method, d)
	x.Digest, x.Payload = d.String(), d.n
	if r.disk != nil {
		return false, r.disk
	}
	return keep && clean && r.c.br.Buffered() == 0, nil
}

// read reads the body as the header frames it; clean says that the message ended where it should.
func (r *reader) read(x *Exchange, method string, d *digester) (clean bool) {
	length, many := contentLength(x.Header)
	te := strings.ToLower(strings.Join(x.Header.Values("Transfer-Encoding"), ","))
	switch {
	case method == http.MethodHead || x.Status == http.StatusNoContent || x.Status == http.StatusNotModified ||
		x.Status == http.StatusSwitchingProtocols:
		return true
	case x.Proto == "":
		r.idle = r.lim.Linger
		x.Malformed = "no status line"
	case lastToken(te) == "chunked" && x.Proto != "HTTP/1.0":
		x.chunked = true
		_, err := r.copy(d, newChunks(r, r.lim.Header))
		if err == nil {
			return !many
		}
		if !errors.Is(err, errChunk) {
			r.stopped(x, err)
			return false
		}
		x.Malformed = err.Error()
		r.idle = r.lim.Linger
		_, err = r.copy(io.Discard, r)
		r.ended(x, err)
		return false
	case many:
		x.Malformed = "conflicting Content-Length"
		r.idle = r.lim.Linger
	case length >= 0:
		r.out.expect(length)
		n, err := r.copy(d, io.LimitReader(r, length))
		if n == length {
			return true
		}
		r.stopped(x, err)
		return false
	}
	_, err := r.copy(d, r)
	r.ended(x, err)
	return false
}

// copy is io.Copy through the connection's own buffer.
func (r *reader) copy(w io.Writer, from io.Reader) (int64, error) {
	if r.c.buf == nil {
		r.c.buf = make([]byte, 32<<10)
	}
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{from}, r.c.buf)
}

// stopped notes why a message is not whole.
func (r *reader) stopped(x *Exchange, err error) {
	r.err = err
	switch {
	case errors.Is(err, errLength):
		x.Truncated = TruncLength
	case errors.Is(err, errSlow), errors.Is(err, os.ErrDeadlineExceeded), r.ctx.Err() != nil:
		x.Truncated = TruncTime
	default:
		x.Truncated = TruncDisconnect
	}
}

// ended is stopped for a message that ends with the connection: its end is no fault, and
// neither is silence after a message that names no sound end.
func (r *reader) ended(x *Exchange, err error) {
	switch {
	case err == nil:
	case r.idle > 0 && errors.Is(err, os.ErrDeadlineExceeded) && r.ctx.Err() == nil:
	default:
		r.stopped(x, err)
	}
}

// head reads one header.
func (r *reader) head(x *Exchange) (keep bool, err error) {
	first, err := r.line()
	if err != nil && len(first) == 0 {
		return false, err
	}
	proto, status, ok := statusLine(first)
	if !ok {
		x.Proto, x.Status = "", 0
		return false, nil // the rest is read as a body
	}
	x.Proto, x.Status, x.Header = proto, status, http.Header{}
	if err != nil {
		return false, err
	}
	last := ""
	for {
		line, err := r.line()
		if err != nil {
			return false, err
		}
		if len(line) == 0 {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" { // obs-fold
			v := x.Header[last]
			v[len(v)-1] += " " + string(bytes.TrimSpace(line))
			continue
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			x.Malformed = "header line without a colon"
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
		x.Header[last] = append(x.Header[last], string(bytes.TrimSpace(value)))
	}
	con := strings.ToLower(strings.Join(x.Header["Connection"], ","))
	return x.Proto == "HTTP/1.1" && !strings.Contains(con, "close") ||
		x.Proto == "HTTP/1.0" && strings.Contains(con, "keep-alive"), nil
}

// statusLine reads a status line as leniently as browsers do.
func statusLine(line []byte) (proto string, status int, ok bool) {
	s := string(line)
	proto, rest, _ := strings.Cut(strings.TrimLeft(s, " \t"), " ")
	if !strings.HasPrefix(strings.ToUpper(proto), "HTTP/") && proto != "ICY" {
		return "", 0, false
	}
	code, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 999 {
		return "", 0, false
	}
	return strings.ToUpper(proto), status, true
}

// contentLength returns the length, -1 when there is none; many: two that differ or one that is no number.
func contentLength(h http.Header) (n int64, many bool) {
	n = -1
	for _, v := range h["Content-Length"] {
		for part := range strings.SplitSeq(v, ",") {
			m, err := strconv.ParseUint(strings.TrimSpace(part), 10, 63)
			if err != nil || n >= 0 && int64(m) != n {
				return -1, true
			}
			n = int64(m)
		}
	}
	return n, false
}

func lastToken(list string) string {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		list = list[i+1:]
	}
	list, _, _ = strings.Cut(list, ";")
	return strings.TrimSpace(list)
}
