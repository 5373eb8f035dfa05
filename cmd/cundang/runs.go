package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"cundang/crawler"
	"cundang/crawler/frontier"
)

// runPrefix is the name under which the frontier keeps what became of each crawl.
const runPrefix = "run/"

// run is one crawl as it is kept: its report, how well the pages it brought could be read,
// and what looks wrong.
type crawlRun struct {
	crawler.Report
	Fill   map[string]*fill `json:"fill"` // by site
	Alarms []alarm          `json:"alarms"`
	Error  string           `json:"error,omitempty"`
}

// fill counts how many of the articles that a crawl brought have each field.
type fill struct {
	Articles int            `json:"articles"`
	Fields   map[string]int `json:"fields"`
	Sure     float64        `json:"sure"` // sum of confidences
}

// share is the part of the articles that have a field, 0 to 1.
func (f *fill) share(field string) float64 {
	if f == nil || f.Articles == 0 {
		return 0
	}
	return float64(f.Fields[field]) / float64(f.Articles)
}

// errNoRun says that there is no crawl of that name.
var errNoRun = errors.New("no such crawl")

func saveRun(f *frontier.Frontier, r crawlRun) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := f.Commit(frontier.Change{Values: map[string][]byte{runPrefix + r.Crawl: text}}); err != nil {
		return fmt.Errorf("keep the report of crawl %s: %w", r.Crawl, err)
	}
	return nil
}

// loadRun returns a crawl by its name, the newest for "".
func loadRun(f *frontier.Frontier, name string) (r crawlRun, err error) {
	if name == "" {
		runs, err := loadRuns(f, 1)
		if err != nil {
			return r, err
		}
		if len(runs) == 0 {
			return r, errNoRun
		}
		return runs[0], nil
	}
	text, err := f.Value(runPrefix + name)
	if err != nil {
		return r, err
	}
	if text == nil {
		return r, fmt.Errorf("%w: %s", errNoRun, name)
	}
	return r, json.Unmarshal(text, &r)
}

// loadRuns returns the last n crawls, the newest first; 0 is all.
func loadRuns(f *frontier.Frontier, n int) ([]crawlRun, error) {
	var texts [][]byte
	for _, text := range f.Values(runPrefix) {
		texts = append(texts, slices.Clone(text))
	}
	slices.Reverse(texts) // names begin with the time
	if n > 0 && len(texts) > n {
		texts = texts[:n]
	}
	var runs []crawlRun
	for _, text := range texts {
		var r crawlRun
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("read the report of a crawl: %w", err)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// alarm is a sign that a site changed in a way that the crawl no longer understands.
type alarm struct {
	Site  string    `json:"site"`
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"` // field-fill, confidence, no-articles, blocked
	Field string    `json:"field,omitempty"`
	Text  string    `json:"text"`
}
