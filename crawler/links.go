package crawler

import (
	"path"
	"strings"

	"cundang/crawler/frontier"
	"cundang/internal/urlkey"
	"cundang/site"

	"golang.org/x/net/html"
)

// maxLinks is how many distinct links of one page are followed.
const maxLinks = 20000

// link is a reference that a page makes.
type link struct {
	url      string
	hop      byte // L link, E embed, R redirect, S sitemap
	kind     frontier.Kind
	priority uint8
	title    string // of a list row
}

// root returns the document node above n.
func root(n *html.Node) *html.Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// embedded are the elements whose target belongs to the page: without its frames an
// article may have no body. Images, styles and scripts are not fetched: the text is what is kept, and
// a site's images would be most of its traffic.
var embedded = map[string]string{"iframe": "src", "frame": "src", "embed": "src", "object": "data"}

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

// discover returns the links of an HTML page in order, each once, and how many were beyond maxLinks.
func discover(p *page) (links []link, dropped int) {
	if p.doc == nil {
		return nil, 0
	}
	base := p.entry.URL
	if href, ok := p.doc.Find("base[href]").First().Attr("href"); ok {
		if b, err := urlkey.Resolve(base, strings.TrimSpace(href), ""); err == nil {
			base = b
		}
	}
	seen := map[string]bool{p.entry.URL: true}
	add := func(ref string, l link) {
		ref = strings.TrimSpace(ref)
		if ref == "" || ref[0] == '#' || len(ref) > 4096 || scripted(ref) {
			return
		}
		u, err := urlkey.Resolve(base, ref, p.text.Name)
		if err != nil || seen[u] || len(u) > 4096 {
			return
		}
		seen[u] = true
		if len(links) >= maxLinks {
			dropped++
			return
		}
		l.url = u
		if ext := extension(u); site.DocumentType(ext) != "" {
			l.kind, l.priority = frontier.File, frontier.Ordinary
		} else if media[ext] {
			return
		}
		links = append(links, l)
	}
	walk(p.doc.Nodes[0], func(n *html.Node) {
		switch n.Data {
		case "a", "area":
			add(attr(n, "href"), link{hop: 'L', kind: frontier.Page, priority: frontier.Ordinary})
		case "meta":
			if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
				add(refresh(attr(n, "content")), link{hop: 'R', kind: frontier.Page, priority: frontier.First})
			}
		default:
			if a, ok := embedded[n.Data]; ok {
				add(attr(n, a), link{hop: 'E', kind: frontier.Embed, priority: frontier.First})
			}
		}
	})
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

// words calls f for each text that is shown.
func words(n *html.Node, f func(string)) {
	each(n, func(t *html.Node) {
		if t.Type == html.TextNode && t.Parent != nil && t.Parent.Data != "script" && t.Parent.Data != "style" {
			f(t.Data)
		}
	})
}

// walk calls f for each element.
func walk(n *html.Node, f func(*html.Node)) {
	each(n, func(e *html.Node) {
		if e.Type == html.ElementNode {
			f(e)
		}
	})
}

// each calls f for each node, without recursion: pages nest deeper than stacks.
func each(n *html.Node, f func(*html.Node)) {
	for at := n; at != nil; {
		f(at)
		switch {
		case at.FirstChild != nil:
			at = at.FirstChild
		default:
			for at != n && at.NextSibling == nil {
				at = at.Parent
			}
			if at == n {
				return
			}
			at = at.NextSibling
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// refresh returns the address of a meta refresh: "0; url=x".
func refresh(content string) string {
	_, rest, ok := strings.Cut(content, ";")
	if !ok {
		_, rest, ok = strings.Cut(content, ",")
	}
	rest = strings.TrimSpace(rest)
	if !ok || len(rest) < 4 || !strings.EqualFold(rest[:3], "url") {
		return ""
	}
	rest = strings.TrimSpace(rest[3:])
	if !strings.HasPrefix(rest, "=") {
		return ""
	}
	return strings.Trim(strings.TrimSpace(rest[1:]), `'"`)
}
