// Package urlkey names pages: the canonical form of a URL, its SURT key and the
// identifier derived from it. It does no I/O and is safe for concurrent use.
//
// A page's identity is its WHATWG href without fragment ([Clean]). The SURT key
// ([SURT]) only sorts captures in a CDXJ: it lower-cases paths, which some CMSes
// tell apart by case, so it never decides whether two URLs are the same page.
package urlkey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// ErrNotWeb says that a URL is not an absolute http or https URL with a host.
var ErrNotWeb = errors.New("not an absolute http or https URL")

var parser = url.NewParser()

// Clean returns the identity of an absolute http(s) URL: its WHATWG href without
// the fragment. It fails on anything that is not an absolute http or https URL.
// Bytes that are no UTF-8 are kept, percent-encoded.
func Clean(raw string) (string, error) {
	if plain(raw) {
		return raw, nil
	}
	u, err := parser.Parse(escapeInvalid(raw))
	if err != nil {
		return "", fmt.Errorf("clean %q: %w", clip(raw), errors.Join(ErrNotWeb, err))
	}
	return href(u, raw)
}

// Resolve resolves ref against base and cleans it. Non-ASCII characters of the
// query are encoded in charset (a WHATWG encoding label; "" is UTF-8), as
// browsers do on legacy pages; path and host are always UTF-8 (URL Standard,
// "percent-encode after encoding").
func Resolve(base, ref, charset string) (string, error) {
	ref = strings.Trim(ref, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n"+
		"\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	if plain(ref) {
		return ref, nil
	}
	if u := join(base, ref); u != "" {
		return u, nil
	}
	b, err := parser.Parse(escapeInvalid(base))
	if err != nil {
		return "", fmt.Errorf("resolve against %q: %w", clip(base), errors.Join(ErrNotWeb, err))
	}
	u, err := b.Parse(encodeQuery(escapeInvalid(ref), charset))
	if err != nil {
		return "", fmt.Errorf("resolve %q: %w", clip(ref), errors.Join(ErrNotWeb, err))
	}
	return href(u, ref)
}

// join resolves the plain references that most links are without a parse, "" when the
// parser must decide.
func join(base, ref string) string {
	ref, _, _ = strings.Cut(ref, "#")
	if ref == "" || !plain(base) {
		return ""
	}
	end := len(base)
	if q := strings.IndexByte(base, '?'); q >= 0 {
		end = q
	}
	root := strings.IndexByte(base[len("https://"):], '/') + len("https://")
	var u string
	switch {
	case ref[0] == '?':
		u = base[:end] + ref
	case ref[0] == '/':
		if len(ref) > 1 && ref[1] == '\\' {
			return ""
		}
		u = base[:root] + ref
		if len(ref) > 1 && ref[1] == '/' { // another host
			u = base[:strings.IndexByte(base, ':')+1] + ref
		}
	case strings.IndexByte(ref, ':') >= 0:
		u = ref
		if strings.Count(ref, "/") == 2 && !strings.Contains(ref, "?") {
			u += "/" // a host and nothing else
		}
	default:
		folder := base[:strings.LastIndexByte(base[:end], '/')+1]
		for {
			if rest, ok := strings.CutPrefix(ref, "./"); ok {
				ref = rest
				continue
			}
			rest, ok := strings.CutPrefix(ref, "../")
			if !ok {
				break
			}
			ref = rest
			if len(folder) > root+1 {
				folder = folder[:strings.LastIndexByte(folder[:len(folder)-1], '/')+1]
			}
		}
		if strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "?") {
			return ""
		}
		u = folder + ref
	}
	if !plain(u) {
		return ""
	}
	return u
}

func href(u *url.Url, raw string) (string, error) {
	if s := u.Scheme(); (s != "http" && s != "https") || u.Hostname() == "" {
		return "", fmt.Errorf("clean %q: %w", clip(raw), ErrNotWeb)
	}
	return u.Href(true), nil
}

// plain reports whether raw is a clean URL already, decided without a parse. It
// may say no to a clean URL but never yes to another: hosts that could be
// odd numbers, default ports, user names and dot segments are left to the parser.
func plain(raw string) bool {
	rest, ok := strings.CutPrefix(raw, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(raw, "https://"); !ok {
			return false
		}
	}
	slash := strings.IndexByte(rest, '/')
	if slash <= 0 {
		return false
	}
	host, port, hasPort := strings.Cut(rest[:slash], ":")
	if !plainHost(host) && !plainIPv4(host) || hasPort && !plainPort(port) {
		return false
	}
	path := rest[slash:]
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case itself[c]:
		case c == '/':
			if i+1 < len(path) && path[i+1] == '.' {
				return false
			}
		case c == '%':
			// An escaped dot can be half of a dot segment.
			if i+2 >= len(path) || !hexDigit(path[i+1]) || !hexDigit(path[i+2]) || path[i+1] == '2' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// itself are the bytes of a path or query that cleaning leaves alone wherever they stand.
var itself = func() (t [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-=&?,:;+~@!*()$") {
		t[c] = true
	}
	return t
}()

func plainHost(h string) bool {
	letter := false // in the last label: an all-digit one makes the host an IPv4 address
	for i := 0; i < len(h); i++ {
		switch c := h[i]; {
		case 'a' <= c && c <= 'z':
			letter = true
		case '0' <= c && c <= '9':
		case c == '-':
			// "xn--" labels are checked by the parser.
			if i > 0 && h[i-1] == '-' {
				return false
			}
		case c == '.':
			if i == 0 || h[i-1] == '.' || i == len(h)-1 {
				return false
			}
			letter = false
		default:
			return false
		}
	}
	last := h[strings.LastIndexByte(h, '.')+1:]
	return letter && (last[0] < '0' || last[0] > '9')
}

// plainIPv4 reports whether h is four decimal numbers without leading zeros.
func plainIPv4(h string) bool {
	for range 3 {
		part, rest, ok := strings.Cut(h, ".")
		if !ok || !octet(part) {
			return false
		}
		h = rest
	}
	return octet(h)
}

func octet(s string) bool {
	if s == "" || len(s) > 3 || len(s) > 1 && s[0] == '0' {
		return false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n <= 255
}

// plainPort reports whether p is a port written without need to change it.
func plainPort(p string) bool {
	if p == "" || len(p) > 5 || p[0] == '0' || p == "80" || p == "443" {
		return false
	}
	for i := 0; i < len(p); i++ {
		if p[i] < '0' || p[i] > '9' {
			return false
		}
	}
	return len(p) < 5 || p <= "65535"
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Host returns the lower-case host[:port] of a cleaned URL, "" if it has none.
// The port is absent when it is the scheme's default.
func Host(clean string) string {
	_, rest, ok := strings.Cut(clean, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return strings.ToLower(rest)
}

// ID returns the name of the article at a cleaned URL: 20 hex digits of its SHA-256.
func ID(clean string) string {
	sum := sha256.Sum256([]byte(clean))
	return hex.EncodeToString(sum[:10])
}

// clip keeps error messages readable when a URL is not.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
