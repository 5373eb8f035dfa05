package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/internal/zone"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// registerAPI puts /api/v1 and its OpenAPI 3.1 description on the mux.
func (s *server) registerAPI(mux *http.ServeMux) {
	cfg := huma.DefaultConfig("cundang", s.Version)
	cfg.OpenAPI.OpenAPI = "3.1.0"
	cfg.Info.Description = "Search, versions, captures and crawls of an archive of association web sites. " +
		"Errors are application/problem+json (RFC 9457). Dates are 2022, 2022-10, 2022-10-27 or RFC 3339."
	cfg.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", ""
	cfg.CreateHooks = nil // no $schema links: answers name no host
	cfg.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	// A short type name may stand for one Go type only; ours are told apart by their room.
	reg := huma.NewMapRegistry("#/components/schemas/", schemaName)
	reg.RegisterTypeAlias(reflect.TypeFor[extract.Text](), reflect.TypeFor[nullText]())
	reg.RegisterTypeAlias(reflect.TypeFor[extract.Date](), reflect.TypeFor[nullDate]())
	cfg.Components.Schemas = reg
	api := humago.New(mux, cfg)
	s.searchAPI(api)
	s.articleAPI(api)
	s.trendAPI(api)
	s.kwicAPI(api)
	s.similarAPI(api)
	s.reprintsAPI(api)
	s.wordsAPI(api)
	s.changesAPI(api)
	s.captureAPI(api)
	s.savedAPI(api)
	s.crawlsAPI(api)
	s.curationAPI(api)
	nullable(reg.Map()["Article"], "document", "capture")
	s.reference = describe(api.OpenAPI())
}

// nullable lets members that are objects be null; huma takes a pointer for one that is always there.
func nullable(s *huma.Schema, members ...string) {
	for _, m := range members {
		s.Properties[m] = &huma.Schema{AnyOf: []*huma.Schema{s.Properties[m], {Type: "null"}}}
	}
}

// schemaOf puts a type into the document.
func schemaOf[T any](reg huma.Registry) *huma.Schema {
	return reg.Schema(reflect.TypeFor[T](), true, "")
}

// schemaName is the type's name, with the room in front where two rooms use one.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == "cundang/extract" && name == "Document" {
		return "OfficialDocument"
	}
	return name
}

// nullText and nullDate describe how extract writes what is absent.
type nullText string

// Schema says string or null.
func (nullText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}

type nullDate string

// Schema says date, date and time, or null.
func (nullDate) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true,
		Description: "2022-10-27, or RFC 3339 with +08:00 when the page shows a time of day; null when it shows no date"}
}

// apiError gives an error its status and a text for programs, in English.
func (s *server) apiError(ctx context.Context, err error) error {
	fail := asFailure(err)
	if fail.status >= 500 && !errors.Is(ctx.Err(), context.Canceled) {
		s.Log.Error("api failed", "status", fail.status, "err", err)
	}
	detail := locale.Text("en", fail.key)
	if detail == "" {
		detail = fail.key
	}
	if fail.detail != "" {
		detail += ": " + fail.detail
	}
	return huma.NewError(fail.status, detail)
}

// Narrowing has the filters of every question; page, API, export and feeds share their names.
type Narrowing struct {
	Site       []string `query:"site,explode" maxItems:"50" doc:"site IDs; values of one parameter are alternatives"`
	Source     []string `query:"source,explode" maxItems:"50"`
	Author     []string `query:"author,explode" maxItems:"50"`
	Column     []string `query:"column,explode" maxItems:"50"`
	Person     []string `query:"person,explode" maxItems:"50"`
	Place      []string `query:"place,explode" maxItems:"50"`
	Org        []string `query:"org,explode" maxItems:"50"`
	State      []string `query:"state,explode" maxItems:"50" doc:"live, missing, gone"`
	Tag        []string `query:"tag,explode" maxItems:"50" doc:"tags of curators; an article must have each"`
	Collection []string `query:"collection,explode" maxItems:"50" doc:"collections; an article must be in each of them"`
	From       string   `query:"from" doc:"published at or after" example:"2022-01"`
	To         string   `query:"to" doc:"published at or before, to the end of the day, month or year" example:"2022-12"`
	AsOf       string   `query:"as_of" doc:"the archive as it stood then"`
	Lang       string   `query:"lang" enum:"en,zh" default:"en" doc:"of what the answer says in words"`
}

func (in Narrowing) values() url.Values {
	v := url.Values{"site": in.Site, "source": in.Source, "author": in.Author, "column": in.Column, "person": in.Person,
		"place": in.Place, "org": in.Org, "state": in.State, "tag": in.Tag, "collection": in.Collection}
	for key, value := range map[string]string{"from": in.From, "to": in.To, "as_of": in.AsOf} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return v
}

// question reads the filters together with further values of an address.
func (in Narrowing) question(more url.Values) (question, error) {
	v := in.values()
	for key, values := range more {
		v[key] = values
	}
	q, err := parseQuestion(v)
	q.lang = in.Lang
	return q, err
}

// Asking has the parameters of every search.
type Asking struct {
	Q string `query:"q" maxLength:"1000" doc:"words, \"exact phrase\", -without, 来源:name, A NEAR/5 B, brackets, AND, OR" example:"科普 来源:宁夏科协"`
	Narrowing
	Sort      string `query:"sort" enum:"relevance,published,-published,fetched,-fetched" doc:"default: relevance, without words -published"`
	Freshness int    `query:"freshness" minimum:"0" maximum:"36500" doc:"prefer newer articles when sorted by relevance: the half-life of the date's weight in days; 0: the date makes no difference"`
	Literal   bool   `query:"no_synonyms" doc:"only the words as written: no abbreviations, full names or other synonyms of them"`
	Collapse  string `query:"collapse" enum:"none,site,all" doc:"list a text once: site (of a search), all, none"`
}

func (in Asking) question(more url.Values) (question, error) {
	v := url.Values{"q": {in.Q}, "sort": {in.Sort}, "freshness": {strconv.Itoa(in.Freshness)},
		"no_synonyms": {strconv.FormatBool(in.Literal)}, "collapse": {in.Collapse}}
	for key, values := range more {
		v[key] = values
	}
	return in.Narrowing.question(v)
}

// SearchInput is a search with its page.
type SearchInput struct {
	Asking
	Limit   int      `query:"limit" minimum:"1" maximum:"200" default:"10"`
	Offset  int      `query:"offset" minimum:"0" maximum:"10000" doc:"beyond 10000 use the export"`
	Facet   []string `query:"facet,explode" enum:"site,source,column,author,year,month,people,places,orgs,attachments,state" doc:"fields to count over all matches"`
	Explain bool     `query:"explain" doc:"say how each hit got its score"`
}

func (in SearchInput) query() (index.Query, error) {
	q, err := in.question(url.Values{"limit": {strconv.Itoa(in.Limit)}, "offset": {strconv.Itoa(in.Offset)},
		"facet":   in.Facet,
		"explain": {strconv.FormatBool(in.Explain)}})
	return q.searching().query(), err
}

type answer[T any] struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Status       int
	Body         *T
}

// Conditional is what a client may already have.
type Conditional struct {
	IfNoneMatch string `header:"If-None-Match" doc:"an ETag; an unchanged answer is a 304"`
}

func (s *server) searchAPI(api huma.API) {
	huma.Register(api, op("search", http.MethodGet, "/api/v1/search", "Search", "search"),
		func(ctx context.Context, in *struct {
			SearchInput
			Conditional
		}) (*answer[index.Result], error) {
			q, err := in.query()
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			ctx, cancel := context.WithTimeout(ctx, requestTime)
			defer cancel()
			res, err := s.search(ctx, q)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			if res.Hits == nil {
				res.Hits = []index.Hit{}
			}
			took := res.Took
			res.Took = 0
			tag := etagOf(res)
			res.Took = took
			return reply(in.IfNoneMatch, tag, res), nil
		})
	huma.Register(api, op("facets", http.MethodGet, "/api/v1/facets",
		"Count the values of fields over all matches", "search"),
		func(ctx context.Context, in *SearchInput) (*answer[map[string]index.Facet], error) {
			if len(in.Facet) == 0 {
				in.Facet = []string{"site", "source", "column", "author", "year", "people", "places", "orgs",
					"attachments", "state"}
			}
			q, err := in.query()
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			ctx, cancel := context.WithTimeout(ctx, requestTime)
			defer cancel()
			q.Limit = 1
			res, err := s.search(ctx, q)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", res.Facets), nil
		})
	s.exportAPI(api)
}

func op(id, method, path, summary, tag string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{tag},
		MaxBodyBytes: maxBody,
		Errors:       []int{400, 401, 422, 500, 503, 504}}
}

// ArticleInput names an article. These types are exported because huma looks only into exported parts.
type ArticleInput struct {
	ID string `path:"id" pattern:"^[0-9a-f]{20}$" doc:"hash of the clean address, 20 hex digits"`
}

type articleList struct {
	ID       string            `json:"id"`
	Versions []extract.Article `json:"versions" doc:"oldest first"`
}

func (s *server) articleAPI(api huma.API) {
	huma.Register(api,
		withNotFound(op("article", http.MethodGet, "/api/v1/articles/{id}", "One article with its provenance", "articles")),
		func(ctx context.Context, in *struct {
			ArticleInput
			Conditional
			Version int    `query:"v" minimum:"1" doc:"version, counted from 1; default the newest"`
			At      string `query:"at" doc:"the version that stood then"`
		}) (*answer[extract.Article], error) {
			all, i, err := s.pick(ctx, in.ID, positive(in.Version), in.At)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply(in.IfNoneMatch, etagOf(all[i]), all[i]), nil
		})
	huma.Register(api, withNotFound(
		op("versions", http.MethodGet, "/api/v1/articles/{id}/versions", "Every version of an article", "articles")),
		func(ctx context.Context, in *struct {
			ArticleInput
			Conditional
		}) (*answer[articleList], error) {
			all, _, err := s.pick(ctx, in.ID, "", "")
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			list := articleList{in.ID, all}
			return reply(in.IfNoneMatch, etagOf(list), list), nil
		})
	huma.Register(api, withNotFound(
		op("diff", http.MethodGet, "/api/v1/articles/{id}/diff", "Compare two versions by sentence or word", "articles")),
		func(ctx context.Context, in *struct {
			ArticleInput
			Conditional
			From int    `query:"from" minimum:"1" doc:"default: the version before the newest"`
			To   int    `query:"to" minimum:"1" doc:"default: the newest"`
			By   string `query:"by" enum:"word,sentence" default:"word"`
			With string `query:"with" pattern:"^[0-9a-f]{20}$" doc:"an article whose newest version is compared with this one's"`
		}) (*answer[comparison], error) {
			all, _, err := s.pick(ctx, in.ID, "", "")
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			if in.With != "" {
				c, _, err := s.compareWith(ctx, all[len(all)-1], in.With, in.By)
				if err != nil {
					return nil, s.apiError(ctx, err)
				}
				return reply(in.IfNoneMatch, etagOf(c), c), nil
			}
			from, to, err := versionPair(positive(in.From), positive(in.To), len(all))
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			c := compareVersions(all, from, to, in.By)
			return reply(in.IfNoneMatch, etagOf(c), c), nil
		})
	huma.Register(api, withNotFound(op("cite", http.MethodGet, "/api/v1/articles/{id}/citation",
		"Citations with archive reference and digest", "articles")),
		func(ctx context.Context, in *struct {
			ArticleInput
			Version int `query:"v" minimum:"1"`
		}) (*answer[map[string]string], error) {
			all, i, err := s.pick(ctx, in.ID, positive(in.Version), "")
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			out := map[string]string{}
			for _, c := range citations("en", all[i]) {
				out[c.Style] = c.Text
			}
			return reply("", "", out), nil
		})
}

func withNotFound(o huma.Operation) huma.Operation {
	o.Errors = append(o.Errors, http.StatusNotFound)
	return o
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// reply answers with body, or 304 when the client has it.
func reply[T any](ifNoneMatch, tag string, body T) *answer[T] {
	if tag != "" && matches(ifNoneMatch, tag) {
		return &answer[T]{ETag: tag, Status: http.StatusNotModified}
	}
	return &answer[T]{ETag: tag, CacheControl: "private, no-cache", Status: http.StatusOK, Body: &body}
}

// withDay names files after the day they were made.
func withDay(name, extension string, now time.Time) string {
	return name + "-" + now.In(zone.China).Format("20060102") + "." + strings.TrimPrefix(extension, ".")
}
