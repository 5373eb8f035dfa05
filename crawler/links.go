package crawler

import (
	"path"
	"strings"

	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/internal/urlkey"
	"cundang/site"
)

// maxLinks is how many distinct links of one page are followed.
const maxLinks = 20000

// link is a reference that a page makes.
type link struct {
	url      string
	part     bool // of a frameset
	hop      byte // L link, E embed, R redirect, S sitemap
	kind     frontier.Kind
	priority uint8
}

// kinds are what a reference leads to. Frames belong to the page: without them an article may
// have no body.
var kinds = map[outline.Kind]link{
	outline.Link:    {hop: 'L', kind: frontier.Page, priority: frontier.Ordinary},
	outline.Refresh: {hop: 'R', kind: frontier.Page, priority: frontier.First},
	outline.Frame:   {hop: 'E', kind: frontier.Embed, priority: frontier.First},
	outline.Part:    {hop: 'E', kind: frontier.Embed, priority: frontier.First},
}

// media are the extensions that a link to is not followed by default: pictures, sound, film and programs.
var media = map[string]bool{
	".jpg": true, ".jpeg": true, ".png": true, ".gif": true, ".bmp": true, ".webp": true, ".svg": true, ".ico": true,
	".mp3": true, ".mp4": true, ".avi": true, ".wmv": true, ".flv": true, ".mov": true, ".swf": true,
	".css": true, ".js": true, ".woff": true, ".woff2": true, ".ttf": true, ".exe": true, ".apk": true, ".iso": true,
}

// extension returns the lower-case extension of a URL's path.
func extension(url string) string {
	url, _, _ = strings.Cut(url, "?")
	if i := strings.Index(url, "://"); i >= 0 {
		url = url[i+3:]
		if i := strings.IndexByte(url, '/'); i >= 0 {
			return strings.ToLower(path.Ext(url[i:]))
		}
	}
	return ""
}

// discover returns the links of an HTML page in order, each once, and how many were beyond
// maxLinks. What the page is shown with is gathered too, unless shown is nil.
func discover(p *page, shown *gathered) (links []link, dropped int) {
	if !p.readable() && (p.refresh == "" || !p.html()) {
		return nil, 0
	}
	o, base := p.outlined(), p.entry.URL
	if b, err := urlkey.Resolve(base, strings.TrimSpace(o.Base), ""); o.Base != "" && err == nil {
		base = b
	}
	if shown != nil {
		shown.base = base
		for _, ref := range o.Shows {
			shown.add(ref)
		}
	}
	refs := o.Refs
	if to := outline.LeadsTo(p.text.Text, p.entry.URL, p.refresh); to != "" {
		refs = append([]outline.Ref{{Kind: outline.Refresh, URL: to}}, refs...)
	}
	if o.Canonical != "" { // what the page calls its own address is visited too: what the two return decides
		refs = append(refs[:len(refs):len(refs)], outline.Ref{Kind: outline.Link, URL: o.Canonical})
	}
	most := min(len(refs), maxLinks)
	links = make([]link, 0, most)
	seen := make(map[string]bool, most+1)
	seen[p.entry.URL] = true
	for _, r := range refs {
		ref := strings.TrimSpace(r.URL)
		if ref == "" || ref[0] == '#' || len(ref) > 4096 || scripted(ref) {
			continue
		}
		u, err := urlkey.Resolve(base, ref, p.text.Name)
		if err != nil || seen[u] || len(u) > 4096 {
			continue
		}
		seen[u] = true
		if outline.Double(u) == p.entry.URL {
			continue // this page, for printing
		}
		if len(links) >= maxLinks {
			dropped++
			continue
		}
		l := kinds[r.Kind]
		l.url, l.part = u, r.Kind == outline.Part
		if ext := extension(u); site.DocumentType(ext) != "" {
			l.kind, l.priority = frontier.File, frontier.Ordinary
		} else if media[ext] {
			continue
		}
		links = append(links, l)
	}
	return links, dropped
}

// scripted says that a reference is no address: javascript:, data:, mailto: and the like.
func scripted(ref string) bool {
	i := strings.IndexAny(ref, ":/?#")
	if i <= 0 || ref[i] != ':' {
		return false
	}
	scheme := strings.ToLower(strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, ref[:i]))
	return scheme != "http" && scheme != "https"
}
