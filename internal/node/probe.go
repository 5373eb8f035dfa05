package node

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/crawler/listing"
	"cundang/extract"
	"cundang/internal/charset"
	"cundang/internal/urlkey"
	"cundang/site"
)

// siteProbe fetches single pages of a site nobody described, as politely as a crawl does,
// into an archive that is thrown away.
type siteProbe struct {
	Options
	dir   string
	front *frontier.Frontier
	store *archive.Store
	all   []*site.Profile // whose scope names the pages fetched, one a round
	// answer is what brought the rows of the list when that was not the list page itself, base the
	// page that asked for it.
	answer *probedPage
	base   string
}

// probedPage is a page as it was received.
type probedPage struct {
	url     string
	header  string // Content-Type
	refresh string // Refresh header
	body    []byte // as served
	text    charset.Decoded
	status  int
	lenient bool // only a lenient handshake brought it
}

func newProbe(o Options) (g *siteProbe, err error) {
	g = &siteProbe{Options: o}
	if g.dir, err = os.MkdirTemp("", "cundang-probe-"); err != nil {
		return nil, err
	}
	if g.front, err = frontier.Open(filepath.Join(g.dir, "state")); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	if g.store, err = archive.Open(filepath.Join(g.dir, "archive"), archive.Options{Log: o.Log, Committed: g.front.Committed()}); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// Close throws the pages away.
func (g *siteProbe) Close() error {
	var errs []error
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	if g.front != nil {
		errs = append(errs, g.front.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(g.dir))...)
}

// fetch visits the pages at cleaned URLs and nothing else, redirects included, and says
// in words what became of those that did not come.
func (g *siteProbe) fetch(ctx context.Context, urls []string) (pages map[string]*probedPage, failed map[string]string, err error) {
	return g.visit(ctx, urls, nil, urls)
}

// ask makes the request of a further page that a list page names; nil if nothing came.
func (g *siteProbe) ask(ctx context.Context, list string, r listing.Request) (page *probedPage, reason string, err error) {
	if r.Method == "GET" {
		pages, failed, err := g.fetch(ctx, []string{r.URL})
		return pages[r.URL], failed[r.URL], err
	}
	pages, failed, err := g.visit(ctx, []string{list}, []string{r.URL}, []string{r.Key()})
	return pages[r.Key()], failed[r.Key()], err
}

// visit visits pages and, if they lead there, those at further addresses, and returns what
// came of those wanted.
func (g *siteProbe) visit(ctx context.Context, urls, further, wanted []string) (pages map[string]*probedPage, failed map[string]string, err error) {
	pages, failed = map[string]*probedPage{}, map[string]string{}
	if len(urls) == 0 {
		return pages, failed, nil
	}
	draft, err := site.Generic(urls[0])
	if err != nil {
		return nil, nil, err
	}
	p := *draft
	p.ID = fmt.Sprintf("probe-%d", len(g.all))
	p.TLS = "lenient"
	if p.Politeness.Private {
		p.Politeness.MinDelay = time.Millisecond // the operator's own machine
	}
	p.Seeds = nil
	for _, u := range urls {
		p.Seeds = append(p.Seeds, site.Seed{URL: u})
		p.Scope = append(p.Scope, site.Rule{Allow: sameButScheme(u)})
	}
	for _, u := range further {
		p.Scope = append(p.Scope, site.Rule{Allow: sameButScheme(u)})
	}
	p.Lists.MaxPages = 2 // a list page, and what it asks for
	p.Scope = append(p.Scope, site.Rule{Deny: "."})
	profile, err := site.New(p)
	if err != nil {
		return nil, nil, err
	}
	g.all = append(g.all, profile)
	report, err := crawler.Run(ctx, crawler.Options{Log: g.Log, Profiles: []*site.Profile{profile}, Store: g.store, Frontier: g.front,
		Workers: 1, Contact: g.Contact, Version: g.Version, Spool: g.dir, Wait: 20 * time.Second})
	if err != nil {
		return nil, nil, err
	}
	if r := report.Sites[profile.ID]; r != nil {
		for _, list := range [][]crawler.Outcome{r.Failed, r.Missing, r.Denied, r.Quarantined} {
			for _, o := range list {
				failed[o.URL] = o.Reason
			}
		}
	}
	for _, u := range wanted {
		page, err := g.page(ctx, u)
		if err != nil {
			return nil, nil, err
		}
		if page != nil {
			pages[u] = page
		} else if failed[u] == "" {
			failed[u] = "no answer"
		}
	}
	return pages, failed, nil
}

// sameButScheme matches a URL under http and https, with and without www, for the
// redirects that sites answer with.
func sameButScheme(clean string) string {
	u, err := url.Parse(clean)
	if err != nil {
		return "^" + regexp.QuoteMeta(clean) + "$"
	}
	host := u.Host
	if len(host) > 4 && host[:4] == "www." {
		host = host[4:]
	}
	u.Scheme, u.Host = "x", "h"
	return `^https?://(?:www\.)?` + regexp.QuoteMeta(host) + regexp.QuoteMeta(u.String()[len("x://h"):]) + "/?$"
}

// page reads a page that was fetched, behind its redirects; nil if it is not there.
func (g *siteProbe) page(ctx context.Context, u string) (*probedPage, error) {
	for range 5 {
		c, err := g.store.Closest(ctx, u, time.Now())
		if errors.Is(err, archive.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if c.Status >= 300 && c.Status < 400 {
			if u, err = urlkey.Resolve(u, c.Header.Get("Location"), ""); err != nil {
				return nil, nil
			}
			continue
		}
		if c.Status != 200 || c.Fields[archive.FieldState] != string(extract.StateLive) {
			return nil, nil
		}
		p := &probedPage{url: c.URL, header: c.Header.Get("Content-Type"), refresh: c.Header.Get("Refresh"), status: c.Status}
		p.lenient = regexp.MustCompile(`^lenient`).MatchString(c.Fields[archive.FieldTLS])
		if p.body, _, err = c.ReadBody(archive.MaxPage); err != nil {
			return nil, err
		}
		p.text = charset.Decode(p.body, p.header)
		return p, nil
	}
	return nil, nil
}
