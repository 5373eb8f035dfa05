package extract

import (
	"strings"

	"cundang/internal/charset"
	"cundang/internal/urlkey"
)

// Version names the generic reading rules; it changes when their results do.
const Version = "extract/1"

// reading is what the cascade found on one page.
type reading struct {
	v        *view
	lines    []lineKind
	head     head
	body     body
	drop     map[int]bool // blocks of the body that turned out to be credits
	records  []record
	fields   fields
	column   []string
	document *Document
	kind     Kind
	notes    []string // what a person should know: selectors that found nothing, dates that disagree
}

// read is the cascade. Each step reads the view and what the steps before it found; every
// candidate is kept, and the choice among them comes last.
func read(p Page) *reading {
	v := open(p)                                                // 1, 2 decode, parse, flatten
	rd := &reading{v: v, lines: classify(v)}                    //      name the lines
	rd.records = v.findRecords()                                //      tables of labels and values
	rd.head = findHead(v, rd.lines)                             // 4    byline anchor, with the title above it
	rd.body = findBody(v, rd.lines, rd.head, rd.records)        // 9    body by agreement
	f := &rd.fields                                             //
	applyProfile(p.Profile, rd)                                 // 3    the site's own rules beat all
	readTitle(v, rd.head, &f.title)                             // 5    title
	readByline(rd.head.items, "byline", 1, f)                   // 6, 7 labelled fields
	readUnlabelled(v, rd.head, f)                               //      values without label
	readNamed(v, rd.head, f)                                    //      elements named after a field
	rd.readRecords()                                            //      tables above official documents
	readMetas(v, p.URL, f)                                      //      meta tags, URL
	readChannel(v, f)                                           //      the writer of a WeChat channel
	readCapture(p, f)                                           //      the list row
	applyLearned(p.Model, p.URL, rd)                            //      what the site's other pages teach
	rd.drop = readCredits(v, rd.lines, rd.body, rd.head, f)     //      the tail's credits
	readCited(v, rd.body, rd.head, f)                           //      dates of other prints, signatures
	readColumn(rd)                                              // 8    breadcrumb
	rd.document = readDocument(v, rd.head, rd.body, rd.records) //      fields of official documents
	rd.compareDates()                                           //      visible against meta
	rd.kind = kindOfPage(rd)                                    // 11   kind
	return rd
}

// open decodes, parses and flattens a page.
func open(p Page) *view {
	d := charset.Decode(p.Body, p.ContentType)
	v := flatten(parse(d.Text), len(d.Text))
	v.url, v.charset = p.URL, d.Name
	if u, err := urlkey.Clean(p.URL); err == nil {
		v.url = u
	}
	base := v.url
	if v.base != "" {
		if u, err := urlkey.Resolve(v.url, v.base, v.charset); err == nil {
			base = u
		}
	}
	v.base = base
	return v
}

func classify(v *view) []lineKind {
	out := make([]lineKind, len(v.blocks))
	buf := make([]byte, 0, 256)
	for i := range v.blocks {
		out[i] = classifyLine(v.str(i), int(v.blocks[i].chars), buf)
	}
	markFooter(v, out)
	return out
}

// markFooter names all lines of a footer: those that share the element of a registration
// number or copyright line (address, telephone, host) and are no running text.
func markFooter(v *view, lines []lineKind) {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-40; i-- {
		if lines[i] != lineLegal || footerWords.in(v.str(i)) == "" {
			continue
		}
		for e, d := v.blocks[i].elem, 0; e > 0 && d < 3; e, d = v.elems[e].parent, d+1 {
			el := &v.elems[e]
			if el.hi-el.lo > 14 || int(el.hi) > len(lines) || v.holdsText(el) {
				break
			}
			for k := el.lo; k < el.hi; k++ {
				lines[k] = lineLegal
			}
		}
	}
}

var footerWords = newLexicon([]string{"ICP备", "icp备", "ICP证", "安备", "版权所有", "Copyright", "copyright",
	"COPYRIGHT", "备案号", "©", "版權所有"})

// holdsText reports whether an element holds a sentence or a heading of an article.
func (v *view) holdsText(el *elem) bool {
	for k := el.lo; k < el.hi; k++ {
		b := &v.blocks[k]
		if b.flags&fHeading != 0 || b.stops > 0 && b.chars >= 25 && b.linked == 0 {
			return true
		}
		if _, _, _, ok := findDate(v.str(int(k))); ok && b.linked == 0 && b.chars <= 40 {
			return true // a byline or a signature
		}
	}
	return false
}

// bodyStart is the first block of the body, 0 if there is none.
func (rd *reading) bodyStart() int {
	if len(rd.body.blocks) == 0 {
		return 0
	}
	return rd.body.blocks[0]
}

// compareDates notes a date that shows and a meta tag that says another day.
func (rd *reading) compareDates() {
	f := &rd.fields
	best, c, ok := f.date()
	if !ok || strings.HasPrefix(c.Rule, "meta-") {
		return
	}
	for i := range f.published.list {
		if o := &f.published.list[i]; strings.HasPrefix(o.Rule, "meta-") && !f.dates[i].sameDay(best) {
			rd.note("the page shows %s, %s says %s", best, o.Rule, f.dates[i])
			return
		}
	}
}
