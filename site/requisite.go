package site

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"cundang/internal/locale"
	"cundang/internal/urlkey"
)

// Values of Profile.Requisites.
const (
	RequisitesNone     = "none"
	RequisitesSameSite = "same-site"
	RequisitesAll      = "all"
)

// RequisiteMode returns which pictures and style sheets of pages are fetched.
func (p *Profile) RequisiteMode() string { return or(p.Requisites, RequisitesSameSite) }

// Requisite reports whether a crawl may fetch a cleaned URL because a page is shown with it,
// and the rule that said so. What the scope holds may be, and beyond it, for requisites
// only, other hosts of the seeds' registrable domains (img.kx.gov.cn of www.kx.gov.cn) or,
// with "all", any host.
func (p *Profile) Requisite(clean string) (ok bool, rule string) {
	mode := p.RequisiteMode()
	if mode == RequisitesNone {
		return false, locale.Reason("requisite.none")
	}
	if ok, rule := p.InScope(clean); ok {
		return true, rule
	}
	if mode == RequisitesAll {
		return true, locale.Reason("requisite.all")
	}
	if domain := domainOf(urlkey.Host(clean)); p.rules().domains[domain] {
		return true, locale.Reason("requisite.same", domain)
	}
	return false, locale.Reason("requisite.foreign", urlkey.Host(clean))
}

// domainOf returns the registrable domain of a host[:port]: kx.gov.cn of www.kx.gov.cn. An
// address, or a name without one, is its own, with its port.
func domainOf(host string) string {
	name := strings.ToLower(host)
	if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.HasSuffix(name, "]") {
		name = name[:i]
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return host
}

// LazyAttributes hold the address of a picture that a script puts into src once the reader
// has scrolled there, as the libraries in common use name them.
var LazyAttributes = [...]string{
	"data-src", "data-original", "data-lazy-src", "data-lazyload", "data-echo", "data-actualsrc", "lay-src",
	"original", "_src",
}
