package index

import (
	"fmt"
	"math"
	"time"

	"cundang/extract"
	"cundang/index/zh"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	blevemapping "github.com/blevesearch/bleve/v2/mapping"
)

// Fields of a document in the index.
const (
	fWords  = "w" // words and sub-words of title (titleWeight times) and body
	fAttach = "a" // words and sub-words of the attachments' texts
	fTitle  = "t" // words of the title, presence only
	fGrams  = "g" // buckets of pairs of characters that are not words of fWords, presence only
	fLength = "l" // step of the length of fWords, one character

	fKind    = "kind"
	fFlag    = "flag" // flagNewest, flagArticle
	fState   = "state"
	fSite    = "site"
	fSource  = "source"
	fAuthor  = "author"
	fColumn  = "column"
	fPeople  = "people"
	fPlaces  = "places"
	fOrgs    = "orgs"
	fFiles   = "attachments" // media types
	fDay     = "day"         // 2006-01-02 published
	fPub     = "pub"         // sortable time published
	fFetched = "fetched"     // sortable time of the newest capture
	fFrom    = "from"        // sortable time the version was first seen
	fUntil   = "until"       // sortable time of the next version

	fHead  = "_h" // stored
	fTexts = "_x" // stored
)

const (
	flagNewest  = "n"  // the newest version of its page
	flagArticle = "na" // … and an article
)

// titleWeight is how often a word of the title counts as a word of the body.
const titleWeight = 4

// mapping is for bleve's own eyes: our documents come with their terms made.
func mapping() *blevemapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = zh.Analyzer
	m.DefaultMapping.Dynamic = false
	return m
}

// sortable writes a time so that text order is time order: 16 hexadecimal digits.
func sortable(nano int64) string { return fmt.Sprintf("%016x", uint64(nano)^1<<63) }

// shanghai is where the sites are: a published day means the day there.
var shanghai = time.FixedZone("", 8*3600)

// version is a document about to be written.
type version struct {
	key  string
	head head
	text texts
}

// document makes the bleve document of a version and sets its lengths.
func (v *version) document(c *zh.Cutter) (*document.Document, error) {
	a := v.head.Article
	nameIn(c, &a, v.text)
	words, attach, title := wordFields(c, v.text)
	v.head.Words, v.head.AttLen = words.length, attach.length
	hb, err := v.head.encode()
	if err != nil {
		return nil, err
	}
	tb, err := v.text.encode(v.head.HasBody)
	if err != nil {
		return nil, fmt.Errorf("article %s: %w", a.ID, err)
	}
	d := document.NewDocument(v.key)
	add := func(f *field) {
		if len(f.terms) > 0 || f.value != nil {
			d.AddField(f)
		}
	}
	add(words.field(fWords, optWords))
	add(attach.field(fAttach, optWords))
	add(title.field(fTitle, optPresent))
	add(gramField(c, v.text, words))
	add(keywords(fLength, lengthTerm(words.length)))

	capture, state := run{seen: v.head.Seen}.last(0)
	add(keywords(fKind, string(a.Kind)))
	if v.head.Until == 0 {
		if a.Kind == extract.KindArticle {
			add(keywords(fFlag, flagNewest, flagArticle))
		} else {
			add(keywords(fFlag, flagNewest))
		}
	}
	add(keywords(fState, state))
	add(keywords(fSite, string(a.Site)))
	add(keywords(fSource, string(a.Source)))
	add(keywords(fAuthor, string(a.Author)))
	add(keywords(fColumn, a.Column...))
	add(keywords(fPeople, a.People...))
	add(keywords(fPlaces, a.Places...))
	add(keywords(fOrgs, a.Organizations...))
	var types []string
	for _, f := range a.Attachments {
		types = append(types, string(f.Type))
	}
	add(keywords(fFiles, types...))
	if !a.Published.Time.IsZero() {
		p := a.Published.Time.In(shanghai)
		add(keywords(fDay, p.Format(time.DateOnly)))
		add(keywords(fPub, sortable(p.UnixNano())))
	}
	add(keywords(fFetched, sortable(capture.At)))
	if len(v.head.Seen) > 0 {
		add(keywords(fFrom, sortable(v.head.Seen[0].At)))
	}
	if v.head.Until != 0 {
		add(keywords(fUntil, sortable(v.head.Until)))
	}
	add(stored(fHead, hb))
	add(stored(fTexts, tb))
	return d, nil
}

// nameIn sets the people, places and organisations of an article that comes without. They follow
// from text and dictionary, so they are indexed but not stored: found again when an article is read.
func nameIn(c *zh.Cutter, a *extract.Article, t texts) {
	if a.Kind == extract.KindArticle && len(a.People)+len(a.Places)+len(a.Organizations) == 0 {
		n := c.Names(t.title, t.body)
		a.People, a.Places, a.Organizations = n.People, n.Places, n.Orgs
	}
}

// wordFields cuts the texts into the terms of the word fields.
func wordFields(c *zh.Cutter, t texts) (words, attach, title *termSet) {
	words = newTermSet(len(t.body)/12 + 16)
	title = newTermSet(16)
	attach = newTermSet(0)
	c.Words(t.title, true, func(w zh.Word) {
		words.add(w.Text, titleWeight)
		title.add(w.Text, 1)
	})
	c.Words(t.body, true, func(w zh.Word) { words.add(w.Text, 1) })
	for _, s := range t.atts {
		c.Words(s, true, func(w zh.Word) { attach.add(w.Text, 1) })
	}
	return words, attach, title
}

// gramField makes the field of pairs. A pair that is a word of the document is found as that.
func gramField(c *zh.Cutter, t texts, words *termSet) *field {
	set := newTermSet(len(t.body)/6 + 16)
	add := func(p zh.Pair) {
		if p.Word == "" || words.terms[p.Word] != nil {
			return // a tenth of the pairs stand across punctuation, and find next to nothing
		}
		if term := zh.BucketTerm(p.Bucket()); set.terms[term] == nil {
			set.add(term, 1)
		}
	}
	c.Pairs(t.title, add)
	c.Pairs(t.body, add)
	for _, s := range t.atts {
		c.Pairs(s, add)
	}
	return set.field(fGrams, optPresent)
}

// Lengths are kept in steps of about 9 %: 8 steps a doubling.
func lengthStep(n int) int { return int(math.Round(8 * math.Log2(float64(n)+1))) }

func stepLength(step int) float32 { return float32(math.Exp2(float64(step)/8) - 1) }

func lengthTerm(n int) string { return string(rune('0' + lengthStep(n))) }
