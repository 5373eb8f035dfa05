package curation

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"cundang/internal/urlkey"
)

// State is what acts add up to. It is immutable.
type State struct {
	acts        []Act
	hidden      map[string]Act // by ID of the article
	merged      map[string]string
	tags        map[string][]string
	notes       map[string][]Act
	collections map[string]*Collection
}

// Collection is a set of articles and whole sites with a description.
type Collection struct {
	ID       string              `json:"id"`
	DC       map[string][]string `json:"dc"` // elements of Dublin Core
	Owner    string              `json:"owner,omitempty"`
	Access   Access              `json:"access"`
	Articles []string            `json:"articles"` // IDs
	Sites    []string            `json:"sites"`
	Created  time.Time           `json:"created"`
	Changed  time.Time           `json:"changed"`
}

// Title returns the title of a collection, its ID if it has none.
func (c Collection) Title() string { return cmp.Or(strings.Join(c.DC["title"], "；"), c.ID) }

func newState() *State {
	return &State{hidden: map[string]Act{}, merged: map[string]string{}, tags: map[string][]string{},
		notes:       map[string][]Act{},
		collections: map[string]*Collection{}}
}

// clone returns a copy that can be changed.
func (s *State) clone() *State {
	c := &State{acts: slices.Clip(s.acts), hidden: maps.Clone(s.hidden), merged: maps.Clone(s.merged),
		tags:  maps.Clone(s.tags),
		notes: maps.Clone(s.notes), collections: map[string]*Collection{}}
	for id, x := range s.collections {
		y := *x
		c.collections[id] = &y
	}
	return c
}

// fits reports whether an act can be done as things stand.
func (s *State) fits(a Act) error {
	collection := s.collections[a.Collection]
	switch a.Do {
	case Unhide:
		if _, ok := s.hidden[a.Article]; !ok {
			return invalid("the article %s is not hidden", a.Article)
		}
	case Merge:
		if s.Resolve(a.Into) == a.Article {
			return invalid("the article %s is merged into %s already", a.Into, a.Article)
		}
	case Unmerge:
		if s.merged[a.Article] == "" {
			return invalid("the article %s is merged into none", a.Article)
		}
	case Collect, Drop, Dissolve:
		if collection == nil {
			return invalid("there is no collection %s", a.Collection)
		}
	case Describe:
		if collection == nil && len(a.DC["title"]) == 0 {
			return invalid("a new collection needs a title")
		}
	}
	return nil
}

// add does one act. The slices of the state are not shared with what was read from it.
func (s *State) add(a Act) {
	a.Number = len(s.acts) + 1
	s.acts = append(s.acts, a)
	switch a.Do {
	case Hide:
		s.hidden[a.Article] = a
	case Unhide:
		delete(s.hidden, a.Article)
	case Merge:
		s.merged[a.Article] = a.Into
	case Unmerge:
		delete(s.merged, a.Article)
	case Tag:
		s.tags[a.Article] = union(s.tags[a.Article], a.Tags)
	case Untag:
		if s.tags[a.Article] = minus(s.tags[a.Article], a.Tags); len(s.tags[a.Article]) == 0 {
			delete(s.tags, a.Article)
		}
	case Note:
		s.notes[a.Article] = append(slices.Clip(s.notes[a.Article]), a)
	case Dissolve:
		delete(s.collections, a.Collection)
	case Describe, Collect, Drop:
		s.addToCollection(a)
	}
}

func (s *State) addToCollection(a Act) {
	c := s.collections[a.Collection]
	if c == nil {
		c = &Collection{ID: a.Collection, DC: map[string][]string{}, Access: Everybody, Articles: []string{},
			Sites: []string{}, Created: a.Time}
		s.collections[a.Collection] = c
	}
	c.Changed = a.Time
	switch a.Do {
	case Describe:
		c.DC = maps.Clone(c.DC)
		for name, values := range a.DC {
			if values = slices.DeleteFunc(slices.Clone(values),
				func(v string) bool { return strings.TrimSpace(v) == "" }); len(values) == 0 {
				delete(c.DC, name)
			} else {
				c.DC[name] = values
			}
		}
		c.Owner, c.Access = cmp.Or(a.Owner, c.Owner), cmp.Or(a.Access, c.Access)
		fallthrough
	case Collect:
		c.Articles, c.Sites = union(c.Articles, a.Articles), union(c.Sites, a.Sites)
	case Drop:
		c.Articles, c.Sites = minus(c.Articles, a.Articles), minus(c.Sites, a.Sites)
	}
}

// union returns what is in either list, sorted, each once.
func union(a, b []string) []string {
	all := slices.Concat([]string{}, a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Concat([]string{}, a), func(x string) bool { return slices.Contains(b, x) })
}

// Acts returns every act, the oldest first. The caller must not change them.
func (s *State) Acts() []Act { return s.acts }

// Hidden returns the act that hides an article at a moment.
func (s *State) Hidden(id string, now time.Time) (Act, bool) {
	a, ok := s.hidden[id]
	return a, ok && (a.Until.IsZero() || now.Before(a.Until))
}

// HiddenNow lists the acts that hide articles at a moment, in the order of their time.
func (s *State) HiddenNow(now time.Time) []Act {
	var all []Act
	for id := range s.hidden {
		if a, ok := s.Hidden(id, now); ok {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b Act) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// Resolve returns the article that an article is merged into, itself if it is not.
func (s *State) Resolve(id string) string {
	for range len(s.merged) + 1 {
		into, ok := s.merged[id]
		if !ok {
			return id
		}
		id = into
	}
	return id // a circle, which fits refuses; files may have been put together by hand
}

// MergedInto lists the IDs of the articles that are merged into one, sorted.
func (s *State) MergedInto(id string) (from []string) {
	for other := range s.merged {
		if other != id && s.Resolve(other) == id {
			from = append(from, other)
		}
	}
	slices.Sort(from)
	return from
}

// Tags returns the tags of an article, sorted.
func (s *State) Tags(id string) []string { return s.tags[id] }

// AllTags returns how many articles have each tag.
func (s *State) AllTags() map[string]int {
	all := map[string]int{}
	for _, tags := range s.tags {
		for _, t := range tags {
			all[t]++
		}
	}
	return all
}

// Notes returns the acts that put notes on an article, the oldest first.
func (s *State) Notes(id string) []Act { return s.notes[id] }

// Collection returns a collection.
func (s *State) Collection(id string) (Collection, bool) {
	c, ok := s.collections[id]
	if !ok {
		return Collection{}, false
	}
	return *c, true
}

// Collections returns all collections in the order of their IDs.
func (s *State) Collections() []Collection {
	all := []Collection{}
	for _, id := range slices.Sorted(maps.Keys(s.collections)) {
		all = append(all, *s.collections[id])
	}
	return all
}

// tagged lists the articles with a tag, sorted.
func (s *State) tagged(tag string) (ids []string) {
	for id, tags := range s.tags {
		if slices.Contains(tags, tag) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// closures is what is closed to readers at a moment: articles by ID, addresses by the key under which the archive keeps
// captures. It holds until a time.
type closures struct {
	ids   []string
	keys  map[string]string // to the ID of the article
	until time.Time         // zero: for ever
}

func (s *State) closures(now time.Time) closures {
	c := closures{keys: map[string]string{}}
	for _, a := range s.HiddenNow(now) {
		c.ids = append(c.ids, a.Article)
		for _, u := range append([]string{a.URL}, a.Also...) {
			if u != "" {
				c.keys[urlkey.SURT(u)] = a.Article
			}
		}
		if !a.Until.IsZero() && (c.until.IsZero() || a.Until.Before(c.until)) {
			c.until = a.Until
		}
	}
	return c
}
