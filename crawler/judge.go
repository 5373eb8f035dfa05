package crawler

import (
	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/site"
)

// States of a page, as archive.FieldState has them.
const (
	StateLive    = archive.StateLive
	StateMoved   = archive.StateMoved
	StateMissing = archive.StateMissing
	StateGone    = archive.StateGone
	StateBlocked = archive.StateBlocked
	StateSoft404 = archive.StateSoft404
	StateError   = archive.StateError
)

// Outcomes of a visit.
const (
	outNew        = judgement.New
	outChanged    = judgement.Changed
	outUnchanged  = judgement.Unchanged
	outReappeared = judgement.Reappeared
	outMoved      = judgement.Moved
	outMissing    = judgement.Missing
	outGone       = judgement.Gone
	outBlocked    = judgement.Blocked
	outSoft404    = judgement.Soft404
	outFailed     = judgement.Failed
)

// patienceOf returns the word of a profile on a kind of page.
func patienceOf(p *site.Profile, k frontier.Kind) judgement.Patience {
	g, i := p.GonePolicy(), p.Intervals()
	n := i.Article
	switch {
	case isList(k):
		n = i.List
	case k == frontier.Requisite: // a picture that changes gets a new address
		n.First = min(requisiteRarer*n.First, n.Max)
	}
	return judgement.Patience{Misses: g.Misses, Over: g.After, Min: n.Min, First: n.First, Max: n.Max}
}

// requisiteRarer is how many times longer than an article a requisite is left alone at first.
const requisiteRarer = 4

// isList says that pages of this kind show rows, not content.
func isList(k frontier.Kind) bool {
	return k == frontier.Seed || k == frontier.List || k == frontier.Sitemap
}

const day = judgement.Day

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
