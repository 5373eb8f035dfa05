package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/crawler/listing"
	"cundang/crawler/wire"
	"cundang/internal/locale"
	"cundang/site"

	"golang.org/x/net/publicsuffix"
)

// crawl is one run. Run's goroutine hands out work, the workers visit, the committer
// makes what they bring durable.
type crawl struct {
	opts      Options
	log       *slog.Logger
	id        string
	started   time.Time     // of the crawl
	began     time.Time     // of this run of it
	used      time.Duration // by its earlier runs
	stopped   string        // why the run ended before the crawl did
	received  atomic.Int64  // bytes
	userAgent string
	sites     map[string]*place
	session   *frontier.Session
	crew      *crew
	transport *wire.Transport
	hosts     hosts
	addresses *addresses
	budget    *budget
	novelty   *novelty
	big       chan struct{}
	renderers renderers
	expand    func(listing.Page) (listing.Listing, error) // reads a list
	chains    chains
	cookies   cookieGates
	dead      deadPages
	doubles   *doubles
	commit    *committer
	report    *reporter
	pending   atomic.Int64 // leased and not committed
}

// place is a profile made ready.
type place struct {
	profile *site.Profile
}

func newCrawl(opts Options) (*crawl, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Meter == nil {
		opts.Meter = silent{}
	}
	if opts.Workers <= 0 {
		opts.Workers = 8
	}
	if opts.Wait <= 0 {
		opts.Wait = 5 * time.Minute
	}
	if opts.Store == nil || opts.Frontier == nil {
		return nil, errors.New("crawl: no archive or frontier given")
	}
	if err := clearColly(); err != nil {
		return nil, fmt.Errorf("crawl: %w", err)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	now := opts.Now().Truncate(time.Millisecond) // as the frontier keeps times
	c := &crawl{
		opts: opts, log: opts.Log, started: now, began: now, id: now.UTC().Format("20060102150405.000"),
		userAgent: userAgent(opts), sites: map[string]*place{},
		transport: &wire.Transport{Limits: opts.Limits, Log: opts.Log, Spool: opts.Spool, Now: opts.Now},
		addresses: newAddresses(opts.Resolve),
	}
	c.transport.Resolve = c.addresses.resolve
	for _, p := range opts.Profiles {
		pl, err := newPlace(p)
		if err != nil {
			return nil, err
		}
		if c.sites[p.ID] != nil {
			return nil, fmt.Errorf("crawl: two profiles are named %q", p.ID)
		}
		c.sites[p.ID] = pl
	}
	c.hosts.m = map[string]*host{}
	c.budget, c.novelty, c.big = newBudget(), newNovelty(), make(chan struct{}, 1)
	c.renderers.open, c.expand = openBrowser, listing.Expand
	c.cookies = cookieGates{set: map[string]time.Time{}, tries: map[string]int{}}
	c.dead = deadPages{lists: map[string]bool{}, sinks: map[string]map[string]bool{}, probes: map[string]probed{}}
	c.doubles = newDoubles()
	c.chains.m = map[string][32]byte{}
	if opts.Resume != "" {
		if err := c.resume(); err != nil {
			return nil, err
		}
	}
	c.report = newReporter(c)
	c.commit = newCommitter(c)
	return c, nil
}

func userAgent(o Options) string {
	ua := "cundang/" + or(o.Version, "dev")
	if o.Contact != "" {
		ua += " (+" + o.Contact + ")"
	}
	return ua
}

// run crawls until nothing is due.
func (c *crawl) run(ctx context.Context) (Report, error) {
	names := make([]string, 0, len(c.sites))
	for name := range c.sites {
		names = append(names, name)
	}
	slices.Sort(names)
	if err := c.restore(ctx); err != nil {
		return Report{}, err
	}
	fresh := map[string]bool{}
	for _, id := range names {
		if err := c.novelty.load(c.opts.Frontier, id, c.started); err != nil {
			return Report{}, err
		}
		var err error
		if c.doubles.learnt[id], err = LearntDrops(c.opts.Frontier, id); err != nil {
			return Report{}, err
		}
		if err := c.loadProbe(id); err != nil {
			return Report{}, err
		}
		if fresh[id], err = c.opts.Frontier.Empty(id); err != nil {
			return Report{}, err
		}
	}
	if err := c.realign(c.now()); err != nil {
		return Report{}, err
	}
	if err := c.seed(c.now()); err != nil {
		return Report{}, err
	}
	s, err := c.opts.Frontier.Begin(names)
	if err != nil {
		return Report{}, err
	}
	defer s.End()
	c.session = s
	s.Once(c.started)
	if err := c.pause(c.now(), fresh); err != nil {
		return Report{}, err
	}
	if err := c.remember(c.now()); err != nil {
		return Report{}, err
	}
	if err := c.keep(c.now()); err != nil {
		return Report{}, err
	}
	defer c.transport.Close()
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return Report{}, err
	}

	// Workers finish what is on the wire after ctx ends, but not for long.
	wire, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(10*time.Second, cut) })
	defer stop()

	c.crew = newCrew(c.opts.Workers, func() func(frontier.Entry) {
		w := newWorker(wire, c, jar)
		return func(e frontier.Entry) {
			c.commit.working.Add(1)
			c.visit(wire, w, e)
			c.commit.rest()
		}
	})
	var committing sync.WaitGroup
	committing.Go(func() { c.commit.loop() })
	progress, kept := c.report.tick(), c.snapshot()

	err = c.dispatch(ctx, c.crew.jobs)
	c.held()
	c.crew.close()
	c.commit.close()
	committing.Wait()
	progress()
	err = errors.Join(c.commit.err(), err, kept(), c.renderers.close())
	if err == nil {
		err = errors.Join(c.end(), c.conclude(c.now()))
	} else if c.stopped == "" {
		c.stopped = locale.Reason("run.error")
	}
	rep := c.report.finish(c.now())
	if err == nil {
		err = ctx.Err()
	}
	return rep, err
}

// seed queues the profiles' seeds; a crawl always begins with them. One that is gone on with has visited them, but
// for those that the profile has since.
func (c *crawl) seed(now time.Time) error {
	var ch frontier.Change
	begins := c.opts.Resume == ""
	for id, pl := range c.sites {
		for _, s := range pl.profile.Seeds {
			u, err := cleanSeed(s.URL)
			if err != nil {
				return fmt.Errorf("site %s: seed %s: %w", id, s.URL, err)
			}
			u = c.identity(pl, u)
			ch.Found = append(ch.Found, frontier.Entry{
				URL: u, Site: id, Column: s.Column, Kind: frontier.Seed, Priority: frontier.First,
				Found: now, Due: now, Retry: begins,
			})
		}
		for _, raw := range pl.profile.Sitemaps {
			u, err := cleanSeed(raw)
			if err != nil {
				return fmt.Errorf("site %s: sitemap %s: %w", id, raw, err)
			}
			ch.Found = append(ch.Found, frontier.Entry{
				URL: u, Site: id, Kind: frontier.Sitemap, Priority: frontier.First, Found: now, Due: now, Retry: begins,
			})
		}
		if !c.opts.Force || !begins {
			continue
		}
		for e, err := range c.opts.Frontier.All(id) {
			if err != nil {
				return err
			}
			if e.Kind != frontier.Robots && e.Due.After(now) {
				e.Retry, e.Due = true, now
				ch.Found = append(ch.Found, e)
			}
		}
	}
	_, err := c.opts.Frontier.Commit(ch)
	return err
}

// dispatch leases what is due to the workers until nothing is left to wait for.
func (c *crawl) dispatch(ctx context.Context, jobs chan<- frontier.Entry) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	taken := 0
	for ctx.Err() == nil {
		if c.commit.err() != nil {
			return nil // told by run
		}
		pending := c.pending.Load()
		if c.stopped = c.bound(taken, c.now()); c.stopped != "" {
			return nil
		}
		e, wait, ok, err := c.session.Next(c.now())
		if err != nil {
			return err
		}
		if ok {
			c.pending.Add(1)
			select {
			case jobs <- e:
				if e.Kind != frontier.Requisite {
					taken++
				}
			case <-ctx.Done():
				c.pending.Add(-1)
				c.stopped = locale.Reason("run.stopped")
				return c.session.Release(e)
			}
			continue
		}
		d := wait.Sub(c.now())
		if pending == 0 && !c.worthWaiting(wait) {
			return nil
		}
		if wait.IsZero() {
			d = time.Hour
		}
		if c.opts.For > 0 {
			d = min(d, c.began.Add(c.opts.For).Sub(c.now()))
		}
		timer.Reset(d)
		select {
		case <-ctx.Done():
		case <-c.session.Wake():
		case <-c.commit.idle:
		case <-c.commit.failed:
		case <-timer.C:
		}
	}
	c.stopped = locale.Reason("run.stopped")
	return nil
}

// worthWaiting says that a crawl with nothing to do should not end yet: a page that failed
// once is tried again in a moment, or a host with pages that are due opens soon enough.
func (c *crawl) worthWaiting(next time.Time) bool {
	now := c.now()
	if !next.IsZero() && next.Sub(now) <= min(2*judgement.Soon, c.opts.Wait) {
		return true
	}
	for _, until := range c.session.Held(now) {
		if until.Sub(now) <= c.opts.Wait {
			return true
		}
	}
	return false
}

// held tells of the hosts that are left for the next crawl.
func (c *crawl) held() {
	now := c.now()
	for name, until := range c.session.Held(now) {
		c.hosts.mu.Lock()
		why := c.hosts.get(name).why
		c.hosts.mu.Unlock()
		for _, id := range c.session.Sites(name) {
			c.report.add(frontier.Entry{URL: name, Site: id}, outHeld, locale.Reason("pace.until", or(why, locale.Reason("pace.busy")), until.UTC().Format(time.RFC3339)))
		}
	}
}

// now is the time by the clock of the crawl.
func (c *crawl) now() time.Time {
	if c.opts.Now == nil { // of Why, which crawls nothing
		return time.Now()
	}
	return c.opts.Now()
}

func itoa(n int) string { return strconv.Itoa(n) }

// number is n as a field, "" for 0; atoi reads it back.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
