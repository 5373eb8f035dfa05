package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cundang/extract"
)

// gold is one page's labels, made by reading it.
type gold struct {
	File        string            `json:"file"`
	Group       string            `json:"group"`
	Kind        string            `json:"kind"`
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	Source      string            `json:"source"`
	Author      string            `json:"author"`
	Date        string            `json:"date"`
	Editor      string            `json:"editor"`
	Contributor string            `json:"contributor"`
	Breadcrumb  string            `json:"breadcrumb"`
	Body        string            `json:"body"`
	Snippets    []string          `json:"body_snippets"`
	Boilerplate []string          `json:"boilerplate_snippets"`
	Skip        []string          `json:"skip_fields"`
	Attachments *int              `json:"attachments"`
	Document    *extract.Document `json:"document"`
}

// counts are hits of tries.
type counts struct{ hit, of int }

func (c *counts) add(ok bool) {
	c.of++
	if ok {
		c.hit++
	}
}

func (c counts) percent() float64 {
	if c.of == 0 {
		return 100
	}
	return 100 * float64(c.hit) / float64(c.of)
}

// table is the score of a set of pages, in percent; the columns of the table and the
// fields that only our own fixtures label.
type table struct {
	Pages    int     `json:"pages"`
	Title    float64 `json:"title"`
	Source   float64 `json:"source"`
	Author   float64 `json:"author"`
	Invented float64 `json:"invented_authors"`
	Date     float64 `json:"date"`
	Clock    float64 `json:"time"`
	BodyF1   float64 `json:"body_f1"`
	Body95   float64 `json:"pages_ge_95"`
	Leaked   float64 `json:"leaked"`
	Kind     float64 `json:"kind,omitempty"`
	Editor   float64 `json:"editor,omitempty"`
	Contrib  float64 `json:"contributor,omitempty"`
	Column   float64 `json:"column,omitempty"`
	Attached float64 `json:"attachments,omitempty"`
	Document float64 `json:"document,omitempty"`
}

// score compares readings with labels as the labelled set's own scorer does: titles and
// sources without punctuation and labels, authors as sets of names, dates by the day,
// bodies by the F1 of their five-character pieces.
func score(gs []gold, as map[string]extract.Article) (table, []string) {
	var title, source, author, invented, date, clock, ge95, leaked, kind, editor, contrib, column, attached,
		document counts
	var f1s []float64
	var wrong []string
	miss := func(g gold, field string, ok bool, want, got string) {
		if !ok {
			wrong = append(wrong, g.File+"\t"+field+"\twant "+want+"\tgot "+got)
		}
	}
	for _, g := range gs {
		a := as[g.File]
		skip := func(f string) bool { return slices.Contains(g.Skip, f) }
		check := func(c *counts, field string, ok bool, want, got string) {
			c.add(ok)
			miss(g, field, ok, want, got)
		}
		if !skip("title") {
			check(&title, "title", letters(g.Title) == letters(string(a.Title)), g.Title, string(a.Title))
		}
		if !skip("source") && g.Source != "" {
			check(&source, "source", plainSource(g.Source) == plainSource(string(a.Source)), g.Source, string(a.Source))
		}
		if !skip("author") {
			ok := slices.Equal(nameSet(g.Author), nameSet(string(a.Author)))
			check(&author, "author", ok, g.Author, string(a.Author))
			if len(nameSet(g.Author)) == 0 {
				invented.add(a.Author != "")
			}
		}
		if !skip("date") {
			want, got := day(g.Date), day(a.Published.String())
			check(&date, "date", want == got, g.Date, a.Published.String())
			if h := minute(g.Date); h != "" && h != "0:00" {
				check(&clock, "time", want == got && h == minute(a.Published.String()), g.Date, a.Published.String())
			}
		}
		body := squeeze(string(a.Body))
		for _, s := range g.Boilerplate {
			in := strings.Contains(body, squeeze(s))
			leaked.add(in)
			miss(g, "leaked", !in, "", s)
		}
		if g.Body != "" {
			f := gramF1(squeeze(g.Body), body)
			f1s = append(f1s, f)
			check(&ge95, "body", f >= .95, "F1 ≥ 0.95", "F1 "+strconv.FormatFloat(f, 'f', 3, 64))
		}
		if g.Kind != "" {
			check(&kind, "kind", g.Kind == string(a.Kind), g.Kind, string(a.Kind))
		}
		if g.Kind == "article" { // labelled in full: our own fixtures
			check(&editor, "editor", g.Editor == string(a.Editor), g.Editor, string(a.Editor))
			check(&contrib, "contributor", g.Contributor == string(a.Contributor), g.Contributor, string(a.Contributor))
			check(&column, "column", g.Breadcrumb == strings.Join(a.Column, " > "), g.Breadcrumb, strings.Join(a.Column, " > "))
		}
		if g.Attachments != nil {
			check(&attached, "attachments", *g.Attachments == len(a.Attachments), strconv.Itoa(*g.Attachments),
				strconv.Itoa(len(a.Attachments)))
		}
		if g.Document != nil {
			check(&document, "document", a.Document != nil && *a.Document == *g.Document, string(g.Document.Number), "")
		}
	}
	t := table{Pages: len(gs), Title: title.percent(), Source: source.percent(), Author: author.percent(),
		Invented: rate(invented), Date: date.percent(), Clock: clock.percent(),
		BodyF1: mean(f1s), Body95: ge95.percent(), Leaked: rate(leaked)}
	if kind.of > 0 {
		t.Kind, t.Editor, t.Contrib, t.Column, t.Attached, t.Document = kind.percent(), editor.percent(), contrib.percent(),
			column.percent(), attached.percent(), document.percent()
	}
	return t, wrong
}

// rate is the share of bad things: none of none is 0.
func rate(c counts) float64 {
	if c.of == 0 {
		return 0
	}
	return c.percent()
}

func mean(v []float64) float64 {
	if len(v) == 0 {
		return 100
	}
	s := 0.0
	for _, x := range v {
		s += x
	}
	return 100 * s / float64(len(v))
}

// narrow maps full-width forms to ASCII, as NFKC does for what bylines hold.
func narrow(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0x3000 || r == 0xa0:
		return ' '
	case r == '∶':
		return ':'
	}
	return r
}

// squeeze drops white space.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); unicode.IsSpace(r) || r == 0x200b || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}

// letters keeps letters, digits and Han, in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

var sourceLabel = regexp.MustCompile(`^(信息来源|文章来源|稿件来源|新闻来源|来源于|来源|稿源|出处|作者|编辑|责任编辑|记者|见习记者|本报记者|文)[::/丨|]?`)

func plainSource(s string) string {
	s = squeeze(s)
	for range 3 {
		s = sourceLabel.ReplaceAllString(s, "")
	}
	return letters(s)
}

var roleWord = regexp.MustCompile(
	`(作者|记者|见习记者|本报记者|通讯员|特约通讯员|文|摄影|采写)[::/]?`)

func nameSet(s string) []string {
	s = roleWord.ReplaceAllString(strings.Map(narrow, s), "")
	s = strings.ReplaceAll(s, "王乐文 方 敏", "王乐文 方敏")
	out := strings.FieldsFunc(
		s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("、,，;；&/|", r) })
	slices.Sort(out)
	return slices.Compact(out)
}

var dayForm = regexp.MustCompile(`(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})`)

func day(s string) string {
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	y, _ := strconv.Atoi(m[1])
	mo, _ := strconv.Atoi(m[2])
	d, _ := strconv.Atoi(m[3])
	return strconv.Itoa(y*10000 + mo*100 + d)
}

var minuteForm = regexp.MustCompile(`(\d{1,2})[:：时](\d{2})`)

func minute(s string) string {
	m := minuteForm.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	h, _ := strconv.Atoi(m[1])
	return strconv.Itoa(h) + ":" + m[2]
}

// gramF1 is the F1 of the multisets of five-character pieces.
func gramF1(want, got string) float64 {
	a, na := grams(want)
	b, nb := grams(got)
	if na+nb == 0 {
		return 1
	}
	in := 0
	for g, n := range a {
		in += min(n, b[g])
	}
	return 2 * float64(in) / float64(na+nb)
}

func grams(s string) (map[string]int, int) {
	r := []rune(s)
	m := map[string]int{}
	n := 0
	for i := 0; i+5 <= len(r); i++ {
		m[string(r[i:i+5])]++
		n++
	}
	return m, n
}
