package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/urlkey"
	"cundang/site"
)

// curationFile is the file of DATA with what people decided about the archive.
const curationFile = "curation.jsonl"

// CurationFile returns the file of curation.
func (o Options) CurationFile() string { return o.Path(curationFile) }

// Closed implements curation.Sites.
func (s *profileSet) Closed() map[string]curation.Access {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closed
}

// SiteOf implements curation.Sites.
func (s *profileSet) SiteOf(url string) string {
	if p := s.forURL(url); p != nil {
		return p.ID
	}
	return ""
}

// Identity implements curation.Sites.
func (s *profileSet) Identity(clean string) string {
	if p := s.forURL(clean); p != nil {
		return p.Identity(clean)
	}
	return clean
}

func (s *profileSet) forURL(url string) *site.Profile {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return site.ForURL(s.all, url)
}

// Rules returns what says who sees what.
func (n *Node) Rules() *curation.Rules { return n.Curation }

// ArticleID returns the ID of the article with a name, which is its ID or its address.
func ArticleID(name string) (string, error) {
	if !strings.Contains(name, "://") {
		return name, nil
	}
	clean, err := urlkey.Clean(name)
	if err != nil {
		return "", err
	}
	return urlkey.ID(clean), nil
}

// HideArticle hides an article from readers: a, which needs a reason and a name, is completed with its address and
// those
// of what belongs to it in any of its versions. An address that is archived and no article, such as that of a file,
// can be
// hidden too. ErrNotFound of index: there is neither.
func (n *Node) HideArticle(ctx context.Context, name string, with curation.Belongings, a curation.Act) (curation.Act,
	error) {
	id, err := ArticleID(name)
	if err != nil {
		return a, &curation.InvalidError{Problem: err.Error()}
	}
	a.Do, a.Article = curation.Hide, id
	all, err := n.Index.Versions(ctx, id)
	switch {
	case err == nil:
		a.URL, a.Also = all[0].URL, belongings(all, with)
	case errors.Is(err, index.ErrNotFound) && id != name:
		c, err := n.Store.Closest(ctx, name, time.Time{})
		if err != nil {
			return a, fmt.Errorf("find %s: %w", name, err)
		}
		a.URL = c.URL
	default:
		return a, err
	}
	return a, n.Curation.Store.Do(a)
}

// belongings lists the addresses that belong to the versions of an article, sorted.
func belongings(all []extract.Article, with curation.Belongings) (urls []string) {
	for _, v := range all {
		urls = append(urls, v.Parts...)
		if v.URL != all[0].URL {
			urls = append(urls, v.URL)
		}
		if with == curation.Everything {
			for _, x := range v.Images {
				urls = append(urls, x.URL)
			}
			for _, x := range v.Attachments {
				urls = append(urls, x.URL)
			}
		}
	}
	urls = slices.DeleteFunc(urls, func(u string) bool { _, err := urlkey.Clean(u); return err != nil || u == all[0].URL })
	slices.Sort(urls)
	return slices.Compact(urls)
}

// Curate does acts on articles that are there: of one that is not it returns index.ErrNotFound and does none.
func (n *Node) Curate(ctx context.Context, acts ...curation.Act) error {
	for _, a := range acts {
		for _, id := range append([]string{a.Article, a.Into}, a.Articles...) {
			if id == "" || a.Do == curation.Drop || a.Do == curation.Unhide || a.Do == curation.Unmerge {
				continue
			}
			if _, err := n.Index.Article(ctx, id, time.Time{}); err != nil {
				return err
			}
		}
	}
	return n.Curation.Store.Do(acts...)
}
