package web

import (
	"context"
	"mime"
	"net/http"
	"time"

	"cundang/archive"
	"cundang/index"
	"cundang/internal/urlkey"

	"github.com/danielgtaylor/huma/v2"
)

type trendInput struct {
	Term     []string `query:"term,explode" required:"true" minItems:"1" maxItems:"6" doc:"a search in the query language; repeat the parameter for further lines"`
	Interval string   `query:"interval" enum:"year,month" default:"year"`
	Format   string   `query:"format" enum:"json,csv" default:"json"`
	Narrowing
}

func (s *server) trendAPI(api huma.API) {
	o := op("trend", http.MethodGet, "/api/v1/trend", "How often terms occur over time, with the denominator", "search")
	reg := api.OpenAPI().Components.Schemas
	o.Responses = map[string]*huma.Response{"200": {Description: "The trend", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[index.Trend](reg)}, "text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(api, o, func(ctx context.Context, in *trendInput) (*huma.StreamResponse, error) {
		q, err := in.question(nil)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		tr, err := s.measure(ctx, q, splitTerms(in.Term), in.Interval)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Cache-Control", "private, no-cache")
			if in.Format == "csv" {
				hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
				hc.SetHeader("Content-Disposition",
					mime.FormatMediaType("attachment", map[string]string{"filename": withDay("cundang-trend", "csv", s.Now())}))
				_ = writeTrend(hc.BodyWriter(), tr) // the client is gone
				return
			}
			hc.SetHeader("Content-Type", "application/json")
			_ = api.Marshal(hc.BodyWriter(), "application/json", tr) // the client is gone
		}}, nil
	})
}

func (s *server) changesAPI(api huma.API) {
	huma.Register(api, op("changes", http.MethodGet, "/api/v1/changes",
		"Modifications and deletions, the newest first, with their diffs", "articles"),
		func(ctx context.Context, in *struct {
			Site   []string `query:"site,explode" maxItems:"50"`
			Source []string `query:"source,explode" maxItems:"50"`
			Column []string `query:"column,explode" maxItems:"50"`
			Limit  int      `query:"limit" minimum:"1" maximum:"200" default:"30"`
			Offset int      `query:"offset" minimum:"0" maximum:"10000"`
		}) (*answer[changeList], error) {
			rows, total, err := s.changeRows(ctx, index.Query{Sites: in.Site, Sources: in.Source, Columns: in.Column,
				Limit: in.Limit, Offset: in.Offset})
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			list := changeList{Total: total, Changes: []changeItem{}}
			for _, row := range rows {
				list.Changes = append(list.Changes,
					changeItem{row.ID, row.What, row.At, row.Version, row.A.URL, string(row.A.Title), row.C})
			}
			return reply("", "", list), nil
		})
}

// captureItem is one capture of an address.
type captureItem struct {
	URL    string    `json:"url"`
	Time   time.Time `json:"time"`
	Status int       `json:"status"`
	Type   string    `json:"type"`
	Digest string    `json:"digest"`
	Ref    string    `json:"ref" doc:"FILE:OFFSET:LENGTH of the WARC record"`
	Replay string    `json:"replay" doc:"address of the archived page on this server"`
}

type captureList struct {
	URL      string        `json:"url"`
	ID       string        `json:"id" doc:"of the article at this address, if it is one"`
	Captures []captureItem `json:"captures" doc:"oldest first"`
}

func (s *server) captureAPI(api huma.API) {
	huma.Register(
		api, withNotFound(op("captures", http.MethodGet, "/api/v1/captures", "Every capture of an address", "captures")),
		func(ctx context.Context, in *struct {
			URL string `query:"url" required:"true" maxLength:"4000" example:"http://www.example.org/"`
		}) (*answer[captureList], error) {
			clean, err := urlkey.Clean(in.URL)
			if err != nil {
				return nil, s.apiError(ctx, badRequest("error.url"))
			}
			list := captureList{URL: clean, ID: urlkey.ID(clean), Captures: []captureItem{}}
			for c, err := range s.Store.Versions(ctx, clean) {
				if err != nil {
					return nil, s.apiError(ctx, err)
				}
				list.Captures = append(list.Captures,
					captureItem{c.URL, c.Time, c.Status, c.MediaType(), c.Digest, c.Ref.String(), replayAddress(c.Time, c.URL)})
			}
			if len(list.Captures) == 0 {
				return nil, s.apiError(ctx, archive.ErrNotFound)
			}
			return reply("", "", list), nil
		})
}

type savedList struct {
	Saved []SavedSearch `json:"saved"`
}

func (s *server) savedAPI(api huma.API) {
	huma.Register(api, op("saved", http.MethodGet, "/api/v1/saved", "Saved searches", "saved"),
		func(ctx context.Context, _ *struct{}) (*answer[savedList], error) {
			list, err := s.Saved.Load(ctx)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", savedList{present(list)}), nil
		})
	save := op("save", http.MethodPost, "/api/v1/saved", "Save a search; its feed is /feeds/saved/ID", "saved")
	save.DefaultStatus = http.StatusCreated
	huma.Register(api, save, func(ctx context.Context, in *struct {
		Body struct {
			Name  string `json:"name" minLength:"1" maxLength:"100"`
			Query string `json:"query" maxLength:"8000" doc:"the search as a query string: q=…&site=…"`
		}
	}) (*answer[SavedSearch], error) {
		saved, err := s.saveSearch(ctx, in.Body.Name, in.Body.Query)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		a := reply("", "", saved)
		a.Status = http.StatusCreated
		return a, nil
	})
	drop := withNotFound(op("drop", http.MethodDelete, "/api/v1/saved/{id}", "Forget a saved search", "saved"))
	drop.DefaultStatus = http.StatusNoContent
	huma.Register(api, drop, func(ctx context.Context, in *struct {
		ID string `path:"id" maxLength:"100"`
	}) (*struct{}, error) {
		if err := s.dropSearch(ctx, in.ID); err != nil {
			return nil, s.apiError(ctx, err)
		}
		return nil, nil
	})
}
