package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// NewToken returns a fresh access token and the hash to store in its place.
func NewToken() (token, hash string) {
	token = rand.Text()
	return token, HashToken(token)
}

// HashToken returns the form in which a token is kept at rest, "sha256:hex". Tokens are
// random with 128 bits and more, so that a plain hash cannot be searched.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "sha256:" + hex.EncodeToString(sum[:])
}

const (
	sessionCookie = "cundang_session"
	sessionTime   = 30 * 24 * time.Hour
)

// gate lets in who may come in.
type gate struct {
	hash    []byte // of the token, nil for none
	header  string
	proxies []netip.Prefix
	hosts   []string
	anyHost bool
	cross   *http.CrossOriginProtection

	mu       sync.Mutex
	sessions map[string]time.Time // hash of the cookie's value → end
	now      func() time.Time
	// replayKey signs replay addresses: pictures of a sandboxed page are asked for without cookies.
	replayKey []byte
}

func newGate(opts Options) (*gate, error) {
	g := &gate{header: opts.ProxyUser, proxies: opts.TrustedProxies, hosts: opts.Hosts,
		cross: http.NewCrossOriginProtection(), sessions: map[string]time.Time{}, now: opts.Now}
	if opts.TokenHash != "" {
		digest, ok := strings.CutPrefix(opts.TokenHash, "sha256:")
		sum, err := hex.DecodeString(digest)
		if !ok || err != nil || len(sum) != sha256.Size {
			return nil, errors.New(`web: the token hash must be "sha256:" and 64 hex digits`)
		}
		g.hash = sum
	}
	if g.header != "" && len(g.proxies) == 0 {
		g.proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	if !loopback(opts.Listen) {
		if g.open() {
			return nil, fmt.Errorf("web: refuse to listen on %s without a token or a reverse proxy's user header", opts.Listen)
		}
		g.anyHost = true
	}
	g.replayKey = []byte(rand.Text())
	return g, nil
}

// open says that nobody is asked for anything (loopback only).
func (g *gate) open() bool { return g.hash == nil && g.header == "" }

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	if host == "" {
		return listen == ""
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// wrap refuses foreign hosts (DNS rebinding), foreign origins and strangers.
func (g *gate) wrap(s *server, next http.Handler) http.Handler {
	return g.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.anyHost && !g.knows(r.Host) {
			writeProblem(w, http.StatusMisdirectedRequest, "this server does not answer under that name")
			return
		}
		if !g.open() && !g.public(r) && g.user(r) == "" {
			s.refuse(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

func (g *gate) knows(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return loopback(strings.Trim(host, "[]")) && host != "" || slices.Contains(g.hosts, host)
}

// public paths answer everybody: they tell nothing.
func (g *gate) public(r *http.Request) bool {
	p := r.URL.Path
	return p == "/login" || p == "/livez" || p == "/readyz" || p == "/robots.txt" || p == "/favicon.ico" ||
		strings.HasPrefix(p, "/static/") || g.signed(r)
}

// user names who asks, "" for a stranger.
func (g *gate) user(r *http.Request) string {
	if g.header != "" {
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			for _, p := range g.proxies {
				if p.Contains(peer.Addr().Unmap()) && r.Header.Get(g.header) != "" {
					return r.Header.Get(g.header)
				}
			}
		}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && g.accepts(token) {
		return "token"
	}
	if _, password, ok := r.BasicAuth(); ok && g.accepts(password) { // feed readers know nothing else
		return "token"
	}
	if c, err := r.Cookie(sessionCookie); err == nil && g.session(c.Value) {
		return "token"
	}
	return ""
}

func (g *gate) accepts(token string) bool {
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return g.hash != nil && subtle.ConstantTimeCompare(sum[:], g.hash) == 1
}

func (g *gate) session(value string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	end, ok := g.sessions[HashToken(value)]
	return ok && g.now().Before(end)
}

// begin opens a session and returns its secret.
func (g *gate) begin() string {
	value := rand.Text() + rand.Text()
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, end := range g.sessions {
		if g.now().After(end) {
			delete(g.sessions, k)
		}
	}
	g.sessions[HashToken(value)] = g.now().Add(sessionTime)
	return value
}

func (g *gate) end(value string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, HashToken(value))
}

// refuse sends people to the login page and programs a 401.
func (s *server) refuse(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/") {
		http.Redirect(w, r, "/login?back="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="cundang"`)
	if strings.HasPrefix(r.URL.Path, "/feeds/") {
		w.Header().Add("WWW-Authenticate", `Basic realm="cundang", charset="UTF-8"`)
	}
	writeProblem(w, http.StatusUnauthorized, "a token is needed: Authorization: Bearer TOKEN")
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, "login", view{Title: "login.title", Data: map[string]any{"Back": localPath(r.FormValue("back"))}})
}

func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("login.unreadable")
	}
	if !s.auth.accepts(r.PostForm.Get("token")) {
		s.Log.Warn("login refused", "remote", r.RemoteAddr)
		return s.show(w, r, "login", view{Status: http.StatusForbidden, Title: "login.title",
			Data: map[string]any{"Back": localPath(r.PostForm.Get("back")), "Wrong": true}})
	}
	s.setCookie(w, r, sessionCookie, s.auth.begin(), sessionTime)
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.auth.end(c.Value)
	}
	s.setCookie(w, r, sessionCookie, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *server) setCookie(w http.ResponseWriter, r *http.Request, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(age / time.Second), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"})
}

// localPath keeps redirects on this server.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") {
		return "/"
	}
	return p
}

// sign makes the part of a replay address that opens it without a cookie, bound to the
// archived page's moment so that it is of no use elsewhere.
func (g *gate) sign(ts string) string {
	mac := hmac.New(sha256.New, g.replayKey)
	mac.Write([]byte(ts)) // never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

// signed says whether r is for /replay/KEY~TS… with the right key.
func (g *gate) signed(r *http.Request) bool {
	rest, ok := cutRaw(r, "/replay/")
	if !ok {
		return false
	}
	key, rest, ok := strings.Cut(rest, "~")
	if !ok || len(rest) < 14 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(g.sign(rest[:14]))) == 1
}
