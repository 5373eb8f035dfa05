package web

import (
	"context"
	"iter"
	"time"
)

// Crawls is what the pages need of crawling. Its methods are safe for concurrent use.
type Crawls interface {
	// Sites returns every site of the configuration, ordered by ID.
	Sites(ctx context.Context) ([]SiteStatus, error)
	// Runs returns the crawls, the newest first, running ones included.
	Runs(ctx context.Context, limit int) ([]Run, error)
	// Run returns one crawl with its report so far; ErrNoRun if there is none.
	Run(ctx context.Context, id string) (Run, error)
	// Start begins a crawl of the given sites (none: all) and returns its ID without
	// waiting for it. ErrRunning when one of them is being crawled.
	Start(ctx context.Context, sites []string) (id string, err error)
	// Stop asks a crawl to end after what is on the wire.
	Stop(ctx context.Context, id string) error
	// Watch yields how a crawl stands, at most about twice a second, until it or ctx ends.
	// The last value has Running false when the crawl has ended.
	Watch(ctx context.Context, id string) iter.Seq[Run]
	// Alarms returns what looks wrong with sites, the newest first.
	Alarms(ctx context.Context) ([]Alarm, error)
	// Review returns pages whose reading is in doubt, the most doubtful first, and how
	// many there are.
	Review(ctx context.Context, offset, limit int) ([]Doubt, int, error)
	// Findings returns captures that could not be read as they should, in the order of the archive,
	// and how many there are.
	Findings(ctx context.Context, offset, limit int) ([]Finding, int, error)
}

// SiteStatus is one site and its schedule.
type SiteStatus struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Home     string      `json:"home,omitempty"`
	Columns  []string    `json:"columns,omitempty"`
	Schedule string      `json:"schedule,omitempty" doc:"cron expression or words"`
	Last     time.Time   `json:"last_run,omitzero"`
	LastRun  string      `json:"last_run_id,omitempty"`
	Next     time.Time   `json:"next_run,omitzero"`
	Running  string      `json:"running,omitempty" doc:"ID of the crawl under way"`
	Articles int         `json:"articles"`
	Queued   int         `json:"queued"`
	Fill     []FieldFill `json:"fill,omitempty" doc:"share of recent articles that have each field"`
}

// FieldFill is how often a field was found.
type FieldFill struct {
	Field string  `json:"field"`
	Share float64 `json:"share" minimum:"0" maximum:"1"`
	Was   float64 `json:"was" doc:"the same in earlier crawls, 0 when unknown"`
}

// Run is one crawl.
type Run struct {
	ID       string    `json:"id"`
	Running  bool      `json:"running"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	Sites    []SiteRun `json:"sites"`
	Error    string    `json:"error,omitempty"`
}

// SiteRun is the part of one site in a crawl. The lists may be shortened; Counts are not.
type SiteRun struct {
	Site     string               `json:"site"`
	Fetched  int                  `json:"fetched"`
	Queued   int                  `json:"queued"`
	Failed   int                  `json:"failed"`
	Bytes    int64                `json:"bytes"`
	Rate     float64              `json:"rate" doc:"pages a second"`
	ETA      time.Duration        `json:"eta_ns"`
	URL      string               `json:"url,omitempty" doc:"last fetched"`
	Counts   map[string]int       `json:"counts,omitempty" doc:"by outcome: new, changed, reappeared, moved, gone, missing, blocked, soft_404, failed, denied, quarantined, held, skipped, unchanged"`
	Outcomes map[string][]Outcome `json:"outcomes,omitempty" doc:"URLs by outcome, each with its reason: a code with arguments, such as http.status 404"`
	Status   map[string]int       `json:"status,omitempty" doc:"answers by HTTP status"`
	Types    map[string]int       `json:"types,omitempty" doc:"answers by media type"`
}

// Fetched adds up the sites.
func (r Run) Fetched() (n int) {
	for _, s := range r.Sites {
		n += s.Fetched
	}
	return n
}

// Failed adds up the sites.
func (r Run) Failed() (n int) {
	for _, s := range r.Sites {
		n += s.Failed
	}
	return n
}

// Low is the share below which a field has fallen.
func (f FieldFill) Low() float64 { return 0.7 * f.Was }

// Outcome is a URL and what became of it.
type Outcome struct {
	URL    string `json:"url"`
	Reason string `json:"reason,omitempty" doc:"a code with its arguments, e.g. http.status 404; adr/0085"`
}

// Alarm is something that looks wrong with a site.
type Alarm struct {
	Site  string    `json:"site"`
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind" doc:"e.g. field-fill, no-articles, blocked"`
	Text  string    `json:"text" doc:"a code with its arguments, e.g. alarm.unread 12"`
	Run   string    `json:"run,omitempty"`
	Field string    `json:"field,omitempty"`
}

// Doubt is a page whose reading should be looked at.
type Doubt struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`
	Site       string    `json:"site"`
	Title      string    `json:"title"`
	Confidence float64   `json:"confidence"`
	Fetched    time.Time `json:"fetched"`
	Reasons    []string  `json:"reasons,omitempty"`
}

// Finding is what could not be read of one capture.
type Finding struct {
	Ref    string    `json:"ref" doc:"its record: file and offset"`
	URL    string    `json:"url"`
	Site   string    `json:"site"`
	Time   time.Time `json:"captured"`
	Code   string    `json:"code" doc:"ended-process, reader-failed, unreadable, revisit-unresolved, truncated"`
	Reason string    `json:"reason" doc:"a code with its arguments, e.g. finding.truncated"`
	Detail string    `json:"detail,omitempty" doc:"what the reader said"`
	Origin string    `json:"origin,omitempty" doc:"of a revisit: the address whose capture holds the payload"`
	Cure   string    `json:"cure" doc:"the command that may cure it"`
}
