// Package crawler visits sites politely and leaves what it sees in the archive.
package crawler

import (
	"context"
	"log/slog"
	"time"

	"cundang/archive"
	"cundang/site"
)

// Options of a crawl.
type Options struct {
	Log      *slog.Logger
	Profiles []*site.Profile
	Store    *archive.Store
	Frontier Frontier
	Workers  int            // 0 is 8
	Limit    int            // pages to fetch at most; 0: no limit
	Force    bool           // revisit pages that are not due yet
	Contact  string         // in the User-Agent
	Progress func(Progress) // called about twice a second, nil: never
	// Digest returns the digest of the normalised content of an HTML page, "" if it has
	// none; two captures with the same digest are the same page whatever their bytes.
	Digest func(url, contentType string, body []byte) string
	// Committed is called after each group commit that made captures visible; nil: never.
	Committed func()
}

// Frontier is what a crawl needs of crawler/frontier.
type Frontier interface{ Close() error }

// Progress is how a crawl stands, one row a site.
type Progress struct {
	Sites []SiteProgress `json:"sites"`
}

// SiteProgress is one site's row.
type SiteProgress struct {
	Site    string        `json:"site"`
	Fetched int           `json:"fetched"`
	Queued  int           `json:"queued"`
	Failed  int           `json:"failed"`
	Rate    float64       `json:"rate"` // pages a second, smoothed
	ETA     time.Duration `json:"eta_ns"`
	URL     string        `json:"url"` // last fetched
}

// Report counts the outcomes of one crawl.
type Report struct {
	Crawl    string                 `json:"crawl"`
	Started  time.Time              `json:"started"`
	Finished time.Time              `json:"finished"`
	Sites    map[string]*SiteReport `json:"sites"`
}

// SiteReport is the part of one site. Each list holds every URL with its reason.
type SiteReport struct {
	Fetched     int            `json:"fetched"`
	Bytes       int64          `json:"bytes"`
	New         []Outcome      `json:"new"`
	Changed     []Outcome      `json:"changed"`
	Unchanged   int            `json:"unchanged"`
	Gone        []Outcome      `json:"gone"`
	Missing     []Outcome      `json:"missing"`
	Failed      []Outcome      `json:"failed"`
	Denied      []Outcome      `json:"denied"`  // by robots.txt
	Skipped     []Outcome      `json:"skipped"` // by scope
	Quarantined []Outcome      `json:"quarantined"`
	Status      map[string]int `json:"status"`
	Types       map[string]int `json:"types"`
}

// Outcome is a URL and why it is in a list.
type Outcome struct {
	URL    string `json:"url"`
	Reason string `json:"reason,omitempty"`
}

// Run crawls what is due and returns when nothing is left or ctx ends. A page that fails
// is a line of the report; an archive or frontier that fails is the error.
func Run(ctx context.Context, opts Options) (Report, error) { panic("unwritten") }
