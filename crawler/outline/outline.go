package outline

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Outline is what a page says apart from its structure.
type Outline struct {
	Base  string // href of the first base element, "" if there is none
	Title string // of the first title element
	// Canonical is the address that the page says is its own, as written; "" if it says none.
	Canonical string
	Refs      []Ref // in order, as written
	// Shows are the addresses of what the page is shown with (pictures, style sheets, fonts), as written.
	Shows []string
	// Prose counts the characters of running text that are too many to belong to rows of a
	// list: texts of 30 characters and more outside of links, less slack for each stretch
	// between two links. Counting ends soon after enough.
	Prose int
}

// Ref is an address that a page names.
type Ref struct {
	Kind Kind
	URL  string // as written, entities replaced
}

// Kind says what names an address.
type Kind uint8

// The kinds of references.
const (
	Link    Kind = iota // a, area
	Refresh             // meta refresh
	Frame               // iframe, embed, object
	Part                // frame of a frameset, which has no text of its own
)

// run is from how many characters on a text is a sentence, no label; slack is what the
// summary of a row may hold of them; enough is when a page is certainly prose.
const (
	run    = 30
	slack  = 600
	enough = 4000
)

// Read reads the outline of a page in UTF-8.
func Read(page []byte) Outline {
	var (
		o        Outline
		s        = scanner{src: page}
		titled   bool
		linked   bool // in a link
		choosing bool // in a select
		prose    int  // since the last link
	)
	ref := func(k Kind, url string) {
		if url != "" {
			o.Refs = append(o.Refs, Ref{k, url})
		}
	}
	show := func(url string) {
		if url != "" {
			o.Shows = append(o.Shows, url)
		}
	}
	rest := func() {
		o.Prose += max(0, prose-slack)
		prose = 0
	}
	for s.next() {
		if s.kind == text {
			if s.in == "title" && !titled {
				o.Title, titled = s.shown(), true
			}
			if s.in == "style" {
				Sheet(s.shown(), show)
			}
			if s.in == "" && !linked && !choosing && o.Prose+prose < enough {
				prose += sentence(s.data)
			}
			continue
		}
		opens := s.kind == start
		switch string(s.tag) {
		case "a":
			linked = opens
		case "select":
			choosing = opens
		}
		if !opens {
			continue
		}
		s.shows(show)
		switch string(s.tag) {
		case "a":
			rest()
			ref(Link, s.attr("href"))
		case "area":
			ref(Link, s.attr("href"))
		case "base":
			if o.Base == "" {
				o.Base = s.attr("href")
			}
		case "link":
			if o.Canonical == "" && slices.Contains(strings.Fields(strings.ToLower(s.attr("rel"))), "canonical") {
				o.Canonical = s.attr("href")
			}
		case "meta":
			if strings.EqualFold(s.attr("http-equiv"), "refresh") {
				ref(Refresh, refresh(s.attr("content")))
			}
		case "iframe", "embed":
			ref(Frame, s.attr("src"))
		case "frame":
			ref(Part, s.attr("src"))
		case "object":
			ref(Frame, s.attr("data"))
		}
	}
	rest()
	return o
}

// sentence counts the characters of a text, 0 when they are few.
func sentence(b []byte) int {
	if len(b) < run {
		return 0
	}
	if bytes.IndexByte(b, '&') >= 0 {
		b = []byte(html.UnescapeString(string(b)))
	}
	n := 0
	for _, c := range bytes.TrimSpace(b) {
		if c&0xc0 != 0x80 { // not within a character
			n++
		}
	}
	if n < run {
		return 0
	}
	return n
}

// Words calls f for each text that is shown, as the source has it.
func Words(page []byte, f func([]byte)) {
	s := scanner{src: page}
	for s.next() {
		if s.kind == text && s.in != "script" && s.in != "style" {
			f(s.data)
		}
	}
}

// Body returns the text of a page's body, scripts and all, blanks made one.
func Body(page []byte) string {
	var b strings.Builder
	s := scanner{src: page}
	head := true
	for s.next() {
		switch {
		case s.kind == text:
			head = head && (s.in != "" || len(bytes.TrimSpace(s.data)) == 0)
			if !head {
				b.WriteString(s.shown())
			}
		case s.kind == end:
			head = head && string(s.tag) != "head"
		default:
			head = head && inHead[string(s.tag)]
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// inHead are the elements that may stand before the body (HTML, 13.2.6.4.4).
var inHead = map[string]bool{
	"html": true, "head": true, "base": true, "basefont": true, "bgsound": true, "link": true, "meta": true, "title": true,
	"noscript": true, "noframes": true, "style": true, "script": true, "template": true, "frameset": true, "frame": true,
}
