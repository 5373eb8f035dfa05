package browser

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestCredential: the proxy answers nobody but the browser that was started with it, in a tunnel or without.
func TestCredential(t *testing.T) {
	p, err := newProxy()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	p.serve(func(_ context.Context, r *http.Request) (*http.Response, error) {
		return Refuse(http.StatusTeapot), nil
	})
	ask := func(user *url.Userinfo) int {
		t.Helper()
		c := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: p.addr, User: user})}}
		resp, err := c.Get("http://www.kx.example/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		_, err = c.Get("https://www.kx.example/")
		if err == nil || user == nil && !strings.Contains(err.Error(), "Proxy Authentication Required") {
			t.Errorf("a tunnel for %v: %v", user, err)
		}
		return resp.StatusCode
	}
	for user, want := range map[*url.Userinfo]int{
		nil: http.StatusProxyAuthRequired, url.UserPassword(proxyUser, "guess"): http.StatusProxyAuthRequired,
		url.UserPassword(proxyUser, p.secret): http.StatusTeapot,
	} {
		if got := ask(user); got != want {
			t.Errorf("%v: %d, want %d", user, got, want)
		}
	}
}
