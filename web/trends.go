package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cundang/index"
)

// maxTerms bounds the lines of one picture; there are as many colours.
const maxTerms = 6

// trend is how often terms occur over time; it is the API's answer.
type trend struct {
	Interval string        `json:"interval" enum:"year,month"`
	Buckets  []trendBucket `json:"buckets"`
	Series   []trendSeries `json:"series"`
}

// trendBucket is a year or month and the articles published in it.
type trendBucket struct {
	Label    string `json:"label"`
	Articles int    `json:"articles" doc:"all articles within the filters: the denominator"`
}

// trendSeries is one term; its values stand in the order of the buckets.
type trendSeries struct {
	Term     string    `json:"term"`
	Total    int       `json:"total"`
	Articles []int     `json:"articles" doc:"articles that contain the term"`
	Per10000 []float64 `json:"per_10000" doc:"the same for each 10,000 articles; 0 where there are none"`
	Query    string    `json:"query" doc:"the term as understood"`
}

// splitTerms reads the terms of a form field.
func splitTerms(fields []string) []string {
	var out []string
	for _, f := range fields {
		for _, t := range strings.FieldsFunc(f, func(r rune) bool { return strings.ContainsRune(",，;；\n\r", r) }) {
			if t = strings.TrimSpace(t); t != "" && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// measure counts terms over time within the filters of q.
func (s *server) measure(ctx context.Context, q question, terms []string, interval string) (trend, error) {
	if len(terms) > maxTerms {
		return trend{}, badRequest("error.manyterms")
	}
	if interval != "month" {
		interval = "year"
	}
	count := func(text string) (map[string]int, index.Result, error) {
		iq := q.query()
		iq.Text, iq.Limit, iq.Offset, iq.Facets = text, 1, 0, []string{interval}
		res, err := s.search(ctx, iq)
		if err != nil {
			return nil, res, err
		}
		m := map[string]int{}
		for _, v := range res.Facets[interval].Values {
			m[v.Value] = v.Count
		}
		return m, res, nil
	}
	all, res, err := count("")
	if err != nil {
		return trend{}, err
	}
	layout, years, months := "2006", 1, 0
	if interval == "month" {
		layout, years, months = "2006-01", 0, 1
	}
	c := buckets(res.Facets[interval], layout)
	tr := trend{Interval: interval, Buckets: []trendBucket{}, Series: []trendSeries{}}
	if len(c.counts) > 0 {
		for t := c.first; !t.After(c.last); t = t.AddDate(years, months, 0) {
			label := t.Format(layout)
			tr.Buckets = append(tr.Buckets, trendBucket{label, all[label]})
		}
	}
	for _, term := range terms {
		m, res, err := count(term)
		if err != nil {
			return trend{}, err
		}
		line := trendSeries{Term: term, Total: res.Total, Query: res.Query, Articles: []int{}, Per10000: []float64{}}
		for _, b := range tr.Buckets {
			n, per := m[b.Label], 0.0
			if b.Articles > 0 {
				per = float64(n) * 10_000 / float64(b.Articles)
			}
			line.Articles, line.Per10000 = append(line.Articles, n), append(line.Per10000, per)
		}
		tr.Series = append(tr.Series, line)
	}
	return tr, nil
}

// csv writes a row a bucket: label, denominator, then two columns a term. A term that looks
// like a formula is kept from being one.
func (tr trend) csv(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := []string{tr.Interval, "articles"}
	for _, line := range tr.Series {
		term := line.Term
		if strings.ContainsAny(term[:1], "=+-@\t") {
			term = "'" + term
		}
		head = append(head, term, term+" per 10000")
	}
	rows := [][]string{head}
	for i, b := range tr.Buckets {
		row := []string{b.Label, strconv.Itoa(b.Articles)}
		for _, line := range tr.Series {
			row = append(row, strconv.Itoa(line.Articles[i]), strconv.FormatFloat(line.Per10000[i], 'f', 2, 64))
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// chart is the picture of a trend.
type chart struct {
	Lines  []chartLine
	Grid   []chartGrid
	Labels []tick
	Height int
	Base   string // y of the axis
}

type chartLine struct {
	Class    string
	Term     string
	Segments []segment
	Points   []point
}

type segment struct{ X1, Y1, X2, Y2 string }

type point struct{ X, Y, Title, URL string }

type chartGrid struct{ Y, Label string }

func drawChart(q question, tr trend, normal bool) chart {
	const height, top = 240.0, 12.0
	c := chart{Height: int(height) + 36, Base: px(height + top)}
	values := func(line trendSeries) []float64 {
		if normal {
			return line.Per10000
		}
		out := make([]float64, len(line.Articles))
		for i, n := range line.Articles {
			out[i] = float64(n)
		}
		return out
	}
	most := 0.0
	for _, line := range tr.Series {
		for _, v := range values(line) {
			most = max(most, v)
		}
	}
	most = roundUp(most)
	for i := 0; i <= 4; i++ {
		v := most * float64(i) / 4
		c.Grid = append(c.Grid, chartGrid{px(top + height - height*float64(i)/4), strconv.FormatFloat(v, 'f', -1, 64)})
	}
	// The first and last bucket stand a little off the edges.
	x := func(i int) float64 {
		if len(tr.Buckets) == 1 {
			return 50
		}
		return 4 + float64(i)*93/float64(len(tr.Buckets)-1)
	}
	every := (len(tr.Buckets) + 6) / 7
	for i, b := range tr.Buckets {
		if every > 0 && i%every == 0 {
			c.Labels = append(c.Labels, tick{percent(x(i)), b.Label, "middle"})
		}
	}
	for k, line := range tr.Series {
		cl := chartLine{Class: "s" + strconv.Itoa(k), Term: line.Term}
		ys := values(line)
		for i, v := range ys {
			y := top + height - v/most*height
			cl.Points = append(cl.Points, point{percent(x(i)), px(y),
				fmt.Sprintf("%s %s: %d / %d", line.Term, tr.Buckets[i].Label, line.Articles[i], tr.Buckets[i].Articles),
				q.with(func(q *question) { q.Text = line.Term }).between(tr.Buckets[i].Label, tr.Buckets[i].Label).At("/")})
			if i > 0 {
				before := cl.Points[i-1]
				cl.Segments = append(cl.Segments, segment{before.X, before.Y, percent(x(i)), px(y)})
			}
		}
		c.Lines = append(c.Lines, cl)
	}
	return c
}

// roundUp is the next 1, 2 or 5 times a power of ten, times 4 for whole grid lines.
func roundUp(v float64) float64 {
	for unit := 1.0; ; unit *= 10 {
		for _, f := range []float64{4, 8, 20} {
			if f*unit >= v {
				return f * unit
			}
		}
	}
}

type trendsData struct {
	Q        question
	Terms    string
	Interval string
	Normal   bool
	T        trend
	Chart    chart
	CSV      string
	Absolute string
	Relative string
}

func (s *server) trendsPage(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	terms := splitTerms(v["term"])
	v.Del("q")
	q, err := parseQuestion(v)
	if err != nil {
		return err
	}
	d := trendsData{Q: q, Terms: strings.Join(terms, "，"), Interval: v.Get("interval"), Normal: v.Get("per") == "10000"}
	if len(terms) > 0 {
		if d.T, err = s.measure(r.Context(), q, terms, d.Interval); err != nil {
			return err
		}
		d.Chart = drawChart(q, d.T, d.Normal)
		d.Interval = d.T.Interval
		addr := q.values()
		addr["term"], addr["interval"] = terms, []string{d.Interval}
		d.Absolute = "/trends?" + addr.Encode()
		api := url.Values{}
		for k, val := range addr {
			api[k] = val
		}
		api.Set("format", "csv")
		d.CSV = "/api/v1/trend?" + api.Encode()
		addr.Set("per", "10000")
		d.Relative = "/trends?" + addr.Encode()
	}
	return s.show(w, r, "trends", view{Title: "trends.title", Nav: "trends", Data: d})
}
