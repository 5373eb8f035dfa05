// Package crawler visits sites politely and leaves what it sees in the archive.
package crawler

import (
	"context"
	"log/slog"
	"net"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/site"
)

// Options of a crawl. Profiles, Store and Frontier must be given; the rest may be zero.
type Options struct {
	Log      *slog.Logger
	Profiles []*site.Profile
	Store    *archive.Store
	Frontier *frontier.Frontier
	Workers  int            // requests at a time, those not counted that wait for a slow host; 0 is 8
	Limit    int            // pages to fetch at most; 0: no limit
	For      time.Duration  // after which the run takes nothing new; 0: no limit
	Bytes    int64          // of responses after which the run takes nothing new; 0: no limit
	Force    bool           // revisit pages that are not due yet
	Contact  string         // in the User-Agent
	Version  string         // in the User-Agent, "" is "dev"
	Progress func(Progress) // called about twice a second, nil: never
	// Resume is the name of an unfinished crawl that the run goes on with: no seeds are queued again, and its name, its
	// budgets and what it has visited stay. "" begins a crawl.
	Resume string
	// Earlier is the report of the resumed crawl's runs so far, which the run's own is added to; nil: there is none.
	Earlier *Report
	// Snapshot is given the report of the crawl at its beginning and every few seconds; nil: nobody is.
	Snapshot func(Report)
	// Digest returns the digest of the normalised content of an HTML page, "" if it has
	// none; two captures with the same digest are the same page whatever their bytes.
	Digest func(url, contentType string, body []byte) string
	// Committed is called after each group commit that made captures visible; nil: never.
	Committed func()
	// CanWrite is asked before each capture is kept; while it returns an error the crawl waits as on a full disk. nil:
	// nobody is.
	CanWrite func() error
	// Meter is told what happens; nil: nobody is.
	Meter Meter
	// Limits bound each exchange.
	Limits wire.Limits
	// Resolve looks up host names; nil is the system's resolver.
	Resolve func(ctx context.Context, host string) ([]net.IP, error)
	// Now is the clock of the crawl, which must go as fast as time does; nil is the machine's. One that is ahead shows
	// what a crawl does on a later day.
	Now func() time.Time
	// Spool is the directory of large bodies on their way; "" is the system's for temporary files.
	Spool string
	// Wait is how long a crawl waits for what a host's backoff or a retry holds back before
	// it leaves that to the next crawl; 0 is 5 minutes.
	Wait time.Duration
}

// Progress is how a crawl stands, one row a site.
type Progress struct {
	Crawl string         `json:"crawl"`
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
	Crawl    string    `json:"crawl"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Stopped says why the run ended before the crawl did, "" when nothing was left to do. While a crawl is under way, or
	// when it was killed, it is so too, and Finished is when that was written down.
	Stopped string                 `json:"stopped,omitempty"`
	Sites   map[string]*SiteReport `json:"sites"`
}

// SiteReport is the part of one site. Each list holds every URL with its reason. List
// pages and robots.txt are fetched and counted, but only pages that hold content are listed.
type SiteReport struct {
	Fetched     int            `json:"fetched"`
	Bytes       int64          `json:"bytes"` // of responses, on the wire
	New         []Outcome      `json:"new"`
	Changed     []Outcome      `json:"changed"`
	Unchanged   int            `json:"unchanged"`
	Reappeared  []Outcome      `json:"reappeared"`
	Moved       []Outcome      `json:"moved"` // Reason is where to
	Gone        []Outcome      `json:"gone"`
	Missing     []Outcome      `json:"missing"`
	Blocked     []Outcome      `json:"blocked"`  // a challenge stood in the way
	Soft404     []Outcome      `json:"soft_404"` // an error page with status 200
	Failed      []Outcome      `json:"failed"`
	Denied      []Outcome      `json:"denied"`  // by robots.txt
	Skipped     []Outcome      `json:"skipped"` // by scope
	Quarantined []Outcome      `json:"quarantined"`
	Held        []Outcome      `json:"held"` // hosts left for the next crawl
	Status      map[string]int `json:"status"`
	Types       map[string]int `json:"types"`
	Hosts       map[string]int `json:"hosts"`              // responses by host
	Lists       int            `json:"lists"`              // list pages that were read: answers with a body, no 304
	Problems    []Outcome      `json:"problems,omitempty"` // lists that could not be read whole, and why
	Rows        int            `json:"rows"`               // articles they named; none any more is how a redesign shows
	// Origins is what the servers showed of themselves, by scheme and host.
	Origins map[string]Origin `json:"origins,omitempty"`
	// Requisites are what pages are shown with. They are fetched and their bytes counted above,
	// and stand in none of the lists.
	Requisites RequisiteReport `json:"requisites"`
}

// Origin is what a server showed of itself: who vouches for whom, and its rules for us, both in a form that stays
// the same when a certificate is renewed or a comment edited. "" was not seen.
type Origin struct {
	Certificate string `json:"certificate,omitempty"`
	Robots      string `json:"robots,omitempty"`
}

// Outcome is a URL and why it is in a list.
type Outcome struct {
	URL     string `json:"url"`
	Reason  string `json:"reason,omitempty"`
	Article bool   `json:"article,omitempty"` // a row of a list led to it, or the profile says that it is one
}

// Run crawls what is due and returns when nothing is left or ctx ends. A page that fails
// is a line of the report; an archive or frontier that fails is the error. When ctx ends, what
// is on the wire is finished and committed, and the error is ctx's.
func Run(ctx context.Context, opts Options) (Report, error) {
	c, err := newCrawl(opts)
	if err != nil {
		return Report{}, err
	}
	return c.run(ctx)
}
