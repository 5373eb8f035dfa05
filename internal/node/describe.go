package node

import (
	"context"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"cundang/extract"
	"cundang/internal/urlkey"
	"cundang/site"
)

// Doubts about what a proposed profile reads.
const (
	DoubtKind       = "not an article"
	DoubtTitle      = "title is not the list's"
	DoubtDate       = "date is not the list's"
	DoubtText       = "no text"
	DoubtConfidence = "low confidence"
)

// doubtBelow is the confidence below which a reading is doubted even though title and date
// are those of the list, which vouches for them.
const doubtBelow = 0.5

// describe fills in a draft: what the site is called, where its articles are, and
// selectors for what the generic reading gets wrong.
func describe(ctx context.Context, g *siteProbe, p *site.Profile, list *probedPage, samples []sample) error {
	clean := p.Seeds[0].URL
	if u, err := urlkey.Resolve(clean, "/", ""); err == nil {
		p.Home = u
	}
	pages := [][]byte{list.text.Text}
	var labels []site.Sample
	columns := map[string]int{}
	wrongTitle, wrongDate := 0, 0
	for _, s := range samples {
		pages = append(pages, s.text.Text)
		labels = append(labels, site.Sample{HTML: s.text.Text, Title: s.row.Title, Date: s.row.Date})
		read, err := readSample(ctx, g, nil, s)
		if err != nil {
			return err
		}
		if n := len(read.Column); n > 0 {
			columns[read.Column[n-1]]++
		}
		for _, d := range read.Doubts {
			switch d {
			case DoubtTitle:
				wrongTitle++
			case DoubtDate:
				wrongDate++
			}
		}
		addHost(p, s.url)
	}
	if name := site.CommonName(pages); name != "" {
		p.Name = name
	}
	for column, n := range columns {
		if 2*n > len(samples) {
			p.Seeds[0].Column = column
		}
	}
	if 2*wrongTitle > len(samples) {
		p.Reading.Title = site.TitleSelector(labels)
	}
	if 2*wrongDate > len(samples) {
		p.Reading.Date = site.DateSelector(labels)
	}
	return nil
}

// addHost lets an article's host into the scope when it is not the list's.
func addHost(p *site.Profile, article string) {
	if ok, _ := p.InScope(article); ok {
		return
	}
	rule := site.Rule{Allow: `^https?://` + regexp.QuoteMeta(urlkey.Host(article)) + `/`}
	for _, r := range p.Scope {
		if r == rule {
			return
		}
	}
	p.Scope = append(p.Scope, rule)
}

// readSample reads one article and compares it with what the list says.
func readSample(ctx context.Context, g *siteProbe, p *site.Profile, s sample) (ProposedRead, error) {
	r := extract.Reader{Library: g.store}
	x, err := r.Read(ctx, extract.Page{URL: s.url, ContentType: s.header, Body: s.body, Profile: p})
	if err != nil {
		return ProposedRead{}, err
	}
	if x.Kind != extract.KindArticle && s.row.Body != "" && g.answer != nil { // the text stands in the list
		url := s.row.URL
		if p != nil {
			url = p.Identity(url)
		}
		if j, ok := extract.OpenJSON(extract.Page{URL: g.answer.url, Body: g.answer.body, Profile: p}, g.base); ok {
			if y, ok, err := r.ReadJSON(ctx, j, url); err != nil {
				return ProposedRead{}, err
			} else if ok {
				x = y
			}
		}
	}
	read := ProposedRead{URL: s.url, Title: string(x.Title), Source: string(x.Source), Author: string(x.Author), Published: x.Published.String(),
		Column: x.Column, Paragraphs: len(x.Paragraphs), Characters: utf8.RuneCountInString(string(x.Body)), Confidence: x.Confidence, Doubts: []string{}}
	doubt := func(ok bool, text string) {
		if !ok {
			read.Doubts = append(read.Doubts, text)
		}
	}
	doubt(x.Kind == extract.KindArticle, DoubtKind)
	doubt(sameTitle(read.Title, s.row.Title), DoubtTitle)
	doubt(sameDay(read.Published, s.row.Date), DoubtDate)
	doubt(read.Characters > 0 || len(x.Images)+len(x.Attachments) > 0, DoubtText)
	doubt(read.Confidence >= doubtBelow, DoubtConfidence)
	return read, nil
}

// sameTitle compares a title with that of a list, which may be cut short.
func sameTitle(title, listed string) bool {
	title, listed = strings.Join(strings.Fields(title), ""), strings.Join(strings.Fields(listed), "")
	head := strings.TrimRight(listed, ".…·")
	return listed == "" || title == listed || head != "" && head != listed && strings.HasPrefix(title, head) || len(title) > 12 && strings.Contains(listed, title)
}

var dayNumbers = regexp.MustCompile(`\d+`)

// sameDay compares a published date with the date of a list, which may lack its year.
func sameDay(published, listed string) bool {
	want := dayNumbers.FindAllString(listed, 3)
	got := dayNumbers.FindAllString(published, 3)
	if len(want) < 2 {
		return true // the list shows none
	}
	if len(got) < 3 {
		return false
	}
	if len(want[0]) < 4 { // month and day
		got, want = got[1:], want[:2]
	}
	for i := range want {
		if strings.TrimLeft(want[i], "0") != strings.TrimLeft(got[i], "0") {
			return false
		}
	}
	return true
}

// needed lists the frames and further pages without which an article is not whole.
func needed(page *probedPage) []string {
	var urls []string
	for _, n := range extract.Needs(extract.Page{URL: page.url, ContentType: page.header, Body: page.body}) {
		if n.Kind == "part" || n.Kind == "frame" {
			urls = append(urls, n.URL)
		}
	}
	return urls
}

// isFile reports whether a row leads to a document instead of a page.
func isFile(u string) bool {
	u, _, _ = strings.Cut(u, "?")
	switch strings.ToLower(path.Ext(u)) {
	case ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".wps", ".et", ".ppt", ".pptx", ".ofd", ".zip", ".rar", ".jpg", ".png", ".mp4":
		return true
	}
	return false
}
