package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// pagePolicy is the Content-Security-Policy of our own pages: what we serve ourselves,
// nothing inline, nothing foreign, not to be framed by anyone.
const pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// requestTime bounds one page or API answer; streams are not bound by it.
const requestTime = 30 * time.Second

// maxBody bounds what a client may send in bytes, maxQuery the length of a query string.
const (
	maxBody  = 64 << 10
	maxQuery = 8 << 10
)

func (s *server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if len(r.URL.RawQuery) > maxQuery || len(r.URL.Path) > maxQuery {
			writeProblem(w, http.StatusRequestURITooLong, "the address is too long")
			return
		}
		if r.ContentLength == 0 && r.Body == http.NoBody {
			// The server's ReadTimeout is for bodies that trickle in; an answer may take longer. Not every writer has a
			// connection, in tests.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// recovering turns a panic into a log line and a 500 without its text.
func (s *server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { // an export that broke off
				panic(v)
			}
			s.Log.Error("request panicked", "path", r.URL.Path, "err", v, "stack", string(debug.Stack()))
			http.Error(w, "internal error", http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

func searchPlaces(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// errBusy is a 503: the place in the queue was not reached in time.
var errBusy = errors.New("too many searches under way")

// place waits for a free place among those that ask the index at once, first come, first served.
func place(ctx context.Context, places chan struct{}) (leave func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, errBusy
	}
}

// limited bounds the time of a request.
func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// observe counts and logs each request.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		start := time.Now()
		next.ServeHTTP(rec, r)
		dur := time.Since(start)
		s.stats.request(routeOf(r), rec.status, dur)
		level := slog.LevelDebug
		if rec.status >= 500 {
			level = slog.LevelWarn
		}
		s.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", rec.status, "bytes",
			rec.bytes, "dur", dur)
	})
}

// recorder remembers status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush is what the event streams ask for.
func (r *recorder) Flush() {
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// routeOf names the kind of request for the metrics, with few values.
func routeOf(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/")
	first, rest, _ := strings.Cut(path, "/")
	switch first {
	case "":
		return "search"
	case "api":
		second, _, _ := strings.Cut(strings.TrimPrefix(rest, "v1/"), "/")
		if known[second] {
			return "api/" + second
		}
	default:
		if known[first] {
			return first
		}
	}
	return "other"
}

var known = map[string]bool{"a": true, "replay": true, "static": true, "search": true, "articles": true, "export": true,
	"facets": true, "trend": true, "concordance": true, "sites": true, "crawls": true, "alarms": true, "review": true,
	"findings": true, "saved": true, "captures": true, "timegate": true, "timemap": true, "web": true, "cdx": true,
	"feeds": true, "trends": true,
	"kwic": true, "changes": true, "livez": true, "readyz": true, "metrics": true, "login": true, "openapi.json": true,
	"curation": true, "collections": true}
