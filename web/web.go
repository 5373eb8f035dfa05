// Package web is the face for people and scripts: the HTTP API, the pages and the replay
// of archived pages, in one http.Handler. Nothing in its answers refers to another host and
// no page needs a script.
package web

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cundang/archive"
	"cundang/archive/cdx"
	"cundang/extract"
	"cundang/index"
	"cundang/web/token"
)

// Index answers questions about articles. *index.Index is one.
type Index interface {
	Search(ctx context.Context, q index.Query) (index.Result, error)
	Article(ctx context.Context, id string, at time.Time) (extract.Article, error)
	Versions(ctx context.Context, id string) ([]extract.Article, error)
	All(ctx context.Context, q index.Query) iter.Seq2[extract.Article, error]
	Changes(ctx context.Context, q index.Query) ([]index.Change, int, error)
	Trend(ctx context.Context, q index.Query, interval string, terms ...string) (index.Trend, error)
	KWIC(ctx context.Context, q index.Query, term string, exact bool, width int) (index.Concordance, error)
	Similar(ctx context.Context, id string, q index.Query) ([]index.Similar, error)
	Words(ctx context.Context, q index.Query, c index.Counting) (index.WordList, error)
	Collocations(ctx context.Context, q index.Query, word string, c index.Counting) (index.Collocations, error)
	Keyness(ctx context.Context, q index.Query, c index.Counting) (index.Keyness, error)
	Reprints(ctx context.Context, id string) (index.Reprints, error)
	Network(ctx context.Context, q index.Query, by string) (index.Network, error)
	Suggest(ctx context.Context, prefix string, q index.Query) ([]index.Suggestion, error)
}

// Archive finds captures. *archive.Store is one.
type Archive interface {
	Versions(ctx context.Context, url string) iter.Seq2[archive.Capture, error]
	Closest(ctx context.Context, url string, t time.Time) (archive.Capture, error)
	Rows(ctx context.Context, q archive.Lookup) iter.Seq2[cdx.Row, error]
}

// Options of New. Index and Store must be set; everything else has a good zero value.
type Options struct {
	Index Index
	Store Archive
	// Read reads a capture as the index does, with profile and learnt model, for the review page; nil: what
	// is stored is shown. It must be safe for concurrent use.
	Read   func(context.Context, archive.Capture) (extract.Article, error)
	Crawls Crawls        // nil: no crawl pages
	Saved  SavedSearches // nil: kept in memory
	// Metrics are collected at /metrics beside the server's own.
	Metrics []prometheus.Collector
	Log     *slog.Logger // nil: slog.Default
	Lang    string       // language of pages when the browser asks for none of ours: "zh" (default) or "en"
	// Version of the program, shown in the footer and in the OpenAPI document.
	Version string
	// Listen is the address the server listens on, "unix:PATH" for a socket. Unless it is a loopback address or a socket,
	// there must be a token or ProxyUser: New refuses to let everybody in. "" is loopback.
	Listen string
	// Tokens let in who shows one; nil: there are none. Once one is made, everybody must, on loopback too.
	Tokens *token.Store
	// ProxyUser is the header in which a reverse proxy names the user it has let in, believed only
	// from TrustedProxies (none: loopback addresses).
	ProxyUser      string
	TrustedProxies []netip.Prefix
	// Curators and Operators are users of the proxy with more rights than a reader.
	Curators, Operators []string
	// Base is the path below which a proxy publishes the server, e.g. "/archive"; "" is "/".
	Base string
	// SiteReaders are the restricted sites that users of the proxy may read.
	SiteReaders map[string][]string
	// Public lets strangers read what is open to everybody; the rest needs a name as ever.
	Public bool
	// Curation hides, merges, tags, notes and collects; Index and Store must be its views. nil: nobody curates.
	Curation Curation
	// Hosts are further names under which the server may be addressed, e.g. "archive.example".
	Hosts []string
	// SiteName returns the name of a site for facets and lists, "" for an unknown one; nil: IDs are
	// shown. It must be safe for concurrent use.
	SiteName func(id string) string
	// MaxSearches bounds the searches under way at once; 0 is one for each CPU. Further ones wait
	// their turn: more at once would only make all of them late. Trends, concordances and similar
	// articles, which take long, share half as many places of their own.
	MaxSearches int
	Now         func() time.Time // nil: time.Now
}

// server is the handler behind New.
type server struct {
	Options
	pages    *pages
	static   *static
	searches chan struct{} // places for searches
	exports  chan struct{} // places for exports, which read the whole index
	surveys  chan struct{} // places for what reads many articles: trends, concordances, similar articles
	auth     *gate
	stats    *stats
	started  time.Time
	// reference is the data of the API page.
	reference []referenceGroup
}

// New returns the handler of everything under "/". It is safe for concurrent use.
func New(opts Options) (http.Handler, error) {
	if opts.Index == nil || opts.Store == nil {
		return nil, errors.New("web: Index and Store must be set")
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Saved == nil {
		opts.Saved = new(memorySearches)
	}
	if opts.Lang != "en" {
		opts.Lang = "zh"
	}
	s := &server{Options: opts, searches: make(chan struct{}, searchPlaces(opts.MaxSearches)),
		exports: make(chan struct{}, 1),
		surveys: make(chan struct{}, max(1, searchPlaces(opts.MaxSearches)/2)), started: opts.Now()}
	var err error
	if s.auth, err = newGate(opts); err != nil {
		return nil, err
	}
	if s.static, err = loadStatic(); err != nil {
		return nil, fmt.Errorf("web: load static files: %w", err)
	}
	if s.pages, err = loadPages(s.static, s.siteName); err != nil {
		return nil, fmt.Errorf("web: load templates: %w", err)
	}
	s.stats = newStats(opts.Metrics)
	return s.handler(), nil
}

// siteName is the name of a site, its ID where none is known.
func (s *server) siteName(id string) string {
	if s.SiteName != nil {
		if name := s.SiteName(id); name != "" {
			return name
		}
	}
	return id
}

// handler puts the middleware around the routes, the outermost first.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	s.routes(mux)
	return s.observe(s.recovering(s.below(s.headers(s.auth.wrap(s, s.rawPaths(mux))))))
}

func (s *server) routes(mux *http.ServeMux) {
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, s.limited(s.page(f)))
	}
	page("GET /{$}", s.searchPage)
	page("GET /a/{id}", s.articlePage)
	page("GET /a/{id}/diff", s.diffPage)
	page("GET /a/{id}/evidence", s.evidencePage)
	page("GET /log/{file...}", s.logPage)
	page("GET /changes", s.changesPage)
	page("GET /trends", s.trendsPage)
	page("GET /kwic", s.kwicPage)
	page("GET /network", s.networkPage)
	page("GET /words", s.wordsPage)
	page("GET /saved", s.savedPage)
	page("POST /saved", s.savePage)
	page("POST /saved/{id}/delete", s.dropPage)
	page("GET /feeds/search", s.searchFeed)
	page("GET /feeds/saved/{id}", s.savedFeed)
	page("GET /feeds/changes", s.changesFeed)
	if s.Curation != nil {
		page("POST /a/{id}/curate", s.curatePage)
		page("GET /curation", s.curationPage)
		page("GET /collections", s.collectionsPage)
		page("POST /collections", s.describePage)
		page("GET /collections/{id}", s.collectionPage)
		page("POST /collections/{id}", s.describePage)
	}
	page("GET /help", s.helpPage)
	page("GET /api", s.apiPage)
	if s.Crawls != nil {
		page("GET /crawls", s.crawlsPage)
		page("POST /crawls", s.startPage)
		page("GET /crawls/{id}", s.runPage)
		page("POST /crawls/{id}/stop", s.stopPage)
		page("GET /review", s.reviewPage)
		page("GET /review/{id}", s.reviewOne)
	}
	page("POST /prefs", s.setPrefs)
	page("GET /login", s.loginPage)
	page("POST /login", s.login)
	page("POST /logout", s.logout)
	mux.Handle("GET /static/{name}", s.static)
	mux.HandleFunc("GET /favicon.ico", s.static.favicon)
	mux.HandleFunc("GET /livez", s.livez)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /robots.txt", robots)
	mux.Handle("GET /metrics", s.stats.handler())
	mux.Handle("GET /cdx", s.page(s.cdxQuery))
	s.registerAPI(mux)
	mux.Handle("/", s.unrouted(mux))
}

// rawPaths serves the routes with a URL in their path, which a ServeMux would clean.
func (s *server) rawPaths(next http.Handler) http.Handler {
	raw := map[string]http.Handler{
		"/replay/":   s.limited(s.page(s.replayPage)),
		"/timegate/": s.limited(s.page(s.timeGate)),
		"/timemap/":  s.limited(s.page(s.timeMap)),
		"/web/":      s.limited(s.page(s.waybackPage)),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for prefix, h := range raw {
			if rest, ok := cutRaw(r, prefix); ok && rest != "" {
				h.ServeHTTP(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) livez(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") }

// readyz asks the index a question; a server that cannot search is not ready.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if _, err := s.Index.Search(ctx, index.Query{Limit: 1}); err != nil {
		s.Log.Error("not ready", "err", err)
		writeText(w, http.StatusServiceUnavailable, "the index does not answer\n")
		return
	}
	writeText(w, http.StatusOK, "ok\n")
}

func robots(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "User-agent: *\nDisallow: /\n")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client is gone: nobody is left to tell
}
