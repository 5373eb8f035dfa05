package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	access "cundang/web/token"
)

func TestOpenDoorIsRefused(t *testing.T) {
	w := newWorld(t)
	for listen, wrong := range map[string]bool{"": false, "127.0.0.1:8787": false, "[::1]:8787": false,
		"localhost:0":  false,
		"0.0.0.0:8787": true, ":8787": true, "192.168.1.5:80": true, "archive.example:80": true} {
		w.opts.Listen = listen
		if _, err := New(w.opts); (err != nil) != wrong {
			t.Errorf("%q: %v", listen, err)
		}
	}
}

func TestToken(t *testing.T) {
	w := newWorld(t).furnish()
	tokens := access.Open(filepath.Join(t.TempDir(), "tokens.json"))
	token, made, err := tokens.Add("library", access.Reader, 0, w.opts.Now())
	w.check(err)
	w.opts.Listen, w.opts.Tokens = "0.0.0.0:8787", tokens
	srv := w.serve()
	tests := []struct {
		name, path string
		header     []string
		status     int
	}{
		{"stranger to the API", "/api/v1/search", nil, 401},
		{"stranger to a page", "/", []string{"Accept", "text/html"}, 303},
		{"wrong token", "/api/v1/search", []string{"Authorization", "Bearer x"}, 401},
		{"empty token", "/api/v1/search", []string{"Authorization", "Bearer "}, 401},
		{"token", "/api/v1/search", []string{"Authorization", "Bearer " + token}, 200},
		{"feed reader", "/feeds/changes", []string{"Authorization", basic("any", token)}, 200},
		{"feed without", "/feeds/changes", nil, 401},
		{"forged proxy header", "/api/v1/search", []string{"X-Remote-User", "root"}, 401},
		{"capture", "/replay/20221027020000mp_/" + goneURL, nil, 401},
		{"capture with a made-up key", "/replay/AAAAAAAAAAAAAAAA~20221027020000mp_/" + goneURL, nil, 401},
		{"metrics", "/metrics", nil, 401},
		{"live", "/livez", nil, 200},
		{"style", "/static/app.css", nil, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if res, body := fetch(t, "GET", srv.URL+tt.path, tt.header...); res.StatusCode != tt.status {
				t.Errorf("%d, want %d: %s", res.StatusCode, tt.status, body)
			}
		})
	}
	t.Run("sign in and out", func(t *testing.T) {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		post := func(path string, form url.Values, cookie *http.Cookie) *http.Response {
			req, err := http.NewRequest("POST", srv.URL+path, strings.NewReader(form.Encode()))
			w.check(err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if cookie != nil {
				req.AddCookie(cookie)
			}
			res, err := client.Do(req)
			w.check(err)
			w.check(res.Body.Close())
			return res
		}
		if res := post("/login", url.Values{"token": {"wrong"}}, nil); res.StatusCode != http.StatusForbidden {
			t.Errorf("wrong token: %d", res.StatusCode)
		}
		res := post("/login", url.Values{"token": {token}, "back": {"//evil.example/"}}, nil)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" || len(res.Cookies()) != 1 {
			t.Fatalf("%d to %s", res.StatusCode, res.Header.Get("Location"))
		}
		cookie := res.Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || strings.Contains(cookie.Value, token) {
			t.Errorf("cookie %v", cookie)
		}
		if res, _ := fetch(t, "GET", srv.URL+"/", "Cookie", cookie.Name+"="+cookie.Value); res.StatusCode != 200 {
			t.Errorf("with the cookie: %d", res.StatusCode)
		}
		post("/logout", nil, cookie)
		if res, _ := fetch(t, "GET", srv.URL+"/", "Cookie", cookie.Name+"="+cookie.Value); res.StatusCode == 200 {
			t.Error("the cookie still opens after signing out")
		}
	})
	t.Run("a revoked token ends its sessions", func(t *testing.T) {
		_, err := tokens.Revoke(made.ID)
		w.check(err)
		if res, _ := fetch(t, "GET", srv.URL+"/api/v1/search", "Authorization", "Bearer "+token); res.StatusCode != 401 {
			t.Errorf("%d", res.StatusCode)
		}
	})
	token, _, err = tokens.Add("another", access.Reader, 0, w.opts.Now())
	w.check(err)
	t.Run("pictures of a replayed page need no cookie", func(t *testing.T) {
		_, page := fetch(t, "GET", srv.URL+"/replay/20221027020000mp_/"+goneURL, "Authorization", "Bearer "+token)
		_, rest, _ := strings.Cut(page, `src="`)
		src, _, _ := strings.Cut(rest, `"`)
		if res, _ := fetch(t, "GET", srv.URL+src); res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d", src, res.StatusCode)
		}
		elsewhere := strings.Replace(src, "20221027020000", "20230530020000", 1)
		if res, _ := fetch(t, "GET", srv.URL+elsewhere); res.StatusCode != 401 {
			t.Errorf("the key opens another moment: %d", res.StatusCode)
		}
	})
}

func basic(user, password string) string {
	req := httptest.NewRequest("GET", "/", nil)
	req.SetBasicAuth(user, password)
	return req.Header.Get("Authorization")
}

func TestProxyUser(t *testing.T) {
	w := newWorld(t)
	w.opts.Listen, w.opts.ProxyUser = "0.0.0.0:8787", "X-Remote-User"
	h, err := New(w.opts)
	w.check(err)
	for peer, status := range map[string]int{"127.0.0.1:999": 200, "10.1.2.3:999": 401} {
		req := httptest.NewRequest("GET", "/api/v1/search", nil)
		req.RemoteAddr = peer
		req.Header.Set("X-Remote-User", "li")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != status {
			t.Errorf("%s: %d, want %d", peer, rec.Code, status)
		}
	}
}

// Another site's page must not act here, nor read through a name that resolves to us.
func TestForeignOrigins(t *testing.T) {
	w := newWorld(t).furnish()
	srv := w.serve()
	for _, path := range []string{"/crawls", "/saved", "/prefs", "/api/v1/crawls"} {
		res, _ := fetch(t, "POST", srv.URL+path, "Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example")
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, res.StatusCode)
		}
	}
	h, err := New(w.opts)
	w.check(err)
	req := httptest.NewRequest("GET", "http://evil.example/api/v1/search", nil)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusMisdirectedRequest {
		t.Errorf("a foreign host name: %d", rec.Code)
	}
}

func TestPolicy(t *testing.T) {
	srv := newWorld(t).furnish().serve()
	for path, want := range map[string]string{"/": "default-src 'none'",
		"/replay/20221027020000mp_/" + goneURL: "sandbox; default-src 'none'",
		"/replay/20221027020000id_/" + goneURL: "sandbox", "/replay/20221027020000im_/" + pngURL: "sandbox",
		"/replay/20221027020000mp_/http://kx.qingyuan.example/none": "sandbox"} {
		res, body := fetch(t, "GET", srv.URL+path)
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, want) || strings.Contains(csp, "unsafe-eval") ||
			res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s", path, csp)
		}
		if path == "/" && (strings.Contains(csp, "unsafe-inline") || strings.Contains(body, " style=") ||
			strings.Contains(body, "onclick")) {
			t.Errorf("inline style or script on %s", path)
		}
	}
}

// Bytes come as they came: type, status and content, under a policy that lets nothing run; and no other site frames a
// page of the archive.
func TestOriginalBytes(t *testing.T) {
	w := newWorld(t)
	w.capture("http://kx.qingyuan.example/old.html", "2023-01-01 10:00:00", "text/html; charset=gb2312",
		"<p>\xbf\xc6<script>1</script>")
	srv := w.serve()
	res, body := fetch(t, "GET", srv.URL+"/replay/20230101020000id_/http://kx.qingyuan.example/old.html")
	if body != "<p>\xbf\xc6<script>1</script>" || res.Header.Get("Content-Type") != "text/html; charset=gb2312" ||
		res.Header.Get("Content-Disposition") != "" {
		t.Errorf("%q as %s, %s", body, res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"))
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") ||
		strings.Contains(csp, "script") {
		t.Error(csp)
	}
	for _, modifier := range []string{"mp_", "id_", ""} {
		res, _ := fetch(t, "GET", srv.URL+"/replay/20230101020000"+modifier+"/http://kx.qingyuan.example/old.html")
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors ") {
			t.Errorf("%q may be framed by anybody: %s", modifier, csp)
		}
	}
}

// Who may do what: each role at each kind of endpoint.
func TestRightsMatrix(t *testing.T) {
	w := newWorld(t).furnish()
	tokens := access.Open(filepath.Join(t.TempDir(), "tokens.json"))
	secrets := map[string]string{"stranger": ""}
	for _, role := range []access.Role{access.Reader, access.Curator, access.Operator} {
		secret, _, err := tokens.Add(string(role), role, 0, w.opts.Now())
		w.check(err)
		secrets[string(role)] = secret
	}
	expired, _, err := tokens.Add("old", access.Operator, time.Hour, w.opts.Now().Add(-2*time.Hour))
	w.check(err)
	secrets["expired"] = expired
	w.opts.Listen, w.opts.Tokens = "0.0.0.0:8787", tokens
	srv := w.serve()
	everybody, readers, curators, operators := 0, 1, 2, 3
	levels := map[string]int{"stranger": 0, "expired": 0, "reader": 1, "curator": 2, "operator": 3}
	for _, tt := range []struct {
		method, path string
		from         int
	}{
		{"GET", "/livez", everybody}, {"GET", "/readyz", everybody}, {"GET", "/login", everybody},
		{"GET", "/static/app.css", everybody},
		{"GET", "/", readers}, {"GET", "/api/v1/search", readers}, {"GET", "/api/v1/export?format=jsonl", readers},
		{"GET", "/a/" + idOf(goneURL), readers},
		{"GET", "/replay/20221027020000mp_/" + goneURL, readers}, {"GET", "/web/20221027020000id_/" + goneURL, readers},
		{"GET", "/timemap/link/" + goneURL, readers},
		{"GET", "/cdx?url=" + goneURL, readers}, {"GET", "/feeds/changes", readers}, {"GET", "/metrics", readers},
		{"GET", "/crawls", readers},
		{"GET", "/openapi.json", readers}, {"GET", "/saved", readers}, {"POST", "/prefs", readers},
		{"GET", "/review", curators}, {"GET", "/api/v1/review", curators}, {"GET", "/api/v1/findings", curators},
		{"GET", "/review/" + idOf(goneURL), curators}, {"POST", "/saved", curators},
		{"POST", "/saved/x/delete", curators},
		{"POST", "/crawls", operators}, {"POST", "/crawls/x/stop", operators}, {"POST", "/api/v1/crawls", operators},
	} {
		for who, secret := range secrets {
			var header []string
			if secret != "" {
				header = []string{"Authorization", "Bearer " + secret}
			}
			res, _ := fetch(t, tt.method, srv.URL+tt.path, header...)
			refused := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden
			if want := levels[who] < tt.from; refused != want {
				t.Errorf("%s %s as %s: %d", tt.method, tt.path, who, res.StatusCode)
			}
			if levels[who] == 0 && tt.from > 0 && res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s as %s: %d, want 401", tt.method, tt.path, who, res.StatusCode)
			}
		}
	}
}

// A proxy's users have the rights that the configuration names, and only named proxies are believed.
func TestProxyRoles(t *testing.T) {
	w := newWorld(t).furnish()
	w.opts.Listen, w.opts.ProxyUser, w.opts.Hosts = "0.0.0.0:8787", "X-Remote-User", []string{"archive.example"}
	w.opts.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	w.opts.Operators, w.opts.Curators = []string{"li"}, []string{"wang"}
	h, err := New(w.opts)
	w.check(err)
	for _, tt := range []struct {
		peer, user, host, method, path string
		status                         int
	}{
		{"10.1.2.3:9", "zhang", "archive.example", "GET", "/api/v1/search", 200},
		{"10.1.2.3:9", "zhang", "ARCHIVE.example:443", "GET", "/api/v1/search", 200},
		{"10.1.2.3:9", "zhang", "other.example", "GET", "/api/v1/search", 421},
		{"10.1.2.3:9", "zhang", "archive.example", "GET", "/api/v1/review", 403},
		{"10.1.2.3:9", "wang", "archive.example", "GET", "/api/v1/review", 200},
		{"10.1.2.3:9", "wang", "archive.example", "POST", "/crawls/x/stop", 403},
		{"10.1.2.3:9", "li", "archive.example", "POST", "/crawls/x/stop", 404},
		{"10.1.2.3:9", "", "archive.example", "GET", "/api/v1/search", 401},
		{"11.1.2.3:9", "li", "archive.example", "GET", "/api/v1/search", 401},
		{"127.0.0.1:9", "li", "archive.example", "GET", "/api/v1/search", 401}, // not one of the proxies named
	} {
		req := httptest.NewRequest(tt.method, "http://"+tt.host+tt.path, nil)
		req.RemoteAddr = tt.peer
		req.Header.Set("X-Remote-User", tt.user)
		rec := httptest.NewRecorder()
		if h.ServeHTTP(rec, req); rec.Code != tt.status {
			t.Errorf("%s %s of %q from %s at %s: %d, want %d", tt.method, tt.path, tt.user, tt.peer, tt.host,
				rec.Code, tt.status)
		}
	}
}

// Below a base path every address of a page leads back below it.
func TestBase(t *testing.T) {
	w := newWorld(t).furnish()
	w.opts.Base = "/archive"
	srv := w.serve()
	for _, path := range []string{"/archive/", "/archive/a/" + idOf(goneURL), "/archive/crawls", "/archive/changes",
		"/archive/replay/20221027020000/" + goneURL,
		"/archive/replay/20221027020000mp_/" + goneURL} {
		res, body := fetch(t, "GET", srv.URL+path)
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		for _, m := range regexp.MustCompile(`(?: href| src| action|data-live)="(/[^"]*)"`).FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(m[1], "/archive/") {
				t.Errorf("%s leads to %s", path, m[1])
			}
		}
	}
	if res, _ := fetch(t, "GET", srv.URL+"/"); res.StatusCode != 404 {
		t.Errorf("beside the base: %d", res.StatusCode)
	}
	if _, body := fetch(t, "GET", srv.URL+"/archive/timemap/link/"+goneURL); !strings.Contains(body, srv.URL+
		"/archive/replay/") {
		t.Error(body)
	}
	if res, _ := fetch(t, "GET", srv.URL+"/archive/web/"+goneURL); res.StatusCode != 302 ||
		!strings.Contains(res.Header.Get("Location"), "/archive/replay/") {
		t.Errorf("TimeGate: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
}
