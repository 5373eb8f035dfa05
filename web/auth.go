package web

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/internal/curation"
	"cundang/web/token"
)

const (
	sessionCookie = "cundang_session"
	sessionTime   = 30 * 24 * time.Hour
)

// visitor is who asks and what she may do.
type visitor struct {
	name     string // "" for a stranger
	role     token.Role
	sites    []string // restricted sites that she may read
	stranger bool     // let in without a name to read what is public
}

// audience is who answers to a visitor are for.
func (v visitor) audience() curation.Audience {
	switch {
	case v.role.May(token.Curator):
		return curation.Audience{Level: curation.Curator}
	case v.stranger || v.role == "":
		return curation.Audience{}
	}
	return curation.Audience{Level: curation.Reader, Sites: v.sites}
}

// gate lets in who may come in.
type gate struct {
	Options
	closed  bool // somebody must say who she is, whatever tokens there are
	anyHost bool
	cross   *http.CrossOriginProtection

	mu       sync.Mutex
	sessions map[string]session // by hash of the cookie's value
	// replayKey signs replay addresses: pictures of a sandboxed page are asked for without cookies.
	replayKey []byte
}

// session is a browser that has signed in; it ends with its token.
type session struct {
	token string // hash
	end   time.Time
}

func newGate(opts Options) (*gate, error) {
	g := &gate{Options: opts, cross: http.NewCrossOriginProtection(), sessions: map[string]session{},
		replayKey: []byte(rand.Text())}
	if g.ProxyUser != "" && len(g.TrustedProxies) == 0 {
		g.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	tokens, err := g.hasTokens()
	if err != nil {
		return nil, err
	}
	g.closed = g.ProxyUser != "" || tokens
	if !loopback(opts.Listen) {
		if !g.closed {
			return nil, fmt.Errorf("%w: %s", ErrOpen, opts.Listen)
		}
		g.anyHost = len(opts.Hosts) == 0
	}
	return g, nil
}

// ErrOpen says that a server would let everybody in from other machines.
var ErrOpen = errors.New("refuse to listen for other machines without a token or a reverse proxy's user header")

// hasTokens says whether there is a token that lets in.
func (g *gate) hasTokens() (bool, error) {
	if g.Tokens == nil {
		return false, nil
	}
	list, err := g.Tokens.List()
	if err != nil {
		return false, fmt.Errorf("web: %w", err)
	}
	return slices.ContainsFunc(list, func(t token.Token) bool { return t.Valid(g.Now()) }), nil
}

// open says that nobody is asked for anything: on loopback, as long as no token was made.
func (g *gate) open() bool {
	if g.closed {
		return false
	}
	tokens, err := g.hasTokens()
	return err == nil && !tokens
}

// overSocket says that the server listens on a Unix socket, which the rights of its file guard.
func overSocket(listen string) bool { return strings.HasPrefix(listen, "unix:") }

func loopback(listen string) bool {
	if overSocket(listen) {
		return true
	}
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
		if !g.anyHost && !g.knows(r) {
			writeProblem(w, http.StatusMisdirectedRequest, "this server does not answer under that name")
			return
		}
		v := visitor{role: token.Operator}
		if !g.open() {
			v = g.visitor(r)
		}
		if v.role == "" && g.Public {
			v = visitor{role: token.Reader, stranger: true}
		}
		who := v.audience()
		if signed, ok := g.signed(r); ok {
			who = signed
		}
		switch {
		case g.public(r):
		case v.role == "":
			s.refuse(w, r)
			return
		case !v.role.May(needed(r)) && v.stranger:
			s.refuse(w, r)
			return
		case !v.role.May(needed(r)):
			s.Log.Warn("not allowed", "user", v.name, "role", string(v.role), "method", r.Method, "path", r.URL.Path)
			s.forbid(w, r)
			return
		}
		r = r.WithContext(curation.For(context.WithValue(r.Context(), visitorKey{}, v), who))
		next.ServeHTTP(w, r)
	}))
}

type visitorKey struct{}

// visitorOf returns who asks, as wrap found her.
func visitorOf(r *http.Request) visitor {
	v, _ := r.Context().Value(visitorKey{}).(visitor)
	return v
}

// needed is the role that a request needs.
func needed(r *http.Request) token.Role {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	under := func(prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case under("/review"), under("/findings"), under("/curation"):
		return token.Curator
	case reads, r.URL.Path == "/prefs", r.URL.Path == "/logout":
		return token.Reader
	case under("/saved"), under("/collections"), under("/a") && strings.HasSuffix(path, "/curate"):
		return token.Curator
	}
	return token.Operator
}

// knows says whether the server answers under the name of a request: loopback names, those of the options, and the
// address that the connection came to. No foreign page can name an address for one of ours.
func (g *gate) knows(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if slices.ContainsFunc(g.Hosts,
		func(h string) bool { return strings.EqualFold(h, host) || strings.EqualFold(h, r.Host) }) {
		return true
	}
	if overSocket(g.Listen) {
		return len(g.Hosts) == 0
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && !loopback(g.Listen) {
		if at, _, err := net.SplitHostPort(local.String()); err == nil && at == strings.Trim(host, "[]") {
			return true
		}
	}
	return host != "" && loopback(strings.Trim(host, "[]"))
}

// public paths answer everybody: they tell nothing.
func (g *gate) public(r *http.Request) bool {
	p := r.URL.Path
	_, signed := g.signed(r)
	return p == "/login" || p == "/livez" || p == "/readyz" || p == "/robots.txt" || p == "/favicon.ico" ||
		p == "/log/checkpoint" || p == "/log/keys.jsonl" || strings.HasPrefix(p, "/static/") || signed
}

// visitor finds out who asks.
func (g *gate) visitor(r *http.Request) visitor {
	if name := r.Header.Get(g.ProxyUser); g.ProxyUser != "" && name != "" && g.trusts(r) {
		switch {
		case slices.Contains(g.Operators, name):
			return visitor{name: name, role: token.Operator}
		case slices.Contains(g.Curators, name):
			return visitor{name: name, role: token.Curator}
		}
		return visitor{name: name, role: token.Reader, sites: g.SiteReaders[name]}
	}
	if secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if v := g.accepts(secret); v.role != "" {
			return v
		}
	}
	if _, password, ok := r.BasicAuth(); ok { // feed readers know nothing else
		if v := g.accepts(password); v.role != "" {
			return v
		}
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		return g.session(c.Value)
	}
	return visitor{}
}

// trusts says whether a request comes from a proxy whose word counts.
func (g *gate) trusts(r *http.Request) bool {
	if overSocket(g.Listen) {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil &&
		slices.ContainsFunc(g.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap()) })
}

func (g *gate) accepts(secret string) visitor { return g.byHash(token.Hash(strings.TrimSpace(secret))) }

func (g *gate) byHash(hash string) visitor {
	if g.Tokens == nil {
		return visitor{}
	}
	t, ok, err := g.Tokens.ByHash(hash, g.Now())
	if err != nil {
		g.Log.Error("nobody can come in", "err", err)
	}
	if !ok {
		return visitor{}
	}
	return visitor{name: cmp.Or(t.Name, t.ID), role: t.Role, sites: t.Sites}
}

// session returns who signed in with the cookie's value.
func (g *gate) session(value string) visitor {
	g.mu.Lock()
	s, ok := g.sessions[token.Hash(value)]
	g.mu.Unlock()
	if !ok || !g.Now().Before(s.end) {
		return visitor{}
	}
	return g.byHash(s.token)
}

// begin opens a session of a token and returns its secret.
func (g *gate) begin(secret string) string {
	value := rand.Text() + rand.Text()
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, s := range g.sessions {
		if g.Now().After(s.end) {
			delete(g.sessions, k)
		}
	}
	g.sessions[token.Hash(value)] = session{token.Hash(strings.TrimSpace(secret)), g.Now().Add(sessionTime)}
	return value
}

func (g *gate) end(value string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, token.Hash(value))
}

// forbid says that somebody is known and may not do this.
func (s *server) forbid(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/") {
		s.page(func(http.ResponseWriter, *http.Request) error {
			return &failure{status: http.StatusForbidden, key: "error.forbidden"}
		}).ServeHTTP(w, r)
		return
	}
	writeProblem(w, http.StatusForbidden, "this needs the role "+string(needed(r)))
}

// refuse sends people to the login page and programs a 401.
func (s *server) refuse(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") &&
		!strings.HasPrefix(r.URL.Path, "/api/") {
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
	if s.auth.accepts(r.PostForm.Get("token")).role == "" {
		s.Log.Warn("login refused", "remote", r.RemoteAddr)
		return s.show(w, r, "login", view{Status: http.StatusForbidden, Title: "login.title",
			Data: map[string]any{"Back": localPath(r.PostForm.Get("back")), "Wrong": true}})
	}
	s.setCookie(w, r, sessionCookie, s.auth.begin(r.PostForm.Get("token")), sessionTime)
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
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") ||
		strings.ContainsAny(p, "\\\r\n") {
		return "/"
	}
	return p
}

// sign makes the part of a replay address that opens it without a cookie for an audience, bound to the archived page's
// moment so that it is of no use elsewhere. It begins with the audience.
func (g *gate) sign(ts string, who curation.Audience) string {
	code := strings.Join(append([]string{strconv.Itoa(int(who.Level))}, who.Sites...), "_")
	mac := hmac.New(sha256.New, g.replayKey)
	mac.Write([]byte(ts + code)) // never fails
	return code + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

// signed returns for whom /replay/KEY~TS… was signed, if it has the right key.
func (g *gate) signed(r *http.Request) (who curation.Audience, ok bool) {
	rest, ok := cutRaw(r, "/replay/")
	if !ok {
		return who, false
	}
	key, rest, ok := strings.Cut(rest, "~")
	code, _, dotted := strings.Cut(key, ".")
	if !ok || !dotted || len(rest) < 14 {
		return who, false
	}
	parts := strings.Split(code, "_")
	level, err := strconv.Atoi(parts[0])
	if err != nil {
		return who, false
	}
	claimed := curation.Audience{Level: curation.Level(level), Sites: parts[1:]}
	if subtle.ConstantTimeCompare([]byte(key), []byte(g.sign(rest[:14], claimed))) != 1 {
		return who, false
	}
	return claimed, true
}
