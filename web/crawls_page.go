package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/urlkey"
)

// ErrRunning is what Crawls.Start returns for a site that is being crawled already.
var ErrRunning = errors.New("already being crawled")

// ErrNoRun is what Crawls returns for a run, site or ID it does not know.
var ErrNoRun = errors.New("no such crawl or site")

type crawlsData struct {
	Sites  []SiteStatus
	Runs   []Run
	Alarms []Alarm
	Busy   bool
}

func (s *server) crawlsPage(w http.ResponseWriter, r *http.Request) error {
	var d crawlsData
	var err error
	if d.Sites, err = s.Crawls.Sites(r.Context()); err != nil {
		return err
	}
	if d.Runs, err = s.Crawls.Runs(r.Context(), 20); err != nil {
		return err
	}
	if d.Alarms, err = s.Crawls.Alarms(r.Context()); err != nil {
		return err
	}
	d.Busy = slices.ContainsFunc(d.Runs, func(r Run) bool { return r.Running })
	return s.show(w, r, "crawls", view{Title: "crawls.title", Nav: "crawls", Data: d, Wide: true})
}

// outcomeOrder is the order of a report: what an archivist has to look at first stands first.
var outcomeOrder = []string{"new", "changed", "reappeared", "moved", "gone", "missing", "blocked", "soft_404", "failed",
	"denied", "quarantined", "held", "skipped", "unchanged"}

type runData struct {
	Run      Run
	Order    []string // outcomes that occur
	Outcomes []outcomeList
	Counts   map[string]int
	Sum      SiteRun
}

type outcomeList struct {
	Name string
	Rows []outcomeRow
	More int
}

type outcomeRow struct {
	Site string
	Outcome
	ID string
}

// summary adds up the sites of a run.
func summary(run Run) runData {
	d := runData{Run: run, Counts: map[string]int{}, Sum: SiteRun{Status: map[string]int{}, Types: map[string]int{}}}
	for _, site := range run.Sites {
		d.Sum.Fetched += site.Fetched
		d.Sum.Queued += site.Queued
		d.Sum.Failed += site.Failed
		d.Sum.Bytes += site.Bytes
		for k, n := range site.Counts {
			d.Counts[k] += n
		}
		for k, n := range site.Status {
			d.Sum.Status[k] += n
		}
		for k, n := range site.Types {
			d.Sum.Types[k] += n
		}
	}
	for _, name := range outcomeOrder {
		if d.Counts[name] > 0 {
			d.Order = append(d.Order, name)
		}
		list := outcomeList{Name: name, More: d.Counts[name]}
		for _, site := range run.Sites {
			for _, o := range site.Outcomes[name] {
				if len(list.Rows) < 200 {
					list.Rows = append(list.Rows, outcomeRow{site.Site, o, urlkey.ID(o.URL)})
				}
			}
		}
		if list.More -= len(list.Rows); len(list.Rows) > 0 {
			d.Outcomes = append(d.Outcomes, list)
		}
	}
	return d
}

func (s *server) runPage(w http.ResponseWriter, r *http.Request) error {
	run, err := s.Crawls.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := view{Title: "crawls.run", Nav: "crawls", Data: summary(run), Wide: true}
	if run.Running {
		v.Refresh = 3
	}
	return s.show(w, r, "run", v)
}

func (s *server) startPage(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("error.form")
	}
	id, err := s.Crawls.Start(r.Context(), nonEmpty(r.PostForm["site"]))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/crawls/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func nonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func (s *server) stopPage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := s.Crawls.Stop(r.Context(), id); err != nil {
		return err
	}
	http.Redirect(w, r, "/crawls/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

type reviewData struct {
	Doubts   []Doubt
	Pager    pager
	Findings []Finding // the first ones
	Found    int       // all
	// of one page
	A      extract.Article
	Fields []field
	Src    string
	Raw    string
	Now    *comparison // what the rules of today would read otherwise, nil for nothing
}

const reviewSize = 30

func (s *server) reviewPage(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	list, total, err := s.Crawls.Review(r.Context(), q.Offset, reviewSize)
	if err != nil {
		return err
	}
	d := reviewData{Doubts: list, Pager: paging(q, reviewSize, total, "/review")}
	if d.Findings, d.Found, err = s.Crawls.Findings(r.Context(), 0, reviewSize); err != nil {
		return err
	}
	return s.show(w, r, "review", view{Title: "review.title", Nav: "review", Data: d})
}

// reviewOne shows the archived page beside what was read from it.
func (s *server) reviewOne(w http.ResponseWriter, r *http.Request) error {
	all, i, err := s.pick(r.Context(), r.PathValue("id"), "", "")
	if err != nil {
		return err
	}
	lang, _ := s.prefs(r)
	a := all[i]
	d := reviewData{A: a, Fields: fields(lang, a), Src: s.replayPrefix(r.Context(),
		a.Fetched.UTC().Format(ts14)) + "mp_/" + a.URL,
		Raw: replayAddress(a.Fetched, a.URL)}
	now, err := s.readAnew(r.Context(), a)
	if err != nil {
		s.Log.Warn("read anew", "url", a.URL, "err", err)
	} else if c := compareVersions([]extract.Article{a, now}, 1, 2, "word"); len(c.Fields) > 0 || c.Added+c.Removed > 0 {
		d.Now = &c
	}
	title := string(a.Title)
	if title == "" {
		title = a.URL
	}
	return s.show(w, r, "reviewone", view{Title: title, Nav: "review", Data: d, Wide: true})
}

// readAnew reads the capture behind an article with the rules of today; without Read it returns
// the article itself.
func (s *server) readAnew(ctx context.Context, a extract.Article) (extract.Article, error) {
	if s.Read == nil {
		return a, nil
	}
	c, err := s.Store.Closest(ctx, a.URL, a.Fetched)
	if err != nil {
		return a, err
	}
	now, err := s.Read(ctx, c)
	now.State = a.State // which the page does not tell
	return now, err
}

// crawling is a failure a person can do something about.
func crawling(err error) *failure {
	switch {
	case errors.Is(err, ErrRunning):
		return &failure{status: http.StatusConflict, key: "error.running", err: err}
	case errors.Is(err, ErrNoRun), errors.Is(err, index.ErrNotFound):
		return &failure{status: http.StatusNotFound, key: "error.notfound", err: err}
	}
	return nil
}
