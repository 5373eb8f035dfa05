package crawler

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/internal/locale"
)

// rebuilding names the value that marks a site whose rebuild has begun and not ended.
const rebuilding = "rebuilding/"

// restore rebuilds the frontier of sites that it knows nothing of from the archive: state/
// was lost or deleted. Every capture is folded into the history of its URL as a visit would
// be, and the links of the pages are discovered again, so that nothing is fetched twice and
// nothing that was found is forgotten.
func (c *crawl) restore(ctx context.Context) error {
	lost := map[string]bool{}
	marks, done := map[string][]byte{}, map[string][]byte{}
	for id := range c.sites {
		empty, err := c.opts.Frontier.Empty(id)
		if err != nil {
			return err
		}
		mark, err := c.opts.Frontier.Value(rebuilding + id)
		if err != nil {
			return err
		}
		if empty || mark != nil {
			lost[id], marks[rebuilding+id], done[rebuilding+id] = true, []byte{1}, nil
		}
	}
	if len(lost) == 0 {
		return nil
	}
	if _, err := c.opts.Frontier.Commit(frontier.Change{Values: marks}); err != nil {
		return err
	}
	if err := c.rebuild(ctx, lost); err != nil {
		return fmt.Errorf("rebuild frontier: %w", err)
	}
	_, err := c.opts.Frontier.Commit(frontier.Change{Values: done})
	return err
}

// rebuild folds the captures of some sites. It may be cut off anywhere and begun again.
func (c *crawl) rebuild(ctx context.Context, sites map[string]bool) error {
	n := 0
	group := map[string]frontier.Entry{}
	var found []frontier.Entry
	flush := func() error {
		ch := frontier.Change{Found: found}
		for _, e := range group {
			ch.Done = append(ch.Done, e)
		}
		clear(group)
		found = nil
		_, err := c.opts.Frontier.Commit(ch)
		return err
	}
	for f, err := range c.opts.Store.Since(ctx, "") {
		if err != nil {
			return err
		}
		if !sites[f.Capture.Site] {
			continue
		}
		pl := c.sites[f.Capture.Site]
		key := f.Capture.Site + " " + f.Capture.URL
		e, ok := group[key]
		if !ok {
			if e, ok, err = c.opts.Frontier.Lookup(f.Capture.Site, f.Capture.URL); err != nil {
				return err
			}
			if !ok || e.History.Visits == 0 {
				e = discovered(f.Capture)
			}
		}
		if !f.Capture.Time.Truncate(time.Millisecond).After(e.History.Fetched) {
			continue // folded before the rebuild was cut off
		}
		e, links, err := c.refold(ctx, pl, e, f.Capture)
		if err != nil {
			c.log.Warn("rebuild frontier: capture left out", "site", e.Site, "url", e.URL, "ref", f.Capture.Ref.String(), "err", err)
			continue
		}
		group[key] = e
		found = append(found, links...)
		if n++; n%1000 == 0 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		c.log.Info("frontier rebuilt from the archive", "captures", n)
	}
	return flush()
}

// discovered is the entry that a capture's metadata remembers.
func discovered(c archive.Capture) frontier.Entry {
	e := frontier.Entry{
		URL: c.URL, Site: c.Site, Via: c.Fields[archive.FieldVia], Hops: c.Fields[archive.FieldHops],
		Column: c.Fields[archive.FieldColumn], Listed: c.Fields[archive.FieldListed], Title: c.Fields[archive.FieldTitle],
		Kind: kindNamed(c.Fields[archive.FieldKind]), Found: c.Time, Priority: frontier.Ordinary, Base: c.Fields[archive.FieldBase],
		Number: atoi(c.Fields[fieldNumber]), Post: c.Fields[fieldPost], PostType: c.Fields[fieldPostType], Target: c.Fields[fieldTarget],
	}
	return e
}

// refold folds a capture into its page's history and discovers its links.
func (c *crawl) refold(ctx context.Context, pl *place, e frontier.Entry, cp archive.Capture) (frontier.Entry, []frontier.Entry, error) {
	p, err := fromCapture(e, cp)
	if err != nil {
		return e, nil, err
	}
	s := judgement.Observation{
		Time: cp.Time, Status: cp.Status, Location: cp.Fields["location"],
		Same:  cp.Revisit && cp.Fields[archive.FieldRendered] == "",
		Retry: retryHeader(cp.Header, cp.Time),
	}
	// What was judged then stands: the rules may have changed since.
	switch reason := cp.Fields["reason"]; cp.Fields[archive.FieldState] {
	case StateBlocked:
		s.Blocked = or(reason, locale.Reason("wall.any"))
	case StateMissing, StateGone:
		if cp.Status != http.StatusNotFound && cp.Status != http.StatusGone {
			s.Soft, s.Dead = or(reason, locale.Reason("soft.any")), true
		}
	case StateMoved:
		if cp.Status == http.StatusOK {
			s.Double = reason
		}
	case StateSoft404:
		s.Soft = or(reason, locale.Reason("soft.any"))
	case StateError:
		s.Reason = or(reason, locale.Reason("fetch.broken"))
	}
	if cp.Status == 0 {
		s.Reason = or(s.Reason, locale.Reason("fetch.headless"))
	}
	h, _ := judgement.Of(e.History, s, patienceOf(pl.profile, e.Kind))
	if h.State == StateLive && cp.Status != http.StatusNotModified {
		h.ETag, h.Modified = cp.Header.Get("ETag"), cp.Header.Get("Last-Modified")
		if !cp.Revisit {
			h.Ref, h.RefTime, h.RefURL, h.Content = cp.Ref, cp.Time, "", ""
		}
	} else if h.State != StateLive && !cp.Revisit {
		h.Answer = cp.Ref
	}
	state := h.State
	e.History = h
	if e.Kind == frontier.Robots {
		e.Due = time.Time{}
		return e, nil, nil
	}
	e.Due, e.Priority = dueAfter(pl.profile, e, s.Time), again(e)
	out := c.outlinks(pl, p, state, s.Location, nil)
	dom, err := c.document(ctx, cp)
	if err != nil {
		return e, nil, err
	}
	if dom != "" {
		out.merge(c.outlinks(pl, p.shownAs(dom), state, "", nil))
	}
	return e, out.found, nil
}

// Metadata fields that only a rebuild reads.
const (
	fieldNumber   = "list-page"
	fieldPost     = "post"
	fieldPostType = "post-type"
	fieldTarget   = "post-target"
)

var kindNames = map[frontier.Kind]string{
	frontier.Page: "page", frontier.Seed: "seed", frontier.List: "list", frontier.Article: "article", frontier.Embed: "embed",
	frontier.File: "file", frontier.Sitemap: "sitemap", frontier.Robots: "robots",
	frontier.Requisite: archive.KindRequisite, frontier.Probe: archive.KindProbe,
}

func kindNamed(name string) frontier.Kind {
	for k, n := range kindNames {
		if n == name {
			return k
		}
	}
	return frontier.Page
}
