package fakesite

import (
	"time"
)

// Truth is what stands on the web: what a crawler must find, and what it must not touch.
type Truth struct {
	Seed  uint64      `json:"seed"`
	Step  int         `json:"step"` // how often the web aged
	Sites []TruthSite `json:"sites"`
}

// TruthSite is the truth about one site.
type TruthSite struct {
	Site       string         `json:"site"`
	Name       string         `json:"name"`
	Origin     string         `json:"origin"`
	CMS        string         `json:"cms"`
	Charset    string         `json:"charset"`
	Articles   []TruthArticle `json:"articles"`
	Lists      []string       `json:"lists"`      // first page of each column
	Disallowed []string       `json:"disallowed"` // path prefixes robots.txt forbids
	Missing    []string       `json:"missing"`    // linked addresses that answer 404
	Loops      []string       `json:"loops"`      // addresses that redirect in a circle
	Requisites []string       `json:"requisites"` // what every page is shown with: style sheets, banner, logo
}

// TruthArticle is the truth about one article. Empty strings are fields the page does
// not show.
type TruthArticle struct {
	URL         string   `json:"url"`
	State       State    `json:"state"`
	Change      Change   `json:"change,omitempty"` // what the last step of aging did
	Revision    int      `json:"revision"`
	Title       string   `json:"title"`
	Source      string   `json:"source"`
	Author      string   `json:"author"`
	Editor      string   `json:"editor"`
	Contributor string   `json:"contributor"`
	Published   string   `json:"published"` // 2026-10-27 or RFC 3339
	Column      []string `json:"column"`
	Body        []string `json:"body"` // paragraphs
	// lines that may stand in the body too: captions, reporter line, lists of documents
	Optional    []string    `json:"optional"`
	Attachments []TruthFile `json:"attachments"`
	Images      []string    `json:"images"`
	Parts       []string    `json:"parts,omitempty"` // addresses of page 2…n
	MovedTo     string      `json:"moved_to,omitempty"`
	MovedFrom   []string    `json:"moved_from,omitempty"`
	Redirects   bool        `json:"redirects,omitempty"` // the old address of a moved article answers 301
	Reprint     bool        `json:"reprint,omitempty"`
}

// TruthFile is a document attached to an article.
type TruthFile struct {
	URL   string   `json:"url"`
	Title string   `json:"title"`
	Type  string   `json:"type"`
	Text  []string `json:"text"` // its lines; cells of a table are separated by tabs
}

// Truth tells what stands on the web now. URLs are complete once the web has started.
func (w *Web) Truth() Truth {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := Truth{Seed: w.opts.Seed, Step: w.step}
	for _, s := range w.sites {
		t.Sites = append(t.Sites, s.truth())
	}
	return t
}

func (s *Site) truth() TruthSite {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := TruthSite{Site: s.ID, Name: s.Name, Origin: s.origin, CMS: s.CMS, Charset: s.style.charset,
		Disallowed: disallowed, Missing: []string{s.origin + missingPath},
		Loops: []string{s.origin + loopA, s.origin + loopB}}
	for _, c := range s.columns {
		t.Lists = append(t.Lists, s.origin+s.system.column(c))
	}
	for _, p := range s.shownWith() {
		t.Requisites = append(t.Requisites, s.origin+p)
	}
	for _, a := range s.articles {
		ta := s.truthOf(a)
		t.Articles = append(t.Articles, ta)
		for _, old := range a.old {
			from := ta
			from.URL, from.State, from.MovedTo, from.MovedFrom = s.origin+old, Moved, ta.URL, nil
			from.Column = nil
			t.Articles = append(t.Articles, from)
		}
	}
	return t
}

func (s *Site) truthOf(a *article) TruthArticle {
	t := TruthArticle{URL: s.origin + a.path, State: a.state, Change: a.change, Revision: a.revision,
		Title: a.title, Source: a.source, Author: a.author, Editor: a.editor, Contributor: a.contrib,
		Published: a.published.Format(time.DateOnly), Column: s.crumbs(a.column), Reprint: a.reprint,
		Redirects: len(a.old) > 0 && (s.redirects || s.system.name() == "api")}
	if s.style.clock {
		t.Published = a.published.Format(time.RFC3339)
	}
	for _, b := range a.blocks {
		if b.kind == "img" {
			t.Optional = append(t.Optional, b.text)
			continue
		}
		t.Body = append(t.Body, b.text)
	}
	if a.tail != "" {
		t.Optional = append(t.Optional, a.tail)
	}
	for _, f := range a.files {
		t.Attachments = append(t.Attachments, TruthFile{URL: s.origin + f.path, Title: f.title, Type: mediaTypes[f.kind],
			Text: f.lines})
		t.Optional = append(t.Optional, f.title, "附件：", "相关附件")
	}
	for _, p := range a.pictures {
		t.Images = append(t.Images, s.origin+p.path)
	}
	for _, p := range a.parts {
		t.Parts = append(t.Parts, s.origin+p)
	}
	for _, p := range a.old {
		t.MovedFrom = append(t.MovedFrom, s.origin+p)
	}
	return t
}
