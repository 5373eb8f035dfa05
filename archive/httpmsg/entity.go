package httpmsg

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"io"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Entity reads the payload of a recorded response: transfer coding removed, content
// coding kept.
type Entity struct {
	src    io.Reader
	p      *Parser
	buf    []byte
	chunks [][]byte
	err    error
}

// NewEntity reads the head of the response in r. It fails only if r does.
func NewEntity(method string, r io.Reader) (*Entity, error) {
	return newEntity(NewParser(method), r)
}

// NewStanding is NewEntity of a response whose payload is everything behind the head as it stands.
func NewStanding(r io.Reader) (*Entity, error) {
	p := NewParser("")
	p.Stand()
	return newEntity(p, r)
}

func newEntity(p *Parser, r io.Reader) (*Entity, error) {
	e := &Entity{src: r, p: p, buf: make([]byte, 16<<10)}
	for e.p.Head() == nil && e.err == nil {
		e.fill()
	}
	if e.err != nil && e.err != io.EOF {
		return nil, e.err
	}
	return e, nil
}

// NewEntityOf is NewEntity of a response that is in memory; what is read aliases block.
func NewEntityOf(method string, block []byte) *Entity {
	return newEntityOf(NewParser(method), block)
}

// NewStandingOf is NewStanding of a response that is in memory; what is read aliases block.
func NewStandingOf(block []byte) *Entity {
	p := NewParser("")
	p.Stand()
	return newEntityOf(p, block)
}

func newEntityOf(p *Parser, block []byte) *Entity {
	e := &Entity{p: p, err: io.EOF}
	e.p.Feed(block, e.keep)
	if !e.p.Done() {
		e.p.Close(e.keep)
	}
	return e
}

// Parser returns the parser that follows the response.
func (e *Entity) Parser() *Parser { return e.p }

// Parts returns the payload of a response that is in memory, as NewEntityOf has it, in pieces.
func (e *Entity) Parts() [][]byte { return e.chunks }

func (e *Entity) keep(b []byte) { e.chunks = append(e.chunks, b) }

func (e *Entity) fill() {
	n, err := e.src.Read(e.buf)
	e.p.Feed(e.buf[:n], e.keep)
	switch {
	case e.p.Done():
		e.err = io.EOF
	case err == io.EOF:
		e.p.Close(e.keep)
		e.err = io.EOF
	case err != nil:
		e.err = err
	}
}

// Head returns the response's head, never nil.
func (e *Entity) Head() *Head { return e.p.Head() }

// Problems lists the deviations met so far.
func (e *Entity) Problems() []Problem { return e.p.Problems() }

// Read implements io.Reader.
func (e *Entity) Read(b []byte) (int, error) {
	for len(e.chunks) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		e.fill()
	}
	n := copy(b, e.chunks[0])
	if n == len(e.chunks[0]) {
		e.chunks = e.chunks[1:]
	} else {
		e.chunks[0] = e.chunks[0][n:]
	}
	return n, nil
}

// maxCodings bounds the content codings of a body: each of them can unpack to a thousand times as much,
// and nobody applies more than two.
const maxCodings = 5

// Decode removes content codings (a Content-Encoding value: gzip, deflate, br, zstd, in the
// order applied). A body that is not in the coding it claims, or that claims more than five, is returned as
// it stands, one that breaks off is returned up to the break: servers do both, and what is there is what
// there is.
func Decode(r io.Reader, contentEncoding string) io.Reader {
	src := &source{r: r}
	r = src
	codings, ok := ParseCodings(contentEncoding)
	if !ok {
		return r
	}
	for _, coding := range slices.Backward(codings) {
		r = decodeOne(src, r, coding)
	}
	return r
}

// ParseCodings reads a Content-Encoding value; ok is false if it names too many codings.
func ParseCodings(value string) (codings []string, ok bool) {
	for c := range strings.SplitSeq(value, ",") {
		c = strings.ToLower(strings.TrimSpace(c))
		if c == "" || c == "identity" {
			continue
		}
		if len(codings) == maxCodings {
			return nil, false
		}
		codings = append(codings, c)
	}
	return codings, true
}

func decodeOne(src *source, r io.Reader, coding string) io.Reader {
	br := bufio.NewReaderSize(r, 16<<10)
	switch coding {
	case "gzip", "x-gzip":
		if m, _ := br.Peek(2); !bytes.Equal(m, []byte{0x1f, 0x8b}) {
			return br
		}
		if z, err := gzip.NewReader(br); err == nil {
			return &lenient{z, src}
		}
	case "deflate":
		m, _ := br.Peek(2)
		if len(m) == 2 && m[0]&0x0f == 8 && (uint(m[0])<<8|uint(m[1]))%31 == 0 {
			if z, err := zlib.NewReader(br); err == nil {
				return &lenient{z, src}
			}
		}
		return tryFirst(src, br, func(r io.Reader) io.Reader { return flate.NewReader(r) })
	case "br":
		return tryFirst(src, br, func(r io.Reader) io.Reader { return brotli.NewReader(r) })
	case "zstd":
		if m, _ := br.Peek(4); !bytes.Equal(m, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
			return br
		}
		if z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow)); err == nil {
			return &lenient{z.IOReadCloser(), src}
		}
	}
	return br
}

// maxWindow is the largest window of zstd that HTTP allows (RFC 9659), in bytes.
const maxWindow = 8 << 20

// tryFirst decodes the first bytes of br as a trial, for codings without a magic number.
func tryFirst(src *source, br *bufio.Reader, open func(io.Reader) io.Reader) io.Reader {
	head, _ := br.Peek(br.Size())
	var one [1]byte
	_, err := io.ReadFull(open(bytes.NewReader(head)), one[:])
	if err != nil && err != io.EOF {
		return br
	}
	return &lenient{open(br), src}
}

// source remembers the error of the reader below the decoders, so that a failing disk is
// not taken for broken compressed data.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// lenient turns an error within compressed data into the end of the data.
type lenient struct {
	r   io.Reader
	src *source
}

func (l *lenient) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	switch {
	case l.src.err != nil:
		return n, l.src.err
	case err != nil:
		return n, io.EOF
	}
	return n, nil
}
