package wire

import (
	"cundang/archive/httpmsg"

	"bufio"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// Decoded returns the content with transfer and content codings removed, at most limit
// bytes of it; whole says that this is all. It is not to be written to. A body that cannot be decoded yields what could
// be: sites announce codings they do not use, and pages break off.
func (x *Exchange) Decoded(limit int64) (body []byte, whole bool) {
	whole = true
	if !x.chunked && x.spool.f == nil && len(x.Header["Content-Encoding"]) == 0 {
		body = x.spool.buf[x.head:]
		return body[:min(int64(len(body)), limit):len(body)], int64(len(body)) <= limit
	}
	r := x.entity()
	codings, ok := httpmsg.ParseCodings(strings.Join(x.Header["Content-Encoding"], ","))
	if !ok {
		codings, whole = nil, false
	}
	for i := len(codings) - 1; i >= 0; i-- {
		d, ok := decoder(codings[i], r)
		if !ok {
			whole = false
			break
		}
		r = d
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], false
	}
	return body, whole && (err == nil || errors.Is(err, io.EOF))
}

// decoder undoes one content coding; false when it is not known here. We ask for gzip only,
// but some servers do not ask what was asked for.
func decoder(coding string, r io.Reader) (io.Reader, bool) {
	br := bufio.NewReader(r)
	switch coding {
	case "gzip", "x-gzip":
		if b, err := br.Peek(2); err != nil || b[0] != 0x1f || b[1] != 0x8b {
			return br, true // announced but not done
		}
		z, err := gzip.NewReader(br)
		if err != nil {
			return br, true
		}
		return z, true
	case "deflate":
		if b, err := br.Peek(2); err == nil && b[0]&0x0f == 8 && (uint(b[0])<<8|uint(b[1]))%31 == 0 {
			z, err := zlib.NewReader(br)
			if err == nil {
				return z, true
			}
		}
		return flate.NewReader(br), true
	case "br":
		return brotli.NewReader(br), true
	}
	return br, false
}
