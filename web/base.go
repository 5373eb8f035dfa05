package web

import (
	"bytes"
	"net/http"
	"strings"
)

// below serves everything below Base: requests lose it, redirects get it, and so do the addresses in pages (rebase) and
// those made with origin. Without Base it does nothing.
func (s *server) below(next http.Handler) http.Handler {
	if s.Base == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == s.Base {
			http.Redirect(w, r, s.Base+"/", http.StatusMovedPermanently)
			return
		}
		rest, ok := strings.CutPrefix(r.URL.Path, s.Base+"/")
		if !ok {
			http.NotFound(w, r)
			return
		}
		inner := r.Clone(r.Context())
		inner.URL.Path = "/" + rest
		if raw, ok := strings.CutPrefix(r.URL.RawPath, s.Base); ok {
			inner.URL.RawPath = raw
		}
		inner.RequestURI = strings.TrimPrefix(r.RequestURI, s.Base)
		next.ServeHTTP(&rebased{w, s.Base}, inner)
	})
}

// rebased puts the base before redirects to paths of ours.
type rebased struct {
	http.ResponseWriter
	base string
}

func (w *rebased) WriteHeader(status int) {
	if to := w.Header().Get("Location"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") &&
		!strings.HasPrefix(to, w.base+"/") {
		w.Header().Set("Location", w.base+to)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (w *rebased) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is what the event streams ask for.
func (w *rebased) Flush() {
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// rebase puts the base before every address in a page of ours. In HTML that the templates have written a quotation mark
// stands only around the value of an attribute: in text it is an entity.
func (s *server) rebase(page *bytes.Buffer) {
	if s.Base == "" {
		return
	}
	text := page.String()
	page.Reset()
	for _, attribute := range []string{"href", "src", "action", "data-live"} {
		text = strings.ReplaceAll(text, " "+attribute+`="/`, " "+attribute+`="`+s.Base+"/")
	}
	page.WriteString(text)
}
