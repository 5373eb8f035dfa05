package crawler

import (
	"strings"

	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/internal/locale"
	"cundang/internal/urlkey"
)

// Requisites are what a page is shown with: pictures, style sheets, fonts. They are fetched
// after everything that is read, each once, and nothing is read out of them but the further
// requisites of a style sheet. Scripts, sound and film are not: a replay runs none.
const (
	maxRequisites = 200      // of one page or style sheet
	maxRequisite  = 10 << 20 // bytes of one; the rest is cut off
	maxImports    = 5        // style sheets that import one another
)

// gathered are the requisites of one page or style sheet, each once.
type gathered struct {
	p     *page
	base  string // what their addresses resolve against
	seen  map[string]bool
	urls  []string
	extra int // beyond maxRequisites
}

func (g *gathered) add(ref string) {
	ref = strings.TrimSpace(ref)
	if ref == "" || ref[0] == '#' || len(ref) > 2048 || scripted(ref) {
		return
	}
	u, err := urlkey.Resolve(g.base, ref, g.p.text.Name)
	if err != nil || u == g.p.entry.URL || g.seen[u] || pageLike[extension(u)] {
		return
	}
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	g.seen[u] = true
	if len(g.urls) == maxRequisites {
		g.extra++
		return
	}
	g.urls = append(g.urls, u)
}

// pageLike are extensions of pages and scripts, which some templates name as pictures.
var pageLike = map[string]bool{".html": true, ".htm": true, ".shtml": true, ".js": true}

// ofSheet gathers the requisites of a style sheet.
func (g *gathered) ofSheet() {
	if g.p.contentType == "text/css" && !strings.HasSuffix(g.p.entry.Hops, strings.Repeat("E", maxImports+1)) {
		g.base = g.p.entry.URL
		outline.Sheet(string(g.p.text.Text), g.add)
	}
}

// queue queues what was gathered.
func (g *gathered) queue(out *outlinks, add func(frontier.Entry, byte)) {
	for _, u := range g.urls {
		add(frontier.Entry{URL: u, Kind: frontier.Requisite, Priority: frontier.Again}, 'E')
	}
	if g.extra > 0 {
		out.skipped = append(out.skipped, Outcome{URL: g.p.entry.URL,
			Reason: locale.Reason("requisite.beyond", g.extra, maxRequisites)})
	}
}

// inScope says whether the crawl may visit an address as what kind says, and the rule.
func (pl *place) inScope(url string, k frontier.Kind) (ok bool, rule string) {
	if k == frontier.Requisite {
		return pl.profile.Requisite(url)
	}
	return pl.profile.InScope(url)
}

// RequisiteReport counts what pages are shown with.
type RequisiteReport struct {
	Fetched   int       `json:"fetched"`
	Bytes     int64     `json:"bytes"`
	Unchanged int       `json:"unchanged"`
	Lost      []Outcome `json:"lost"` // could not be had, and why: their pages replay without them
}

// requisite counts the outcome of one; r.mu is held. A broken picture is no failure of the crawl.
func (r *reporter) requisite(e frontier.Entry, outcome, reason string) {
	q := &r.r.Sites[e.Site].Requisites
	switch outcome {
	case outUnchanged:
		q.Unchanged++
	case outMissing, outGone, outBlocked, outSoft404, outFailed, outDenied, outQuarantined:
		if key := e.Site + " lost " + e.URL; !r.said[key] && len(q.Lost) < maxListed {
			r.said[key] = true
			q.Lost = append(q.Lost, Outcome{URL: e.URL, Reason: or(reason, outcome)})
		}
	}
}
