package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"
)

// crawlsError gives errors of Crawls their status.
func (s *server) crawlsError(ctx context.Context, err error) error {
	if fail := crawling(err); fail != nil {
		return s.apiError(ctx, fail)
	}
	return s.apiError(ctx, err)
}

// noCrawls answers for a server that only shows an archive.
func (s *server) noCrawls() error {
	if s.Crawls == nil {
		return huma.Error404NotFound("this server does not crawl")
	}
	return nil
}

// RunInput names a crawl.
type RunInput struct {
	ID string `path:"id" maxLength:"100" doc:"ID of a crawl"`
}

type crawlRequest struct {
	Body struct {
		Sites []string `json:"sites,omitempty" maxItems:"1000" doc:"site IDs; none: all"`
	}
}

type started struct {
	ID string `json:"id"`
}

type siteList struct {
	Sites []SiteStatus `json:"sites"`
}

type runList struct {
	Crawls []Run `json:"crawls"`
}

type alarmList struct {
	Alarms []Alarm `json:"alarms"`
}

type doubtList struct {
	Total  int     `json:"total"`
	Doubts []Doubt `json:"doubts"`
}

type findingList struct {
	Total    int       `json:"total"`
	Findings []Finding `json:"findings"`
}

// ended is the last event of a crawl's stream.
type ended struct {
	ID string `json:"id"`
}

func (s *server) crawlsAPI(api huma.API) {
	get := func(id, path, summary string) huma.Operation {
		return withNotFound(op(id, http.MethodGet, path, summary, "crawls"))
	}
	huma.Register(api, get("sites", "/api/v1/sites", "Sites with schedule, last and next run"),
		func(ctx context.Context, _ *struct{}) (*answer[siteList], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			list, err := s.Crawls.Sites(ctx)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", siteList{present(list)}), nil
		})
	huma.Register(api, get("crawls", "/api/v1/crawls", "Crawls, the newest first"),
		func(ctx context.Context, in *struct {
			Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
		}) (*answer[runList], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			list, err := s.Crawls.Runs(ctx, in.Limit)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", runList{present(list)}), nil
		})
	huma.Register(api, get("crawl", "/api/v1/crawls/{id}", "One crawl with its report so far"),
		func(ctx context.Context, in *RunInput) (*answer[Run], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			run, err := s.Crawls.Run(ctx, in.ID)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", run), nil
		})
	s.crawlActions(api)
	s.crawlEvents(api)
	huma.Register(api, get("alarms", "/api/v1/alarms", "What looks wrong with sites, the newest first"),
		func(ctx context.Context, _ *struct{}) (*answer[alarmList], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			list, err := s.Crawls.Alarms(ctx)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", alarmList{present(list)}), nil
		})
	huma.Register(api, get("review", "/api/v1/review", "Articles whose reading is in doubt, the most doubtful first"),
		func(ctx context.Context, in *struct {
			Limit  int `query:"limit" minimum:"1" maximum:"200" default:"30"`
			Offset int `query:"offset" minimum:"0" maximum:"10000"`
		}) (*answer[doubtList], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			list, total, err := s.Crawls.Review(ctx, in.Offset, in.Limit)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", doubtList{total, present(list)}), nil
		})
	huma.Register(
		api, get("findings", "/api/v1/findings", "Captures that could not be read as they should, with reason and cure"),
		func(ctx context.Context, in *struct {
			Limit  int `query:"limit" minimum:"1" maximum:"200" default:"30"`
			Offset int `query:"offset" minimum:"0" maximum:"10000"`
		}) (*answer[findingList], error) {
			if err := s.noCrawls(); err != nil {
				return nil, err
			}
			list, total, err := s.Crawls.Findings(ctx, in.Offset, in.Limit)
			if err != nil {
				return nil, s.crawlsError(ctx, err)
			}
			return reply("", "", findingList{total, present(list)}), nil
		})
}

func (s *server) crawlActions(api huma.API) {
	start := withNotFound(op("start-crawl", http.MethodPost, "/api/v1/crawls", "Start a crawl of what is due", "crawls"))
	start.DefaultStatus = http.StatusAccepted
	start.Errors = append(start.Errors, http.StatusConflict)
	huma.Register(api, start, func(ctx context.Context, in *crawlRequest) (*answer[started], error) {
		if err := s.noCrawls(); err != nil {
			return nil, err
		}
		id, err := s.Crawls.Start(ctx, nonEmpty(in.Body.Sites))
		if err != nil {
			return nil, s.crawlsError(ctx, err)
		}
		a := reply("", "", started{id})
		a.Status = http.StatusAccepted
		return a, nil
	})
	stop := withNotFound(op("stop-crawl", http.MethodPost, "/api/v1/crawls/{id}/stop",
		"Ask a crawl to end after what is on the wire", "crawls"))
	stop.DefaultStatus = http.StatusAccepted
	huma.Register(api, stop, func(ctx context.Context, in *RunInput) (*answer[started], error) {
		if err := s.noCrawls(); err != nil {
			return nil, err
		}
		if err := s.Crawls.Stop(ctx, in.ID); err != nil {
			return nil, s.crawlsError(ctx, err)
		}
		a := reply("", "", started{in.ID})
		a.Status = http.StatusAccepted
		return a, nil
	})
}

// crawlEvents streams how a crawl stands: "progress" events, at the end one "end".
func (s *server) crawlEvents(api huma.API) {
	o := withNotFound(op("crawl-events", http.MethodGet, "/api/v1/crawls/{id}/events",
		"How a crawl stands, live (server-sent events)", "crawls"))
	sse.Register(api, o, map[string]any{"progress": Run{}, "end": ended{}},
		func(ctx context.Context, in *RunInput, send sse.Sender) {
			if s.Crawls == nil {
				return
			}
			for run := range s.Crawls.Watch(ctx, in.ID) {
				for i := range run.Sites {
					run.Sites[i].Outcomes = nil // the report has them
				}
				if err := send.Data(run); err != nil {
					return // the client is gone
				}
			}
			if ctx.Err() == nil {
				_ = send.Data(ended{in.ID}) // the client is gone: nobody is left to tell
			}
		})
}

// present makes an absent list an empty one.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
