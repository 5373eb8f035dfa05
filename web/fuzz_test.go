package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Whatever stands in an address is a question or an error, and a question that was read stays the same through its own
// address.
func FuzzQuestion(f *testing.F) {
	for _, s := range []string{"q=%E7%A7%91%E6%99%AE&site=a&site=b&from=2022&to=2022-12&sort=-published&limit=5&offset=10",
		"q=%00&person=%ff", "freshness=365&as_of=2023-01-01T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := parseQuestion(v)
		if err != nil {
			return
		}
		address := q.At("/")
		u, err := url.Parse(address)
		if err != nil {
			t.Fatalf("%q: %v", address, err)
		}
		again, err := parseQuestion(u.Query())
		if err != nil || again.At("/") != address {
			t.Errorf("%q became %q: %v", address, again.At("/"), err)
		}
		add := q.slots("/", "author")
		if u, err := url.Parse(add[0] + url.QueryEscape("甲") + add[1]); err != nil ||
			len(u.Query()["author"]) != len(q.Values["author"])+1 {
			t.Errorf("slots of %q: %q, %v", address, add, err)
		}
	})
}

// An address below /replay/ is read or refused, never with a panic or a 5xx.
func FuzzReplayAddress(f *testing.F) {
	for _, s := range []string{"2023/http://kx.qingyuan.example/", "20230530020000mp_/http:/kx.qingyuan.example/a?b=c",
		"x~2023id_/http://[::1", "20230530020000cs_/javascript:alert(1)"} {
		f.Add(s)
	}
	w := newWorld(f)
	w.capture(homeURL, "2023-01-01 10:00:00", "text/html", "<p>x")
	h, err := New(w.opts)
	w.check(err)
	f.Fuzz(func(t *testing.T, rest string) {
		u, err := url.ParseRequestURI("/replay/" + rest)
		if err != nil || strings.ContainsAny(rest, "\r\n") {
			return
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, &http.Request{Method: "GET", URL: u, RequestURI: "/replay/" + rest, Host: "127.0.0.1",
			Header: http.Header{}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"})
		if rec.Code >= 500 {
			t.Errorf("%q: %d %s", rest, rec.Code, rec.Body)
		}
	})
}
