package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/crawler/wire"
	"cundang/internal/urlkey"
	"cundang/site"
)

// visit does all that one leased URL asks for and hands in a result.
func (c *crawl) visit(ctx context.Context, f *fetcher, e frontier.Entry) {
	pl := c.sites[e.Site]
	hostname := urlkey.Host(e.URL)
	now := time.Now()
	at := e.URL
	if e.Target != "" {
		at = e.Target
	}
	ok, why := pl.inScope(at, e.Kind)
	if !ok {
		c.free(hostname, now)
		c.refuse(e, outSkipped, why)
		return
	}
	if trap := c.trap(pl, at, e.Kind, why); trap != "" && e.History.Visits == 0 {
		c.free(hostname, now)
		c.refuse(e, outQuarantined, trap)
		return
	}
	if open, next := pl.profile.Open(now); !open {
		c.putBack(e, next, "outside the run window")
		return
	}
	rules, err := c.rules(ctx, f, pl, e)
	if err != nil {
		c.commit.fail(err)
		return
	}
	if rules.again { // robots.txt was fetched just now: the page waits for its turn
		c.putBack(e, rules.hold, "")
		return
	}
	d := rules.Decide(at)
	if !d.Allowed && rules.Down() {
		c.report.add(frontier.Entry{URL: origin(at), Site: e.Site}, outFailed, d.Rule)
		c.putBack(e, rules.Until(), "")
		return
	}
	if !d.Allowed {
		c.free(hostname, now)
		c.refuse(e, outDenied, d.Rule)
		return
	}
	if over := c.budget.take(e.Site, e.Kind, pl.profile.Limits, c.started, now); over != "" {
		c.session.Drop(e.Site)
		c.putBack(e, now, over)
		return
	}
	p := &page{entry: e, request: c.request(pl, e), big: c.big}
	start := time.Now()
	err = c.fetch(ctx, f, p)
	defer p.close()
	hold, why := c.hosts.polite(hostname, e.URL, pl.profile.Pace(), p.x, err, time.Now())
	c.exchanged(p, why)
	rec, rerr := c.hosts.record(hostname, time.Now())
	if rerr != nil {
		c.commit.fail(rerr)
	} else if rec != nil {
		c.commit.put(result{values: rec})
	}
	rendering := pl.profile.FetchMode() != "http"
	if rendering { // the page's scripts may ask the host for more: it stays ours until they have
		defer func() { c.free(hostname, later(hold, c.hosts.holdOf(hostname))) }()
	} else {
		c.free(hostname, hold)
	}
	c.log.Debug("fetched", "site", e.Site, "url", e.URL, "status", status(p.x), "dur", time.Since(start), "hold", why, "err", err)
	if err != nil && ctx.Err() != nil { // cut off: as if never begun
		if err := c.session.Release(e); err != nil {
			c.commit.fail(err)
		}
		c.pending.Add(-1)
		return
	}
	c.settle(ctx, pl, p, err, d.Rule)
}

// fetch makes a page's request; while it takes long another worker stands in.
func (c *crawl) fetch(ctx context.Context, f *fetcher, p *page) error {
	defer c.crew.request()()
	return f.fetch(ctx, p)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// putBack returns a lease undone and keeps its host until hold; why, if not "", is a line of
// the report.
func (c *crawl) putBack(e frontier.Entry, hold time.Time, why string) {
	if err := c.session.Release(e); err != nil {
		c.commit.fail(err)
	}
	if why != "" {
		c.report.add(frontier.Entry{URL: origin(e.URL), Site: e.Site}, outHeld, why)
	}
	c.free(urlkey.Host(e.URL), hold)
	c.pending.Add(-1)
}

// free makes a host available again.
func (c *crawl) free(host string, hold time.Time) {
	if err := c.session.Free(host, hold); err != nil {
		c.commit.fail(err)
	}
}

func (c *crawl) request(pl *place, e frontier.Entry) wire.Request {
	if pl.browsed(e) {
		e.History.ETag, e.History.Modified = "", ""
	}
	r := requestFor(e, c.userAgent)
	r.Private = pl.profile.Politeness.Private
	r.Lenient = pl.profile.LenientTLS()
	r.MaxBody = pl.profile.Limits.PageBytes
	if e.Kind == frontier.Requisite && (r.MaxBody == 0 || r.MaxBody > maxRequisite) {
		r.MaxBody = maxRequisite
	}
	return r
}

func status(x *wire.Exchange) int {
	if x == nil {
		return 0
	}
	return x.Status
}

// Outcomes of a URL that is not fetched.
const (
	outDenied      = "denied"
	outSkipped     = "skipped"
	outQuarantined = "quarantined"
	outHeld        = "held"
)

// refuse finishes a URL without fetching it; it is asked about again after a week.
func (c *crawl) refuse(e frontier.Entry, outcome, why string) {
	e.History.Reason = outcome + ": " + why
	e.Due = time.Now().Add(7 * day)
	c.commit.put(result{
		done: []frontier.Entry{e}, leases: 1,
		tell: func() { c.report.add(e, outcome, why) },
	})
}

// settle judges what a fetch brought, archives it and hands in what follows from it.
func (c *crawl) settle(ctx context.Context, pl *place, p *page, err error, robotsRule string) {
	e := p.entry
	if p.x == nil {
		s := seen{time: time.Now(), reason: err.Error()}
		if e.History.Fails > 0 {
			s.retry = time.Hour
		}
		var v verdict
		e.History, v = judge(e.History, s, patienceOf(pl.profile, e.Kind))
		e.Due, e.Priority = s.time.Add(e.History.Interval), again(e)
		c.commit.put(result{done: []frontier.Entry{e}, leases: 1, tell: func() { c.report.add(e, v.outcome, v.reason) }})
		return
	}
	s := c.see(ctx, p)
	h, v := judge(e.History, s, patienceOf(pl.profile, e.Kind))
	fields := archive.Fields{
		archive.FieldSite: e.Site, archive.FieldCrawl: c.id, archive.FieldState: h.State,
		archive.FieldKind: kindNames[e.Kind],
	}
	for name, value := range map[string]string{
		archive.FieldVia: e.Via, archive.FieldHops: e.Hops, archive.FieldColumn: e.Column, archive.FieldListed: e.Listed,
		archive.FieldTitle: e.Title, archive.FieldCharset: p.text.Name, archive.FieldRobots: robotsRule,
		archive.FieldTLS: p.x.TLS, "location": s.location, "reason": v.reason, "interim": quote(p.x.Interim),
		"malformed": p.x.Malformed, archive.FieldBase: e.Base, fieldNumber: number(e.Number), fieldPost: e.Post, fieldPostType: e.PostType, fieldTarget: e.Target,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	x := archive.Exchange{
		URL: e.URL, Site: e.Site, Time: p.x.Start, IP: p.x.IP,
		Request: bytes.NewReader(p.x.Request), Response: p.x.Response(), Truncated: p.x.Truncated, Fields: fields,
	}
	revisit(&x, e.History, p.x)
	out := c.outlinks(pl, p, h.State, c.known(e.Site))
	if h.State == StateLive {
		c.discoverShown(ctx, pl, p, &out)
	}
	if p.dom != "" {
		fields[archive.FieldRendered] = archive.CompanionDOM
	}
	x.Companions = c.companions(p)
	if out.list && !isList(e.Kind) {
		e.Kind = frontier.List
	}
	size, kind := p.x.Size(), p.contentType
	c.budget.bytes(e.Site, size)
	var values map[string][]byte
	switch {
	case e.Kind != frontier.Page || h.Visits > 1:
	case p.readable() && (h.State == StateLive || h.State == StateSoft404):
		values = c.novelty.visited(e.Site, e.URL, p.text.Text, s.time)
	case h.Live.IsZero() && (h.State == StateMissing || h.State == StateGone):
		values = c.novelty.visited(e.Site, e.URL, nil, s.time)
	}
	c.commit.append(ctx, x, func(ref archive.Ref) result {
		keepRef(&h, p.x, ref, x.RefersTo)
		e.History = h
		e.Due, e.Priority = dueAfter(pl.profile, e, s.time), again(e)
		return result{done: []frontier.Entry{e}, found: out.found, values: values, leases: 1, tell: func() {
			c.report.fetched(e, p.x.Status, size, kind)
			if isList(e.Kind) && h.State == StateLive && p.x.Status == 200 {
				c.report.listed(e.Site, out.rows)
			}
			c.report.add(e, v.outcome, v.reason)
			for _, l := range out.skipped {
				c.report.add(frontier.Entry{Site: e.Site, URL: l.URL}, outSkipped, l.Reason)
			}
			for _, l := range out.trapped {
				c.report.add(frontier.Entry{Site: e.Site, URL: l.URL}, outQuarantined, l.Reason)
			}
		}}
	})
}

// quote keeps the 1xx messages before a response on one line.
func quote(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return strconv.Quote(string(b))
}

// keepRef notes the capture that stands for the page now, or the last answer that does not.
func keepRef(h *frontier.History, x *wire.Exchange, ref archive.Ref, refersTo *archive.Capture) {
	if h.State == StateLive && x.Status != 304 {
		h.ETag, h.Modified = x.Header.Get("ETag"), x.Header.Get("Last-Modified")
	}
	switch {
	case refersTo != nil:
	case h.State != StateLive:
		h.Answer = ref
	case x.Status != 304:
		h.Ref, h.RefTime, h.RefURL = ref, x.Start, ""
	}
}

// revisit makes x a revisit record when the payload is one that is archived already: the
// page's, or the error page or redirect that the address answered with before (WARC/1.1, 6.7).
// An empty payload is no saving: its record is all header either way.
func revisit(x *archive.Exchange, h frontier.History, w *wire.Exchange) {
	switch {
	case w.Truncated != "":
	case w.Status == 304 && h.Ref != (archive.Ref{}):
		x.NotModified = true
		x.RefersTo = &archive.Capture{URL: or(h.RefURL, x.URL), Site: x.Site, Time: h.RefTime, Digest: h.Ref.Digest, Ref: h.Ref}
	case w.Payload == 0 || w.Digest == "" || w.Status != h.Status:
	case w.Digest == h.Ref.Digest:
		x.RefersTo = &archive.Capture{URL: or(h.RefURL, x.URL), Site: x.Site, Time: h.RefTime, Digest: h.Ref.Digest, Ref: h.Ref}
	case w.Digest == h.Answer.Digest:
		x.RefersTo = &archive.Capture{URL: x.URL, Site: x.Site, Digest: h.Answer.Digest, Ref: h.Answer}
	}
}

// dueAfter is when a page is visited again by itself. The further pages of a list change
// with every new article; they are walked when the first page shows something new, and
// otherwise looked at as rarely as lists may be.
func dueAfter(p *site.Profile, e frontier.Entry, last time.Time) time.Time {
	if e.Kind == frontier.List && e.Number > 1 && e.History.State == StateLive {
		return last.Add(p.Intervals().List.Max)
	}
	return last.Add(e.History.Interval)
}

// again is the priority of a page's next visit.
func again(e frontier.Entry) uint8 {
	if isList(e.Kind) {
		return frontier.First
	}
	if e.History.Visits == 0 {
		return e.Priority
	}
	return frontier.Again
}

// see turns an exchange into what judge needs.
func (c *crawl) see(ctx context.Context, p *page) seen {
	x := p.x
	s := seen{time: x.Start, status: x.Status, retry: retryHeader(x.Header, time.Now())}
	switch {
	case x.Status == 0:
		s.reason = or(x.Malformed, "no status line")
	case x.Truncated != "":
		s.reason = "truncated: " + x.Truncated
	}
	if loc := x.Header.Get("Location"); loc != "" && x.Status >= 300 && x.Status < 400 {
		if u, err := urlkey.Resolve(p.entry.URL, loc, ""); err == nil {
			s.location, p.location = u, u
			s.soft = softRedirect(p.entry.URL, u, p.entry.History.State == StateLive && p.entry.Kind != frontier.Seed)
		}
	}
	s.blocked = challenge(x.Status, x.Header, p.body)
	if x.Status >= 200 && x.Status < 300 && p.readable() && s.blocked == "" {
		body := ""
		if len(p.text.Text) < 16<<10 {
			body = outline.Body(p.text.Text)
		}
		s.soft = softError(p.outlined().Title, body)
	}
	if pl := c.sites[p.entry.Site]; s.blocked == "" && s.soft == "" && s.reason == "" && pl.browsed(p.entry) && pl.profile.FetchMode() == "browser" {
		c.render(ctx, pl, p)
	}
	h := p.entry.History
	s.same = p.dom == "" && (x.Status == 304 || h.Ref.Digest != "" && x.Digest == h.Ref.Digest)
	if !s.same && p.html() && h.State != "" && c.opts.Digest != nil {
		s.same = c.sameContent(ctx, p)
	}
	return s
}

// cleanSeed makes a seed as written an entry's URL.
func cleanSeed(raw string) (string, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	return urlkey.Clean(raw)
}

var errNoDigest = errors.New("no digest")

// sameContent compares the normalised content with that of the last capture.
func (c *crawl) sameContent(ctx context.Context, p *page) bool {
	h := &p.entry.History
	if h.Content == "" && h.Ref != (archive.Ref{}) {
		d, err := c.contentOf(ctx, h.Ref)
		if err != nil && !errors.Is(err, errNoDigest) {
			c.log.Warn("read last capture", "site", p.entry.Site, "url", p.entry.URL, "err", err)
		}
		h.Content = d
	}
	contentType, body := p.x.Header.Get("Content-Type"), p.body
	if p.dom != "" {
		contentType, body = "text/html; charset=utf-8", []byte(p.dom)
	}
	d := c.opts.Digest(p.entry.URL, contentType, body)
	same := d != "" && d == h.Content
	h.Content = d
	return same
}

func (c *crawl) contentOf(ctx context.Context, ref archive.Ref) (string, error) {
	old, err := c.opts.Store.Read(ctx, ref)
	if err != nil {
		return "", err
	}
	dom, err := c.document(ctx, old)
	if err != nil {
		return "", err
	}
	contentType, body := "text/html; charset=utf-8", []byte(dom)
	if dom == "" {
		contentType = old.Header.Get("Content-Type")
		r, err := old.Body()
		if err != nil {
			return "", err
		}
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return "", fmt.Errorf("read %s: %w", ref, err)
		}
		body = b.Bytes()
	}
	if d := c.opts.Digest(old.URL, contentType, body); d != "" {
		return d, nil
	}
	return "", errNoDigest
}
