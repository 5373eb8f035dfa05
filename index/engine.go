package index

import (
	"context"
	"math"
	"time"

	"cundang/index/zh"
)

// Engine keeps documents and finds those that match a compiled query. Everything else of a search is done
// here, on what an engine hands over: the query language, the second pass, snippets, concordances, trends. index/bleve is the
// embedded engine; index/enginetest holds every engine to one contract.
//
// An engine is safe for concurrent use; Write, Compact and Replace are called one at a time. What is
// wrong with its files it returns as a *DamagedError, and ErrClosed after Close.
type Engine interface {
	// View returns the documents as they are now; they stay so for it until it is closed.
	View(ctx context.Context) (View, error)
	// Write applies a batch. After a crash the position tells whether all of it is there; when it does not, the batch is
	// written again, whatever part of it is there already.
	Write(ctx context.Context, b Batch) error
	// Compact makes the index small and fast again after many Writes: when that pays or, with
	// whole, in any case. When ctx ends first, the index stays as it is.
	Compact(ctx context.Context, whole bool) error
	// Warm reads what searches keep in memory, so that the first of them do not have to. From then on it is read
	// again whenever it is dropped.
	Warm(ctx context.Context) error
	// Check reads everything that is stored and compares it with its checksums.
	Check(ctx context.Context) error
	// Info describes the index.
	Info(ctx context.Context) (Info, error)
	// Beside makes an empty engine that can take the place of this one.
	Beside(ctx context.Context) (Engine, error)
	// Replace puts an engine that Beside made in the place of this one. Searches wait for that moment.
	Replace(ctx context.Context, fresh Engine) error
	// Drop closes an engine that Beside made and removes it.
	Drop() error
	// Close waits for views to be closed, flushes and closes.
	Close() error
}

// View is the documents of one moment, for one goroutine. What it returns is good until it is closed.
type View interface {
	// Search finds the documents that match a query.
	Search(ctx context.Context, r Request) (Found, error)
	// Documents lists the documents with keys that begin with the ID of one of some articles and a space, in the order of
	// the keys.
	Documents(ctx context.Context, ids ...string) ([]Ref, error)
	// Head returns the Head of a document.
	Head(ctx context.Context, at Place) ([]byte, error)
	// Text reads the texts of a document into t.
	Text(ctx context.Context, at Place, t *Text) error
	// Terms calls f for every value of a keyword field, or with FieldWords for every word or the 50,000 most frequent, and
	// how many documents have it.
	Terms(ctx context.Context, field string, f func(term string, documents int)) error
	// Frequencies returns how many documents there are and how many have each of some words.
	Frequencies(ctx context.Context, words []string) (documents int, having []int, err error)
	// Values calls f for every value of a keyword field and every document that has it, in any order.
	Values(ctx context.Context, field string, f func(at Place, value string)) error
	// Key returns the key of a document.
	Key(ctx context.Context, at Place) (string, error)
	// Position returns the position of the last batch, "" for an empty index.
	Position(ctx context.Context) (string, error)
	// Number is another one for every state of the index, and never 0.
	Number() int
	Close() error
}

// Info describes what an engine holds.
type Info struct {
	Dir       string
	Documents int
	Bytes     int64 // on disk
	Format    string
}

// Batch is what a Write does. A document that is put takes the place of one with its key; to delete one that
// is not there changes nothing. So a batch can be written again.
type Batch struct {
	Delete   []string // keys
	Put      []Document
	Position string // how far the archive has been read with this batch
}

// Document is one version of an article as an engine stores it.
type Document struct {
	Key    string
	Head   []byte              // JSON, comes back as it is
	Texts  Texts               // searched by words and phrases; comes back as it is
	Values map[string][]string // keyword fields
	Times  map[string]int64    // in nanoseconds since 1970
	// Name, unless it is nil, finds the people, places and organisations of the texts and completes Head and Values. An engine
	// calls it once, with a cutter that has cut the texts already or will: to cut them twice would take a third of the time of indexing.
	Name func(d *Document, c *zh.Cutter) error
}

// Keyword fields and fields of times.
const (
	FieldKind         = "kind"
	FieldFlag         = "flag" // FlagNewest, FlagArticle
	FieldState        = "state"
	FieldSite         = "site"
	FieldSource       = "source"
	FieldAuthor       = "author"
	FieldColumn       = "column"
	FieldPeople       = "people"
	FieldPlaces       = "places"
	FieldOrgs         = "orgs"
	FieldFiles        = "attachments"  // media types
	FieldType         = "type"         // of the attachments, in short: pdf
	FieldAbbreviation = "abbreviation" // short and full name that a text introduces
	FieldDay          = "day"          // 2006-01-02 published
	FieldPrint        = "print"        // fingerprint of the text, see Group
	FieldCopies       = "copies"       // group of documents with the same text; none stands alone
	FieldSiteCopies   = "sitecopies"   // the site and the group
	TimePub           = "pub"          // published
	TimeFetched       = "fetched"      // the newest capture
	TimeFrom          = "from"         // the version was first seen
	TimeUntil         = "until"        // the next version was first seen
	FieldWords        = "words"        // of the texts, for View.Terms only
	FlagNewest        = "n"            // the newest version of its page
	FlagArticle       = "na"           // … and an article
)

// Parts of the texts.
const (
	partTitle = "title"
	partBody  = "body"
)

// TitleWeight is how often a word of the title counts as a word of the body.
const TitleWeight = 4

// NoTime is the time of a document that has none, endOfTime is after all others.
const (
	NoTime    = math.MinInt64
	endOfTime = math.MaxInt64
)

// Place is where an engine keeps a document, as long as the view is open.
type Place uint64

// Ref is a document of a view.
type Ref struct {
	Key   string
	Place Place
}

// Request asks for the documents that match a query.
type Request struct {
	Query  Compiled
	Sort   Order
	Size   int      // how many of them to list; less than 0: all
	Read   int      // the texts of so many of the first are read next
	Facets []string // keyword fields to count the values of
	// Collapse is a keyword field: of documents with the same value only the first is listed. Those without one are
	// all listed. Total and Counts are of all documents all the same.
	Collapse string
}

// Order is by the score of the first pass, the highest first, or by a time. Equals stand in the order of
// their keys, documents without the time come last.
type Order struct {
	Time   string // a field of times; "" for the score
	Newest bool   // first
}

// Found answers a request.
type Found struct {
	Total    int  // documents that match
	Distinct int  // those with the same value of Collapse counted once
	Complete int  // have all the words of Free
	Partly   bool // those that have some of the words of Free are found too
	Hits     []Match
	Counts   map[string]Counts // by field
	Stats    Stats             // when something ranks
}

// Match is a document that matches, and its score of the first pass.
type Match struct {
	Ref
	Words float32 // BM25 of the words
	Pairs float32 // weight of the pairs of characters it has
	Fresh float32 // gained for the date
	Alike int     // other documents that match with its value of Collapse
}

// Stats is what the documents of an index, deleted ones left out, tell about what ranks.
type Stats struct {
	Documents int
	Length    float32 // of a text, in words, on average
	Words     []int   // documents with each of the words of Rank
	Pairs     []int   // and with each of the pairs
}

// Counts is how many documents have each value of a field. Values without any may be among them.
type Counts struct {
	Values []string
	Of     []uint32
	Total  int // sum of them
}

// Compiled is a query as engines take it. It finds what matches All, Within, Free and Ranked, each of which
// may be missing.
type Compiled struct {
	All    Clause
	Within *Compiled // only what this finds too
	Free   *Free
	Rank   *Rank // what scores; nil when the order is another
	Ranked bool  // only documents that have something of Rank
}

// Free is words that stand side by side. They are all wanted, if there are articles with all of them: many, or any
// at all for few words. Else those that have a share of what ranks are found too.
type Free struct {
	All   Clause // all of them
	Words int    // how many
	Few   int    // so many words are few
	Many  int    // so many articles are many
	Share float32
}

// Op is what a clause asks for.
type Op int

const (
	OpAll      Op = iota // every one of Kids; every document when there are none
	OpAny                // one of Kids
	OpNot                // none of Kids
	OpWords              // every one of Terms as a word, in Field: "" anywhere, or title
	OpWordLike           // a word that is Terms with anything between them, in Field: "" anywhere, or title
	OpPhrase             // Text, in Field: "" anywhere, title or body; with Fold after folding both
	OpNear               // Terms, each at most N characters from the one before, after folding
	OpValues             // N values of a keyword Field, one for 0, that are among Terms
	OpLike               // a value of a keyword Field that, folded, is Terms with anything between them
	OpDays               // published from the day Lo to the day Hi, "" for open
	OpTimes              // a time of Field in From ≤ time < To
	OpArticles           // a document of an article whose ID is one of Terms
)

// Clause is a part of a compiled query.
type Clause struct {
	Op       Op
	Field    string
	Terms    []string
	Text     string
	Fold     bool
	N        int
	Lo, Hi   string
	From, To int64
	Kids     []Clause
}

// Rank is what scores a document.
type Rank struct {
	Ranking
	Words []string // folded, each once
	Sub   []bool   // the word is one only inside a longer one
	Pairs []zh.Pair
	// HalfLife is by how much newer articles are preferred (see Query.Freshness), Now what their age counts from.
	HalfLife time.Duration
	Now      time.Time
}

// Fresh returns what a document gains for the time it was published, as a share of what all words weigh: 1 for now, 1/2 after one half-life, 0
// without a half-life or a time.
func (r *Rank) Fresh(published int64) float32 {
	if r.HalfLife <= 0 {
		return 0
	}
	return freshness(published, r.Now, r.HalfLife)
}

// IDF returns BM25's weight of a term that df of n documents have.
func IDF(n, df int) float32 {
	return float32(math.Log(1 + (float64(n)-float64(df)+0.5)/(float64(df)+0.5)))
}
