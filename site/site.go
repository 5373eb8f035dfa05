// Package site is what cundang knows of a web site before visiting it: seeds,
// scope, politeness, schedule and reading rules, loaded from strict YAML.
package site

import "time"

// Profile describes one site. It is immutable once loaded and safe for concurrent use.
//
// [Load] and [New] check it and compile its rules; the methods also work on a literal
// that passed through neither, then at the price of compiling on each call.
type Profile struct {
	ID         string     `yaml:"site" doc:"short name, [a-z0-9-]+, also the folder of the site's WARC files"`
	Name       string     `yaml:"name,omitempty" doc:"name people know the site by"`
	Region     string     `yaml:"region,omitempty" doc:"province or city the association belongs to"`
	Home       string     `yaml:"home,omitempty" doc:"address of the home page"`
	Unverified bool       `yaml:"unverified,omitempty" doc:"nobody has checked yet that the profile still fits the site"`
	Seeds      []Seed     `yaml:"seeds" doc:"pages a crawl starts from"`
	Sitemaps   []string   `yaml:"sitemaps,omitempty" doc:"sitemaps and feeds that robots.txt does not name"`
	Scope      []Rule     `yaml:"scope,omitempty" doc:"ordered rules, the first that matches wins; what none matches is in scope when its host is a seed's"`
	Aliases    []Alias    `yaml:"aliases,omitempty" doc:"hosts that show the same pages as another"`
	URLs       URLs       `yaml:"urls,omitempty" doc:"which parts of an address do not belong to a page's identity"`
	Politeness Politeness `yaml:"politeness,omitempty" doc:"bounds of what a crawl does to a host"`
	Limits     Limits     `yaml:"limits,omitempty" doc:"bounds of one crawl of the site"`
	Schedule   Schedule   `yaml:"schedule,omitempty" doc:"when serve crawls the site"`
	Revisit    Revisit    `yaml:"revisit,omitempty" doc:"how soon pages are visited again"`
	Gone       Gone       `yaml:"gone,omitempty" doc:"when a missing article counts as gone"`
	Fetch      string     `yaml:"fetch,omitempty" doc:"how pages are fetched; auto asks a browser only when a list came out empty" enum:"http,browser,auto"`
	TLS        string     `yaml:"tls,omitempty" doc:"lenient retries a failed handshake with old versions, old ciphers and an unverified certificate" enum:"strict,lenient"`
	Requisites string     `yaml:"requisites,omitempty" doc:"what pages are shown with (pictures, style sheets, fonts) is fetched from the site's own domain (default), from everywhere or not at all" enum:"none,same-site,all"`
	Access     string     `yaml:"access,omitempty" doc:"who may read it when published" enum:"open,readers,restricted"`
	Lists      Lists      `yaml:"lists,omitempty" doc:"how list pages are recognised and read"`
	Reading    Reading    `yaml:"reading,omitempty" doc:"CSS selectors that beat the generic reading of an article"`

	compiled *compiled
}

// Seed is a page the crawl starts from.
type Seed struct {
	URL    string `yaml:"url" doc:"address of a list page or home page"`
	Column string `yaml:"column,omitempty" doc:"栏目 of the articles found there"`
}

// Rule allows or denies the URLs that match.
type Rule struct {
	Allow string `yaml:"allow,omitempty" doc:"regular expression (RE2) on the cleaned URL"`
	Deny  string `yaml:"deny,omitempty" doc:"regular expression (RE2) on the cleaned URL"`
}

// Alias is a host that stands for others with the same pages: www. and bare, the one for telephones, http and https.
type Alias struct {
	To   string   `yaml:"to" doc:"host whose addresses count, such as www.example.org; with https:// also their scheme"`
	From []string `yaml:"from,omitempty" doc:"hosts that show the same pages"`
}

// URLs says what does not belong to a page's identity, beyond the session ids and
// tracking parameters that are always dropped.
type URLs struct {
	Drop []string `yaml:"drop,omitempty" doc:"query parameters to drop, * at the end matches any rest"`
	Keep []string `yaml:"keep,omitempty" doc:"query parameters to keep though they look like session ids or tracking"`
}

// Politeness bounds what a crawl does to a host. One request is in flight per host at
// a time; the pause after it is Factor × the host's smoothed latency, between MinDelay
// and MaxDelay.
type Politeness struct {
	MinDelay time.Duration `yaml:"min_delay,omitempty" doc:"shortest pause between two requests to a host (default 1s)"`
	MaxDelay time.Duration `yaml:"max_delay,omitempty" doc:"longest pause latency may cause (default 30s)"`
	Factor   float64       `yaml:"factor,omitempty" doc:"pause in multiples of the host's latency (default 4)"`
	Windows  []string      `yaml:"windows,omitempty" doc:"times of day a crawl may run, such as 22:00-06:00, in the schedule's time zone; none: always"`
	// Group makes all sites of a group one server to be polite to, as those at one address are.
	Group string `yaml:"group,omitempty" doc:"sites of one group are asked in turn, as if they had one address"`
	// Private allows loopback and private addresses (a test or intranet site).
	Private bool `yaml:"private,omitempty" doc:"allow loopback and private addresses (a test or intranet site)"`
}

// Limits bounds one crawl of a site; zero is no limit but the crawler's own.
type Limits struct {
	Pages     int           `yaml:"pages,omitempty" doc:"pages fetched in one crawl"`
	Bytes     int64         `yaml:"bytes,omitempty" doc:"bytes received in one crawl"`
	PageBytes int64         `yaml:"page_bytes,omitempty" doc:"bytes of one response; what is longer is archived truncated"`
	Time      time.Duration `yaml:"time,omitempty" doc:"duration of one crawl"`
	Hops      int           `yaml:"hops,omitempty" doc:"links from a seed"`
}

// Schedule says when serve crawls the site; without a cron expression it does not.
type Schedule struct {
	Cron     string        `yaml:"cron,omitempty" doc:"five fields, or @daily and the like"`
	Timezone string        `yaml:"timezone,omitempty" doc:"IANA name (default Asia/Shanghai)"`
	Misfire  string        `yaml:"misfire,omitempty" doc:"what to do about runs missed while serve was down (default once)" enum:"skip,once,all"`
	Jitter   time.Duration `yaml:"jitter,omitempty" doc:"random delay of at most this, so that many sites do not start at once"`
}

// Revisit bounds how soon pages are visited again: ×1.4 after a visit that found
// nothing new, ×0.5 after one that did.
type Revisit struct {
	List    Interval `yaml:"list,omitempty" doc:"list pages (default 1h, first 6h, at most 7 days)"`
	Article Interval `yaml:"article,omitempty" doc:"articles and everything else (default 1 day, first 7 days, at most 180 days)"`
}

// Interval bounds an adaptive interval.
type Interval struct {
	Min   time.Duration `yaml:"min,omitempty" doc:"shortest interval"`
	First time.Duration `yaml:"first,omitempty" doc:"interval after the first visit"`
	Max   time.Duration `yaml:"max,omitempty" doc:"longest interval"`
}

// Gone says when a missing article counts as gone: after Misses misses in a row over
// at least After.
type Gone struct {
	Misses int           `yaml:"misses,omitempty" doc:"misses in a row (default 3)"`
	After  time.Duration `yaml:"after,omitempty" doc:"time from the first of these misses (default 72h)"`
}

// Lists says how list pages are recognised and read; each field may be empty, then the
// generic reading of lists decides.
type Lists struct {
	Pages    []string `yaml:"pages,omitempty" doc:"regular expressions (RE2): pages at these addresses are lists"`
	Articles []string `yaml:"articles,omitempty" doc:"regular expressions (RE2): pages at these addresses are articles"`
	Row      string   `yaml:"row,omitempty" doc:"CSS selector of a row; its first link is the article"`
	Date     string   `yaml:"date,omitempty" doc:"CSS selector of the date within a row"`
	Link     string   `yaml:"link,omitempty" doc:"address of an article whose row in a JSON list has none: {key} stands for the row's member of that name"`
	Next     string   `yaml:"next,omitempty" doc:"CSS selector of the link to the next page"`
	MaxPages int      `yaml:"max_pages,omitempty" doc:"pages of one list walked at most (default 2000)"`
}

// Reading holds CSS selectors that beat the generic cascade; each may be empty.
type Reading struct {
	Title  string `yaml:"title,omitempty" doc:"CSS selector of the title"`
	Byline string `yaml:"byline,omitempty" doc:"CSS selector of the line with source, author and date"`
	Date   string `yaml:"date,omitempty" doc:"CSS selector of the publication date"`
	Source string `yaml:"source,omitempty" doc:"CSS selector of the source 来源"`
	Author string `yaml:"author,omitempty" doc:"CSS selector of the author"`
	Column string `yaml:"column,omitempty" doc:"CSS selector of the breadcrumb 栏目"`
	Body   string `yaml:"body,omitempty" doc:"CSS selector of the text"`
}
