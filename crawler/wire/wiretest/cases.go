// Package wiretest holds odd and malformed HTTP exchanges, byte for byte, and a server that serves them.
package wiretest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"strings"

	"github.com/andybalholm/brotli"
)

// Case is an answer as it goes over the wire and what a recorder must make of it.
type Case struct {
	Name   string
	Answer string // all that the server sends
	Close  bool   // and then it closes the connection; else it waits for the next request
	Reset  bool   // it closes by a reset
	// Want is the response message within Answer; "": all of it.
	Want      string
	Interim   string // 1xx messages before it
	Status    int
	Truncated string
	Malformed bool
	Body      string // content with codings removed, where the case is about that
	Method    string // "" is GET
	Large     bool   // more than fits in memory by design
}

// Expect returns the bytes that must be recorded.
func (c Case) Expect() string {
	if c.Want != "" {
		return c.Want
	}
	return c.Answer
}

const page = "<html><head><title>通知</title></head><body>正文</body></html>"

func withLength(head, body string) string {
	return head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
}

func packed(coding, s string) string {
	var b bytes.Buffer
	switch coding {
	case "gzip":
		w := gzip.NewWriter(&b)
		w.Write([]byte(s))
		w.Close()
	case "zlib":
		w := zlib.NewWriter(&b)
		w.Write([]byte(s))
		w.Close()
	case "raw":
		w, _ := flate.NewWriter(&b, 6)
		w.Write([]byte(s))
		w.Close()
	case "br":
		w := brotli.NewWriter(&b)
		w.Write([]byte(s))
		w.Close()
	}
	return b.String()
}

func chunked(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
	}
	b.WriteString("0\r\n\r\n")
	return b.String()
}

// Cases returns the table.
func Cases() []Case {
	const ok = "HTTP/1.1 200 OK\r\n"
	const html = "Content-Type: text/html; charset=utf-8\r\n"
	const te = ok + html + "Transfer-Encoding: chunked\r\n\r\n"
	half := page[:20]
	cs := []Case{
		// Plain messages.
		{Name: "plain", Answer: withLength(ok+html, page), Body: page},
		{Name: "header case", Answer: withLength("HTTP/1.1 200 OK\r\ncOnTeNt-TyPe: text/html\r\nx-ODD: 1\r\n", page),
			Body: page},
		{Name: "duplicate headers", Answer: withLength(ok+html+"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-A: 1\r\nX-A: 1\r\n",
			page), Body: page},
		{Name: "header order and blanks", Answer: withLength(ok+"B:2\r\nA:   1  \r\nC:\t3\r\n"+html, page), Body: page},
		{Name: "empty header value", Answer: withLength(ok+"X-Empty:\r\n"+html, page), Body: page},
		{Name: "folded header", Answer: withLength(ok+html+"X-Long: a\r\n b\r\n\tc\r\n", page), Body: page},
		{Name: "long header", Answer: withLength(ok+html+"X-Long: "+strings.Repeat("x", 70000)+"\r\n", page), Body: page},
		{Name: "many headers", Answer: withLength(ok+html+strings.Repeat("X-N: 1\r\n", 2000), page), Body: page},
		{Name: "empty body", Answer: withLength(ok+html, "")},
		{Name: "NUL bytes in body", Answer: withLength(ok+html, "a\x00b\x00"), Body: "a\x00b\x00"},
		{Name: "all byte values", Answer: withLength(ok+"Content-Type: application/octet-stream\r\n", allBytes())},
		{Name: "CRLF in body", Answer: withLength(ok+html, "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")},
		{Name: "no type", Answer: withLength(ok, page), Body: page},
		{Name: "GBK in header",
			Answer: withLength(ok+html+"Content-Disposition: attachment; filename=\xcd\xa8\xd6\xaa.doc\r\n", page), Body: page},
		{Name: "UTF-8 in header", Answer: withLength(ok+html+"X-Name: 通知\r\n", page), Body: page},
		{Name: "control bytes in header", Answer: withLength(ok+html+"X-Odd: a\x01\x7fb\r\n", page), Body: page},
		{Name: "NUL in header", Answer: withLength(ok+html+"X-Odd: a\x00b\r\n", page), Body: page},
		{Name: "bare CR in header", Answer: withLength(ok+html+"X-Odd: a\rb\r\n", page), Body: page},

		// Status lines.
		{Name: "no reason", Answer: withLength("HTTP/1.1 200\r\n"+html, page), Body: page},
		{Name: "no reason, blank", Answer: withLength("HTTP/1.1 200 \r\n"+html, page), Body: page},
		{Name: "GBK reason", Answer: withLength("HTTP/1.1 404 \xce\xb4\xd5\xd2\xb5\xbd\r\n"+html, page), Status: 404},
		{Name: "long reason", Answer: withLength("HTTP/1.1 200 "+strings.Repeat("OK ", 2000)+"\r\n"+html, page), Body: page},
		{Name: "two blanks", Answer: withLength("HTTP/1.1  200 OK\r\n"+html, page), Body: page},
		{Name: "lower case", Answer: withLength("http/1.1 200 OK\r\n"+html, page), Body: page},
		{Name: "status 299", Answer: withLength("HTTP/1.1 299 Odd\r\n"+html, page), Status: 299},
		{Name: "status 999", Answer: withLength("HTTP/1.1 999 Denied\r\n"+html, page), Status: 999},
		{Name: "HTTP/1.2", Answer: withLength("HTTP/1.2 200 OK\r\n"+html, page), Body: page},
		{Name: "HTTP/2 in words", Answer: withLength("HTTP/2 200 OK\r\n"+html, page), Body: page},
		{Name: "ICY", Answer: "ICY 200 OK\r\n" + html + "\r\n" + page, Close: true, Body: page},
		{Name: "no status line", Answer: page, Close: true, Status: -1, Malformed: true},
		{Name: "status line in Chinese", Answer: "HTTP/1.1 二百\r\n\r\n", Close: true, Status: -1, Malformed: true},
		{Name: "status 42", Answer: "HTTP/1.1 42 Odd\r\n\r\nx", Close: true, Status: -1, Malformed: true},
		{Name: "binary noise", Answer: "\x15\x03\x01\x00\x02\x02\x46", Close: true, Status: -1, Malformed: true},

		// Line ends.
		{Name: "LF only", Answer: strings.ReplaceAll(withLength(ok+html, ""), "\r", "")},
		{Name: "LF only with body", Answer: "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 3\n\nabc",
			Body: "abc"},
		{Name: "mixed line ends", Answer: "HTTP/1.1 200 OK\r\nContent-Type: text/html\nContent-Length: 3\r\n\nabc",
			Body: "abc"},
		{Name: "blank before colon", Answer: "HTTP/1.1 200 OK\r\nContent-Type : text/html\r\nContent-Length : 3\r\n\r\nabc",
			Body: "abc"},
		{Name: "header without colon", Answer: "HTTP/1.1 200 OK\r\nNonsense\r\nContent-Length: 3\r\n\r\nabc", Body: "abc",
			Malformed: true},
		{Name: "header without name", Answer: "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 3\r\n\r\nabc", Body: "abc"},

		// Framing by length.
		{Name: "same length twice", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
			Body: "abc"},
		{Name: "same length in a list", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", Body: "abc"},
		{Name: "conflicting lengths", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
			Close: true, Body: "abcde", Malformed: true},
		{Name: "conflicting lengths, kept open",
			Answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", Body: "abcde", Malformed: true},
		{Name: "negative length", Answer: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc", Close: true, Body: "abc",
			Malformed: true},
		{Name: "length in words", Answer: "HTTP/1.1 200 OK\r\nContent-Length: three\r\n\r\nabc", Close: true, Body: "abc",
			Malformed: true},
		{Name: "short body", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + half, Close: true,
			Truncated: "disconnect"},
		{Name: "short body, reset", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + half, Reset: true,
			Truncated: "disconnect"},
		{Name: "long body", Answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh",
			Want: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Body: "abc"},
		{Name: "until close", Answer: ok + html + "\r\n" + page, Close: true, Body: page},
		{Name: "until close, asked", Answer: ok + html + "Connection: close\r\n\r\n" + page, Close: true, Body: page},
		{Name: "HTTP/1.0 until close", Answer: "HTTP/1.0 200 OK\r\n" + html + "\r\n" + page, Close: true, Body: page},
		{Name: "HTTP/1.0 kept alive", Answer: withLength("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n"+html, page),
			Body: page},
		{Name: "header only, closed", Answer: ok + html + "\r\n", Close: true},
		{Name: "broken off in header", Answer: "HTTP/1.1 200 OK\r\nContent-Ty", Close: true, Truncated: "disconnect"},
		{Name: "broken off in status line", Answer: "HTTP/1.1 200", Close: true, Truncated: "disconnect"},

		// Chunks.
		{Name: "chunked", Answer: te + chunked(page[:10], page[10:]), Body: page},
		{Name: "chunk extensions", Answer: te + "3;a=b;c=\"d\"\r\nabc\r\n0;last\r\n\r\n", Body: "abc"},
		{Name: "trailers", Answer: te + "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", Body: "abc"},
		{Name: "upper-case sizes, zeros", Answer: te + "00A\r\n0123456789\r\n000\r\n\r\n", Body: "0123456789"},
		{Name: "blanks after size", Answer: te + "3   \r\nabc\r\n0\r\n\r\n", Body: "abc"},
		{Name: "chunks with LF only", Answer: te + "3\nabc\n0\n\n", Body: "abc"},
		{Name: "one byte a chunk", Answer: te + chunked(strings.Split(strings.Repeat("x", 500), "")...),
			Body: strings.Repeat("x", 500)},
		{Name: "chunked and a length", Answer: ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" +
			chunked("abc"), Body: "abc"},
		{Name: "TE in upper case", Answer: ok + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunked("abc"), Body: "abc"},
		{Name: "TE identity", Answer: ok + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", Body: "abc"},
		{Name: "bad chunk size", Answer: te + "zz\r\nabc\r\n", Close: true, Malformed: true},
		{Name: "chunk longer than said", Answer: te + "2\r\nabc\r\n0\r\n\r\n", Close: true, Malformed: true},
		{Name: "chunk of -1", Answer: te + "-1\r\nabc\r\n0\r\n\r\n", Close: true, Malformed: true},
		{Name: "huge chunk size", Answer: te + "fffffffffffffffff\r\nabc", Close: true, Malformed: true},
		{Name: "no last chunk", Answer: te + "3\r\nabc\r\n", Close: true, Truncated: "disconnect"},
		{Name: "broken off in a chunk", Answer: te + "a\r\nabc", Close: true, Truncated: "disconnect"},
		{Name: "broken off in the trailer", Answer: te + "3\r\nabc\r\n0\r\nX: ", Close: true, Truncated: "disconnect"},
		{Name: "HTTP/1.0 says chunked", Answer: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("abc"),
			Close: true},

		// Content codings.
		{Name: "gzip", Answer: withLength(ok+html+"Content-Encoding: gzip\r\n", packed("gzip", page)), Body: page},
		{Name: "gzip, chunked", Answer: ok + html + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" +
			chunked(packed("gzip", page)), Body: page},
		{Name: "gzip of two members", Answer: withLength(ok+html+"Content-Encoding: gzip\r\n",
			packed("gzip", page)+packed("gzip", "!")), Body: page + "!"},
		{Name: "gzip announced only", Answer: withLength(ok+html+"Content-Encoding: gzip\r\n", page), Body: page},
		{Name: "gzip broken off", Answer: withLength(ok+html+"Content-Encoding: gzip\r\n", packed("gzip", page)[:30])},
		{Name: "gzip with rubbish behind",
			Answer: withLength(ok+html+"Content-Encoding: gzip\r\n", packed("gzip", page)+"\x00\x00rubbish"), Body: page},
		{Name: "gzip twice",
			Answer: withLength(ok+html+"Content-Encoding: gzip, gzip\r\n", packed("gzip", packed("gzip", page))), Body: page},
		{Name: "x-gzip", Answer: withLength(ok+html+"Content-Encoding: x-gzip\r\n", packed("gzip", page)), Body: page},
		{Name: "deflate, zlib", Answer: withLength(ok+html+"Content-Encoding: deflate\r\n", packed("zlib", page)),
			Body: page},
		{Name: "deflate, raw", Answer: withLength(ok+html+"Content-Encoding: deflate\r\n", packed("raw", page)), Body: page},
		{Name: "br", Answer: withLength(ok+html+"Content-Encoding: br\r\n", packed("br", page)), Body: page},

		// Bodies that are none, and messages before the message.
		{Name: "HEAD", Method: "HEAD", Answer: ok + html + "Content-Length: 1000\r\n\r\n"},
		{Name: "204", Answer: "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", Status: 204},
		{Name: "304 with length", Answer: "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 1000\r\n\r\n",
			Status: 304},
		{Name: "302", Answer: withLength("HTTP/1.1 302 Found\r\nLocation: /x\r\n", ""), Status: 302},
		{Name: "302 to nowhere", Answer: withLength("HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\n", ""), Status: 302},
		{Name: "521", Answer: withLength("HTTP/1.1 521 Origin Down\r\nSet-Cookie: __jsl_clearance=1\r\n", "x"), Status: 521},
		{Name: "100 first", Interim: "HTTP/1.1 100 Continue\r\n\r\n", Answer: "HTTP/1.1 100 Continue\r\n\r\n" +
			withLength(ok, "abc"), Want: withLength(ok, "abc"), Body: "abc"},
		{Name: "103 twice", Interim: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 2),
			Answer: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 2) + withLength(ok, "abc"),
			Want:   withLength(ok, "abc"), Body: "abc"},

		{Name: "64 MB", Answer: withLength(ok+"Content-Type: application/octet-stream\r\n",
			strings.Repeat("0123456789abcdef", 4<<20)), Large: true},
	}
	for i := range cs {
		switch {
		case cs[i].Status == 0:
			cs[i].Status = 200
		case cs[i].Status < 0:
			cs[i].Status = 0
		}
		if cs[i].Name == "broken off in status line" {
			cs[i].Status = 200
		}
	}
	return cs
}

func allBytes() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}
