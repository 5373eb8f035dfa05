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

	"cundang/export"
	"cundang/index"
)

// maxTerms bounds the lines of one picture; there are as many colours.
const maxTerms = 6

// maxPoints bounds the points of one line.
const maxPoints = 600

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
func (s *server) measure(ctx context.Context, q question, terms []string, interval string) (index.Trend, error) {
	if len(terms) > maxTerms {
		return index.Trend{}, badRequest("error.manyterms")
	}
	if interval != "month" {
		interval = "year"
	}
	leave, err := place(ctx, s.surveys)
	if err != nil {
		return index.Trend{}, err
	}
	defer leave()
	tr, err := s.Index.Trend(ctx, q.query(), interval, terms...)
	tr.Articles = present(tr.Articles)
	for i := range tr.Series {
		tr.Series[i].Articles, tr.Series[i].Per10000 = present(tr.Series[i].Articles), present(tr.Series[i].Per10000)
	}
	return tr, err
}

// writeTrend writes a row a bucket: label, denominator, then two columns a term. A term that looks
// like a formula is kept from being one.
func writeTrend(w io.Writer, tr index.Trend) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := []string{tr.Interval, "articles"}
	for _, line := range tr.Series {
		term := guard(line.Term)
		head = append(head, term, term+" per 10000")
	}
	rows := [][]string{head}
	for i, label := range tr.Labels {
		row := []string{label, strconv.Itoa(tr.Articles[i])}
		for _, line := range tr.Series {
			row = append(row, strconv.Itoa(line.Articles[i]), strconv.FormatFloat(line.Per10000[i], 'f', 2, 64))
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// guard keeps a spreadsheet from taking text for a formula, as exports do.
func guard(s string) string { return export.Guard(s) }

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

func drawChart(q question, tr index.Trend, normal bool) chart {
	const height, top = 240.0, 12.0
	c := chart{Height: int(height) + 36, Base: px(height + top)}
	values := func(line index.Series) []float64 {
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
		if len(tr.Labels) == 1 {
			return 50
		}
		return 2 + float64(i)*96/float64(len(tr.Labels)-1)
	}
	every := (len(tr.Labels) + 6) / 7
	for i, label := range tr.Labels {
		if every > 0 && i%every == 0 {
			anchor := "middle"
			switch i { // at the edges labels stay inside
			case 0:
				anchor = "start"
			case len(tr.Labels) - 1:
				anchor = "end"
			}
			c.Labels = append(c.Labels, tick{percent(x(i)), label, anchor})
		}
	}
	for k, line := range tr.Series {
		cl := chartLine{Class: "s" + strconv.Itoa(k), Term: line.Term}
		ys := values(line)
		for i, v := range ys {
			y := top + height - v/most*height
			cl.Points = append(cl.Points, point{percent(x(i)), px(y),
				fmt.Sprintf("%s %s: %d / %d", line.Term, tr.Labels[i], line.Articles[i], tr.Articles[i]),
				q.with(func(q *question) { q.Text = line.Term }).between(tr.Labels[i], tr.Labels[i]).At("/")})
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
	T        index.Trend
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
	q.lang, _ = s.prefs(r)
	d := trendsData{Q: q, Terms: strings.Join(terms, "，"), Interval: v.Get("interval"), Normal: v.Get("per") == "10000"}
	if len(terms) > 0 {
		if d.T, err = s.measure(r.Context(), q, terms, d.Interval); err != nil {
			return err
		}
		if len(d.T.Labels) <= maxPoints { // a page that shows year 1 would draw thousands
			d.Chart = drawChart(q, d.T, d.Normal)
		}
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
