package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"cundang/crawler"
	"cundang/extract"
	"cundang/site"
)

// CrawlRequest is what one crawl is asked to do.
type CrawlRequest struct {
	Profiles []*site.Profile
	Limit    int                    // pages at most; 0: no limit
	Force    bool                   // pages that are not due as well, in a crawl of its own
	For      time.Duration          // after which the run ends; 0: no limit
	Bytes    int64                  // of responses after which the run ends; 0: no limit
	Fresh    bool                   // begin a crawl though one of these sites has not ended
	Progress func(crawler.Progress) // called about twice a second; may be nil
}

// Crawl fills the archive, lets the index follow it and keeps what became of it. What was
// fetched before an interrupt is indexed all the same. A Run without ID did not begin.
func (n *Node) Crawl(ctx context.Context, req CrawlRequest) (Run, error) {
	var err error
	if req.Profiles, err = n.withLearnt(req.Profiles); err != nil {
		return Run{}, err
	}
	n.profiles.add(req.Profiles...)
	if err := n.applyProfiles(ctx, req.Profiles); err != nil {
		return Run{}, err
	}
	before, err := n.Runs(0)
	if err != nil {
		return Run{}, err
	}
	var earlier Run // runs of the same crawl
	resume := ""
	if !req.Fresh && !req.Force {
		if resume, err = n.unfinished(req.Profiles, n.now()); err != nil {
			return Run{}, err
		}
	}
	before = slices.DeleteFunc(before, func(r Run) bool {
		if r.Crawl == resume && resume != "" {
			earlier = r
			return true
		}
		return false
	})
	follow := n.follow(context.WithoutCancel(ctx))
	opts := crawler.Options{
		Log: n.Log, Profiles: req.Profiles, Store: n.Store, Frontier: n.Frontier, Workers: n.Workers,
		Limit: req.Limit, Force: req.Force, Contact: n.Contact, Version: n.Version, Progress: req.Progress,
		Now: n.now, For: req.For, Bytes: req.Bytes, Resume: resume,
		Digest: extract.ContentDigest, CanWrite: n.room, Committed: follow.wake,
	}
	if n.Meter != nil {
		opts.Meter = n.Meter
	}
	if earlier.Crawl != "" {
		opts.Earlier = &earlier.Report
	}
	opts.Snapshot = func(r crawler.Report) {
		if err := n.saveRun(Run{Report: r, Fill: earlier.Fill, Alarms: earlier.Alarms}); err != nil {
			n.Log.Warn("keep the report of a crawl under way", "crawl", r.Crawl, "err", err)
		}
	}
	n.Log.Info("crawl begins", "sites", len(req.Profiles), "resumed", resume)
	report, err := crawler.Run(ctx, opts)
	err = errors.Join(err, follow.stop())
	run := Run{Report: report, Fill: mergeFills(n.takeFills(report.Crawl), earlier.Fill)}
	if report.Crawl == "" {
		return run, err
	}
	counts, cerr := articleCounts(context.WithoutCancel(ctx), n.Index)
	open, aerr := n.keepAlarms(run, before, counts)
	run.Alarms = open
	err = errors.Join(err, cerr, aerr)
	for _, a := range run.Alarms {
		n.Log.Info("alarm", "crawl", run.Crawl, "site", a.Site, "kind", a.Kind, "field", a.Field)
	}
	n.Log.Info("crawl ended", "crawl", run.Crawl, "dur", run.Finished.Sub(run.Started), "alarms", len(run.Alarms), "err", err)
	if err != nil {
		run.Error = err.Error()
	}
	return run, errors.Join(err, n.saveRun(run))
}

// now is the time by the clock of the node.
func (n *Node) now() time.Time {
	if n.Now == nil {
		return time.Now()
	}
	return n.Now()
}

// resumeWithin is how old a crawl may be that is gone on with. Its lists would be older than any crawl leaves them.
const resumeWithin = 7 * 24 * time.Hour

// unfinished returns the name of the newest crawl of exactly these sites that has not ended, "" if there is none.
func (n *Node) unfinished(profiles []*site.Profile, now time.Time) (string, error) {
	var sites []string
	for _, p := range profiles {
		sites = append(sites, p.ID)
	}
	slices.Sort(sites)
	all, err := crawler.UnfinishedCrawls(n.Frontier)
	if err != nil {
		return "", err
	}
	for _, u := range slices.Backward(all) {
		if slices.Equal(u.Sites(), sites) && now.Sub(u.Started) < resumeWithin {
			return u.Crawl, nil
		}
	}
	return "", nil
}

// follower indexes what a crawl commits while it goes on.
type follower struct {
	woken chan struct{}
	done  chan error
}

// follow starts a goroutine that catches the index up whenever it is woken; stop ends it
// after a last time.
func (n *Node) follow(ctx context.Context) *follower {
	f := &follower{woken: make(chan struct{}, 1), done: make(chan error, 1)}
	go func() {
		var err error
		for range f.woken {
			if err == nil {
				_, err = n.CatchUp(ctx)
			}
		}
		_, err = n.CatchUp(ctx) // a disk that was full may have room by now
		f.done <- errors.Join(err, n.Index.Settle(ctx))
	}()
	return f
}

func (f *follower) wake() {
	select {
	case f.woken <- struct{}{}:
	default: // it is woken already
	}
}

func (f *follower) stop() error {
	close(f.woken)
	return <-f.done
}

// FailedPages counts the pages of a crawl that failed.
func (r Run) FailedPages() int {
	n := 0
	for _, s := range r.Sites {
		n += len(s.Failed)
	}
	return n
}

// SiteNames returns the sites of a crawl in order.
func SiteNames(r crawler.Report) []string {
	var names []string
	for name := range r.Sites {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
