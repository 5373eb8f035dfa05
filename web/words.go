package web

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"cundang/export"
	"cundang/index"

	"github.com/danielgtaylor/huma/v2"
)

// Bounds of a count of words: cutting texts takes about a millisecond an article.
const (
	wordsRead  = 5000 // articles, the newest of the answer; the command line reads all
	wordsShown = 100
)

// wordTable is a count of words as a table.
type wordTable interface {
	Head() []string
	Rows() [][]string
}

// wordCount is what a count of words answers.
type wordCount struct {
	Measure      string              `json:"measure" enum:"frequencies,collocations,keyness"`
	Frequencies  *index.WordList     `json:"frequencies,omitempty"`
	Collocations *index.Collocations `json:"collocations,omitempty"`
	Keyness      *index.Keyness      `json:"keyness,omitempty"`
	Notice       string              `json:"notice,omitempty"`

	table wordTable
}

// countWords counts words within a question.
func (s *server) countWords(ctx context.Context, q question, measure, word string, c index.Counting) (out wordCount,
	err error) {
	leave, err := place(ctx, s.surveys)
	if err != nil {
		return out, err
	}
	defer leave()
	c.Read = wordsRead
	out.Measure = measure
	switch measure {
	case "collocations":
		if word = strings.TrimSpace(word); word == "" {
			return out, badRequest("error.term")
		}
		l, err := s.Index.Collocations(ctx, q.query(), word, c)
		out.Collocations, out.table, out.Notice = &l, l, l.Notice
		return out, err
	case "keyness":
		l, err := s.Index.Keyness(ctx, q.query(), c)
		out.Keyness, out.table, out.Notice = &l, l, l.Notice
		return out, err
	}
	out.Measure = "frequencies"
	l, err := s.Index.Words(ctx, q.query(), c)
	out.Frequencies, out.table, out.Notice = &l, l, l.Notice
	return out, err
}

type wordsData struct {
	Q                  question
	Measure, Word, CSV string
	Measures           []string
	Head               []string
	Rows               [][]string
	Notice             string
}

func (s *server) wordsPage(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, err := parseQuestion(v)
	if err != nil {
		return err
	}
	q.lang, _ = s.prefs(r)
	d := wordsData{Q: q, Measure: v.Get("measure"), Word: strings.TrimSpace(v.Get("word")),
		Measures: []string{"frequencies", "collocations", "keyness"}}
	if v.Has("measure") && (d.Measure != "collocations" || d.Word != "") {
		c, err := s.countWords(r.Context(), q, d.Measure, d.Word, index.Counting{Limit: wordsShown})
		if err != nil {
			return err
		}
		d.Measure, d.Head, d.Rows, d.Notice = c.Measure, c.table.Head(), c.table.Rows(), c.Notice
		a := q.values()
		a.Set("measure", d.Measure)
		if d.Word != "" {
			a.Set("word", d.Word)
		}
		a.Set("format", "csv")
		d.CSV = "/api/v1/words?" + a.Encode()
	}
	return s.show(w, r, "words", view{Title: "words.title", Nav: "words", Data: d})
}

func (s *server) wordsAPI(api huma.API) {
	o := op("words", http.MethodGet, "/api/v1/words", "Frequencies, collocations and keyness of the words of a search",
		"search")
	o.Responses = map[string]*huma.Response{"200": {Description: "The words", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[wordCount](api.OpenAPI().Components.Schemas)},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(api, o, func(ctx context.Context, in *struct {
		Asking
		Measure string `query:"measure" enum:"frequencies,collocations,keyness" default:"frequencies"`
		Word    string `query:"word" maxLength:"100" doc:"whose collocations are counted"`
		Window  int    `query:"window" minimum:"1" maximum:"50" default:"5" doc:"words on each side"`
		Least   int    `query:"least" minimum:"1" default:"3" doc:"times a word occurs at least"`
		Limit   int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
		Format  string `query:"format" enum:"json,csv" default:"json"`
	}) (*huma.StreamResponse, error) {
		q, err := in.question(nil)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		c, err := s.countWords(ctx, q, in.Measure, in.Word, index.Counting{Limit: in.Limit, Window: in.Window,
			Least: in.Least})
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Cache-Control", "private, no-cache")
			if in.Format == "csv" { // an error: the client is gone
				hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
				hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment",
					map[string]string{"filename": withDay("cundang-"+c.Measure, "csv", s.Now())}))
				_ = export.WriteTable(hc.BodyWriter(), c.table.Head(), c.table.Rows())
				return
			}
			hc.SetHeader("Content-Type", "application/json")
			_ = api.Marshal(hc.BodyWriter(), "application/json", c)
		}}, nil
	})
}
