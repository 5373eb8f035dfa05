package index

import (
	"time"

	"cundang/extract"
)

// Query is a question. Text is in the query language of docs/query-language.md; the other
// fields narrow the answer: values of one field are alternatives, fields are all required.
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
	Kinds   []string  // article (default), list, other, any
	From    time.Time // published at or after; zero: open
	To      time.Time // published before the end of this day; zero: open
	AsOf    time.Time // the archive as it stood then; zero: now
	Sort    string    // relevance (default), published, -published, fetched, -fetched
	// Freshness is the half-life by which newer articles are preferred when sorted by relevance: an
	// article published now gains as much as the words of the question weigh, one published a half-life
	// ago half of that. Zero: the date makes no difference.
	Freshness time.Duration
	Limit     int // 0 is 10
	Offset    int
	Facets    []string // site, source, column, author, year, month, people, places, orgs, attachments, state
	Explain   bool
	Lang      string   // of what the answer says in words (Query, Notice, Explain): en (default) or zh
	Ranking   *Ranking // nil: DefaultRanking; for measurements
	Literal   bool     // no synonyms
	// Collapse lists, of articles with the same text (see Group), only the one that comes first: CollapseSite of those of
	// one site, CollapseAll of all. "": none are left out. With CollapseAll facets and trends also count texts.
	Collapse string
	Bare     bool // hits with ID and score only, for programs that read articles themselves

	// Lists name lists of articles that somebody keeps beside the index, each of which must have the article. Whoever
	// keeps
	// them resolves them into Only before the index is asked; what is left unresolved is an error.
	Lists  []string
	Only   []Selection // an article must be in every one of them
	Except Selection   // and must not be in this
}

// Selection is a set of articles: those with an ID and those of a site.
type Selection struct {
	Articles []string // IDs
	Sites    []string
}

// Empty reports whether there is nothing in a selection.
func (s Selection) Empty() bool { return len(s.Articles) == 0 && len(s.Sites) == 0 }

// clause compiles a selection.
func (s Selection) clause() Clause {
	one := Clause{Op: OpAny}
	if len(s.Articles) > 0 {
		one.Kids = append(one.Kids, Clause{Op: OpArticles, Terms: s.Articles})
	}
	if len(s.Sites) > 0 {
		one.Kids = append(one.Kids, values(FieldSite, s.Sites...))
	}
	return one
}

// Values of Query.Collapse.
const (
	CollapseSite = "site"
	CollapseAll  = "all"
)

// Result is the answer.
type Result struct {
	Query  string           `json:"query"`            // the query as understood, in words
	Notice string           `json:"notice,omitempty"` // e.g. that it could not be parsed and was searched as words
	Total  int              `json:"total"`
	Listed int              `json:"listed"` // of them: less than Total where articles with the same text are collapsed
	Hits   []Hit            `json:"hits"`
	Facets map[string]Facet `json:"facets,omitempty"`
	Took   time.Duration    `json:"took_ns"`
}

// Hit is one article found.
type Hit struct {
	Article   extract.Article `json:"article"` // without body and paragraphs
	Score     float64         `json:"score"`
	Title     string          `json:"title_html"`       // HTML-escaped, matches in <mark>
	Fragments []string        `json:"fragments"`        // HTML-escaped, whole sentences, matches in <mark>
	Copies    int             `json:"copies,omitempty"` // further matches with its text, not listed
	Explain   string          `json:"explain,omitempty"`

	// What is kept beside the index, put here by whoever keeps it.
	Tags   []string `json:"tags,omitempty"`
	Hidden bool     `json:"hidden,omitempty"` // from readers; only curators are shown such hits
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
	Texts int    `json:"texts,omitempty"` // different texts among them, with CollapseAll
}
