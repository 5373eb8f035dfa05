package crawler

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/locale"
	"cundang/internal/urlkey"
)

// maxListed bounds each list of a report; what is beyond is counted in its last line.
const maxListed = 10000

// reporter gathers the report while the crawl runs.
type reporter struct {
	c     *crawl
	mu    sync.Mutex
	r     Report
	said  map[string]bool // site, outcome and URL of what is listed
	more  map[string]int  // site and outcome → lines left out
	rows  map[string]*SiteProgress
	since time.Time
}

func newReporter(c *crawl) *reporter {
	r := &reporter{
		c: c, r: Report{Crawl: c.id, Started: c.started.UTC(), Sites: map[string]*SiteReport{}},
		said: map[string]bool{}, more: map[string]int{}, rows: map[string]*SiteProgress{}, since: c.began,
	}
	for id := range c.sites {
		r.r.Sites[id] = &SiteReport{
			Status: map[string]int{}, Types: map[string]int{}, Hosts: map[string]int{},
			New: []Outcome{}, Changed: []Outcome{}, Reappeared: []Outcome{}, Moved: []Outcome{}, Gone: []Outcome{},
			Missing: []Outcome{}, Blocked: []Outcome{}, Soft404: []Outcome{}, Failed: []Outcome{}, Denied: []Outcome{},
			Skipped: []Outcome{}, Quarantined: []Outcome{}, Held: []Outcome{},
			Requisites: RequisiteReport{Lost: []Outcome{}},
		}
		r.rows[id] = &SiteProgress{Site: id}
		if e := c.opts.Earlier; e != nil && e.Sites[id] != nil {
			r.r.Sites[id] = e.Sites[id].clone()
		}
		r.goOn(id)
	}
	return r
}

// goOn takes note of what the report of a site says already.
func (r *reporter) goOn(id string) {
	s := r.r.Sites[id]
	for outcome, list := range map[string][]Outcome{
		outSkipped: s.Skipped, outQuarantined: s.Quarantined, outFailed: s.Failed, "lost": s.Requisites.Lost,
	} {
		for _, o := range list {
			r.said[id+" "+outcome+" "+o.URL] = true
		}
	}
	s.Held = []Outcome{} // each run holds back what it does
}

// clone returns a copy that shares nothing with s.
func (s *SiteReport) clone() *SiteReport {
	c := *s
	for _, l := range c.lists() {
		*l = append([]Outcome{}, *l...)
	}
	c.Problems = slices.Clone(c.Problems)
	c.Origins = maps.Clone(c.Origins)
	c.Status, c.Types, c.Hosts = copied(c.Status), copied(c.Types), copied(c.Hosts)
	return &c
}

// copied returns a copy of counts that is not nil.
func copied(counts map[string]int) map[string]int {
	c := make(map[string]int, len(counts))
	maps.Copy(c, counts)
	return c
}

// lists returns the lists of a report.
func (s *SiteReport) lists() []*[]Outcome {
	return []*[]Outcome{&s.New, &s.Changed, &s.Reappeared, &s.Moved, &s.Gone, &s.Missing, &s.Blocked, &s.Soft404,
		&s.Failed, &s.Denied, &s.Skipped, &s.Quarantined, &s.Held, &s.Requisites.Lost}
}

// snapshot returns the report as it stands.
func (r *reporter) snapshot(now time.Time) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	rep := r.r
	rep.Finished, rep.Stopped = now.UTC(), locale.Reason("run.open")
	rep.Sites = make(map[string]*SiteReport, len(r.r.Sites))
	for id, s := range r.r.Sites {
		rep.Sites[id] = s.clone()
	}
	return rep
}

// committed tells what a durable group did.
func (r *reporter) committed(batch []result, added int) {
	for _, b := range batch {
		if b.tell != nil {
			b.tell()
		}
	}
}

// fetched counts a response.
func (r *reporter) fetched(e frontier.Entry, status int, size int64, contentType string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, row := r.r.Sites[e.Site], r.rows[e.Site]
	s.Fetched++
	s.Bytes += size
	if e.Kind == frontier.Requisite {
		s.Requisites.Fetched++
		s.Requisites.Bytes += size
	}
	s.Status[itoa(status)]++
	if host := urlkey.Host(e.URL); len(s.Hosts) < maxListed || s.Hosts[host] > 0 {
		s.Hosts[host]++
	}
	s.Types[or(contentType, "unknown")]++
	row.Fetched++
	row.URL = e.URL
}

// listed counts a list page and the rows read from it.
func (r *reporter) listed(site string, rows int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Sites[site].Lists++
	r.r.Sites[site].Rows += rows
}

// problem notes what was wrong with a list.
func (r *reporter) problem(site, url, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.r.Sites[site]; len(s.Problems) < maxListed {
		s.Problems = append(s.Problems, Outcome{URL: url, Reason: why})
	}
}

// add puts an outcome in its list.
func (r *reporter) add(e frontier.Entry, outcome, reason string) {
	r.c.opts.Meter.Event(e.Site, outcome)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind == frontier.Requisite && outcome != outHeld {
		r.requisite(e, outcome, reason)
		return
	}
	if e.Kind == frontier.Probe {
		return
	}
	s := r.r.Sites[e.Site]
	aside := e.Kind == frontier.Seed || e.Kind == frontier.List || e.Kind == frontier.Sitemap || e.Kind == frontier.Robots
	var list *[]Outcome
	switch outcome {
	case outNew:
		list = &s.New
	case outChanged:
		list = &s.Changed
	case outUnchanged:
		if !aside {
			s.Unchanged++
		}
		return
	case outReappeared:
		list, aside = &s.Reappeared, false
	case outMoved:
		list, aside = &s.Moved, false
	case outGone:
		list, aside = &s.Gone, false
	case outMissing:
		list, aside = &s.Missing, false
	case outBlocked:
		list, aside = &s.Blocked, false
	case outSoft404:
		list, aside = &s.Soft404, false
	case outFailed:
		list, aside = &s.Failed, false
	case outDenied:
		list, aside = &s.Denied, false
	case outSkipped:
		list = &s.Skipped
	case outQuarantined:
		list = &s.Quarantined
	case outHeld:
		list = &s.Held
	}
	if list == nil || aside {
		return
	}
	if list == &s.Failed || list == &s.Blocked {
		r.rows[e.Site].Failed++
	}
	if outcome == outSkipped || outcome == outQuarantined || outcome == outHeld || outcome == outFailed {
		key := e.Site + " " + outcome + " " + e.URL
		if r.said[key] {
			return
		}
		if len(*list) < maxListed {
			r.said[key] = true
		}
	}
	if len(*list) >= maxListed {
		r.more[e.Site+" "+outcome]++
		return
	}
	article := e.Kind == frontier.Article || r.c.sites[e.Site].profile.IsArticle(e.URL)
	*list = append(*list, Outcome{URL: e.URL, Reason: reason, Article: article})
}

// addLinks puts what a page's links came to in its lists.
func (r *reporter) addLinks(site string, out outlinks) {
	for _, l := range out.skipped {
		r.add(frontier.Entry{Site: site, URL: l.URL}, outSkipped, l.Reason)
	}
	for _, l := range out.trapped {
		r.add(frontier.Entry{Site: site, URL: l.URL}, outQuarantined, l.Reason)
	}
}

// tick calls Progress about twice a second; the function it returns ends that with a last call.
func (r *reporter) tick() (stop func()) {
	if r.c.opts.Progress == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(500 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				r.c.opts.Progress(r.progress(500 * time.Millisecond))
			case <-quit:
				r.c.opts.Progress(r.progress(0))
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}

// progress is how the crawl stands; gone is the time since the last call.
func (r *reporter) progress(gone time.Duration) Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Crawl: r.c.id}
	total := r.c.now().Sub(r.since).Seconds()
	for _, row := range r.rows {
		now := *row
		if due, _, err := r.c.opts.Frontier.Queued(row.Site, r.c.now()); err == nil {
			now.Queued = due
		}
		if total > 0 {
			now.Rate = float64(now.Fetched) / total
		}
		if now.Rate > 0 {
			now.ETA = time.Duration(float64(now.Queued) / now.Rate * float64(time.Second))
		}
		p.Sites = append(p.Sites, now)
	}
	slices.SortFunc(p.Sites, func(a, b SiteProgress) int { return cmp.Compare(a.Site, b.Site) })
	return p
}

// finish closes the report.
func (r *reporter) finish(now time.Time) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Finished, r.r.Stopped = now.UTC(), r.c.stopped
	return r.r
}
