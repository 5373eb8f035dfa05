package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"cundang/archive"
	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/locale"
)

// failure is an error with the status and the message key that people and programs see;
// what caused it is logged, never shown.
type failure struct {
	status int
	key    string
	err    error
	detail string // shown with the message: a reason that somebody wrote
}

func (f *failure) Error() string { return f.key }
func (f *failure) Unwrap() error { return f.err }

var errNotFound = &failure{status: http.StatusNotFound, key: "error.notfound"}

func badRequest(key string) error { return &failure{status: http.StatusBadRequest, key: key} }

// asFailure gives every error its status.
func asFailure(err error) *failure {
	var f *failure
	var tooLarge *http.MaxBytesError
	if c := cmp.Or(curating(err), crawling(err)); c != nil {
		return c
	}
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, index.ErrNotFound), errors.Is(err, archive.ErrNotFound):
		return &failure{status: http.StatusNotFound, key: "error.notfound", err: err}
	case errors.Is(err, errBusy):
		return &failure{status: http.StatusServiceUnavailable, key: "error.busy", err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{status: http.StatusGatewayTimeout, key: "error.timeout", err: err}
	case errors.As(err, &tooLarge):
		return &failure{status: http.StatusRequestEntityTooLarge, key: "error.toolarge", err: err}
	}
	return &failure{status: http.StatusInternalServerError, key: "error.internal", err: err}
}

// curating returns the failure for what curators have hidden or what they cannot do, nil for other errors.
func curating(err error) *failure {
	var hidden *curation.HiddenError
	var invalid *curation.InvalidError
	switch {
	case errors.As(err, &hidden) && hidden.Article == "":
		return &failure{status: http.StatusUnavailableForLegalReasons, key: "error.closed", err: err}
	case hidden != nil:
		return &failure{status: http.StatusUnavailableForLegalReasons, key: "error.hidden", err: err, detail: hidden.Reason}
	case errors.As(err, &invalid):
		return &failure{status: http.StatusBadRequest, key: "error.curate", err: err, detail: invalid.Problem}
	}
	return nil
}

// problem is RFC 9457 problem+json.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
}

func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{status, http.StatusText(status), detail}) // the client is gone
}

// unrouted answers what no route takes: 405 where there is one for another method, else 404; to programs as a
// problem.
func (s *server) unrouted(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := errNotFound
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			other := *r
			other.Method = method
			if _, pattern := mux.Handler(&other); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) > 0 {
			fail = &failure{status: http.StatusMethodNotAllowed, key: "error.method"}
			w.Header().Set("Allow", strings.Join(allowed, ", "))
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			writeProblem(w, fail.status, locale.Text("en", fail.key))
			return
		}
		s.page(func(http.ResponseWriter, *http.Request) error { return fail }).ServeHTTP(w, r)
	})
}
