package site

import (
	"regexp"
	"slices"
	"strings"
)

// Parameters that never belong to a page's identity on the sites we know: session ids,
// campaign tracking, and what WeChat and Weibo add to shared links. A * matches any rest.
var (
	sessions = []string{"jsessionid", "phpsessid", "aspsessionid*", "asp.net_sessionid", "cfid", "cftoken", "sessionid",
		"session_id"}
	// other at each view
	random   = []string{"rnd", "_rnd", "rand", "random", "_t", "timestamp", "nocache", "_dc", "cachebuster", "replytocom"}
	tracking = []string{"utm_*", "spm", "isappinstalled", "nsukey", "share_token", "wechat_redirect", "weixin_share",
		"bd_vid", "_hmt*", "hmsr", "hmpl"}
)

// pathSession is a session id in the path: servlet containers write it behind a
// semicolon, ASP.NET as a folder of its own.
var pathSession = regexp.MustCompile(`(?i);(?:jsessionid|phpsessid|sid)=[^/?;]*|/\((?:[a-z]\([0-9a-z]{24}\))+\)`)

// Identity returns the identity of a page on this site: the cleaned URL without session
// ids, tracking and what the profile drops. Order and spelling of the rest stay.
func (p *Profile) Identity(clean string) string {
	clean = p.rules().aliased(clean)
	base, query, found := strings.Cut(clean, "?")
	if strings.IndexByte(base, ';') >= 0 || strings.Contains(base, "/(") {
		base = pathSession.ReplaceAllString(base, "")
	}
	if !found {
		return base
	}
	c := p.rules()
	args := strings.Split(query, "&")
	kept := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return c.drops(arg) })
	if len(kept) == len(args) {
		return base + "?" + query
	}
	if len(kept) == 0 {
		return base
	}
	return base + "?" + strings.Join(kept, "&")
}

// alias is the origin that stands for others.
type alias struct{ scheme, host string } // scheme "": the page's own

// aliased returns a cleaned URL at the host that stands for its own.
func (c *compiled) aliased(clean string) string {
	if len(c.aliases) == 0 {
		return clean
	}
	scheme, rest, _ := strings.Cut(clean, "://")
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	a, ok := c.aliases[host]
	if !ok {
		return clean
	}
	if a.scheme != "" {
		scheme = a.scheme
	}
	return scheme + "://" + a.host + path
}

// Keeps reports whether the profile keeps a query parameter whatever it looks like.
func (p *Profile) Keeps(name string) bool { return named(p.rules().keep, strings.ToLower(name)) }

func (c *compiled) drops(arg string) bool {
	name, value, _ := strings.Cut(arg, "=")
	name = strings.ToLower(name)
	switch {
	case named(c.keep, name):
		return false
	case named(c.drop, name), named(sessions, name), named(tracking, name), named(random, name):
		return true
	}
	// "sid" is also what article numbers are called: only a 32-digit one is a session.
	return name == "sid" && len(value) == 32 && strings.Trim(strings.ToLower(value), "0123456789abcdef") == ""
}

func named(patterns []string, name string) bool {
	for _, p := range patterns {
		if prefix, any := strings.CutSuffix(p, "*"); p == name || any && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
