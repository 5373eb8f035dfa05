package urlkey

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// SURT returns the sort-friendly key of a URL in the form pywb uses in CDXJ: host
// labels reversed and joined by commas, a closing parenthesis, then path and query in lower
// case, without www., default port, fragment, trailing slash and session ids,
// query arguments sorted. It takes any text; "" gives "-". The key never contains
// white space or control characters, so it can stand first in a CDXJ line.
//
// The rules are those of the Internet Archive's canonicalizers (webarchive-commons:
// GoogleURLCanonicalizer, then IAURLCanonicalizer); surt_test.go holds the cases.
func SURT(url string) string {
	if url == "" {
		return "-"
	}
	if strings.HasPrefix(url, "filedesc") {
		return escape(url, false)
	}
	p, ok := split(url)
	if !ok {
		return escape(strings.ToLower(strings.TrimSpace(url)), false)
	}
	p.host = surtHost(p.host)
	path := unescapeAll(p.path)
	if p.host != "" {
		path = collapse(path)
	}
	path = stripPathSession(asciiLower(escape(path, true)))
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	query := escape(unescapeAll(p.query), true)
	if query != "" {
		query = sortArgs(asciiLower(stripQuerySession(query)))
	}
	var b strings.Builder
	if p.host == "" {
		b.WriteString(p.scheme + ":")
	} else {
		host := p.host
		if p.scheme != "dns" {
			host = stripWWW(host)
		}
		labels := strings.Split(host, ".")
		slices.Reverse(labels)
		b.WriteString(strings.Join(labels, ","))
		if p.port != "" && p.port != defaultPort(p.scheme) {
			b.WriteString(":" + p.port)
		}
		b.WriteByte(')')
	}
	if path == "" && query != "" {
		path = "/"
	}
	b.WriteString(path)
	if query != "" {
		b.WriteString("?" + query)
	}
	return b.String()
}

// parts of a URL as RFC 2396 cuts it.
type parts struct{ scheme, host, port, path, query string }

// split cuts url; it reports false where the port is no port.
func split(url string) (p parts, ok bool) {
	url = strings.Trim(url, " \t\n\r\v\f")
	if strings.ContainsAny(url, "\t\n\r") {
		url = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(url)
	}
	scheme, rest := cutScheme(url)
	if scheme == "" {
		scheme, rest = "http", "//"+url
	}
	// "http://https://example.org/" is meant as its last scheme.
	for scheme == "http" || scheme == "https" {
		after, found := strings.CutPrefix(rest, "//")
		if !found {
			break
		}
		s, r := cutScheme(after)
		if (s != "http" && s != "https") || !strings.HasPrefix(r, "//") {
			break
		}
		scheme, rest = s, r
	}
	p.scheme = scheme
	rest, _, _ = strings.Cut(rest, "#")
	rest, p.query, _ = strings.Cut(rest, "?")
	netloc := ""
	if after, found := strings.CutPrefix(rest, "//"); found {
		slash := strings.IndexByte(after, '/')
		if slash < 0 {
			slash = len(after)
		}
		netloc, rest = after[:slash], after[slash:]
	}
	p.path = rest
	netloc = strings.TrimRight(netloc[strings.LastIndexByte(netloc, '@')+1:], ":")
	if open := strings.IndexByte(netloc, '['); open >= 0 {
		var tail string
		p.host, tail, _ = strings.Cut(netloc[open+1:], "]")
		_, p.port, _ = strings.Cut(tail, ":")
	} else {
		p.host, p.port, _ = strings.Cut(netloc, ":")
	}
	if p.port != "" {
		n, err := strconv.Atoi(p.port)
		if err != nil || n < 0 || n > 65535 || p.port[0] == '+' || p.port[0] == '-' {
			return p, false
		}
		p.port = ""
		if n != 0 {
			p.port = strconv.Itoa(n)
		}
	}
	if p.host == "" && p.path != "" && strings.HasPrefix(p.scheme, "http") {
		host, path, _ := strings.Cut(strings.TrimLeft(p.path, "/"), "/")
		p.host, p.path = host, "/"+path
	}
	return p, true
}

func cutScheme(url string) (scheme, rest string) {
	for i := 0; i < len(url); i++ {
		c := url[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return url[:i], url[i+1:]
		default:
			return "", url
		}
	}
	return "", url
}

func surtHost(host string) string {
	if host == "" {
		return ""
	}
	host = unescapeAll(host)
	if !ascii(host) {
		if a, err := idna.Lookup.ToASCII(strings.ToValidUTF8(host, "")); err == nil && a != "" {
			host = a
		}
	}
	host = strings.Trim(strings.ReplaceAll(host, "..", "."), ".")
	if ip := numericHost(host); ip != "" {
		return ip
	}
	return asciiLower(escape(host, true))
}

// numericHost writes the odd spellings of an IPv4 address (one number, fewer than
// four parts, octal) as four decimal numbers; "" for any other host.
func numericHost(host string) string {
	if host == "" || strings.Trim(host, "0123456789.") != "" {
		return ""
	}
	pieces := strings.Split(host, ".")
	if len(pieces) > 4 {
		return ""
	}
	if len(pieces) == 1 {
		n := uint32(0) // overlong numbers keep their lower four bytes
		for i := 0; i < len(host); i++ {
			n = n*10 + uint32(host[i]-'0')
		}
		return dotted(n)
	}
	addr := uint32(0)
	for i, piece := range pieces {
		base := 10
		if len(piece) > 1 && piece[0] == '0' {
			base = 8
		}
		bits := 8
		if i == len(pieces)-1 {
			bits = 8 * (4 - i)
		}
		n, err := strconv.ParseUint(piece, base, bits)
		if err != nil {
			return ""
		}
		addr |= uint32(n) << (32 - 8*i - bits)
	}
	return dotted(addr)
}

func dotted(n uint32) string {
	b := make([]byte, 0, 15)
	for shift := 24; shift >= 0; shift -= 8 {
		if shift < 24 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(n>>shift&255), 10)
	}
	return string(b)
}

func defaultPort(scheme string) string {
	switch strings.ToLower(scheme) {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// stripWWW removes "www.", "www2." and the like.
func stripWWW(host string) string {
	rest, ok := strings.CutPrefix(host, "www")
	if !ok {
		return host
	}
	rest = strings.TrimLeft(rest, "0123456789")
	if rest, ok = strings.CutPrefix(rest, "."); !ok {
		return host
	}
	return rest
}

// collapse resolves "." and ".." and removes empty segments but a last one.
func collapse(path string) string {
	if path == "" {
		return "/"
	}
	var kept []string
	for _, segment := range strings.Split(path, "/")[1:] {
		switch {
		case segment == ".":
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
		}
	}
	var b strings.Builder
	b.WriteByte('/')
	for i, segment := range kept {
		b.WriteString(segment)
		if segment != "" && i < len(kept)-1 {
			b.WriteByte('/')
		}
	}
	return b.String()
}

// unescapeAll decodes %XX until nothing changes. One backward pass over the tail
// after each decoded byte keeps it linear on "%252525…".
func unescapeAll(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		out = append(out, s[i])
		for n := len(out); n >= 3 && out[n-3] == '%' && hexDigit(out[n-2]) && hexDigit(out[n-1]); n = len(out) {
			c := unhex(out[n-2])<<4 | unhex(out[n-1])
			out = append(out[:n-3], c)
		}
	}
	return string(out)
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// escape percent-encodes everything outside printable ASCII and "#"; strict also
// encodes "%", for text that is wholly unescaped.
func escape(s string, strict bool) string {
	odd := func(c byte) bool {
		return c <= ' ' || c >= 0x7f || strict && (c == '#' || c == '%')
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if odd(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2*n)
	for i := 0; i < len(s); i++ {
		if odd(s[i]) {
			escapeByte(&b, s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func asciiLower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// Session ids in paths (ASP.NET) and queries, as the Internet Archive strips them.
var (
	pathSessions = []*regexp.Regexp{
		regexp.MustCompile(`(?i)^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$`),
		regexp.MustCompile(`(?i)^(.*/)(?:\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$`),
	}
	querySessions = []*regexp.Regexp{
		regexp.MustCompile(`(?i)^(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)sid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)cfid=[^&]+&cftoken=[^&]+(?:&(.*))?$`),
	}
)

func stripPathSession(path string) string {
	if !strings.Contains(path, ".aspx") {
		return path
	}
	for _, re := range pathSessions {
		if m := re.FindStringSubmatch(path); m != nil {
			path = m[1] + m[2]
		}
	}
	return path
}

func stripQuerySession(query string) string {
	lower := asciiLower(query)
	if !strings.Contains(lower, "sid=") && !strings.Contains(lower, "session") && !strings.Contains(lower, "cfid=") {
		return query
	}
	for _, re := range querySessions {
		if m := re.FindStringSubmatch(query); m != nil {
			query = m[1] + m[2]
		}
	}
	return query
}

// sortArgs sorts query arguments by name, then value; a name without "=" comes
// before the same name with one.
func sortArgs(query string) string {
	if len(query) <= 1 || strings.IndexByte(query, '&') < 0 {
		return query
	}
	args := strings.Split(query, "&")
	slices.SortStableFunc(args, func(a, b string) int {
		ak, av, aok := strings.Cut(a, "=")
		bk, bv, bok := strings.Cut(b, "=")
		if c := strings.Compare(ak, bk); c != 0 {
			return c
		}
		if aok != bok {
			if bok {
				return -1
			}
			return 1
		}
		return strings.Compare(av, bv)
	})
	return strings.Join(args, "&")
}
