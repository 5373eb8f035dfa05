package curation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/archive"
	"cundang/index"
	"cundang/internal/urlkey"
)

// Level is how much somebody may see.
type Level int

// The levels. The zero value sees least.
const (
	Public  Level = iota // a stranger
	Reader               // who has signed in
	Curator              // also what is hidden
)

// Audience is who an answer is for.
type Audience struct {
	Level Level
	Sites []string // restricted sites granted to a reader; "*" for all
}

type audienceKey struct{}

// For returns a context of answers for somebody. Without it answers are for the public.
func For(ctx context.Context, a Audience) context.Context {
	return context.WithValue(ctx, audienceKey{}, a)
}

// AudienceOf returns who answers are for.
func AudienceOf(ctx context.Context) Audience {
	a, _ := ctx.Value(audienceKey{}).(Audience)
	return a
}

// Sees says whether a level of access is enough for something: a site, or a collection by its own name.
func (a Audience) Sees(need Access, site string) bool {
	switch {
	case a.Level >= Curator, need == Everybody, need == "":
		return true
	case need == Readers:
		return a.Level >= Reader
	}
	return a.Level >= Reader && (slices.Contains(a.Sites, site) || slices.Contains(a.Sites, "*"))
}

// Sites is what rules need to know of sites.
type Sites interface {
	// Closed returns the access of the sites that are not open.
	Closed() map[string]Access
	// SiteOf returns the site that an address belongs to, "" for none.
	SiteOf(url string) string
	// Identity returns the address that names the page at a clean address.
	Identity(clean string) string
}

// Rules say who sees what. They are safe for concurrent use.
type Rules struct {
	Store  *Store
	Sites  Sites // nil: every site is open, every address names itself
	Notice bool  // readers are told that something is hidden and why; else it is as if it were not there
	Now    func() time.Time

	mu   sync.Mutex
	of   *State // that closed was made of
	made closures
}

// HiddenError says that something is there and not shown. To code that does not know it, it is not there.
type HiddenError struct {
	Article string // ID, "" when the whole site is closed
	Site    string
	Reason  string
	Until   time.Time // zero: for ever
}

func (e *HiddenError) Error() string {
	if e.Article == "" {
		return "the site " + e.Site + " is closed"
	}
	return "the article " + e.Article + " is hidden"
}

// Is makes what is hidden be not found.
func (e *HiddenError) Is(target error) bool {
	return target == index.ErrNotFound || target == archive.ErrNotFound
}

func (r *Rules) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// closures returns what is hidden now, from memory as long as nothing has changed.
func (r *Rules) closures() (*State, closures, error) {
	state, err := r.Store.State()
	if err != nil {
		return nil, closures{}, err
	}
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of != state || !r.made.until.IsZero() && !now.Before(r.made.until) {
		r.of, r.made = state, state.closures(now)
	}
	return state, r.made, nil
}

// hides makes the error for what an act hides.
func (r *Rules) hides(state *State, id string) error {
	a := state.hidden[id]
	if !r.Notice {
		return fmt.Errorf("article %s: %w", id, index.ErrNotFound)
	}
	return &HiddenError{Article: id, Reason: a.Reason, Until: a.Until}
}

// site reports whether a site is closed to somebody.
func (r *Rules) site(who Audience, id string) error {
	if r.Sites == nil || who.Level >= Curator {
		return nil
	}
	if need, closed := r.Sites.Closed()[id]; !closed || who.Sees(need, id) {
		return nil
	}
	if !r.Notice {
		return fmt.Errorf("site %s: %w", id, index.ErrNotFound)
	}
	return &HiddenError{Site: id}
}

// Article reports whether an article may be shown: nil, or an error that is index.ErrNotFound.
func (r *Rules) Article(ctx context.Context, id, site string) error {
	who := AudienceOf(ctx)
	if who.Level >= Curator {
		return nil
	}
	state, err := r.Store.State()
	if err != nil {
		return err
	}
	if _, hidden := state.Hidden(id, r.now()); hidden {
		return r.hides(state, id)
	}
	return r.site(who, site)
}

// Capture reports whether the captures of an address may be shown: nil, or an error that is archive.ErrNotFound. site
// is the
// one they were made for, "" if that is not known.
func (r *Rules) Capture(ctx context.Context, url, site string) error {
	who := AudienceOf(ctx)
	if who.Level >= Curator {
		return nil
	}
	state, c, err := r.closures()
	if err != nil {
		return err
	}
	if len(c.keys) > 0 {
		id, hidden := c.keys[urlkey.SURT(url)]
		if !hidden && r.Sites != nil {
			if clean, err := urlkey.Clean(url); err == nil {
				id, hidden = c.keys[urlkey.SURT(r.Sites.Identity(clean))]
			}
		}
		if hidden {
			return r.captureError(r.hides(state, id), url)
		}
	}
	if r.Sites == nil || len(r.Sites.Closed()) == 0 {
		return nil
	}
	err = r.site(who, site)
	if of := r.Sites.SiteOf(url); err == nil &&
		of != site { // what another site's page is shown with, or what was imported
		err = r.site(who, of)
	}
	return r.captureError(err, url)
}

// captureError makes what is not found in the index not found in the archive.
func (r *Rules) captureError(err error, url string) error {
	var hidden *HiddenError
	if err == nil || errors.As(err, &hidden) || !errors.Is(err, index.ErrNotFound) {
		return err
	}
	return fmt.Errorf("capture of %s: %w", url, archive.ErrNotFound)
}

// Shows is Capture for lists: whether an address may stand in one.
func (r *Rules) Shows(ctx context.Context, url, site string) bool {
	return r.Capture(ctx, url, site) == nil
}

// ShowsSite reports whether a site may stand in a list.
func (r *Rules) ShowsSite(ctx context.Context, id string) bool {
	return r.site(AudienceOf(ctx), id) == nil
}

// Prefixes of the names of lists in index.Query.Lists.
const (
	TagList        = "tag:"
	CollectionList = "collection:"
)

// Lists names the lists of some tags and collections as Query.Lists of an index takes them.
func Lists(tags, collections []string) (lists []string) {
	for _, t := range tags {
		lists = append(lists, TagList+t)
	}
	for _, c := range collections {
		lists = append(lists, CollectionList+c)
	}
	return lists
}

// Narrow puts what somebody may not see out of a query and resolves its lists. A collection that is not there, or not
// for
// them, is index.ErrNotFound.
func (r *Rules) Narrow(ctx context.Context, q index.Query) (index.Query, error) {
	state, hidden, err := r.closures()
	if err != nil {
		return q, err
	}
	who := AudienceOf(ctx)
	except := index.Selection{Articles: slices.Clone(q.Except.Articles), Sites: slices.Clone(q.Except.Sites)}
	for id := range state.merged {
		except.Articles = append(except.Articles, id)
	}
	if who.Level < Curator {
		except.Articles = append(except.Articles, hidden.ids...)
		if r.Sites != nil {
			for id, need := range r.Sites.Closed() {
				if !who.Sees(need, id) {
					except.Sites = append(except.Sites, id)
				}
			}
		}
	}
	slices.Sort(except.Articles)
	slices.Sort(except.Sites)
	q.Except = except
	only := slices.Clone(q.Only)
	for _, name := range q.Lists {
		s, err := state.list(who, name)
		if err != nil {
			return q, err
		}
		only = append(only, s)
	}
	q.Only, q.Lists = only, nil
	return q, nil
}

// list returns the articles of a list.
func (s *State) list(who Audience, name string) (index.Selection, error) {
	if tag, ok := strings.CutPrefix(name, TagList); ok {
		return index.Selection{Articles: s.tagged(tag)}, nil
	}
	id, ok := strings.CutPrefix(name, CollectionList)
	c, found := s.Collection(id)
	if !ok || !found || !who.Sees(c.Access, CollectionList+id) {
		return index.Selection{}, fmt.Errorf("list %s: %w", name, index.ErrNotFound)
	}
	return index.Selection{Articles: c.Articles, Sites: c.Sites}, nil
}

// Collections returns the collections that somebody may see.
func (r *Rules) Collections(ctx context.Context) ([]Collection, error) {
	state, err := r.Store.State()
	if err != nil {
		return nil, err
	}
	who := AudienceOf(ctx)
	return slices.DeleteFunc(state.Collections(), func(c Collection) bool {
		return !who.Sees(c.Access,
			CollectionList+c.ID)
	}), nil
}

// isHidden reports whether an error of Rules says that something may not be seen.
func isHidden(err error) bool {
	return errors.Is(err, index.ErrNotFound) || errors.Is(err, archive.ErrNotFound)
}
