package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"cundang/archive"
	"cundang/index"
)

// failure is an error with the status and the message key that people and programs see;
// what caused it is logged, never shown.
type failure struct {
	status int
	key    string
	err    error
}

func (f *failure) Error() string { return f.key }
func (f *failure) Unwrap() error { return f.err }

var errNotFound = &failure{status: http.StatusNotFound, key: "error.notfound"}

func badRequest(key string) error { return &failure{status: http.StatusBadRequest, key: key} }

// asFailure gives every error its status.
func asFailure(err error) *failure {
	var f *failure
	var tooLarge *http.MaxBytesError
	if c := crawling(err); c != nil {
		return c
	}
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, index.ErrNotFound), errors.Is(err, archive.ErrNotFound):
		return &failure{http.StatusNotFound, "error.notfound", err}
	case errors.Is(err, errBusy):
		return &failure{http.StatusServiceUnavailable, "error.busy", err}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{http.StatusGatewayTimeout, "error.timeout", err}
	case errors.As(err, &tooLarge):
		return &failure{http.StatusRequestEntityTooLarge, "error.toolarge", err}
	}
	return &failure{http.StatusInternalServerError, "error.internal", err}
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
