package crawler

import (
	"encoding/json"
	"fmt"

	"cundang/crawler/robots"
	"cundang/site"
)

// newPlace checks and compiles a profile.
func newPlace(p *site.Profile) (*place, error) {
	p, err := site.New(*p)
	if err != nil {
		return nil, fmt.Errorf("crawl: %w", err)
	}
	return &place{profile: p}, nil
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
