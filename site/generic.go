package site

import (
	"net/netip"
	"strings"
)

// nameOf makes a site name of a host: its labels joined by hyphens, without www.
func nameOf(host string) string {
	var b strings.Builder
	for _, c := range bare(host) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	if len(name) > 64 {
		name = name[:64]
	}
	if name = strings.Trim(name, "-"); name == "" {
		return "site"
	}
	return name
}

// isPrivate reports whether host[:port] is a loopback or private address by its name.
func isPrivate(host string) bool {
	if ap, err := netip.ParseAddrPort(host); err == nil {
		host = ap.Addr().String()
	} else if name, _, ok := strings.Cut(host, ":"); ok && !strings.HasPrefix(host, "[") {
		host = name
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
