package crawler

import (
	"cundang/crawler/frontier"
	"cundang/crawler/listing"
	"cundang/site"
)

// rowBody queues the documents and pictures of a text that a row carries. They are found on
// the article's page, which has no links of its own.
func (c *crawl) rowBody(pl *place, p *page, r listing.Row, out *outlinks, add func(frontier.Entry, byte)) {
	text := fromHTML(frontier.Entry{URL: c.identity(pl, r.URL)}, r.Body, p.text.Name)
	var shown *gathered
	if pl.profile.RequisiteMode() != site.RequisitesNone {
		shown = &gathered{p: text}
	}
	links, _ := discover(text, shown)
	for _, l := range links {
		if l.kind == frontier.File {
			add(frontier.Entry{URL: l.url, Kind: l.kind, Priority: l.priority, Via: text.entry.URL}, l.hop)
		}
	}
	if shown != nil {
		shown.queue(out, add)
	}
}
