package httpmsg

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// odd are responses as servers send them. next is what follows on the connection and
// does not belong to the message.
var odd = []struct {
	name     string
	method   string
	in, next string
	status   int
	payload  string
	problems []Problem
	close    bool // the message ends with the connection
}{
	{name: "plain", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", next: "HTTP/1.1", status: 200,
		payload: "hello"},
	{name: "empty body", in: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", next: "H", status: 200},
	{name: "until close", in: "HTTP/1.1 200 OK\r\n\r\nhello", status: 200, payload: "hello", close: true},
	{name: "HTTP/1.0", in: "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello", status: 200, payload: "hello", close: true},
	{name: "HTTP/0.9", in: "<html>hello", payload: "<html>hello", problems: []Problem{NoHead}, close: true},
	{name: "nothing", in: "", problems: []Problem{ShortHead}, close: true},
	{name: "one byte", in: "H", payload: "H", problems: []Problem{ShortHead}, close: true},
	{name: "binary", in: "\x00\x01\x02", payload: "\x00\x01\x02", problems: []Problem{NoHead}, close: true},
	{name: "ICY", in: "ICY 200 OK\r\nicy-name: radio\r\n\r\nmp3", status: 200, payload: "mp3", problems: []Problem{ICY},
		close: true},
	{name: "lower-case protocol", in: "http/1.1 200 ok\r\nContent-Length: 1\r\n\r\nx", status: 200, payload: "x"},
	{name: "LF only", in: "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", next: "x", status: 200, payload: "hello",
		problems: []Problem{BareLF}},
	{name: "mixed line ends", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello", status: 200, payload: "hello",
		problems: []Problem{BareLF}},
	{name: "CRLF then LF", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\nhello", status: 200, payload: "hello",
		problems: []Problem{BareLF}},
	{name: "line ends before the status line", in: "\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200,
		payload: "ok", problems: []Problem{BareLF}},
	{name: "no reason", in: "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", status: 200, payload: "x",
		problems: []Problem{NoReason}},
	{name: "empty reason", in: "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", status: 200, payload: "x"},
	{name: "reason in GBK", in: "HTTP/1.1 404 \xce\xb4\xd5\xd2\xb5\xbd\r\nContent-Length: 1\r\n\r\nx", status: 404,
		payload: "x"},
	{name: "two blanks before the code", in: "HTTP/1.1  200 OK\r\nContent-Length: 1\r\n\r\nx", status: 200, payload: "x"},
	{name: "no code", in: "HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", payload: "x",
		problems: []Problem{BadStatus, NoReason}},
	{name: "code is a word", in: "HTTP/1.1 OK\r\nContent-Length: 1\r\n\r\nx", payload: "x",
		problems: []Problem{BadStatus, NoReason}},
	{name: "four digits", in: "HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\nx", status: 2000, payload: "x",
		problems: []Problem{BadStatus}},
	{name: "code 999", in: "HTTP/1.1 999 Denied\r\nContent-Length: 1\r\n\r\nx", status: 999, payload: "x"},
	{name: "no header at all", in: "HTTP/1.1 200 OK\r\n\r\nx", status: 200, payload: "x", close: true},
	{name: "duplicate headers", in: "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 1\r\n\r\nx",
		status: 200, payload: "x"},
	{name: "header case", in: "HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: 1\r\n\r\nx", next: "y", status: 200, payload: "x"},
	{name: "blank before colon", in: "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx", next: "y", status: 200,
		payload: "x", problems: []Problem{SpaceBeforeColon}},
	{name: "no blank after colon", in: "HTTP/1.1 200 OK\r\nContent-Length:1\r\n\r\nx", next: "y", status: 200,
		payload: "x"},
	{name: "line without colon", in: "HTTP/1.1 200 OK\r\ngarbage\r\nContent-Length: 1\r\n\r\nx", next: "y", status: 200,
		payload: "x", problems: []Problem{NoColon}},
	{name: "folded header", in: "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 1\r\n\r\nx", next: "y", status: 200,
		payload: "x", problems: []Problem{FoldedLine}},
	{name: "raw GBK header", in: "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\xcd\xa8\xd6\xaa.doc\r\n" +
		"Content-Length: 1\r\n\r\nx", status: 200, payload: "x"},
	{name: "same length twice", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", next: "y",
		status: 200, payload: "x"},
	{name: "length as list", in: "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx", next: "y", status: 200, payload: "x"},
	{name: "conflicting lengths", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 3\r\n\r\nxyz", status: 200,
		payload: "xyz", problems: []Problem{Conflicting}, close: true},
	{name: "length is a word", in: "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nxyz", status: 200, payload: "xyz",
		problems: []Problem{BadLength}, close: true},
	{name: "negative length", in: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nxyz", status: 200, payload: "xyz",
		problems: []Problem{BadLength}, close: true},
	{name: "length beyond 64 bits", in: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nxyz", status: 200,
		payload: "xyz", problems: []Problem{BadLength}, close: true},
	{name: "short body", in: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", status: 200, payload: "hello",
		problems: []Problem{ShortBody}, close: true},
	{name: "long body", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", next: " world", status: 200,
		payload: "hello"},
	{name: "chunked", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
		next: "HTTP", status: 200, payload: "hello world"},
	{name: "chunk extension", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n" +
		"0;x\r\n\r\n", next: "x", status: 200, payload: "hello"},
	{name: "upper-case chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n" +
		"\r\n", status: 200, payload: "0123456789"},
	{name: "padded chunk size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005  \r\nhello\r\n000\r\n\r\n",
		status: 200, payload: "hello"},
	{name: "trailers", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
		next: "z", status: 200, payload: "x"},
	{name: "chunks with LF only", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n", next: "z",
		status: 200, payload: "hello", problems: []Problem{BareLF}},
	{name: "chunk without line end", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
		next: "z", status: 200, payload: "hello", problems: []Problem{ChunkEnd}},
	{name: "chunked in name only", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>\r\nhello", status: 200,
		payload: "<html>\r\nhello", problems: []Problem{BadChunk}, close: true},
	{name: "negative chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello", status: 200,
		payload: "-5\r\nhello", problems: []Problem{BadChunk}, close: true},
	{name: "chunk size overflow", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx",
		status: 200, payload: "fffffffffffffffff\r\nx", problems: []Problem{BadChunk}, close: true},
	{name: "huge chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx", status: 200,
		payload: "x", problems: []Problem{ShortBody}, close: true},
	{name: "chunks break off", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", status: 200,
		payload: "hel", problems: []Problem{ShortBody}, close: true},
	{name: "no last chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", status: 200,
		payload: "hello", problems: []Problem{ShortBody}, close: true},
	{name: "no line end after the last chunk",
		in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", status: 200, payload: "hello",
		problems: []Problem{ShortTrailer}, close: true},
	{name: "chunked and length", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n1\r\n" +
		"x\r\n0\r\n\r\n", next: "z", status: 200, payload: "x", problems: []Problem{LengthAndChunked}},
	{name: "gzip, chunked", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		next: "z", status: 200, payload: "x"},
	{name: "identity", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", next: "z",
		status: 200, payload: "x"},
	{name: "unknown transfer coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nxyz",
		status: 200, payload: "xyz", close: true},
	{name: "HEAD", method: "HEAD", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", next: "H", status: 200},
	{name: "204", in: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", next: "H", status: 204},
	{name: "304", in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", next: "H", status: 304},
	{name: "100 Continue", in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", next: "H",
		status: 200, payload: "x"},
	{name: "two early hints", in: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n" +
		"Link: </b>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", next: "H", status: 200, payload: "x"},
	{name: "interim, then nothing", in: "HTTP/1.1 100 Continue\r\n\r\n", problems: []Problem{ShortHead}, close: true},
	{name: "101", in: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes", status: 101, payload: "bytes",
		close: true},
	{name: "CONNECT", method: "CONNECT", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ntunnel", status: 200,
		payload: "tunnel", close: true},
	{name: "head breaks off", in: "HTTP/1.1 200 OK\r\nContent-Le", status: 200,
		problems: []Problem{BareLF, NoReason, ShortHead}, close: true},
	{name: "HTTP/2 preface answered", in: "\x00\x00\x12\x04\x00", payload: "\x00\x00\x12\x04\x00",
		problems: []Problem{NoHead}, close: true},
	{name: "endless header", in: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", MaxHead),
		payload: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", MaxHead), problems: []Problem{LongHead}, close: true},
	{name: "nothing but line ends", in: strings.Repeat("\n", 40), payload: strings.Repeat("\n", 40),
		problems: []Problem{NoHead}, close: true},
	{name: "NUL in a header", in: "HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 1\r\n\r\nx", next: "z", status: 200,
		payload: "x"},
}

// run feeds a response in pieces of n bytes.
func run(method, in string, n int) (p *Parser, taken int, payload string) {
	p = NewParser(method)
	var out bytes.Buffer
	give := func(b []byte) { out.Write(b) }
	for taken < len(in) && !p.Done() {
		piece := []byte(in[taken:min(taken+n, len(in))])
		taken += p.Feed(piece, give)
	}
	if !p.Done() {
		p.Close(give)
	}
	return p, taken, out.String()
}

func TestOddResponses(t *testing.T) {
	if len(odd) < 60 {
		t.Fatalf("only %d cases", len(odd))
	}
	for _, c := range odd {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 7, 1 << 20} {
				p, taken, payload := run(c.method, c.in+c.next, n)
				if taken != len(c.in) || p.Size() != int64(taken) {
					t.Errorf("in pieces of %d: message ends after %d of %d bytes", n, taken, len(c.in))
				}
				if payload != c.payload || p.PayloadSize() != int64(len(c.payload)) {
					t.Errorf("in pieces of %d: payload %.100q", n, payload)
				}
				if p.Head().Status != c.status {
					t.Errorf("status %d", p.Head().Status)
				}
				if c.name != "head breaks off" {
					if d := cmp.Diff(c.problems, p.Problems()); d != "" {
						t.Errorf("in pieces of %d: %s", n, d)
					}
				} else if !p.Has(ShortHead) {
					t.Error("short head not noticed")
				}
				whole, _, _ := run(c.method, c.in, n)
				if c.close != (len(c.in) == 0 || !doneWithoutClose(c.method, c.in)) {
					t.Errorf("ends by itself: %v, problems %v", !c.close, whole.Problems())
				}
			}
		})
	}
}

func doneWithoutClose(method, in string) bool {
	p := NewParser(method)
	p.Feed([]byte(in), nil)
	return p.Done()
}

func TestHeadFields(t *testing.T) {
	p, _, _ := run("", "HTTP/1.1 103 Hints\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n"+
		"X: \xcd\xa8\r\n  folded\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nSum: 9\r\n\r\n", 1<<20)
	h := p.Head()
	if d := cmp.Diff([]string{"a=1", "b=2"}, h.Header["Set-Cookie"]); d != "" {
		t.Error(d)
	}
	if got := h.Header.Get("X"); got != "\xcd\xa8 folded" {
		t.Errorf("folded header %q", got)
	}
	if d := cmp.Diff([]Field{{"Sum", "9"}}, h.Trailer); d != "" {
		t.Error(d)
	}
	if h.Interim != 1 || h.InterimSize != 28 || h.Header.Get("A") != "" {
		t.Errorf("interim: %+v", h)
	}
}

func TestDecode(t *testing.T) {
	const text = "宁夏科协 宁夏科协 宁夏科协 宁夏科协"
	pack := func(open func(io.Writer) io.WriteCloser) string {
		var b bytes.Buffer
		w := open(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	gz := pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	br := pack(func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	for _, c := range []struct{ name, coding, in, want string }{
		{"none", "", text, text},
		{"identity", "identity", text, text},
		{"gzip", "gzip", gz, text},
		{"x-gzip", "X-GZIP", gz, text},
		{"zlib", "deflate", pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), text},
		{"raw deflate", "deflate", pack(func(w io.Writer) io.WriteCloser {
			f, err := flate.NewWriter(w, 6)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}), text},
		{"br", "br", br, text},
		{"zstd", "zstd", pack(func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}), text},
		{"gzip in name only", "gzip", text, text},
		{"br in name only", "br", "<html>" + text, "<html>" + text},
		{"deflate in name only", "deflate", "<html>" + text, "<html>" + text},
		{"zstd in name only", "zstd", text, text},
		{"unknown", "rot13", text, text},
		{"empty gzip", "gzip", "", ""},
		{"empty br", "br", "", ""},
		{"two members", "gzip", gz + gz, text + text},
		{"garbage behind gzip", "gzip", gz + "garbage", text},
		{"five codings", ", gzip,,identity,GZIP , gzip,gzip,gzip", gz, text},
		{"six codings", "gzip,gzip,gzip,gzip,gzip,gzip", gz, gz},
	} {
		b, err := io.ReadAll(Decode(strings.NewReader(c.in), c.coding))
		if err != nil || string(b) != c.want {
			t.Errorf("%s: %q, %v", c.name, b, err)
		}
	}
	b, err := io.ReadAll(Decode(strings.NewReader(gz[:len(gz)-9]), "gzip"))
	if err != nil || !strings.HasPrefix(text, string(b)) || len(b) == 0 {
		t.Errorf("broken off gzip: %q, %v", b, err)
	}
	var both bytes.Buffer
	w := gzip.NewWriter(&both)
	if _, err := io.WriteString(w, br); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(Decode(&both, "br, gzip")); err != nil || string(b) != text {
		t.Errorf("br, then gzip: %q, %v", b, err)
	}
	if _, err := io.ReadAll(Decode(io.MultiReader(strings.NewReader(gz[:20]), failing{}), "gzip")); err != errDisk {
		t.Errorf("a failing disk is taken for broken data: %v", err)
	}
}

var errDisk = io.ErrNoProgress

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func FuzzResponse(f *testing.F) {
	for _, c := range odd {
		if len(c.in) < 1000 {
			f.Add(c.in+c.next, uint8(3))
		}
	}
	f.Fuzz(func(t *testing.T, in string, n uint8) {
		p, taken, payload := run("GET", in, 1<<20)
		q, taken2, payload2 := run("GET", in, int(n)+1)
		if taken != taken2 || payload != payload2 {
			t.Errorf("whole: %d bytes, payload %q; in pieces of %d: %d bytes, payload %q", taken, payload, int(n)+1,
				taken2, payload2)
		}
		if p.Head() == nil || p.Head().Size > int64(len(in)) || p.Head().InterimSize > p.Head().Size {
			t.Errorf("head %+v of %d bytes", p.Head(), len(in))
		}
		if len(payload) > len(in) || q.PayloadSize() != int64(len(payload)) {
			t.Errorf("payload of %d bytes from %d", len(payload), len(in))
		}
		e, err := NewEntity("GET", strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(e); err != nil || string(b) != payload {
			t.Errorf("entity %q, %v, payload %q", b, err, payload)
		}
	})
}
