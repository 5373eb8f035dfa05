package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSaved bounds the list of saved searches.
const maxSaved = 500

func (s *server) savedByID(ctx context.Context, id string) (SavedSearch, error) {
	list, err := s.Saved.Load(ctx)
	if err != nil {
		return SavedSearch{}, err
	}
	i := slices.IndexFunc(list, func(x SavedSearch) bool { return x.ID == id })
	if i < 0 {
		return SavedSearch{}, errNotFound
	}
	return list[i], nil
}

// saveSearch checks and keeps a search under a name.
func (s *server) saveSearch(ctx context.Context, name, query string) (SavedSearch, error) {
	name = strings.TrimSpace(name)
	v, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil || name == "" || utf8.RuneCountInString(name) > 100 {
		return SavedSearch{}, badRequest("error.saved")
	}
	q, err := parseQuestion(v)
	if err != nil {
		return SavedSearch{}, err
	}
	fresh := SavedSearch{ID: strings.ToLower(rand.Text()[:12]), Name: name,
		Query: q.setOffset(0).values().Encode(), Created: s.Now().UTC()}
	err = s.Saved.Change(ctx, func(list []SavedSearch) ([]SavedSearch, error) {
		if len(list) >= maxSaved {
			return nil, badRequest("error.manysaved")
		}
		return append(list, fresh), nil
	})
	return fresh, err
}

func (s *server) dropSearch(ctx context.Context, id string) error {
	return s.Saved.Change(ctx, func(list []SavedSearch) ([]SavedSearch, error) {
		i := slices.IndexFunc(list, func(x SavedSearch) bool { return x.ID == id })
		if i < 0 {
			return nil, errNotFound
		}
		return slices.Delete(list, i, i+1), nil
	})
}

func (s *server) savedPage(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Saved.Load(r.Context())
	if err != nil {
		return err
	}
	return s.show(w, r, "saved", view{Title: "nav.saved", Data: list})
}

func (s *server) savePage(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("error.form")
	}
	if _, err := s.saveSearch(r.Context(), r.PostForm.Get("name"), r.PostForm.Get("query")); err != nil {
		return err
	}
	http.Redirect(w, r, "/saved", http.StatusSeeOther)
	return nil
}

func (s *server) dropPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.dropSearch(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/saved", http.StatusSeeOther)
	return nil
}
