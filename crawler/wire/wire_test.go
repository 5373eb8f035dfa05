package wire_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"cundang/crawler/wire"
	"cundang/crawler/wire/wiretest"
)

func transport(t *testing.T) *wire.Transport {
	tr := &wire.Transport{Limits: wire.Limits{Linger: 200 * time.Millisecond, Idle: time.Second}, Spool: t.TempDir()}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func TestCases(t *testing.T) {
	cases := wiretest.Cases()
	if len(cases) < 60 {
		t.Fatalf("%d cases", len(cases))
	}
	s := wiretest.NewServer(t, cases)
	tr := transport(t)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			x, err := tr.Do(context.Background(), wire.Request{Method: c.Method, URL: s.URL(i), Private: true,
				Header: []wire.Field{{Name: "X-Case", Value: c.Name}}})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			got, err := io.ReadAll(x.Response())
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.Expect() {
				t.Errorf("recorded %d bytes, want %d: %.300q, want %.300q", len(got), len(c.Expect()), got, c.Expect())
			}
			if string(x.Request) != s.Request("/"+strings.TrimPrefix(s.URL(i), "http://"+s.Addr+"/")) {
				t.Errorf("recorded request %q, sent %q", x.Request, s.Request("/"))
			}
			if x.Status != c.Status || x.Truncated != c.Truncated || string(x.Interim) != c.Interim ||
				(x.Malformed != "") != c.Malformed {
				t.Errorf("status %d, truncated %q, interim %q, malformed %q", x.Status, x.Truncated, x.Interim, x.Malformed)
			}
			if c.Body != "" {
				if body, _ := x.Decoded(1 << 20); string(body) != c.Body {
					t.Errorf("body %q, want %q", body, c.Body)
				}
			}
		})
	}
	if n := s.Conns(); n >= len(cases) {
		t.Errorf("%d connections for %d exchanges: none was kept", n, len(cases))
	}
}
