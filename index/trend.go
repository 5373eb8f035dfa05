package index

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// Trend is how often terms occur over time.
type Trend struct {
	Interval string   `json:"interval"`        // year, month or day
	Labels   []string `json:"labels"`          // every interval from the first to the last, 2022 or 2022-10
	Articles []int    `json:"articles"`        // all articles within the filters: the denominator
	Texts    []int    `json:"texts,omitempty"` // different texts among them, with CollapseAll
	Series   []Series `json:"series"`
	Notice   string   `json:"notice,omitempty"` // on the filters
}

// Series is one term of a Trend; its values stand in the order of the labels.
type Series struct {
	Term     string    `json:"term"`
	Query    string    `json:"query"` // the term as understood
	Notice   string    `json:"notice,omitempty"`
	Total    int       `json:"total"` // dated or not
	Articles []int     `json:"articles"`
	Per10000 []float64 `json:"per_10000"`       // of all articles of the interval; 0 where there are none
	Texts    []int     `json:"texts,omitempty"` // different texts among Articles, with CollapseAll
	// TextsPer10000 is of all different texts of the interval.
	TextsPer10000 []float64 `json:"texts_per_10000,omitempty"`
}

// Trend counts the articles each term finds by the time they were published, within the
// filters of q; its Text narrows all of them. Terms are queries. Articles without a date
// count in Total only.
func (x *Index) Trend(ctx context.Context, q Query, interval string, terms ...string) (t Trend, err error) {
	width, ok := datePrefix[interval]
	if !ok {
		return t, fmt.Errorf("trend by %q: year, month or day", interval)
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return t, err
	}
	defer done(&err)
	base, err := r.understand(ctx, q)
	if err != nil {
		return t, fmt.Errorf("trend: %w", err)
	}
	found, _, err := r.find(ctx, "", base, 0, FieldDay)
	if err != nil {
		return t, fmt.Errorf("trend: %w", err)
	}
	all := found.Counts[FieldDay].byDate(width)
	t = Trend{Interval: interval, Labels: labels(all, interval), Series: []Series{}, Notice: base.notice()}
	for _, l := range t.Labels {
		t.Articles = append(t.Articles, all[l])
	}
	if t.Texts, err = r.textsOver(ctx, base, interval, t.Labels, t.Articles); err != nil {
		return t, fmt.Errorf("trend: %w", err)
	}
	for _, term := range terms {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		tq := q
		tq.Text = term
		u, err := r.understand(ctx, tq)
		if err != nil {
			return t, fmt.Errorf("trend of %q: %w", term, err)
		}
		u.query.Within = &base.query
		f, _, err := r.find(ctx, "", u, 0, FieldDay)
		if err != nil {
			return t, fmt.Errorf("trend of %q: %w", term, err)
		}
		found := f.Counts[FieldDay].byDate(width)
		s := Series{Term: term, Query: u.tree.String(), Notice: u.notice(), Total: f.Total}
		for i, l := range t.Labels {
			s.Articles = append(s.Articles, found[l])
			s.Per10000 = append(s.Per10000, per10000(found[l], t.Articles[i]))
		}
		if s.Texts, err = r.textsOver(ctx, u, interval, t.Labels, s.Articles); err != nil {
			return t, fmt.Errorf("trend of %q: %w", term, err)
		}
		for i, n := range s.Texts {
			s.TextsPer10000 = append(s.TextsPer10000, per10000(n, t.Texts[i]))
		}
		t.Series = append(t.Series, s)
	}
	return t, nil
}

func per10000(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) * 10000 / float64(of)
}

// textsOver counts different texts by interval, if texts are collapsed to one.
func (r *reader) textsOver(ctx context.Context, u *understood, interval string, labels []string,
	articles []int) ([]int, error) {
	if u.collapse != FieldCopies {
		return nil, nil
	}
	out := make([]int, len(labels))
	for i, l := range labels {
		if articles[i] == 0 {
			continue
		}
		n, err := r.texts(ctx, u, interval, l)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// labels lists every interval between the first and the last that counts; days only as they are.
func labels(counts map[string]int, interval string) []string {
	out := []string{}
	for l := range counts {
		out = append(out, l)
	}
	slices.Sort(out)
	if len(out) == 0 || interval == "day" {
		return out
	}
	first, last := out[0], out[len(out)-1]
	out = out[:0]
	for l := first; l <= last; l = nextLabel(l) {
		out = append(out, l)
	}
	return out
}

// nextLabel is the year or month after one. Days come from parsed dates, so their parts are numbers.
func nextLabel(l string) string {
	year, _ := strconv.Atoi(l[:4])
	if len(l) == 4 {
		return fmt.Sprintf("%04d", year+1)
	}
	month, _ := strconv.Atoi(l[5:7])
	if month == 12 {
		year, month = year+1, 0
	}
	return fmt.Sprintf("%04d-%02d", year, month+1)
}
