package web

import (
	"html/template"
	"strconv"
	"time"

	"cundang/index"
)

// timeline is the picture of publication over time: bars in percent of the width, so that
// the SVG needs no script and no scaling of its letters.
type timeline struct {
	Bars   []bar
	Labels []tick
	Max    int
	Unit   string // "year" or "month"
	All    string // address without the dates, "" when none are set
	Height int    // px of the tallest bar
}

// bar is one link in the SVG, where it can be clicked and where it is painted.
type bar struct {
	URL               template.URL // of our own making
	Label             string
	Count             int
	HitX, HitWidth    string
	X, Width, Y, Tall string
}

type tick struct{ X, Label, Anchor string }

const timelineHeight = 56

// widestSlot is how much of the width one bar may take, in percent: six labels fit a phone.
const widestSlot = 15

// maxBars is where months become years.
const maxBars = 60

// drawTimeline makes the picture from the year and month facets of a result.
func drawTimeline(q question, facets map[string]index.Facet) timeline {
	tl := timeline{Height: timelineHeight}
	if q.From != "" || q.To != "" {
		tl.All = q.between("", "").At("/")
	}
	months, years := buckets(facets["month"], "2006-01"), buckets(facets["year"], "2006")
	switch {
	case len(months.counts) > 0 && months.span(1) <= maxBars && facets["month"].Other == 0:
		tl.Unit = "month"
		tl.draw(q, months, 0, 1)
	case len(years.counts) > 0:
		tl.Unit = "year"
		tl.draw(q, years, 1, 0)
	}
	return tl
}

// counted holds buckets by label with their first and last moment.
type counted struct {
	layout      string
	counts      map[string]int
	first, last time.Time
}

func buckets(f index.Facet, layout string) counted {
	c := counted{layout: layout, counts: map[string]int{}}
	for _, v := range f.Values {
		t, err := time.Parse(layout, v.Value)
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			continue // not a date of publication that a picture could show
		}
		c.counts[v.Value] += v.Count
		if c.first.IsZero() || t.Before(c.first) {
			c.first = t
		}
		if t.After(c.last) {
			c.last = t
		}
	}
	return c
}

// span is how many months the buckets cover.
func (c counted) span(step int) int {
	return ((c.last.Year()-c.first.Year())*12+int(c.last.Month()-c.first.Month()))/step + 1
}

func (tl *timeline) draw(q question, c counted, years, months int) {
	var labels []string
	for t := c.first; !t.After(c.last); t = t.AddDate(years, months, 0) {
		labels = append(labels, t.Format(c.layout))
		tl.Max = max(tl.Max, c.counts[t.Format(c.layout)])
	}
	width := min(100/float64(len(labels)), widestSlot)
	every := (len(labels) + 5) / 6
	address := q.between("", "").slots("/", "from", "to")
	for i, label := range labels {
		gap := min(width*0.15, 0.6)
		if n := c.counts[label]; n > 0 {
			h := max(2, float64(n)/float64(tl.Max)*timelineHeight)
			x := float64(i) * width
			tl.Bars = append(tl.Bars, bar{URL: template.URL(address[0] + label + address[1] + label + address[2]),
				Label: label, Count: n,
				HitX: percent(x), HitWidth: percent(width), X: percent(x + gap), Width: percent(width - 2*gap),
				Y: px(timelineHeight + 4 - h), Tall: px(h)})
		}
		if i%every == 0 {
			tl.Labels = append(tl.Labels, tick{percent(float64(i)*width + gap), label, "start"})
		}
	}
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }
func px(f float64) string      { return strconv.FormatFloat(f, 'f', 1, 64) }
