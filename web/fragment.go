package web

import (
	"html/template"
	"net/url"
	"strconv"
)

// fragment writes what stands on the search page many times: the values of the facets and the bars of the timeline,
// some hundred and fifty, and the hits. html/template takes 10 µs for a value and 20 µs for a hit, most of the time of a page; this
// takes a tenth.
// TestFragments holds it to what html/template writes.
type fragment []byte

func (f *fragment) raw(parts ...string) {
	for _, p := range parts {
		*f = append(*f, p...)
	}
}

func (f *fragment) html() template.HTML { return template.HTML(*f) }

// facetValue is the list item of a value: address and label may hold anything.
func (f *fragment) facetValue(address, label string, count int, active bool) {
	f.raw(`<li><a href="`, template.HTMLEscapeString(address), `"`)
	if active {
		f.raw(` aria-current="true"`)
	}
	f.raw(`><span>`, template.HTMLEscapeString(label), `</span><i>`, groupDigits(count), `</i></a></li>`)
}

// hit is one article found.
func (f *fragment) hit(lang string, h hitRow) {
	f.raw(`<article class="hit">`, "\n", `<h3><a href="/a/`, url.PathEscape(h.ID), `">`)
	if h.Title != "" {
		f.raw(string(h.Title))
	} else {
		f.raw(template.HTMLEscapeString(say(lang, "search.untitled")))
	}
	f.raw(`</a>`)
	switch {
	case h.Gone:
		f.badge(lang, "gone")
	case h.Missing:
		f.badge(lang, "missing")
	}
	if h.Modified {
		f.badge(lang, "modified")
	}
	f.raw("</h3>\n", `<p class="meta">`)
	if h.Date != "" {
		f.raw(`<time datetime="`, template.HTMLEscapeString(h.Date), `">`, template.HTMLEscapeString(h.Date), `</time>`)
	}
	for _, part := range []string{h.Source, h.Author, h.Column} {
		if part != "" {
			f.raw(`<span>`, template.HTMLEscapeString(part), `</span>`)
		}
	}
	f.raw("\n", `<span class="host">`, template.HTMLEscapeString(h.Where), "</span></p>")
	if h.Fragments != "" {
		f.raw(`<p class="fragments">`, string(h.Fragments), `</p>`)
	}
	f.raw("\n</article>")
}

func (f *fragment) badge(lang, state string) {
	f.raw(`<span class="badge `, state, `">`, template.HTMLEscapeString(say(lang, "state."+state)), `</span>`)
}

// span is a stretch of the width of a picture in percent.
type span struct{ x, width float64 }

// bar is the link of one bar in the SVG of the timeline, height in px: hit is where it can be clicked, seen where it
// is painted.
func (f *fragment) bar(address, label string, count int, hit, seen span, height float64) {
	name := template.HTMLEscapeString(label) + ": " + groupDigits(count)
	f.raw("\n", `<a href="`, template.HTMLEscapeString(address), `" data-label="`, template.HTMLEscapeString(label), `" aria-label="`, name, `"><title>`, name, `</title>`,
		`<rect x="`, percent(hit.x), `" width="`, percent(hit.width), `" y="0" height="61" class="hit"/>`,
		`<rect x="`, percent(seen.x), `" width="`, percent(seen.width), `" y="`, px(timelineHeight+4-height), `" height="`, px(height), `" class="bar"/></a>`)
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }
func px(f float64) string      { return strconv.FormatFloat(f, 'f', 1, 64) }
