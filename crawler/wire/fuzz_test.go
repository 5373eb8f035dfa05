package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"cundang/crawler/wire"
	"cundang/crawler/wire/wiretest"
)

// tape is a connection on which a server says what it says, in pieces, whatever it is asked,
// and hangs up.
type tape struct {
	net.Conn
	answer []byte
	piece  int
}

func (c *tape) Read(p []byte) (int, error) {
	if len(c.answer) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.answer[:min(c.piece, len(c.answer))])
	c.answer = c.answer[n:]
	return n, nil
}

func (c *tape) Write(p []byte) (int, error)      { return len(p), nil }
func (c *tape) Close() error                     { return nil }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// FuzzExchange plays any bytes as an answer: what is recorded is what came, byte for byte,
// and no more than the limits allow, be it read in one piece or in many.
func FuzzExchange(f *testing.F) {
	for _, c := range wiretest.Cases() {
		if len(c.Answer) < 8<<10 {
			f.Add([]byte(c.Answer), byte(len(c.Name)), c.Method == http.MethodHead)
		}
	}
	limits := wire.Limits{Header: 2 << 10, Body: 16 << 10, Total: 20 * time.Second}
	f.Fuzz(func(t *testing.T, answer []byte, piece byte, head bool) {
		get := func(piece int) *wire.Exchange {
			tr := &wire.Transport{Limits: limits, Dial: func(context.Context, string, string) (net.Conn, error) {
				return &tape{answer: answer, piece: piece}, nil
			}}
			defer tr.Close()
			r := wire.Request{URL: "http://192.0.2.1/", Private: true}
			if head {
				r.Method = http.MethodHead
			}
			x, err := tr.Do(t.Context(), r)
			var we *wire.Error
			if err != nil && !errors.As(err, &we) {
				t.Fatalf("error %v", err)
			}
			return x
		}
		x := get(1 + int(piece))
		if x == nil {
			return
		}
		defer x.Close()
		got, err := io.ReadAll(x.Response())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(answer, append(bytes.Clone(x.Interim), got...)) {
			t.Errorf("recorded %q and %q of %q", x.Interim, got, answer)
		}
		if n := int64(len(got)); n != x.Size() || n > limits.Header+limits.Body || int64(len(x.Interim)) > 2*limits.Header {
			t.Errorf("%d bytes (%d) and %d before them", n, x.Size(), len(x.Interim))
		}
		body, _ := x.Decoded(64 << 10)
		if len(body) > 64<<10 {
			t.Errorf("%d bytes decoded", len(body))
		}
		y := get(1 << 20)
		if y == nil {
			t.Fatal("nothing came in one piece")
		}
		defer y.Close()
		whole, err := io.ReadAll(y.Response())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, whole) || x.Status != y.Status || x.Digest != y.Digest || x.Payload != y.Payload ||
			x.Truncated != y.Truncated || x.Malformed != y.Malformed {
			t.Errorf("in pieces %d %.200q %q %q, in one %d %.200q %q %q", x.Status, got, x.Truncated, x.Malformed, y.Status,
				whole, y.Truncated, y.Malformed)
		}
	})
}
