package httpmsg

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read parses a whole message in pieces of n bytes.
func read(p *Parser, in string, n int) string {
	var payload []byte
	give := func(b []byte) { payload = append(payload, b...) }
	for at := 0; at < len(in) && !p.Done(); {
		end := min(at+n, len(in))
		at += p.Feed([]byte(in[at:end]), give)
	}
	if !p.Done() {
		p.Close(give)
	}
	return string(payload)
}

// TestFraming tells what is known of a message's end, and what of it is doubtful.
func TestFraming(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	chunked := ok + "Transfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		name, in, payload string
		ends              int64
		doubtful          bool
	}{
		{"length", ok + "Content-Length: 3\r\n\r\nabcdef", "abc", int64(len(ok)) + 24, false},
		{"no length", ok + "\r\nabc", "abc", -1, false},
		{"no body", "HTTP/1.1 204 No\r\n\r\nabc", "", 19, false},
		{"not modified", "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\nabc", "", 38, false},
		{"identity", ok + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nabc", "a", int64(len(ok)) + 51, false},
		{"other coding", ok + "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nabc", "abc", -1, false},
		{"gzip, chunked", ok + "Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked \r\n\r\n1\r\na\r\n0\r\n\r\n", "a",
			-1, false},
		{"chunks", chunked + "3\r\nabc\r\n0\r\n\r\n", "abc", -1, false},
		{"chunks, LF only", chunked + "3\nabc\n0\n\n", "abc", -1, false},
		{"no chunk at all", chunked + "0\r\n\r\n", "", -1, false},
		{"first chunk short", chunked + "5\r\nabc", "abc", -1, true},
		{"second chunk short", chunked + "3\r\nabc\r\n5\r\nde", "abcde", -1, false},
		{"bad size", chunked + "3\r\nabc\r\nxyz\r\nmore", "abcxyz\r\nmore", -1, true},
		{"data without line end", chunked + "3\r\nabc3\r\ndef\r\n0\r\n\r\n", "abcdef", -1, true},
		{"plus is no digit", chunked + "+3\r\nabc", "+3\r\nabc", -1, true},
		{"minus is no digit", chunked + "-0\r\nabc", "-0\r\nabc", -1, true},
		{"plain, no line end", chunked + "plain", "plain", -1, true},
		{"plain, hexadecimal", chunked + "beef", "beef", -1, true},
		{"zero, no line end", chunked + "0", "", -1, false},
		{"blanks", chunked + " \t", "", -1, false},
		{"size broken off", chunked + "3\r\nabc\r\n1f", "abc", -1, false},
		{"text behind a chunk", chunked + "3\r\nabc\r\nxyz", "abcxyz", -1, true},
		{"size beyond 64 bits", chunked + "fffffffffffffffff\r\nx", "fffffffffffffffff\r\nx", -1, true},
	} {
		for _, n := range []int{1, 3, len(c.in)} {
			p := NewParser("")
			if got := read(p, c.in, n); got != c.payload || p.Ends() != c.ends || p.Doubtful() != c.doubtful {
				t.Errorf("%s by %d: %q ends %d, doubtful %v; want %q, %d, %v", c.name, n, got, p.Ends(), p.Doubtful(), c.payload,
					c.ends, c.doubtful)
			}
			if got := p.Chunked(); got != (strings.Contains(c.in, "hunked")) {
				t.Errorf("%s: chunked is %v", c.name, got)
			}
			_, body, _ := strings.Cut(c.in, "\r\n\r\n")
			p = NewParser("")
			p.Stand()
			if got := read(p, c.in, n); got != body || p.Ends() != -1 || !p.Done() {
				t.Errorf("%s as it stands: %q, ends %d", c.name, got, p.Ends())
			}
		}
		if e := NewStandingOf([]byte(c.in)); string(bytes.Join(e.Parts(), nil)) != afterHead(c.in) || e.Head().Size == 0 {
			t.Errorf("%s: standing parts %q", c.name, e.Parts())
		}
		e, err := NewStanding(strings.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(e); err != nil || string(b) != afterHead(c.in) || e.Parser().Head() != e.Head() {
			t.Errorf("%s: standing %q, %v", c.name, b, err)
		}
	}
	p := NewParser("HEAD")
	if got := read(p, ok+"Content-Length: 3\r\n\r\nabc", 100); got != "" || p.Ends() != int64(len(ok))+21 {
		t.Errorf("HEAD: %q, %d", got, p.Ends())
	}
	p = NewParser("CONNECT")
	if got := read(p, ok+"Content-Length: 1\r\n\r\nabc", 100); got != "abc" {
		t.Errorf("CONNECT: %q", got)
	}
	p = NewParser("CONNECT")
	if got := read(p, "HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\nabc", 100); got != "a" {
		t.Errorf("CONNECT refused: %q", got)
	}
}

func afterHead(in string) string {
	_, body, _ := strings.Cut(in, "\r\n\r\n")
	return body
}

func TestFoldedHeaderIsJoinedOnce(t *testing.T) {
	for _, c := range []struct {
		in       string
		want     []Field
		problems []Problem
	}{
		{"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nE: f\r\n\r\n", []Field{{"A", "b c d"}, {"E", "f"}}, []Problem{FoldedLine}},
		{"HTTP/1.1 200 OK\r\nA: b\n c\n\r\n", []Field{{"A", "b c"}}, []Problem{BareLF, FoldedLine}},
		{"HTTP/1.1 200 OK\r\nA: b\r\n \r\nE: f\r\n\r\n", []Field{{"A", "b"}, {"E", "f"}}, []Problem{FoldedLine}},
	} {
		p := NewParser("")
		p.Feed([]byte(c.in), nil)
		if d := cmp.Diff(c.want, p.Head().Fields); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
		if d := cmp.Diff(c.problems, p.Problems()); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
		for _, f := range c.want {
			if got := p.Head().Header.Get(f.Name); got != f.Value {
				t.Errorf("%q: %s is %q", c.in, f.Name, got)
			}
		}
	}
}

func TestHeadLimit(t *testing.T) {
	line := "X: " + strings.Repeat("x", 1000) + "\r\n"
	for n, long := range map[int]bool{200: false, 300: true} {
		in := "HTTP/1.1 200 OK\r\n" + strings.Repeat(line, n) + "\r\nbody"
		p := NewParser("")
		payload := read(p, in, 5000)
		if p.Has(LongHead) != long || (payload == "body") == long || (p.Head().Status == 200) == long {
			t.Errorf("%d lines: %v, status %d, payload of %d bytes", n, p.Problems(), p.Head().Status, len(payload))
		}
		if p.Size() != int64(len(in)) || p.PayloadSize() != int64(len(payload)) {
			t.Errorf("%d lines: size %d, payload %d", n, p.Size(), p.PayloadSize())
		}
	}
}

func packed(s string, times int) []byte {
	b := []byte(s)
	for range times {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		z.Write(b) // to memory
		z.Close()
		b = out.Bytes()
	}
	return b
}

func TestCodingsAreBounded(t *testing.T) {
	for _, c := range []struct {
		coding string
		times  int
		want   bool
	}{
		{"gzip", 1, true}, {"gzip, gzip", 2, true}, {"gzip,gzip,gzip,gzip,gzip", 5, true},
		{"gzip,gzip,gzip,gzip,gzip,gzip", 6, false}, {strings.Repeat("gzip,", 40_000), 1, false},
		{"identity, gzip, , identity, X-GZIP,,gzip,gzip,gzip", 5, true}, {"", 0, true}, {"unknown", 0, true},
	} {
		in := packed("content", c.times)
		want := "content"
		if !c.want {
			want = string(in) // as it stands
		}
		got, err := io.ReadAll(Decode(bytes.NewReader(in), c.coding))
		if err != nil || string(got) != want {
			t.Errorf("%.60s: %q, %v", c.coding, got, err)
		}
	}
}

// TestDiskErrorsAreTold tells a disk that fails from data that are broken.
func TestDiskErrorsAreTold(t *testing.T) {
	body := string(packed(strings.Repeat("content ", 10_000), 1))
	for _, coding := range []string{"gzip", "deflate", "br", "zstd", ""} {
		r := Decode(io.MultiReader(strings.NewReader(body[:20]), failing{}), coding)
		if _, err := io.ReadAll(r); !errors.Is(err, errDisk) {
			t.Errorf("%q: %v", coding, err)
		}
	}
	if b, err := io.ReadAll(Decode(strings.NewReader(body[:len(body)-20]), "gzip")); err != nil || len(b) == 0 {
		t.Errorf("broken off: %d bytes, %v", len(b), err)
	}
	if _, err := NewEntity("", failing{}); !errors.Is(err, errDisk) {
		t.Errorf("head: %v", err)
	}
	e, err := NewEntity("", io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\n\r\nabc"), failing{}))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(e); string(b) != "abc" || !errors.Is(err, errDisk) {
		t.Errorf("%q, %v", b, err)
	}
	if len(e.Problems()) != 0 {
		t.Errorf("%q", e.Problems())
	}
}
