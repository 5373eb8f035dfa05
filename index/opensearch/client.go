package opensearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/opensearch-project/opensearch-go/v4"
)

// object is a JSON object to send.
type object = map[string]any

// Bounds of a request.
const (
	attemptTime = 60 * time.Second // an attempt
	callTime    = 5 * time.Minute  // with what is tried again
	attempts    = 5
	maxAnswer   = 256 << 20 // bytes
)

// client sends requests through OpenSearch's own client, which chooses a node, tries others when one does not answer,
// and waits longer each time.
type client struct {
	os *opensearch.Client
}

func newClient(o Options) (*client, error) {
	if len(o.Addresses) == 0 {
		return nil, errors.New("no address of OpenSearch is given")
	}
	no := false
	c, err := opensearch.NewClient(opensearch.Config{
		Addresses: o.Addresses, Username: o.User, Password: o.Password, CACert: o.CA,
		MaxRetries:           attempts,
		RetryOnStatus:        []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout},
		EnableRetryOnTimeout: true, RequestTimeout: attemptTime, RetryBackoff: backoff,
		DiscoverNodesOnStart:    &no,
		ResurrectTimeoutInitial: time.Second, ResurrectTimeoutMax: 10 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return &client{c}, nil
}

// backoff is how long to wait before an attempt.
func backoff(attempt int) time.Duration {
	d := min(50*time.Millisecond<<min(attempt, 10), 2*time.Second)
	return d/2 + rand.N(d)
}

func (c *client) close() error { return c.os.Close() }

// statusError is an answer that is none.
type statusError struct {
	method, path string
	code         int
	reason       string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("opensearch: %s %s: status %d: %s", e.method, e.path, e.code, e.reason)
}

// status returns the HTTP status of an error, 0 for others.
func status(err error) int {
	if e := (*statusError)(nil); errors.As(err, &e) {
		return e.code
	}
	return 0
}

// errTooLong says that an answer is longer than it may be.
var errTooLong = errors.New("opensearch: the answer is too long")

func (c *client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, nil, into)
}

// call sends body, bytes as they are and anything else as JSON, and reads the answer into into, unless that is nil.
func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	return c.bounded(ctx, method, path, body, into, maxAnswer)
}

func (c *client) bounded(ctx context.Context, method, path string, body, into any, most int64) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	kind, raw := "application/json", []byte(nil)
	switch b := body.(type) {
	case nil:
	case []byte:
		kind, raw = "application/x-ndjson", b
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			return fmt.Errorf("opensearch: encode a request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("opensearch: %w", err)
	}
	if raw == nil {
		req.Body, req.GetBody = nil, nil
	} else {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.os.Stream(req)
	if resp != nil {
		defer resp.Body.Close()
	}
	if resp == nil || err != nil && ctx.Err() != nil {
		return fmt.Errorf("opensearch: %s %s: %w", method, req.URL.Path, err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return fmt.Errorf("opensearch: %s %s: %w", method, req.URL.Path, err)
	}
	if resp.StatusCode >= 300 {
		return &statusError{method, req.URL.Path, resp.StatusCode, reason(answer)}
	}
	if int64(len(answer)) > most {
		return fmt.Errorf("%w: %s %s, more than %d bytes", errTooLong, method, req.URL.Path, most)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("opensearch: answer to %s %s: %w", method, req.URL.Path, err)
	}
	return nil
}

// failure is how OpenSearch says what went wrong.
type failure struct {
	Type, Reason string
	RootCause    []failure `json:"root_cause"`
	CausedBy     *failure  `json:"caused_by"`
}

func (f failure) String() string {
	s := f.Type
	if f.Reason != "" {
		s += ": " + f.Reason
	}
	if len(f.RootCause) > 0 && f.RootCause[0].Reason != f.Reason {
		s += " (" + f.RootCause[0].String() + ")"
	} else if f.CausedBy != nil {
		s += " (" + f.CausedBy.String() + ")"
	}
	return s
}

// reason is what an answer says went wrong.
func reason(answer []byte) string {
	var a struct{ Error json.RawMessage }
	var f failure
	if json.Unmarshal(answer, &a) == nil && json.Unmarshal(a.Error, &f) == nil && f.Type != "" {
		return f.String()
	}
	return string(answer[:min(len(answer), 300)])
}
