// Package fakesite is the made-up association web of the tests and of `cundang demo`:
// generated sites in the manner of the usual CMSes, with a truth that tells what a
// crawler and reader must find.
//
// Everything on it is invented: provinces, towns, people, companies and texts. What is
// not invented is the manner: how the CMSes write their URLs, lists, pagers, bylines and
// meta tags (see the systems in jcms.go, trs.go, api.go and others).
//
// The same Options give the same web, byte for byte but for the noise (clocks, counters)
// that the sites print on purpose and for the port numbers.
//
// # Texts
//
// The grammar stands in texts/*.txt. A kind of article is a list of parts, each part a
// list of alternative lines of which one is drawn:
//
//	@kind NAME      begins a kind    @column C   where it appears   @weight N
//	@title          the title        @p [N]      N paragraphs (1)   @p?  a paragraph or none
//	@h              a heading        @li A-B     A to B list items   @to  who is addressed
//	@attach A-B     A to B documents @sign       issuer and date     @tail may end in a reporter line
//
// "~ab text" restricts a line to the variants a and b; the drawn title decides the
// variant. [x|y] chooses; {name} draws from words.txt and stays the same within the
// article ({name2} is another one, the persons 甲 and 乙 only within the line);
// {#10-90/10} is a number in steps, {#1-9:名} one that stays the same; {日+3} is a day
// counted from the event.
package fakesite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"cundang/internal/zone"
	"cundang/site"
)

// Options of a made-up web. The zero value is the web of the demo: three sites with
// 36 articles each, on lists of two pages.
type Options struct {
	Seed     uint64
	Now      time.Time     // the web's present, the newest article is a little older; zero: 2026-11-20 16:00 +08:00
	Sites    int           // number of sites; 0 is 3
	Articles int           // articles a site before aging; 0 is 36
	PerPage  int           // rows of a list page; 0 is 5
	Delay    time.Duration // politeness.min_delay of the profiles
	Tricks   bool          // templates do to a crawler what real ones do (see tricks)
	Quiet    bool          // no clocks and counters, and ETag and Last-Modified on everything
	Port     int           // first port of consecutive ones; 0: any free ports
}

func (o Options) filled() Options {
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 11, 20, 16, 0, 0, 0, zone.China)
	}
	if o.Sites == 0 {
		o.Sites = 3
	}
	if o.Articles == 0 {
		o.Articles = 36
	}
	if o.PerPage == 0 {
		o.PerPage = 5
	}
	return o
}

// Web is a number of sites, each on its own loopback address. It is safe for
// concurrent use.
type Web struct {
	opts    Options
	sites   []*Site
	mu      sync.Mutex // guards servers, step
	servers []*http.Server
	serving sync.WaitGroup
	step    int
}

// New makes a web. It opens no sockets.
func New(opts Options) *Web {
	w := &Web{opts: opts.filled()}
	for i := range w.opts.Sites {
		w.sites = append(w.sites, newSite(w.opts, i))
	}
	return w
}

// Start serves each site on a loopback address of its own until Close.
func (w *Web) Start() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.servers != nil {
		return errors.New("start made-up web: already started")
	}
	for i, s := range w.sites {
		port := 0
		if w.opts.Port != 0 {
			port = w.opts.Port + i
		}
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return errors.Join(fmt.Errorf("serve %s: %w", s.ID, err), w.close())
		}
		s.setOrigin("http://" + l.Addr().String())
		srv := &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second}
		w.servers = append(w.servers, srv)
		w.serving.Go(func() { _ = srv.Serve(l) }) // always ErrServerClosed after Close
	}
	return nil
}

// Close stops serving. The truth and the request logs stay readable.
func (w *Web) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.close()
}

func (w *Web) close() error {
	var errs []error
	for _, s := range w.sites {
		s.thaw()
	}
	for _, srv := range w.servers {
		errs = append(errs, srv.Close())
	}
	w.servers = nil
	w.serving.Wait()
	return errors.Join(errs...)
}

// Sites returns the sites in order.
func (w *Web) Sites() []*Site { return w.sites }

// Site returns the site with an ID, nil if there is none.
func (w *Web) Site(id string) *Site {
	for _, s := range w.sites {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Profiles returns what an operator would write down about each site: its home page and
// its list pages, nothing about how to read them. Call it after Start.
func (w *Web) Profiles() []*site.Profile {
	var all []*site.Profile
	for _, s := range w.sites {
		p := &site.Profile{ID: s.ID, Name: s.Name, Home: s.Origin() + "/"}
		for _, c := range s.columns {
			p.Seeds = append(p.Seeds, site.Seed{URL: s.Origin() + s.system.column(c), Column: c.name})
		}
		p.Politeness = site.Politeness{MinDelay: w.opts.Delay, Private: true}
		all = append(all, p)
	}
	return all
}
