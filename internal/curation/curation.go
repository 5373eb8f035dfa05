// Package curation keeps what people decide about an archive beside it: what is hidden from readers, which articles are
// the same, tags, notes and collections. Decisions are acts in one append-only file, a line of JSON each; what holds
// now
// is what the acts add up to. The index is made anew without them and the archive is not touched by them.
//
// It is also the one place that says who sees what: Rules puts hidden articles and sites that are closed to readers out
// of every answer of an index and of an archive.
package curation

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cundang/internal/urlkey"
)

// Kind says what an act does.
type Kind string

// What can be done.
const (
	Hide     Kind = "hide"
	Unhide   Kind = "unhide"
	Merge    Kind = "merge"
	Unmerge  Kind = "unmerge"
	Tag      Kind = "tag"
	Untag    Kind = "untag"
	Note     Kind = "note"
	Describe Kind = "describe" // makes a collection or changes its description
	Collect  Kind = "collect"  // puts articles and sites into a collection
	Drop     Kind = "drop"     // takes them out
	Dissolve Kind = "dissolve" // removes a collection; its articles stay
)

// Act is one decision: one line of the file.
type Act struct {
	Number int       `json:"-"` // its line, from 1
	Time   time.Time `json:"time"`
	By     string    `json:"by"`
	Do     Kind      `json:"do"`

	Article string `json:"article,omitempty"` // ID
	URL     string `json:"url,omitempty"`     // of the article
	// Also are further addresses that are hidden with the article: its other pages, pictures and attachments.
	Also   []string  `json:"also,omitempty"`
	Reason string    `json:"reason,omitempty"` // shown to readers where the setting says so
	From   string    `json:"from,omitempty"`   // who asked for it; shown to curators only
	Until  time.Time `json:"until,omitzero"`   // hidden no longer than this

	Into string   `json:"into,omitempty"` // ID of the article that another is merged into
	Tags []string `json:"tags,omitempty"`
	Note string   `json:"note,omitempty"`

	Collection string              `json:"collection,omitempty"`
	DC         map[string][]string `json:"dc,omitempty"` // description in Dublin Core
	Owner      string              `json:"owner,omitempty"`
	Access     Access              `json:"access,omitempty"`
	Articles   []string            `json:"articles,omitempty"` // IDs
	Sites      []string            `json:"sites,omitempty"`
}

// Access says who may see a site or a collection.
type Access string

// Who may see something.
const (
	Everybody  Access = "open"       // everybody who may read at all
	Readers    Access = "readers"    // who has signed in
	Restricted Access = "restricted" // curators, and readers to whom it was granted
)

// Accesses are the values of Access.
var Accesses = []Access{Everybody, Readers, Restricted}

// Elements are the fifteen elements of Dublin Core (ISO 15836-1) in their usual order.
var Elements = []string{"title", "creator", "subject", "description", "publisher", "contributor", "date", "type",
	"format",
	"identifier", "source", "language", "relation", "coverage", "rights"}

// Bounds of one act.
const (
	maxText   = 4000 // characters of a reason, note or element
	maxTags   = 50
	maxMany   = 10_000 // articles, sites or addresses
	maxTagLen = 64
)

var (
	articleID    = regexp.MustCompile(`^[0-9a-f]{20}$`)
	siteID       = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	collectionID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
)

// InvalidError says that an act cannot be done: what is asked for is wrong or does not fit what holds.
type InvalidError struct{ Problem string }

func (e *InvalidError) Error() string { return e.Problem }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

// check reports what is wrong with the form of an act.
func (a *Act) check() error {
	if a.By == "" || a.Time.IsZero() {
		return errors.New("an act needs a time and a name")
	}
	for _, text := range slices.Concat([]string{a.By, a.Reason, a.From, a.Note, a.Owner},
		slices.Concat(slices.Collect(maps.Values(a.DC))...)) {
		if utf8.RuneCountInString(text) > maxText || !utf8.ValidString(text) {
			return invalid("a text may have %d characters", maxText)
		}
	}
	if len(a.Articles) > maxMany || len(a.Sites) > maxMany || len(a.Also) > maxMany {
		return invalid("at most %d articles, sites or addresses at once", maxMany)
	}
	switch a.Do {
	case Hide, Unhide, Merge, Unmerge, Tag, Untag, Note:
		return a.checkArticle()
	case Describe, Collect, Drop, Dissolve:
		return a.checkCollection()
	}
	return invalid("there is no act %q", a.Do)
}

func (a *Act) checkArticle() error {
	if !articleID.MatchString(a.Article) {
		return invalid("%q is no ID of an article", a.Article)
	}
	for _, u := range a.Also {
		if _, err := urlkey.Clean(u); err != nil {
			return invalid("%q is no address", u)
		}
	}
	switch a.Do {
	case Hide:
		if strings.TrimSpace(a.Reason) == "" {
			return invalid("to hide needs a reason")
		}
		if !a.Until.IsZero() && !a.Until.After(a.Time) {
			return invalid("%s is past", a.Until.Format(time.DateOnly))
		}
	case Merge:
		if !articleID.MatchString(a.Into) || a.Into == a.Article {
			return invalid("%q is no ID of another article", a.Into)
		}
	case Tag, Untag:
		if len(a.Tags) == 0 || len(a.Tags) > maxTags {
			return invalid("1 to %d tags", maxTags)
		}
		for i, t := range a.Tags {
			if a.Tags[i] = strings.TrimSpace(t); a.Tags[i] == "" || utf8.RuneCountInString(t) > maxTagLen ||
				strings.ContainsAny(t, ",，\n\r\t") {
				return invalid("%q is no tag: 1 to %d characters without commas", t, maxTagLen)
			}
		}
	case Note:
		if strings.TrimSpace(a.Note) == "" {
			return invalid("the note is empty")
		}
	}
	return nil
}

func (a *Act) checkCollection() error {
	if !collectionID.MatchString(a.Collection) {
		return invalid("%q is no name of a collection: a to z, 0 to 9 and -", a.Collection)
	}
	for name := range a.DC {
		if !slices.Contains(Elements, name) {
			return invalid("%q is no element of Dublin Core: %s", name, strings.Join(Elements, ", "))
		}
	}
	if a.Access != "" && !slices.Contains(Accesses, a.Access) {
		return invalid("%q is no access: open, readers or restricted", a.Access)
	}
	for _, id := range a.Articles {
		if !articleID.MatchString(id) {
			return invalid("%q is no ID of an article", id)
		}
	}
	for _, id := range a.Sites {
		if !siteID.MatchString(id) {
			return invalid("%q is no ID of a site", id)
		}
	}
	if (a.Do == Collect || a.Do == Drop) && len(a.Articles)+len(a.Sites) == 0 {
		return invalid("no article and no site is named")
	}
	return nil
}

// Belongings says what is hidden together with an article.
type Belongings int

// What may be hidden with an article.
const (
	PagesOnly  Belongings = iota // its further pages
	Everything                   // also its pictures and attachments
)
