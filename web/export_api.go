package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"

	"cundang/export"

	"github.com/danielgtaylor/huma/v2"
)

// etagOf is the validator of what is written as JSON, "" for what cannot be.
func etagOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:10]) + `"`
}

type exportInput struct {
	Asking
	Format string `query:"format" default:"jsonl" doc:"json, jsonl, csv, xlsx, markdown, text, tei, gbt7714, bibtex or ris"`
	Limit  int    `query:"limit" minimum:"0" doc:"0: all"`
}

// exportAPI streams every result of a search: the same filters, the same count, the same
// order as on the page. An export that breaks off ends the connection, so that no client
// takes a part for the whole.
func (s *server) exportAPI(api huma.API) {
	o := op("export", http.MethodGet, "/api/v1/export", "Every result of a search as a file", "search")
	o.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{}}}
	for _, f := range export.Formats() {
		o.Responses["200"].Content[f.MediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString,
			Format: "binary"}}
	}
	huma.Register(api, o, func(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
		format, err := export.FormatByName(in.Format)
		if err != nil {
			return nil, huma.Error422UnprocessableEntity(err.Error())
		}
		q, err := in.question(nil)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		one := q.query()
		one.Limit = 1
		if _, err := s.search(ctx, one); err != nil { // what cannot be answered is refused before the file begins
			return nil, s.apiError(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			leave, err := place(hc.Context(), s.exports)
			if err != nil { // gone before its turn
				panic(http.ErrAbortHandler)
			}
			defer leave()
			hc.SetHeader("Content-Type", format.MediaType)
			hc.SetHeader("Cache-Control", "no-store")
			hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment",
				map[string]string{"filename": withDay("cundang", format.Extension, s.Now())}))
			n, err := export.Write(hc.BodyWriter(), format.Name, first(s.Index.All(hc.Context(), q.query()), in.Limit),
				export.Options{})
			if err != nil {
				s.Log.Error("export broke off", "format", format.Name, "articles", n, "err", err)
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

// first ends a stream after n values; 0 is all.
func first[T any](seq func(func(T, error) bool), n int) func(func(T, error) bool) {
	if n <= 0 {
		return seq
	}
	return func(yield func(T, error) bool) {
		i := 0
		seq(func(v T, err error) bool {
			i++
			return yield(v, err) && i < n
		})
	}
}
