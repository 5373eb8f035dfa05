// Package index makes articles searchable: Put, Search, Rebuild.
package index

import (
	"context"
	"log/slog"
	"time"

	"cundang/extract"
)

// Options of Open; the zero value is a good default.
type Options struct {
	Log        *slog.Logger
	Dictionary []string // the operator's own words, one a line: word [frequency [part of speech]]
	ReadOnly   bool
}

// Index is a bleve index below dir. Search is safe for concurrent use; one writer at a time.
type Index struct{ _ int }

// Open opens or creates the index at dir.
func Open(dir string, opts Options) (*Index, error) { panic("unwritten") }

// Put adds article versions and remembers position, in one atomic batch. An article that
// was already put with the same content only refreshes its last capture; a changed one
// becomes the next version (ordered by Fetched, whatever the order of Put).
func (x *Index) Put(ctx context.Context, position string, articles ...extract.Article) error {
	panic("unwritten")
}

// Position returns what the last Put remembered, "" for a new index.
func (x *Index) Position() (string, error) { panic("unwritten") }

// Search answers a query.
func (x *Index) Search(ctx context.Context, q Query) (Result, error) { panic("unwritten") }

// Article returns a stored article: the newest version, or that of at (zero: newest).
func (x *Index) Article(ctx context.Context, id string, at time.Time) (extract.Article, error) {
	panic("unwritten")
}

// Versions returns every version of an article, oldest first.
func (x *Index) Versions(ctx context.Context, id string) ([]extract.Article, error) {
	panic("unwritten")
}

// Close flushes and closes.
func (x *Index) Close() error { panic("unwritten") }

// Query is a question. Text is in the query language of docs/query-language.md.
type Query struct {
	Text    string
	Sites   []string
	Sources []string
	Authors []string
	Columns []string
	People  []string
	Places  []string
	Orgs    []string
	States  []string
	From    time.Time // published at or after; zero: open
	To      time.Time // published before the end of this day; zero: open
	AsOf    time.Time // the archive as it stood then; zero: now
	Sort    string    // relevance (default), published, -published, fetched, -fetched
	Limit   int       // 0 is 10
	Offset  int
	Facets  []string // site, source, column, author, year, month, people, places, orgs, attachments, state
	Explain bool
}

// Result is the answer.
type Result struct {
	Query  string           `json:"query"`            // the query as understood, in words
	Notice string           `json:"notice,omitempty"` // e.g. that it could not be parsed and was searched as words
	Total  int              `json:"total"`
	Hits   []Hit            `json:"hits"`
	Facets map[string]Facet `json:"facets,omitempty"`
	Took   time.Duration    `json:"took_ns"`
}

// Hit is one article found.
type Hit struct {
	Article   extract.Article `json:"article"` // without body and paragraphs
	Score     float64         `json:"score"`
	Title     string          `json:"title_html"` // HTML-escaped, matches in <mark>
	Fragments []string        `json:"fragments"`  // HTML-escaped, whole sentences, matches in <mark>
	Explain   string          `json:"explain,omitempty"`
}

// Facet counts the values of a field over all matches.
type Facet struct {
	Total  int         `json:"total"`
	Other  int         `json:"other"`
	Values []FacetTerm `json:"values"`
}

// FacetTerm is a value and how many matches have it.
type FacetTerm struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}
