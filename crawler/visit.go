package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/crawler/listing"
	"cundang/crawler/wire"
	"cundang/internal/locale"
	"cundang/internal/urlkey"
	"cundang/site"
)

// visit is a leased URL that may be fetched.
type visit struct {
	place   *place
	entry   frontier.Entry
	request wire.Request
	robots  string // the rule of robots.txt that allows it
}

// visit does all that one leased URL asks for and hands in a result.
func (c *crawl) visit(ctx context.Context, w *worker, e frontier.Entry) {
	defer func() {
		if r := recover(); r != nil { // what is committed stands; the crawl ends with what went wrong
			c.commit.fail(fmt.Errorf("visit %s: panic: %v\n%s", e.URL, r, debug.Stack()))
		}
	}()
	pl := c.sites[e.Site]
	a, err := c.admit(ctx, w, pl, e)
	switch {
	case err != nil:
		c.commit.fail(err)
	case a.wait:
		c.putBack(e, a)
	case a.outcome != "":
		c.refuse(e, a)
	default:
		w.visit(&visit{place: pl, entry: e, request: c.request(pl, e), robots: a.why})
		if pl.rendering() { // the page's scripts may have asked the host for more
			host := urlkey.Host(e.URL)
			c.free(host, c.hosts.holdOf(host))
		}
	}
}

// admission says what becomes of a leased URL before it is fetched.
type admission struct {
	outcome string    // of the report; "" with wait false: it is fetched
	why     string    // the rule or fact that decides
	wait    bool      // it is put back, its host left alone until hold
	hold    time.Time // zero: now
	alias   string    // the page's address since the profile changed; the old one is not asked for again
}

// admit asks what stands between a URL and its visit, in the order in which Why tells it.
func (c *crawl) admit(ctx context.Context, w *worker, pl *place, e frontier.Entry) (admission, error) {
	now := c.now()
	at := e.URL
	if e.Target != "" {
		at = e.Target
	}
	if id := c.identity(pl, e.URL); id != e.URL && e.Target == "" && e.Kind != frontier.Robots {
		return admission{outcome: outSkipped, why: locale.Reason("queue.alias", id), alias: id}, nil
	}
	ok, rule := pl.inScope(at, e.Kind)
	if !ok {
		return admission{outcome: outSkipped, why: rule}, nil
	}
	if trap := c.trap(pl, at, e.Kind, rule); trap != "" && e.History.Visits == 0 {
		return admission{outcome: outQuarantined, why: trap}, nil
	}
	if open, next := pl.profile.Open(now); !open {
		return admission{outcome: outHeld, why: locale.Reason("window.closed"), wait: true, hold: next}, nil
	}
	if !c.share(ctx, pl, e) { // another host at its address has the turn
		return admission{wait: true}, nil
	}
	rules, err := c.rules(ctx, w, pl, e)
	if err != nil || rules.again { // robots.txt was fetched just now: the page waits for its turn
		return admission{wait: true, hold: rules.hold}, err
	}
	switch d := rules.Decide(at); {
	case !d.Allowed && rules.Down():
		return admission{outcome: outFailed, why: d.Rule, wait: true, hold: rules.Until()}, nil
	case !d.Allowed:
		return admission{outcome: outDenied, why: d.Rule}, nil
	default:
		rule = d.Rule
	}
	if over := c.budget.take(e.Site, e.Kind, pl.profile.Limits, c.used+now.Sub(c.began)); over != "" {
		c.session.Drop(e.Site)
		return admission{outcome: outHeld, why: over, wait: true}, nil
	}
	return admission{why: rule}, nil
}

// putBack returns a lease undone; what has an outcome is a line of the report, one an origin.
func (c *crawl) putBack(e frontier.Entry, a admission) {
	c.release(e)
	if a.outcome != "" {
		c.report.add(frontier.Entry{URL: origin(e.URL), Site: e.Site}, a.outcome, a.why)
	}
	c.pending.Add(-1) // before the host is free: that wakes who waits for the last lease
	c.free(urlkey.Host(e.URL), a.hold)
}

// release gives a lease back as if it had never been taken.
func (c *crawl) release(e frontier.Entry) {
	if err := c.session.Release(e); err != nil {
		c.commit.fail(err)
	}
}

// answered takes note of what an exchange says about the host. The function it returns lets the next request go
// there, unless scripts of the page may still ask it for more.
func (c *crawl) answered(v *visit, x *wire.Exchange, err error) (free func()) {
	host := urlkey.Host(v.entry.URL)
	hold, why := c.exchanged(v, x, err)
	rec, rerr := c.hosts.record(host, c.now())
	if rerr != nil {
		c.commit.fail(rerr)
	} else if rec != nil {
		c.commit.put(result{values: rec})
	}
	c.log.Info("fetched", "site", v.entry.Site, "url", v.entry.URL, "status", status(x), "hold", why, "err", err)
	return func() {
		if !v.place.rendering() {
			c.free(host, hold)
		}
	}
}

// free makes a host available again.
func (c *crawl) free(host string, hold time.Time) {
	if err := c.session.Free(host, hold, c.hosts.pauseOf(host)); err != nil {
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

// requestFor is the request for an entry: who we are, what we take, what we have.
func requestFor(e frontier.Entry, userAgent string) wire.Request {
	r := wire.Request{URL: e.URL, Body: e.Post, Header: []wire.Field{
		{Name: "User-Agent", Value: userAgent},
		{Name: "Accept", Value: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		{Name: "Accept-Language", Value: "zh-CN,zh;q=0.9,en;q=0.5"},
		{Name: "Accept-Encoding", Value: "gzip"},
	}}
	if e.Target != "" {
		r.Method, r.URL = http.MethodPost, e.Target
		r.Header = append(r.Header, wire.Field{Name: "Content-Type", Value: e.PostType})
		return r
	}
	h := e.History
	if h.Ref == (archive.Ref{}) || h.State != StateLive {
		return r
	}
	if h.ETag != "" {
		r.Header = append(r.Header, wire.Field{Name: "If-None-Match", Value: h.ETag})
	}
	if h.Modified != "" {
		r.Header = append(r.Header, wire.Field{Name: "If-Modified-Since", Value: h.Modified})
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
func (c *crawl) refuse(e frontier.Entry, a admission) {
	c.free(urlkey.Host(e.URL), a.hold)
	e.History.Reason = locale.Reason("refused."+a.outcome, a.why)
	e.Due = c.now().Add(7 * day)
	var found []frontier.Entry
	if a.alias != "" {
		e.Due = time.Time{}
		n := aliasOf(e, a.alias)
		n.Due = c.now()
		found = []frontier.Entry{n}
	}
	c.commit.put(result{
		done: []frontier.Entry{e}, found: found, leases: 1,
		tell: func() { c.report.add(e, a.outcome, a.why) },
	})
}

// recordFailure hands in that nothing came. What ctx cut off is as if never begun.
func (c *crawl) recordFailure(ctx context.Context, v *visit, err error) {
	e := v.entry
	if ctx.Err() != nil {
		c.release(e)
		c.pending.Add(-1)
		c.commit.wake()
		return
	}
	s := judgement.Observation{Time: c.now(), Reason: err.Error()}
	if e.History.Fails > 0 {
		s.Retry = time.Hour
	}
	var judged judgement.Verdict
	e.History, judged = judgement.Of(e.History, s, patienceOf(v.place.profile, e.Kind))
	e.Due, e.Priority = s.Time.Add(e.History.Interval), again(e)
	c.commit.put(result{
		done: []frontier.Entry{e}, leases: 1,
		tell: func() { c.report.add(e, judged.Outcome, judged.Reason) },
	})
}

// judgment is what a visit saw and what that makes of the page.
type judgment struct {
	judgement.Observation
	judgement.Verdict
	history frontier.History
	again   bool // to be asked for once more, with the cookie that came
}

// judged observes what came and folds it into the page's history.
func (c *crawl) judged(ctx context.Context, v *visit, p *page) judgment {
	s := c.observe(ctx, p)
	c.cookies.note(p.entry, p.x.Header, p.x.Start)
	again := false
	itself := s.Location != "" && s.Blocked == "" && c.identity(v.place, s.Location) == p.entry.URL
	if itself && len(p.x.Header.Values("Set-Cookie")) > 0 {
		if again = c.cookies.again(p.entry.Site, p.entry.URL) && c.again(p.entry.Site, p.entry.URL); !again {
			s.Blocked = locale.Reason("wall.cookie", maxCookieTries)
		}
	}
	if s.Status == 200 && s.Blocked == "" && s.Soft == "" && s.Reason == "" && !again {
		s.Double = c.doubleOf(ctx, v.place, p)
	}
	h, out := judgement.Of(p.entry.History, s, patienceOf(v.place.profile, p.entry.Kind))
	return judgment{s, out, h, again}
}

// linksOf returns what a page leads to, as served and as a browser shows it.
func (c *crawl) linksOf(ctx context.Context, v *visit, p *page, j judgment) outlinks {
	out := c.outlinks(v.place, p, j.history.State, j.Location, c.known(p.entry.Site))
	if j.history.State == StateLive {
		c.discoverShown(ctx, v.place, p, &out)
	}
	return out
}

// record archives what came and hands in what follows from it.
func (c *crawl) record(ctx context.Context, v *visit, p *page, j judgment, out outlinks) {
	e, h := p.entry, j.history
	x := c.exchange(p, h.State, v.robots)
	setFields(x.Fields, map[string]string{
		archive.FieldColumn: e.Column, archive.FieldListed: e.Listed, archive.FieldTitle: e.Title, archive.FieldCharset: p.text.Name,
		"location": j.Location, "reason": j.Verdict.Reason, "interim": quote(p.x.Interim), "malformed": p.x.Malformed,
		archive.FieldBase: e.Base, fieldNumber: number(e.Number), fieldPost: e.Post, fieldPostType: e.PostType, fieldTarget: e.Target,
	})
	x.Fields[archive.FieldRole] = roleOf(v.place.profile, e, out)
	switch prose := p.readable() && p.outlined().Prose > proseMost; {
	case out.list && !isList(e.Kind) && e.Kind != frontier.Probe:
		e.Kind = frontier.List
	case e.Kind == frontier.List && e.Number <= 1 && h.State == StateLive && !out.list && out.rows == 0 && prose &&
		!v.place.profile.IsList(e.URL):
		e.Kind = frontier.Page // it was one: what it shows now is text
	}
	if isList(e.Kind) && h.State == StateLive && (out.rows > 0 || p.x.Status == http.StatusNotModified) {
		c.dead.well(e.Site) // a list that shows nothing is no sign that the site is
	}
	size, kind := p.x.Size(), p.contentType
	c.budget.bytes(e.Site, size)
	c.received.Add(size)
	values := c.novel(p, e.Kind, h, j.Time)
	switch {
	case e.Kind == frontier.Probe:
		values = c.answeredProbe(ctx, p, j.Observation)
	case e.Kind == frontier.Article && h.State == StateLive:
		if n, v, ok := c.probe(e, j.Time); ok {
			out.found, values = append(out.found, n), v
		}
	}
	c.commit.append(ctx, x, func(ref archive.Ref) result {
		keepRef(&h, p.x, ref, x.RefersTo)
		e.History = h
		e.Due, e.Priority = dueAfter(v.place.profile, e, j.Time), again(e)
		if j.again {
			e.Due, e.Priority = j.Time, frontier.First
		}
		return result{done: []frontier.Entry{e}, found: out.found, values: values, leases: 1, tell: func() {
			c.report.fetched(e, status(p.x), size, kind)
			if j.again {
				return
			}
			if e.Kind == frontier.Seed && h.State == StateLive && p.x.Status == 200 && out.rows+out.leads == 0 {
				c.report.add(frontier.Entry{Site: e.Site, URL: e.URL}, outFailed, locale.Reason("fetch.nowhere"))
			}
			if isList(e.Kind) && h.State == StateLive && p.x.Status == 200 {
				c.report.listed(e.Site, out.rows)
			}
			if out.problem != "" {
				c.report.problem(e.Site, e.URL, out.problem)
			}
			c.report.add(e, j.Outcome, j.Verdict.Reason)
			c.report.addLinks(e.Site, out)
		}}
	})
}

// roleOf says what a page is, as the crawler knows it: by the profile, by how it was found, by its rows, and of what a
// link led to by its address. A home or section page that shows rows leads to articles like any list.
func roleOf(p *site.Profile, e frontier.Entry, out outlinks) string {
	switch {
	case p.IsArticle(e.URL):
		return "article"
	case out.single:
		return "page"
	case isList(e.Kind), p.IsList(e.URL), out.list, isHome(e.URL):
		return archive.RoleList
	case e.Kind == frontier.Article:
		return "article"
	case out.rows >= sectionRows && isIndex(e.URL):
		return archive.RoleList
	}
	return "page"
}

// dated counts the rows that show a date.
func dated(rows []listing.Row) (n int) {
	for _, r := range rows {
		if r.Date != "" {
			n++
		}
	}
	return n
}

// sectionRows is how many rows make an index page a section page.
const sectionRows = 3

// isIndex says that an address names a folder or its index.
func isIndex(url string) bool {
	url, _, _ = strings.Cut(url, "?")
	base := strings.ToLower(url[strings.LastIndexByte(url, '/')+1:])
	name, _, _ := strings.Cut(base, ".")
	switch name {
	case "", "index", "default", "list", "main", "home":
		return true
	}
	return false
}

// isHome says that an address is a host's first page.
func isHome(url string) bool {
	return isIndex(url) && !strings.Contains(url, "?") && strings.Count(url, "/") == 3
}

// novel notes what a page that links led to brought that is new, and returns what to store of that.
func (c *crawl) novel(p *page, k frontier.Kind, h frontier.History, now time.Time) map[string][]byte {
	e := p.entry
	switch {
	case k != frontier.Page || h.Visits > 1:
	case p.readable() && (h.State == StateLive || h.State == StateSoft404):
		return c.novelty.visited(e.Site, e.URL, p.text.Text, now)
	case h.Live.IsZero() && (h.State == StateMissing || h.State == StateGone):
		return c.novelty.visited(e.Site, e.URL, nil, now)
	}
	return nil
}

// exchange is what to archive of a page: the exchange and how it came about.
func (c *crawl) exchange(p *page, state, robotsRule string) archive.Exchange {
	e := p.entry
	x := archive.Exchange{
		URL: e.URL, Site: e.Site, Time: p.x.Start, IP: p.x.IP,
		Request: bytes.NewReader(p.x.Request), Response: p.x.Response(), Truncated: p.x.Truncated,
		Fields: archive.Fields{
			archive.FieldSite: e.Site, archive.FieldCrawl: c.id, archive.FieldState: state, archive.FieldKind: kindNames[e.Kind],
		},
		Companions: c.companions(p),
	}
	setFields(x.Fields, map[string]string{
		archive.FieldVia: e.Via, archive.FieldHops: e.Hops, archive.FieldRobots: robotsRule, archive.FieldTLS: p.x.TLS,
	})
	if p.dom != "" {
		x.Fields[archive.FieldRendered] = archive.CompanionDOM
	}
	revisit(&x, e.History, p.x)
	return x
}

// setFields sets what is not empty.
func setFields(f archive.Fields, values map[string]string) {
	for name, value := range values {
		if value != "" {
			f[name] = value
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
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
	if e.Kind == frontier.Probe {
		return last.Add(probeEvery)
	}
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

// observe turns an exchange into what judgement.Of needs.
func (c *crawl) observe(ctx context.Context, p *page) judgement.Observation {
	x := p.x
	s := judgement.Observation{Time: x.Start, Status: x.Status, Retry: retryHeader(x.Header, c.now())}
	switch {
	case x.Status == 0:
		s.Reason = or(x.Malformed, locale.Reason("fetch.headless"))
	case x.Truncated != "":
		s.Reason = locale.Reason("fetch.truncated", x.Truncated)
	}
	if loc := x.Header.Get("Location"); loc != "" && x.Status >= 300 && x.Status < 400 {
		if u, err := urlkey.Resolve(p.entry.URL, loc, ""); err == nil {
			s.Location = u
			s.Soft = or(c.deadRedirect(p.entry, u), c.likeProbe(p, u))
		}
	}
	s.Blocked = judgement.Challenge(x.Status, x.Header, p.body)
	if x.Status >= 200 && x.Status < 300 && p.readable() && s.Blocked == "" {
		s.Soft = deadPage(p)
		if s.Soft == locale.Reason("soft.empty") && !c.hadText(ctx, p.entry.History.Ref) {
			s.Soft = "" // the shell of a page that scripts fill was always empty
		}
		if s.Soft == "" {
			s.Soft = c.likeProbe(p, "")
		}
	}
	if p.entry.Kind == frontier.Probe && x.Status >= 200 && x.Status < 400 {
		s.Soft = or(s.Soft, locale.Reason("soft.probe", p.entry.URL))
	}
	s.Dead = s.Soft != "" && !isList(p.entry.Kind) && c.dead.sound(p.entry.Site)
	pl, sound := c.sites[p.entry.Site], s.Blocked == "" && s.Soft == "" && s.Reason == ""
	if sound && pl.browsed(p.entry) && pl.profile.FetchMode() == "browser" {
		c.render(ctx, pl, p)
	}
	h := p.entry.History
	s.Same = p.dom == "" && (x.Status == 304 || h.Ref.Digest != "" && x.Digest == h.Ref.Digest)
	if !s.Same && p.html() && h.State != "" && c.opts.Digest != nil {
		s.Same = c.sameContent(ctx, p)
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
