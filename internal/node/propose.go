package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cundang/crawler/listing"
	"cundang/crawler/outline"
	"cundang/internal/urlkey"
	"cundang/site"

	"github.com/goccy/go-yaml"
)

// proposalArticles is how many articles a proposal is tried on.
const proposalArticles = 5

// Proposal is what `sites add` found, as it prints it with --json.
type Proposal struct {
	File     string          `json:"file"` // where the profile was written, "" if nowhere
	Profile  json.RawMessage `json:"profile"`
	List     ProposedList    `json:"list"`
	Articles []ProposedRead  `json:"articles"`

	Site *site.Profile `json:"-"` // the profile itself
}

// ProposedList is how a proposed profile reads its list.
type ProposedList struct {
	URL    string `json:"url"`
	Rows   int    `json:"rows"`
	RowsBy string `json:"rows_by"`
	NextBy string `json:"next_by"` // "" if no further page was found
	Pages  int    `json:"pages"`   // 0: the list does not say
	Total  int    `json:"total"`   // 0: the list does not say
}

// ProposedRead is what the proposed profile reads from one article.
type ProposedRead struct {
	URL        string   `json:"url"`
	Title      string   `json:"title"`
	Source     string   `json:"source"`
	Author     string   `json:"author"`
	Published  string   `json:"published"`
	Column     []string `json:"column"`
	Paragraphs int      `json:"paragraphs"`
	Characters int      `json:"characters"`
	Confidence float64  `json:"confidence"`
	Doubts     []string `json:"doubts"` // what the list says otherwise, and what is missing
}

// Propose looks at a list page and some of its articles and makes a profile of the site; id is the
// site's name, "" takes it from the host. Nothing is written to the data directory. Errors:
// *ProfileError, *NotFetchedError, *NoListError, *NoArticlesError.
func (o Options) Propose(ctx context.Context, raw, id string) (p *Proposal, err error) {
	start, err := urlkey.Clean(raw)
	if err != nil {
		return nil, &ProfileError{BadURL, err}
	}
	g, err := newProbe(o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	list, page, err := g.list(ctx, start)
	if err != nil {
		return nil, err
	}
	draft, err := site.Generic(page.url)
	if err != nil {
		return nil, err
	}
	profile := *draft
	if id != "" {
		profile.ID = id
	}
	if page.lenient {
		profile.TLS = "lenient"
	}
	p = &Proposal{List: ProposedList{URL: page.url, Rows: len(list.Rows), RowsBy: list.RowsBy, NextBy: list.NextBy, Pages: list.Pages, Total: list.Total}}
	samples, err := g.articles(ctx, page.url, list.Rows)
	if err != nil {
		return nil, err
	}
	if err := describe(ctx, g, &profile, page, samples); err != nil {
		return nil, err
	}
	if p.Site, err = site.New(profile); err != nil {
		return nil, &ProfileError{BadID, err}
	}
	for _, s := range samples {
		read, err := readSample(ctx, g, p.Site, s)
		if err != nil {
			return nil, err
		}
		p.Articles = append(p.Articles, read)
	}
	p.Profile, err = ProfileJSON(p.Site)
	return p, err
}

// list fetches the page and reads it as a list, following what the page itself would ask
// for when its rows are not in it, by GET or POST, and where it leads when it shows nothing.
func (g *siteProbe) list(ctx context.Context, start string) (l listing.Listing, page *probedPage, err error) {
	next, base := listing.Request{Method: "GET", URL: start}, ""
	var last *probedPage
	for range 4 {
		got, reason, err := g.ask(ctx, base, next)
		if err != nil {
			return l, nil, err
		}
		if got == nil {
			return l, nil, &NotFetchedError{next.URL, reason}
		}
		if page == nil {
			page, last = got, got
		}
		at := got.url
		if next.Method == "POST" {
			at = next.URL
		}
		l, err = listing.Expand(listing.Page{URL: at, Base: base, ContentType: got.header, Charset: got.text.Name, Body: got.text.Text,
			Post: next.Body, PostType: next.ContentType, Listed: true})
		if err != nil {
			return l, nil, fmt.Errorf("%s: %w", got.url, err)
		}
		if len(l.Rows) > 0 {
			if got != page {
				g.answer, g.base = got, base
			}
			return l, page, nil
		}
		switch to := leads(got); {
		case len(l.Next) > 0:
			next, base = l.Next[0], page.url
		case to != "" && base == "":
			next, page = listing.Request{Method: "GET", URL: to}, nil
		default:
			return l, nil, noList(last)
		}
	}
	return l, nil, noList(last)
}

// leads returns where a page sends its reader, "" if it does not.
func leads(page *probedPage) string {
	to := outline.LeadsTo(page.text.Text, page.url, page.refresh)
	for _, r := range outline.Read(page.text.Text).Refs {
		if to == "" && (r.Kind == outline.Refresh || r.Kind == outline.Part) {
			to = r.URL
		}
	}
	u, err := urlkey.Resolve(page.url, to, page.text.Name)
	if to == "" || err != nil || u == page.url {
		return ""
	}
	return u
}

// noList says that a page is no list, and which of its links may be.
func noList(page *probedPage) error {
	channels, err := listing.Channels(listing.Page{URL: page.url, ContentType: page.header, Charset: page.text.Name, Body: page.text.Text})
	if err != nil {
		return fmt.Errorf("%s: %w", page.url, err)
	}
	e := &NoListError{URL: page.url}
	for _, c := range channels[:min(len(channels), 10)] {
		e.Channels = append(e.Channels, Channel{c.URL, c.Title})
	}
	return e
}

// sample is one article page with the row of the list that named it.
type sample struct {
	*probedPage
	row listing.Row
}

// articles fetches the first articles of the list that are there, with what their reading
// needs beside them.
func (g *siteProbe) articles(ctx context.Context, list string, rows []listing.Row) ([]sample, error) {
	var samples []sample
	var needs []string
	rows = slices.DeleteFunc(slices.Clone(rows), func(r listing.Row) bool { return isFile(r.URL) })
	tried := rows[:min(len(rows), 2*proposalArticles)]
	for next := tried; len(next) > 0 && len(samples) < proposalArticles; {
		round := next[:min(len(next), proposalArticles-len(samples))]
		next = next[len(round):]
		var urls []string
		for _, r := range round {
			urls = append(urls, r.URL)
		}
		pages, failed, err := g.fetch(ctx, urls)
		if err != nil {
			return nil, err
		}
		for _, r := range round {
			page := pages[r.URL]
			if page == nil {
				g.Log.Warn("article did not come", "url", r.URL, "reason", failed[r.URL])
				continue
			}
			samples = append(samples, sample{page, r})
			needs = append(needs, needed(page)...)
		}
	}
	if len(samples) == 0 {
		return nil, &NoArticlesError{list, len(tried)}
	}
	_, _, err := g.fetch(ctx, needs)
	return samples, err
}

// Doubtful says whether any article is read otherwise than the list says.
func (p *Proposal) Doubtful() bool {
	for _, r := range p.Articles {
		if len(r.Doubts) > 0 {
			return true
		}
	}
	return false
}

// ProfileJSON returns a profile as JSON with the keys of its file.
func ProfileJSON(p *site.Profile) (json.RawMessage, error) {
	text, err := site.Marshal(p)
	if err != nil {
		return nil, err
	}
	value, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("write profile %s as JSON: %w", p.ID, err)
	}
	return value, nil
}
