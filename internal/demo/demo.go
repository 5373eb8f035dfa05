// Package demo compares what was read out of the made-up web with what that web knows of itself.
package demo

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/fakesite"
	"cundang/site"
)

// Articles is an index, as far as a comparison needs it.
type Articles interface {
	All(ctx context.Context, q index.Query) iter.Seq2[extract.Article, error]
}

// WriteProfiles writes the profiles of the made-up sites to a folder, as an operator would.
func WriteProfiles(dir string, web *fakesite.Web) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range web.Profiles() {
		p.Gone = site.Gone{Misses: 1, After: time.Millisecond} // one miss is enough where nobody waits for days
		text, err := site.Marshal(p)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, site.FileName(p)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Compare checks what an index holds, and what the sites were asked for, against the truth. It
// returns the differences and how many articles the index holds.
func Compare(ctx context.Context, x Articles, web *fakesite.Web) (differences []string, articles int, err error) {
	found, err := All(ctx, x)
	if err != nil {
		return nil, 0, err
	}
	differences = web.Truth().Check(found)
	for _, s := range web.Sites() {
		for _, r := range s.Requests() {
			if forbidden(web.Truth(), s.ID, r.Path) {
				differences = append(differences, s.ID+": robots.txt forbids "+r.Path+", which was requested")
			}
		}
	}
	return differences, len(found), nil
}

// All returns every article of an index in the words of the truth.
func All(ctx context.Context, x Articles) (found []fakesite.Found, err error) {
	for a, err := range x.All(ctx, index.Query{}) {
		if err != nil {
			return nil, err
		}
		found = append(found, Found(a))
	}
	return found, nil
}

// Found puts an article into the words of the truth.
func Found(a extract.Article) fakesite.Found {
	f := fakesite.Found{Site: string(a.Site), URL: a.URL, State: string(a.State), Title: string(a.Title),
		Source: string(a.Source), Author: string(a.Author), Editor: string(a.Editor), Contributor: string(a.Contributor),
		Published: a.Published.String(), Column: a.Column, Parts: a.Parts}
	for _, p := range a.Paragraphs {
		f.Body = append(f.Body, p.Text)
	}
	for _, x := range a.Attachments {
		f.Attachments = append(f.Attachments, x.URL)
	}
	for _, x := range a.Images {
		f.Images = append(f.Images, x.URL)
	}
	return f
}

func forbidden(t fakesite.Truth, site, path string) bool {
	for _, s := range t.Sites {
		for _, prefix := range s.Disallowed {
			if s.Site == site && strings.HasPrefix(path, prefix) {
				return true
			}
		}
	}
	return false
}

// Examples returns the IDs of an article to show and of one that was edited, "" if there is none.
func Examples(ctx context.Context, x Articles) (first, changed string, err error) {
	for a, err := range x.All(ctx, index.Query{Sort: "-published"}) {
		if err != nil {
			return "", "", err
		}
		if first == "" {
			first = a.ID
		}
		if changed == "" && a.Versions > 1 {
			changed = a.ID
		}
	}
	return first, changed, nil
}
