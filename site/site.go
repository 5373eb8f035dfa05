// Package site is what cundang knows of a web site before visiting it: seeds,
// scope, politeness, schedule and reading rules, loaded from strict YAML.
package site

import "time"

// Profile describes one site. It is immutable once loaded and safe for concurrent use.
type Profile struct {
	ID         string     `yaml:"site"` // short name, [a-z0-9-]+, also the folder of its WARC files
	Name       string     `yaml:"name,omitempty"`
	Home       string     `yaml:"home,omitempty"`
	Seeds      []Seed     `yaml:"seeds"`
	Scope      []Rule     `yaml:"scope,omitempty"` // first match wins; default: same host as a seed
	Politeness Politeness `yaml:"politeness,omitempty"`
	Reading    Reading    `yaml:"reading,omitempty"`
}

// Seed is a page the crawl starts from.
type Seed struct {
	URL    string `yaml:"url"`
	Column string `yaml:"column,omitempty"` // 栏目 of articles found there
}

// Rule allows or denies the URLs that match.
type Rule struct {
	Allow string `yaml:"allow,omitempty"` // regular expression on the cleaned URL
	Deny  string `yaml:"deny,omitempty"`
}

// Politeness bounds what a crawl does to a host.
type Politeness struct {
	MinDelay time.Duration `yaml:"min_delay,omitempty"`
	MaxDelay time.Duration `yaml:"max_delay,omitempty"`
	// Private allows loopback and private addresses (a test or intranet site).
	Private bool `yaml:"private,omitempty"`
}

// Reading holds CSS selectors that beat the generic cascade; each may be empty.
type Reading struct {
	Title  string `yaml:"title,omitempty"`
	Byline string `yaml:"byline,omitempty"`
	Date   string `yaml:"date,omitempty"`
	Source string `yaml:"source,omitempty"`
	Author string `yaml:"author,omitempty"`
	Column string `yaml:"column,omitempty"`
	Body   string `yaml:"body,omitempty"`
}
