package archive

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"testing"

	"cundang/archive/httpmsg"
)

// pieces reads n bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(p.n, len(b))]) }

// FuzzSumResponse holds the digests, taken together as the response is read, against
// crypto/sha256 of the whole block and of the payload read for itself.
func FuzzSumResponse(f *testing.F) {
	text := strings.Repeat("关于举办培训班的通知\n", 3000)
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), uint16(0))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more"), uint16(7))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"+text), uint16(4095))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"+text), uint16(64<<10-1))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4000\r\n"+text[:0x4000]+"\r\n0\r\n\r\n"), uint16(99))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n"+text), uint16(1000))
	f.Add([]byte(text), uint16(50_000))
	f.Add([]byte("HTTP"), uint16(2))
	f.Fuzz(func(t *testing.T, block []byte, n uint16) {
		got, err := sumResponse("GET", pieces{bytes.NewReader(block), int(n) + 1}, -1)
		if err != nil {
			t.Fatal(err)
		}
		payload := sha256.New()
		if _, err := io.Copy(payload, httpmsg.NewEntityOf("GET", block)); err != nil {
			t.Fatal(err)
		}
		if got.block != digestOf(block) || got.payload != digest(payload) || got.size != int64(len(block)) {
			t.Errorf("block %s, payload %s of %d bytes; want %s, %s of %d", got.block, got.payload, got.size, digestOf(block), digest(payload), len(block))
		}
	})
}
