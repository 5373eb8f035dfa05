package wire

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// byteReader is what the chunk reader reads from: it must not read ahead.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// chunks removes the chunked coding. It takes bare LF, blanks and extensions after the
// size, reads the trailer to its end, and fails with errChunk at anything else.
type chunks struct {
	r     byteReader
	n     int64 // left in this chunk
	first bool
	limit int64 // bytes of a size line or of the trailer
	err   error
	line  []byte
}

func newChunks(r byteReader, limit int64) *chunks { return &chunks{r: r, first: true, limit: limit} }

func (c *chunks) Read(p []byte) (int, error) {
	for c.err == nil && c.n == 0 {
		c.err = c.next()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.n)])
	c.n -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// next reads up to the data of the next chunk; io.EOF after the trailer.
func (c *chunks) next() error {
	if !c.first {
		line, err := c.readLine()
		if err != nil {
			return err
		}
		if line != "" {
			return errChunk
		}
	}
	c.first = false
	line, err := c.readLine()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
	if err != nil {
		return errChunk
	}
	if n > 0 {
		c.n = int64(n)
		return nil
	}
	for total := int64(0); ; {
		line, err := c.readLine()
		if err != nil {
			return err
		}
		if line == "" {
			return io.EOF
		}
		if total += int64(len(line)); total > c.limit {
			return errLength
		}
	}
}

func (c *chunks) readLine() (string, error) {
	c.line = c.line[:0]
	for {
		b, err := c.r.ReadByte()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(c.line), "\r"), nil
		}
		if int64(len(c.line)) >= min(c.limit, 64<<10) {
			return "", errChunk
		}
		c.line = append(c.line, b)
	}
}

// entity returns the payload: transfer coding removed, content coding kept.
func (x *Exchange) entity() io.Reader {
	body := x.spool.reader(x.head)
	if !x.chunked {
		return body
	}
	return newChunks(bufio.NewReaderSize(body, 32<<10), 1<<20)
}
