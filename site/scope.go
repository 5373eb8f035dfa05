package site

import (
	"strings"

	"cundang/internal/locale"
	"cundang/internal/urlkey"
)

// InScope reports whether a crawl of the site may visit a cleaned URL, and the rule
// that said so: a rule of the profile by name, or a reason of internal/locale.
func (p *Profile) InScope(clean string) (ok bool, rule string) {
	c := p.rules()
	for _, r := range c.scope {
		if r.re.MatchString(clean) {
			return r.allow, r.name
		}
	}
	host := urlkey.Host(clean)
	if host != "" && c.hosts[bare(host)] {
		return true, locale.Reason("scope.seed")
	}
	return false, locale.Reason("scope.foreign", host)
}

// Denied returns the rule of the profile that denies a cleaned URL, "" if none does. That no rule takes it into scope
// is another matter.
func (p *Profile) Denied(clean string) string {
	for _, r := range p.rules().scope {
		if r.re.MatchString(clean) {
			if r.allow {
				return ""
			}
			return r.name
		}
	}
	return ""
}

// bare takes "www." off a host: sites answer under both names and link to either.
func bare(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

// IsList reports whether the profile says that the page at a cleaned URL is a list.
// A seed is one, whatever the patterns say.
func (p *Profile) IsList(clean string) bool {
	if p.NamesList(clean) {
		return true
	}
	for _, s := range p.Seeds {
		if u, err := urlkey.Clean(s.URL); err == nil && u == clean {
			return true
		}
	}
	return false
}

// NamesList reports whether the profile's lists.pages name the page at a cleaned URL.
func (p *Profile) NamesList(clean string) bool {
	for _, re := range p.rules().pages {
		if re.MatchString(clean) {
			return true
		}
	}
	return false
}

// IsArticle reports whether the profile says that the page at a cleaned URL is an article.
func (p *Profile) IsArticle(clean string) bool {
	for _, re := range p.rules().articles {
		if re.MatchString(clean) {
			return true
		}
	}
	return false
}

// ForURL returns the profile whose scope holds a URL, nil if none does. A profile with the
// URL's host among its seeds goes before one that reaches it by a rule.
func ForURL(profiles []*Profile, raw string) *Profile {
	clean, err := urlkey.Clean(raw)
	if err != nil {
		return nil
	}
	host := bare(urlkey.Host(clean))
	var byRule *Profile
	for _, p := range profiles {
		if ok, _ := p.InScope(clean); !ok {
			continue
		}
		if p.rules().hosts[host] {
			return p
		}
		if byRule == nil {
			byRule = p
		}
	}
	return byRule
}

// ByID returns the profile of a site, nil if there is none.
func ByID(profiles []*Profile, id string) *Profile {
	for _, p := range profiles {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Generic makes the profile of a site nobody described, from one address on it: the
// address is the seed, its host the scope. Loopback hosts are allowed, since the
// operator named one.
func Generic(raw string) (*Profile, error) {
	clean, err := urlkey.Clean(raw)
	if err != nil {
		return nil, err
	}
	host := urlkey.Host(clean)
	return New(Profile{
		ID: nameOf(host), Name: host, Unverified: true, Seeds: []Seed{{URL: clean}},
		Politeness: Politeness{Private: isPrivate(host)},
	})
}
