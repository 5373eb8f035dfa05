package fakesite

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Request is a line of a site's log, as the site saw it.
type Request struct {
	Start, End  time.Time
	Method      string
	Path        string // with the query
	Status      int
	Bytes       int64 // of the body
	UserAgent   string
	Conditional bool // asked with If-None-Match or If-Modified-Since
	Flying      int  // requests in flight on the site when it came, itself included
}

// Requests returns the site's log in the order in which the requests ended.
func (s *Site) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.log...)
}

// ClearLog forgets the requests so far.
func (s *Site) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// counter counts what is written through it.
type counter struct {
	http.ResponseWriter
	status int
	n      int64
}

func (c *counter) WriteHeader(status int) { c.status = status; c.ResponseWriter.WriteHeader(status) }

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// ServeHTTP serves the site.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.flying++
	line := Request{Start: time.Now(), Method: r.Method, Path: r.URL.RequestURI(), UserAgent: r.UserAgent(),
		Flying:      s.flying,
		Conditional: r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""}
	s.mu.Unlock()
	out := &counter{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flying--
		line.End, line.Status, line.Bytes = time.Now(), out.status, out.n
		s.log = append(s.log, line)
	}()
	if s.misbehave(out, r) {
		return
	}
	s.mu.Lock()
	plain := s.untricked(r)
	a := s.answer(plain)
	if s.opts.Tricks {
		a = s.trick(plain, a)
	}
	if a.header == nil {
		a = s.dated(a, s.now)
	}
	s.mu.Unlock()
	s.send(out, r, a)
}

func (s *Site) send(w http.ResponseWriter, r *http.Request, a answer) {
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	if a.typ != "" {
		w.Header().Set("Content-Type", a.typ)
	}
	if a.status == http.StatusOK && a.header["ETag"] != "" && unmodified(r, a.header) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // a visitor who hangs up is not the site's trouble
	}
}

func unmodified(r *http.Request, header map[string]string) bool {
	if tag := r.Header.Get("If-None-Match"); tag != "" {
		return tag == header["ETag"]
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	last, err2 := http.ParseTime(header["Last-Modified"])
	return err == nil && err2 == nil && !last.After(since)
}

// answer finds what stands at an address; s.mu is held.
func (s *Site) answer(r *http.Request) answer {
	s.visits++
	if a, ok := s.fixed(r); ok {
		return a
	}
	if a, ok := s.system.serve(s, r); ok {
		return a
	}
	if a := s.at(r.URL.RequestURI()); a != nil {
		if got, ok := s.articleAt(a, r); ok {
			return got
		}
	}
	return s.dead(r, s.columns[0], http.StatusNotFound)
}

// at returns the article that an address belongs to, nil if none; s.mu is held.
func (s *Site) at(uri string) *article {
	if s.paths == nil {
		s.paths = map[string]*article{}
		for _, a := range s.articles {
			own := append([]string{a.path}, a.parts...)
			for _, f := range a.files {
				own = append(own, f.path)
			}
			for _, p := range a.pictures {
				own = append(own, p.path)
			}
			for _, p := range append(own, a.old...) {
				s.paths[p] = a
			}
		}
	}
	return s.paths[uri]
}

// fixed are the addresses every site has, traps included.
func (s *Site) fixed(r *http.Request) (answer, bool) {
	switch p := r.URL.Path; {
	case p == "/" || p == "/index.html":
		return s.homePage(r), true
	case p == "/robots.txt":
		return text(s.robots()), true
	case scripts[p] != "":
		js := s.html(http.StatusOK, []byte(scripts[p]))
		js.typ = "application/javascript"
		return js, true
	case p == "/favicon.ico":
		return answer{status: http.StatusNotFound, typ: "text/plain"}, true
	case p == trickError && s.tricks.gone == "error":
		return s.missing(r, http.StatusOK), true
	case p == loopA:
		return redirect(http.StatusFound, loopB), true
	case p == loopB:
		return redirect(http.StatusFound, loopA), true
	case strings.HasPrefix(p, disallowed[0]):
		return s.innerPage(r), true
	}
	return s.requisite(r.URL.Path)
}

const (
	loopA       = "/old/index.html"
	loopB       = "/old/default.html"
	missingPath = "/zt/kjz2019/index.html"
)

// robots is the site's robots.txt; s.mu is held.
func (s *Site) robots() string {
	t := "User-agent: *\nDisallow: " + strings.Join(disallowed, "\nDisallow: ") + "\n"
	if s.CMS == "sitemap" {
		t += "\nSitemap: " + s.origin + "/sitemap.xml\n"
	}
	return t
}

// disallowed are the folders robots.txt forbids; the first is linked and has pages.
var disallowed = []string{"/neibu/", "/search"}

func text(s string) answer {
	return answer{status: http.StatusOK, typ: "text/plain", body: []byte(s)}
}

func redirect(status int, to string) answer {
	return answer{status: status, header: map[string]string{"Location": to}}
}

// articleAt answers if the address belongs to the article: its pages, documents, pictures.
func (s *Site) articleAt(a *article, r *http.Request) (answer, bool) {
	p := r.URL.Path
	if r.URL.RawQuery != "" {
		p += "?" + r.URL.RawQuery
	}
	for _, old := range a.old {
		if p == old {
			if s.system.name() == "api" || s.redirects {
				return redirect(http.StatusMovedPermanently, a.path), true
			}
			return s.dead(r, a.column, http.StatusNotFound), true
		}
	}
	if p == a.path {
		if a.state == Gone {
			return s.dead(r, a.column, a.goneAs), true
		}
		return s.articlePage(r, a, 1), true
	}
	for i, part := range a.parts {
		if p == part && a.state == Live {
			return s.articlePage(r, a, i+2), true
		}
	}
	if a.state != Live {
		return answer{}, false
	}
	for _, f := range a.files {
		if p == f.path {
			return s.dated(answer{status: http.StatusOK, typ: mediaTypes[f.kind], body: f.render()}, a.published), true
		}
	}
	for _, pic := range a.pictures {
		if p == pic.path {
			return s.dated(answer{status: http.StatusOK, typ: "image/png", body: pic.render()}, a.published), true
		}
	}
	return answer{}, false
}

// html makes an answer of a page in the site's charset.
func (s *Site) html(status int, page []byte) answer {
	a := answer{status: status, typ: "text/html", body: page}
	if s.style.charset == "gbk" {
		b, err := encoding.HTMLEscapeUnsupported(simplifiedchinese.GBK.NewEncoder()).Bytes(page)
		if err != nil {
			return answer{status: http.StatusInternalServerError, typ: "text/plain", body: []byte(err.Error())}
		}
		a.body = b
	}
	if s.style.header {
		a.typ += "; charset=" + s.style.charset
		if s.style.liar == "iso-8859-1" {
			a.typ = "text/html; charset=ISO-8859-1"
		}
	}
	return a
}

// dated adds ETag and Last-Modified where the site has them.
func (s *Site) dated(a answer, modified time.Time) answer {
	if s.style.etag && a.status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		a.header = map[string]string{"ETag": fmt.Sprintf(`"%x"`, sum[:8]),
			"Last-Modified": modified.UTC().Format(http.TimeFormat)}
	}
	return a
}

// noise is what the site prints anew on each visit; s.mu is held.
func (s *Site) noise() string {
	switch s.style.noise {
	case "counter":
		return fmt.Sprintf("您是第 %d 位访问者", 1203400+s.visits)
	case "clock":
		t := s.now.Add(time.Duration(s.visits) * time.Second)
		return "今天是" + t.Format("2006年1月2日") + " 星期" + []string{"日", "一", "二", "三", "四", "五",
			"六"}[t.Weekday()] + t.Format(" 15:04:05")
	}
	return ""
}

func (s *Site) execute(name string, v *pageView) []byte {
	var b bytes.Buffer
	if err := skins().ExecuteTemplate(&b, s.style.skin+"/"+name, v); err != nil {
		panic(fmt.Sprintf("fakesite: template %s/%s: %v", s.style.skin, name, err)) // a test renders every page of every skin
	}
	return b.Bytes()
}
