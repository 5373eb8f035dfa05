package crawler

import (
	"encoding/json"
	"fmt"
	"regexp"

	"cundang/crawler/robots"
	"cundang/internal/urlkey"
	"cundang/site"
)

// newPlace compiles what a crawl needs of a profile.
func newPlace(p *site.Profile) (*place, error) {
	pl := &place{profile: p, hosts: map[string]bool{}}
	for _, s := range p.Seeds {
		u, err := cleanSeed(s.URL)
		if err != nil {
			return nil, fmt.Errorf("site %s: seed %s: %w", p.ID, s.URL, err)
		}
		pl.hosts[urlkey.Host(u)] = true
	}
	for _, r := range p.Scope {
		text := r.Allow + r.Deny
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("site %s: scope: %w", p.ID, err)
		}
		pl.scope = append(pl.scope, rule{allow: r.Allow != "", re: re, text: text})
	}
	return pl, nil
}

// inScope says whether a cleaned URL belongs to the site, and which rule says so: the first
// scope rule that matches, else the host must be a seed's.
func (pl *place) inScope(url string) (bool, string) {
	for _, r := range pl.scope {
		if r.re.MatchString(url) {
			if r.allow {
				return true, "scope: allow " + r.text
			}
			return false, "scope: deny " + r.text
		}
	}
	if host := urlkey.Host(url); !pl.hosts[host] {
		return false, "scope: other host"
	}
	return true, "scope: host of a seed"
}

func encodeRules(r robots.Rules) ([]byte, error) { return json.Marshal(r) }

// storedRules returns the rules that an earlier crawl stored; the zero Rules if none did.
func (c *crawl) storedRules(org string) (robots.Rules, error) {
	var r robots.Rules
	b, err := c.opts.Frontier.Value("robots/" + org)
	if err != nil || b == nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read stored robots.txt of %s: %w", org, err)
	}
	return r, nil
}

// storeRules hands in rules that came without a capture.
func (c *crawl) storeRules(org string, r robots.Rules) error {
	v, err := encodeRules(r)
	if err != nil {
		return err
	}
	c.commit.put(result{values: map[string][]byte{"robots/" + org: v}})
	return nil
}
