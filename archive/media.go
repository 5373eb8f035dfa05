package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// MaxPage is how many bytes of a decoded body are read for text, rows and links; what is
// behind them is kept and not read.
const MaxPage = 8 << 20

// sniffed is how many bytes of a body tell its type where the server does not.
const sniffed = 1024

// MediaType returns the media type that a Content-Type field names, in small letters and
// without parameters; "" if it names none. It reads what servers send: a parameter behind a
// blank or a comma instead of a semicolon, doubled separators, quotes (WHATWG MIME Sniffing
// §4.4 would take such a field for no type at all; browsers then look at the content).
func MediaType(contentType string) string {
	t := strings.TrimLeft(contentType, " \t\r\n;,\"'")
	if i := strings.IndexAny(t, " \t\r\n;,\"'"); i >= 0 {
		t = t[:i]
	}
	t = strings.ToLower(t)
	kind, sub, ok := strings.Cut(t, "/")
	if !ok || !isToken(kind) || !isToken(sub) || t == "unknown/unknown" || t == "application/unknown" {
		return ""
	}
	return t
}

// isToken says whether s is a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}*", c) >= 0 {
			return false
		}
	}
	return s != ""
}

// SniffType returns the media type of content: what the Content-Type field names, else what the
// first bytes of the decoded body look like.
func SniffType(contentType string, body []byte) string {
	if t := MediaType(contentType); t != "" {
		return t
	}
	body = bytes.TrimPrefix(body[:min(len(body), sniffed)], []byte("\xef\xbb\xbf"))
	t := MediaType(http.DetectContentType(body))
	if t != "text/plain" && t != "text/xml" {
		return t
	}
	low := bytes.ToLower(body)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<meta "} {
		if bytes.Contains(low, []byte(tag)) {
			return "text/html"
		}
	}
	return t
}

// MediaType returns the media type of the capture: what its header names, else what its body
// looks like; "" if it names none and has no body that can be read.
func (c Capture) MediaType() string {
	named := c.Header.Get("Content-Type")
	if t := MediaType(named); t != "" {
		return t
	}
	body, _, err := c.ReadBody(sniffed)
	if err != nil || len(body) == 0 {
		return ""
	}
	return SniffType(named, body)
}

// ReadBody returns up to limit bytes of what Body yields; truncated says that there is more.
func (c Capture) ReadBody(limit int64) (body []byte, truncated bool, err error) {
	r, err := c.Body()
	if err != nil {
		return nil, false, err
	}
	body, err = io.ReadAll(io.LimitReader(r, limit+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, false, fmt.Errorf("read body of %s: %w", c.Ref, err)
	}
	if int64(len(body)) > limit {
		return body[:limit], true, nil
	}
	return body, false, nil
}

// RefersTo returns the URL whose capture holds the payload of a revisit, as its record names it
// or, where that names none, its own; "" if the capture is no revisit.
func (c Capture) RefersTo() string {
	switch {
	case !c.Revisit:
		return ""
	case c.origin != nil && c.origin.url != "":
		return c.origin.url
	}
	return c.URL
}
