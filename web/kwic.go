package web

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cundang/index"
	"cundang/internal/locale"

	"github.com/danielgtaylor/huma/v2"
)

// Bounds of a concordance. Lines are sorted before they are cut: up to maxSorted of them, those of the newest
// articles, which take 10 MB; a page and an answer in JSON show the first maxLines, CSV has all that were sorted.
const (
	maxSorted = 20_000
	maxLines  = 1000
)

// similarShown is how many similar articles a page lists.
const similarShown = 6

// similarLeast is the share of common text below which an article is not worth a line.
const similarLeast = 0.05

var kwicSorts = []string{"date", "left", "right"}

// concord lists a term in context; by left it is sorted by what stands before the term, read
// backwards from it, by right by what follows, in both cases by code point: for Chinese characters that is the
// order of Unicode, by radical and strokes. All says that there are no more lines than those sorted.
func (s *server) concord(ctx context.Context, q question, term, sort string,
	width int) (c index.Concordance, all bool, err error) {
	if term = strings.TrimSpace(term); term == "" || utf8.RuneCountInString(term) > 100 {
		return c, false, badRequest("error.term")
	}
	leave, err := place(ctx, s.surveys)
	if err != nil {
		return c, false, err
	}
	defer leave()
	iq := q.query()
	iq.Sort, iq.Limit, iq.Offset = "-published", maxSorted+1, 0
	if c, err = s.Index.KWIC(ctx, iq, term, false, width); err != nil {
		return c, false, err
	}
	all = len(c.Lines) <= maxSorted
	c.Lines = present(c.Lines[:min(len(c.Lines), maxSorted)])
	switch sort {
	case "left":
		keys := make(map[string]string, len(c.Lines))
		for _, l := range c.Lines {
			keys[l.Left] = reverse(l.Left)
		}
		slices.SortStableFunc(c.Lines, func(a, b index.Line) int { return cmp.Compare(keys[a.Left], keys[b.Left]) })
	case "right":
		slices.SortStableFunc(c.Lines, func(a, b index.Line) int { return cmp.Compare(a.Right, b.Right) })
	}
	return c, all, nil
}

func reverse(s string) string {
	rs := []rune(s)
	slices.Reverse(rs)
	return string(rs)
}

type kwicData struct {
	Q          question
	Term, Sort string
	Width      int
	C          index.Concordance
	Sorts      []choice
	CSV        string
	Lines      []index.Line // those shown
	All        bool         // no more lines than were sorted
}

func (s *server) kwicPage(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, err := parseQuestion(v)
	if err != nil {
		return err
	}
	lang, _ := s.prefs(r)
	q.lang = lang
	d := kwicData{Q: q, Term: strings.TrimSpace(v.Get("term")), Sort: v.Get("order"), Width: 20}
	if !slices.Contains(kwicSorts, d.Sort) {
		d.Sort = "date"
	}
	if n, err := number(v.Get("width"), 60); err != nil {
		return err
	} else if n > 0 {
		d.Width = n
	}
	if d.Term != "" {
		if d.C, d.All, err = s.concord(r.Context(), q, d.Term, d.Sort, d.Width); err != nil {
			return err
		}
		d.Lines = d.C.Lines[:min(len(d.C.Lines), maxLines)]
		addr := q.values()
		addr.Set("term", d.Term)
		addr.Set("width", strconv.Itoa(d.Width))
		for _, sort := range kwicSorts {
			addr.Set("order", sort)
			d.Sorts = append(d.Sorts,
				choice{sort, locale.Text(lang, "kwic.sort."+sort), "/kwic?" + addr.Encode(), sort == d.Sort})
		}
		addr.Set("order", d.Sort)
		addr.Set("format", "csv")
		d.CSV = "/api/v1/concordance?" + addr.Encode()
	}
	return s.show(w, r, "kwic", view{Title: "kwic.title", Nav: "kwic", Data: d, Wide: true})
}

// KWICInput asks for a concordance.
type KWICInput struct {
	Term   string `query:"term" required:"true" minLength:"1" maxLength:"100" doc:"matched as a string, traditional and simplified, wide and narrow forms alike"`
	Q      string `query:"q" maxLength:"1000" doc:"narrows the articles"`
	Width  int    `query:"width" minimum:"1" maximum:"60" default:"20" doc:"characters of context on either side"`
	Order  string `query:"order" enum:"date,left,right" default:"date"`
	Format string `query:"format" enum:"json,csv" default:"json"`
	Narrowing
}

func (s *server) kwicAPI(api huma.API) {
	o := op("concordance", http.MethodGet, "/api/v1/concordance",
		"A term in its contexts (KWIC), in JSON at most the first 1000 lines, in CSV the first 20000", "search")
	o.Responses = map[string]*huma.Response{"200": {Description: "The lines", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemaOf[index.Concordance](api.OpenAPI().Components.Schemas)},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(api, o, func(ctx context.Context, in *KWICInput) (*huma.StreamResponse, error) {
		q, err := in.question(url.Values{"q": {in.Q}})
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		c, _, err := s.concord(ctx, q, in.Term, in.Order, in.Width)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Cache-Control", "private, no-cache")
			if in.Format == "csv" {
				hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
				hc.SetHeader("Content-Disposition",
					mime.FormatMediaType("attachment", map[string]string{"filename": withDay("cundang-kwic", "csv", s.Now())}))
				_ = writeLines(hc.BodyWriter(), c.Lines) // the client is gone
				return
			}
			hc.SetHeader("Content-Type", "application/json")
			c.Lines = c.Lines[:min(len(c.Lines), maxLines)]
			_ = api.Marshal(hc.BodyWriter(), "application/json", c) // the client is gone
		}}, nil
	})
	huma.Register(api, op("suggest", http.MethodGet, "/api/v1/suggest",
		"Complete what someone begins to type, pinyin included", "search"),
		func(ctx context.Context, in *struct {
			Q     string `query:"q" maxLength:"100"`
			Limit int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
		}) (*answer[suggestionList], error) {
			list, err := s.Index.Suggest(ctx, in.Q, index.Query{Limit: in.Limit})
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", suggestionList{present(list)}), nil
		})
}

type suggestionList struct {
	Suggestions []index.Suggestion `json:"suggestions"`
}

// writeLines writes a concordance for a spreadsheet.
func writeLines(w io.Writer, lines []index.Line) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"left", "match", "right", "title", "source", "published", "part", "url", "id"}}
	for _, l := range lines {
		row := []string{l.Left, l.Match, l.Right, string(l.Title), string(l.Source), showDate(l.Published), l.Part,
			l.URL, l.ID}
		for i := range row {
			row[i] = guard(row[i])
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

type similarList struct {
	Similar []index.Similar `json:"similar"`
}

// similar lists what the article page shows beside an article.
func (s *server) similar(ctx context.Context, id string) ([]index.Similar, error) {
	leave, err := place(ctx, s.surveys)
	if err != nil {
		return nil, err
	}
	defer leave()
	list, err := s.Index.Similar(ctx, id, index.Query{Limit: similarShown})
	return slices.DeleteFunc(list, func(x index.Similar) bool { return x.Shared < similarLeast }), err
}

func (s *server) similarAPI(api huma.API) {
	huma.Register(api, withNotFound(
		op("similar", http.MethodGet, "/api/v1/articles/{id}/similar", "Similar articles and reprints", "articles")),
		func(ctx context.Context, in *struct {
			ArticleInput
			Limit int `query:"limit" minimum:"1" maximum:"50" default:"10"`
		}) (*answer[similarList], error) {
			ctx, cancel := context.WithTimeout(ctx, requestTime)
			defer cancel()
			list, err := s.Index.Similar(ctx, in.ID, index.Query{Limit: in.Limit})
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", similarList{present(list)}), nil
		})
}
