// Package extract reads articles out of captures: what a page says, each field with the
// rule that found it.
package extract

import (
	"time"

	"cundang/archive"
)

// Text is a string that is null in JSON when absent.
type Text string

// Date is a moment as a page shows it: a day, or a day with a time of day (+08:00).
// The zero Date is absent and null in JSON.
type Date struct {
	Time     time.Time
	HasClock bool // the page shows a time of day
}

// Article is what a page says. Field names in JSON are published and stable
// (docs/formats.md).
type Article struct {
	ID            string       `json:"id"`
	URL           string       `json:"url"`
	Site          Text         `json:"site"`
	Kind          Kind         `json:"kind"`
	Title         Text         `json:"title"`
	Source        Text         `json:"source"`
	Author        Text         `json:"author"`
	Editor        Text         `json:"editor"`
	Contributor   Text         `json:"contributor"`
	Published     Date         `json:"published"`
	PublishedText Text         `json:"published_text"`
	Column        []string     `json:"column"`
	Body          Text         `json:"body"`
	Paragraphs    []Paragraph  `json:"paragraphs"`
	Images        []Image      `json:"images"`
	Attachments   []Attachment `json:"attachments"`
	Document      *Document    `json:"document"` // official document (公文) fields, null if none are shown
	People        []string     `json:"people"`
	Places        []string     `json:"places"`
	Organizations []string     `json:"organizations"`
	Fetched       time.Time    `json:"fetched"` // RFC 3339, +08:00; of a stored version its last capture
	// first capture of a stored version, of several runs the first
	Since      time.Time             `json:"since,omitzero"`
	Capture    *CaptureRef           `json:"capture"` // null when read from a plain file
	Version    int                   `json:"version"`
	Versions   int                   `json:"versions"`
	State      State                 `json:"state"`
	Confidence float64               `json:"confidence"`
	Provenance map[string]Provenance `json:"provenance"`
	// version of the reading rules, profile and learned model
	Rules string `json:"rules"`
	// URLs of the other pages of a split article, joined here
	Parts  []string `json:"parts,omitempty"`
	PartOf string   `json:"part_of,omitempty"` // on page 2…n of a split article: its first page
}

// StandsSince returns when a version was first captured; of an article that is not stored, when it was captured.
func (a *Article) StandsSince() time.Time {
	if a.Since.IsZero() {
		return a.Fetched
	}
	return a.Since
}

// Kind says what a page is.
type Kind string

const (
	KindArticle Kind = "article"
	KindList    Kind = "list"
	KindOther   Kind = "other"
)

// State is what became of a page on the web since it was first read.
type State string

const (
	StateLive    State = archive.StateLive
	StateMissing State = archive.StateMissing // failed to answer lately, not yet given up
	StateGone    State = archive.StateGone    // 已删除
)

// Paragraph is one block of the body in reading order.
type Paragraph struct {
	Kind string `json:"kind"` // p, h, li, caption, table, quote
	Text string `json:"text"`
}

// Image is a picture in the body.
type Image struct {
	URL     string `json:"url"`
	Caption Text   `json:"caption"`
}

// Attachment is a linked document.
type Attachment struct {
	URL   string `json:"url"`
	Title Text   `json:"title"`
	Type  Text   `json:"type"`           // media type
	Text  Text   `json:"text,omitempty"` // its text, when the document was archived and could be read
	Note  Text   `json:"note,omitempty"` // why there is no text: "encrypted", "needs OCR", "broken: …"
}

// Document holds the printed fields of an official document (公文).
type Document struct {
	Issuer Text `json:"issuer"` // 发文机关
	Number Text `json:"number"` // 发文字号
	Signed Date `json:"signed"` // 成文日期
	Index  Text `json:"index"`  // 索引号
}

// CaptureRef points to the record the article was read from.
type CaptureRef struct {
	Ref    string `json:"ref"`    // FILE:OFFSET:LENGTH
	Digest string `json:"digest"` // sha256:hex
}

// Provenance says where a field came from.
type Provenance struct {
	Rule         string        `json:"rule"`
	Confidence   float64       `json:"confidence"`
	Raw          string        `json:"raw"`
	Alternatives []Alternative `json:"alternatives,omitempty"`
}

// Alternative is a candidate that was not chosen.
type Alternative struct {
	Rule       string  `json:"rule"`
	Value      string  `json:"value"`
	Confidence float64 `json:"confidence"`
}
