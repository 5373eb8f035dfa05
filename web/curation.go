package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/urlkey"
	"cundang/web/token"

	"github.com/danielgtaylor/huma/v2"
)

// Curation is what the pages need to curate. *node.Node is one. Its methods are safe for concurrent use.
type Curation interface {
	Rules() *curation.Rules
	// HideArticle does an act of hiding, completed with the addresses that belong to the article.
	HideArticle(ctx context.Context, name string, with curation.Belongings, a curation.Act) (curation.Act, error)
	// Curate does acts on articles that are there; index.ErrNotFound for one that is not.
	Curate(ctx context.Context, acts ...curation.Act) error
}

// curated is what the page of an article shows of what curators said about it.
type curated struct {
	Hidden  *curation.Act // nil: it is not
	Tags    []tagLink
	TagText string
	Also    []string // addresses of the articles merged into it
	Merged  []string // IDs of them
	In, All []curation.Collection
	Notes   []curation.Act
	May     bool
	At      string // where its forms are sent
}

type tagLink struct{ Name, URL string }

func tagLinks(tags []string) []tagLink {
	var out []tagLink
	for _, t := range tags {
		out = append(out, tagLink{t, "/?" + url.Values{"tag": {t}}.Encode()})
	}
	return out
}

// curated returns what curators said about an article, as far as the visitor may know it.
func (s *server) curated(r *http.Request, id string) (*curated, error) {
	if s.Curation == nil {
		return nil, nil
	}
	rules := s.Curation.Rules()
	state, err := rules.Store.State()
	if err != nil {
		return nil, err
	}
	all, err := rules.Collections(r.Context())
	if err != nil {
		return nil, err
	}
	tags := state.Tags(id)
	c := &curated{Tags: tagLinks(tags), TagText: strings.Join(tags, ", "), Merged: state.MergedInto(id), All: all,
		May: visitorOf(r).role.May(token.Curator), At: "/a/" + url.PathEscape(id) + "/curate"}
	for _, a := range state.Acts() { // an article that was merged is named by the act
		if a.Do == curation.Merge && a.URL != "" && slices.Contains(c.Merged, a.Article) && !slices.Contains(c.Also, a.URL) {
			c.Also = append(c.Also, a.URL)
		}
	}
	for _, x := range all {
		if slices.Contains(x.Articles, id) {
			c.In = append(c.In, x)
		}
	}
	if c.May {
		c.Notes = state.Notes(id)
		if a, ok := state.Hidden(id, s.Now()); ok {
			c.Hidden = &a
		}
	}
	return c, nil
}

// act begins an act of the visitor.
func (s *server) act(ctx context.Context, do curation.Kind, article string) curation.Act {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return curation.Act{Time: s.Now(), By: cmp.Or(v.name, "local"), Do: do, Article: article}
}

// curateInput is an act on an article as a form or a program sends it.
type curateInput struct {
	Do         string   `json:"do" enum:"hide,unhide,tag,untag,note,merge,unmerge,collect,drop"`
	Reason     string   `json:"reason,omitempty" maxLength:"4000" doc:"of hide: why"`
	From       string   `json:"from,omitempty" maxLength:"4000" doc:"of hide: who asked for it; for curators only"`
	Until      string   `json:"until,omitempty" maxLength:"40" doc:"of hide: the last day" example:"2030-12-31"`
	Files      bool     `json:"files,omitempty" doc:"of hide: pictures and attachments too"`
	Tags       []string `json:"tags,omitempty" maxItems:"50"`
	Note       string   `json:"note,omitempty" maxLength:"4000"`
	Into       string   `json:"into,omitempty" maxLength:"4000" doc:"of merge: ID or address of the article that stays"`
	Collection string   `json:"collection,omitempty" maxLength:"64"`
}

// curate does what is asked for with one article.
func (s *server) curate(ctx context.Context, id string, in curateInput) error {
	a := s.act(ctx, curation.Kind(in.Do), id)
	switch a.Do {
	case curation.Hide:
		until, err := parseDay(strings.TrimSpace(in.Until), true)
		if err != nil {
			return err
		}
		if !until.IsZero() {
			until = until.AddDate(0, 0, 1)
		}
		a.Reason, a.From, a.Until = in.Reason, in.From, until
		with := curation.PagesOnly
		if in.Files {
			with = curation.Everything
		}
		_, err = s.Curation.HideArticle(ctx, id, with, a)
		return err
	case curation.Tag, curation.Untag:
		a.Tags = in.Tags
	case curation.Note:
		a.Note = in.Note
	case curation.Merge:
		into, err := articleNamed(in.Into)
		if err != nil {
			return err
		}
		all, err := s.Index.Versions(ctx, id)
		if err != nil {
			return err
		}
		a.Into, a.URL = into, all[len(all)-1].URL
	case curation.Collect, curation.Drop:
		a.Article, a.Articles, a.Collection = "", []string{id}, in.Collection
	case curation.Unhide, curation.Unmerge:
	default:
		return badRequest("error.form")
	}
	return s.Curation.Curate(ctx, a)
}

// articleNamed returns the ID of an article that is named by ID or address.
func articleNamed(name string) (string, error) {
	if name = strings.TrimSpace(name); !strings.Contains(name, "://") {
		return name, nil
	}
	clean, err := urlkey.Clean(name)
	if err != nil {
		return "", badRequest("error.url")
	}
	return urlkey.ID(clean), nil
}

// curatePage does what a form of the article page asks for.
func (s *server) curatePage(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("error.form")
	}
	id, f := r.PathValue("id"), r.PostForm
	var err error
	if f.Get("do") == "tags" {
		err = s.setTags(r.Context(), id, f.Get("tags"))
	} else {
		err = s.curate(r.Context(), id, curateInput{Do: f.Get("do"), Reason: f.Get("reason"), From: f.Get("from"),
			Until: f.Get("until"),
			Files: f.Get("files") == "true", Note: f.Get("note"), Into: f.Get("into"), Collection: f.Get("collection")})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/a/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

// setTags makes the tags of an article those of a text, separated by commas.
func (s *server) setTags(ctx context.Context, id, text string) error {
	state, err := s.Curation.Rules().Store.State()
	if err != nil {
		return err
	}
	var want []string
	for _, t := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		if t = strings.TrimSpace(t); t != "" {
			want = append(want, t)
		}
	}
	var acts []curation.Act
	for do, tags := range map[curation.Kind][]string{curation.Tag: without(want, state.Tags(id)),
		curation.Untag: without(state.Tags(id), want)} {
		if len(tags) > 0 {
			a := s.act(ctx, do, id)
			a.Tags = tags
			acts = append(acts, a)
		}
	}
	return s.Curation.Curate(ctx, acts...)
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return slices.Contains(other, x) })
}

// curationData is what the page of acts shows.
type curationData struct {
	Hidden []curation.Act
	Acts   []curation.Act // the newest first
	Total  int
	Tags   []index.FacetTerm
}

// shownActs is how many acts a page shows.
const shownActs = 200

func (s *server) curationPage(w http.ResponseWriter, r *http.Request) error {
	state, err := s.Curation.Rules().Store.State()
	if err != nil {
		return err
	}
	d := curationData{Hidden: state.HiddenNow(s.Now()), Total: len(state.Acts())}
	for i := len(state.Acts()) - 1; i >= 0 && len(d.Acts) < shownActs; i-- {
		d.Acts = append(d.Acts, state.Acts()[i])
	}
	for tag, n := range state.AllTags() {
		d.Tags = append(d.Tags, index.FacetTerm{Value: tag, Count: n})
	}
	slices.SortFunc(d.Tags, func(a, b index.FacetTerm) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return s.show(w, r, "curation", view{Title: "nav.curation", Data: d})
}

// collectionData is what the pages of collections show.
type collectionData struct {
	All  []curation.Collection // of the list
	One  curation.Collection   // of one
	Rows []element
	Hits []hitRow
	More string // address of a search in it
	May  bool
}

// Accesses are the choices of a form.
func (collectionData) Accesses() []curation.Access { return curation.Accesses }

// element is a row of a description.
type element struct {
	Name   string
	Values []string
}

// Text is the values as a form shows them, one a line.
func (e element) Text() string { return strings.Join(e.Values, "\n") }

func (s *server) collectionsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Curation.Rules().Collections(r.Context())
	if err != nil {
		return err
	}
	d := collectionData{All: all, May: visitorOf(r).role.May(token.Curator)}
	return s.show(w, r, "collections", view{Title: "nav.collections", Data: d})
}

// collection returns a collection that the visitor may see.
func (s *server) collection(ctx context.Context, id string) (curation.Collection, error) {
	all, err := s.Curation.Rules().Collections(ctx)
	if err != nil {
		return curation.Collection{}, err
	}
	i := slices.IndexFunc(all, func(c curation.Collection) bool { return c.ID == id })
	if i < 0 {
		return curation.Collection{}, errNotFound
	}
	return all[i], nil
}

func (s *server) collectionPage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.collection(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := collectionData{One: c, May: visitorOf(r).role.May(token.Curator),
		More: "/?" + url.Values{"collection": {c.ID}}.Encode()}
	for _, name := range curation.Elements {
		d.Rows = append(d.Rows, element{name, c.DC[name]})
	}
	res, err := s.search(r.Context(), index.Query{Lists: []string{curation.CollectionList + c.ID}, Sort: "-published",
		Limit: pageSize})
	if err != nil {
		return err
	}
	d.Hits = hitRows(res.Hits)
	return s.show(w, r, "collection", view{Title: c.Title(), Data: d})
}

// describePage makes a collection or changes its description.
func (s *server) describePage(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("error.form")
	}
	f := r.PostForm
	a := s.act(r.Context(), curation.Describe, "")
	a.Collection = cmp.Or(r.PathValue("id"), strings.TrimSpace(f.Get("id")))
	a.Owner, a.Access, a.DC = strings.TrimSpace(f.Get("owner")), curation.Access(f.Get("access")), map[string][]string{}
	for _, name := range curation.Elements {
		if f.Has("dc." + name) {
			a.DC[name] = strings.FieldsFunc(f.Get("dc."+name), func(r rune) bool { return r == '\n' || r == '\r' })
		}
	}
	acts := []curation.Act{a}
	if sites := strings.Fields(f.Get("sites")); f.Has("sites") {
		c, err := s.collection(r.Context(), a.Collection)
		if err != nil {
			return err
		}
		for do, list := range map[curation.Kind][]string{curation.Collect: without(sites, c.Sites),
			curation.Drop: without(c.Sites, sites)} {
			if len(list) > 0 {
				x := s.act(r.Context(), do, "")
				x.Collection, x.Sites = a.Collection, list
				acts = append(acts, x)
			}
		}
	}
	if err := s.Curation.Curate(r.Context(), acts...); err != nil {
		return err
	}
	http.Redirect(w, r, "/collections/"+url.PathEscape(a.Collection), http.StatusSeeOther)
	return nil
}

// actItem is an act in the API.
type actItem struct {
	Number int       `json:"number" doc:"line of the file, from 1"`
	Time   time.Time `json:"time"`
	By     string    `json:"by"`
	Do     string    `json:"do"`

	Article    string              `json:"article,omitempty"`
	URL        string              `json:"url,omitempty"`
	Also       []string            `json:"also,omitempty" doc:"further addresses that are hidden with the article"`
	Reason     string              `json:"reason,omitempty"`
	From       string              `json:"from,omitempty"`
	Until      time.Time           `json:"until,omitzero"`
	Into       string              `json:"into,omitempty"`
	Tags       []string            `json:"tags,omitempty"`
	Note       string              `json:"note,omitempty"`
	Collection string              `json:"collection,omitempty"`
	DC         map[string][]string `json:"dc,omitempty"`
	Owner      string              `json:"owner,omitempty"`
	Access     string              `json:"access,omitempty"`
	Articles   []string            `json:"articles,omitempty"`
	Sites      []string            `json:"sites,omitempty"`
}

func actItems(acts []curation.Act) []actItem {
	out := []actItem{}
	for _, a := range acts {
		out = append(out, actItem{a.Number, a.Time, a.By, string(a.Do), a.Article, a.URL, a.Also, a.Reason, a.From, a.Until,
			a.Into, a.Tags,
			a.Note, a.Collection, a.DC, a.Owner, string(a.Access), a.Articles, a.Sites})
	}
	return out
}

type actList struct {
	Total  int       `json:"total"`
	Hidden []actItem `json:"hidden" doc:"what is hidden now"`
	Acts   []actItem `json:"acts" doc:"the oldest first"`
}

type articleCuration struct {
	ID         string    `json:"id"`
	Hidden     bool      `json:"hidden"`
	MergedInto string    `json:"merged_into,omitempty"`
	Merged     []string  `json:"merged" doc:"IDs of the articles merged into it"`
	Tags       []string  `json:"tags"`
	Acts       []actItem `json:"acts" doc:"on this article, the oldest first"`
}

type collectionList struct {
	Collections []curation.Collection `json:"collections"`
}

// describeInput is a collection as a program sends it; what is missing stays as it is.
type describeInput struct {
	DC       map[string][]string `json:"dc,omitempty" doc:"elements of Dublin Core; an empty list removes one"`
	Owner    string              `json:"owner,omitempty" maxLength:"4000"`
	Access   string              `json:"access,omitempty" enum:"open,readers,restricted"`
	Articles []string            `json:"articles,omitempty" maxItems:"10000" doc:"IDs to put in"`
	Sites    []string            `json:"sites,omitempty" maxItems:"10000" doc:"sites to put in"`
}

func (s *server) curationAPI(api huma.API) {
	if s.Curation == nil {
		return
	}
	rules := s.Curation.Rules()
	huma.Register(api, op("curation", http.MethodGet, "/api/v1/curation", "What curators did, and what is hidden now",
		"curation"),
		func(ctx context.Context, in *struct {
			Limit  int `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
			Offset int `query:"offset" minimum:"0"`
		}) (*answer[actList], error) {
			state, err := rules.Store.State()
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			all := state.Acts()
			from := min(in.Offset, len(all))
			return reply("", "", actList{len(all), actItems(state.HiddenNow(s.Now())),
				actItems(all[from:min(len(all), from+in.Limit)])}), nil
		})
	huma.Register(api, withNotFound(op("article-curation", http.MethodGet, "/api/v1/curation/{id}",
		"What curators said about an article", "curation")),
		func(ctx context.Context, in *ArticleInput) (*answer[articleCuration], error) {
			state, err := rules.Store.State()
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			c := articleCuration{ID: in.ID, Merged: state.MergedInto(in.ID), Tags: state.Tags(in.ID)}
			if _, c.Hidden = state.Hidden(in.ID, s.Now()); state.Resolve(in.ID) != in.ID {
				c.MergedInto = state.Resolve(in.ID)
			}
			c.Acts = actItems(slices.DeleteFunc(slices.Clone(state.Acts()), func(a curation.Act) bool {
				return a.Article != in.ID && a.Into != in.ID && !slices.Contains(a.Articles, in.ID)
			}))
			if c.Merged == nil {
				c.Merged = []string{}
			}
			if c.Tags == nil {
				c.Tags = []string{}
			}
			return reply("", "", c), nil
		})
	do := withNotFound(op("curate", http.MethodPost, "/api/v1/curation/{id}",
		"Hide, show, tag, note, merge or collect an article", "curation"))
	do.DefaultStatus = http.StatusNoContent
	huma.Register(api, do, func(ctx context.Context, in *struct {
		ArticleInput
		Body curateInput
	}) (*struct{}, error) {
		if err := s.curate(ctx, in.ID, in.Body); err != nil {
			return nil, s.apiError(ctx, err)
		}
		return nil, nil
	})
	huma.Register(api, op("collections", http.MethodGet, "/api/v1/collections",
		"Collections with their descriptions in Dublin Core", "curation"),
		func(ctx context.Context, _ *struct{}) (*answer[collectionList], error) {
			all, err := rules.Collections(ctx)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", collectionList{present(all)}), nil
		})
	huma.Register(api, withNotFound(op("collection", http.MethodGet, "/api/v1/collections/{id}", "One collection",
		"curation")),
		func(ctx context.Context, in *CollectionInput) (*answer[curation.Collection], error) {
			c, err := s.collection(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", c), nil
		})
	huma.Register(api, withNotFound(op("describe", http.MethodPost, "/api/v1/collections/{id}",
		"Make a collection or add to it", "curation")),
		func(ctx context.Context, in *struct {
			CollectionInput
			Body describeInput
		}) (*answer[curation.Collection], error) {
			a := s.act(ctx, curation.Describe, "")
			a.Collection, a.DC, a.Owner, a.Access = in.ID, in.Body.DC, in.Body.Owner, curation.Access(in.Body.Access)
			a.Articles, a.Sites = in.Body.Articles, in.Body.Sites
			if err := s.Curation.Curate(ctx, a); err != nil {
				return nil, s.apiError(ctx, err)
			}
			c, err := s.collection(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(ctx, err)
			}
			return reply("", "", c), nil
		})
}

// CollectionInput names a collection.
type CollectionInput struct {
	ID string `path:"id" pattern:"^[a-z0-9][a-z0-9-]{0,63}$"`
}
