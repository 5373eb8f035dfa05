package node

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cundang/crawler"
	"cundang/crawler/frontier"
)

// runPrefix is the name under which the frontier keeps what became of each crawl.
const runPrefix = "run/"

// Run is one crawl as it is kept: its report, how well the pages it brought could be read,
// and what looks wrong.
type Run struct {
	crawler.Report
	Fill   map[string]*Fill `json:"fill"` // by site
	Alarms []Alarm          `json:"alarms"`
	Error  string           `json:"error,omitempty"`
}

// Fill counts how many of the articles that a crawl brought have each field.
type Fill struct {
	Articles int            `json:"articles"`
	Fields   map[string]int `json:"fields"`
	Sure     float64        `json:"sure"` // sum of confidences
}

// share is the part of the articles that have a field, 0 to 1.
func (f *Fill) share(field string) float64 {
	if f == nil || f.Articles == 0 {
		return 0
	}
	return float64(f.Fields[field]) / float64(f.Articles)
}

// saveRun keeps what became of a crawl.
func (n *Node) saveRun(r Run) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := n.Frontier.Commit(frontier.Change{Values: map[string][]byte{runPrefix + r.Crawl: text}}); err != nil {
		return fmt.Errorf("keep the report of crawl %s: %w", r.Crawl, err)
	}
	return nil
}

// Run returns a crawl by its name, the newest for "".
func (n *Node) Run(name string) (r Run, err error) {
	if name == "" {
		runs, err := n.Runs(1)
		if err != nil {
			return r, err
		}
		if len(runs) == 0 {
			return r, ErrNoRun
		}
		return runs[0], nil
	}
	text, err := n.Frontier.Value(runPrefix + name)
	if err != nil {
		return r, err
	}
	if text == nil {
		return r, fmt.Errorf("%w: %s", ErrNoRun, name)
	}
	return r, json.Unmarshal(text, &r)
}

// Runs returns the last crawls, the newest first; limit 0 is all.
func (n *Node) Runs(limit int) ([]Run, error) {
	var texts [][]byte
	for _, text := range n.Frontier.Values(runPrefix) {
		texts = append(texts, slices.Clone(text))
	}
	slices.Reverse(texts) // names begin with the time
	if limit > 0 && len(texts) > limit {
		texts = texts[:limit]
	}
	var runs []Run
	for _, text := range texts {
		var r Run
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("read the report of a crawl: %w", err)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// Alarm is a sign that a site changed in a way that the crawl no longer understands.
type Alarm struct {
	Site string    `json:"site"`
	Time time.Time `json:"time"`
	// Kind is blocked, lists, failing, no-articles, barren, field-fill, confidence, still, certificate or robots.
	Kind  string `json:"kind"`
	Field string `json:"field,omitempty"`
	Text  string `json:"text"`
}
