package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"cundang/extract"
	"cundang/internal/locale"
	"cundang/internal/zone"
	"cundang/web/diff"
	"cundang/web/token"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages holds every page template, parsed once for each language.
type pages struct {
	byLang map[string]map[string]*template.Template
}

// view is what a page is made from.
type view struct {
	Status int    // 0 is 200
	Title  string // message key or text
	Nav    string // entry of the navigation that is current
	Data   any
	Metas  []meta // citation_* and DC
	Feed   string // address of the page's Atom feed
	Wide   bool
	// Refresh asks browsers without scripts to come back after so many seconds.
	Refresh int

	// set by show
	Lang, Theme, Version, Here, Text string
	LoggedIn, HasCrawls, HasCuration bool
	MayRun, MayReview                bool // what the visitor may do
}

type meta struct{ Name, Content string }

func loadPages(st *static, siteName func(string) string) (*pages, error) {
	p := &pages{byLang: map[string]map[string]*template.Template{}}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, lang := range []string{"zh", "en"} {
		set := map[string]*template.Template{}
		for _, name := range names {
			base := path.Base(name)
			if base == "layout.html" || base == "parts.html" {
				continue
			}
			t, err := template.New(base).Funcs(functions(lang, st, siteName)).ParseFS(templateFiles, "templates/layout.html",
				"templates/parts.html", name)
			if err != nil {
				return nil, err
			}
			set[strings.TrimSuffix(base, ".html")] = t
		}
		p.byLang[lang] = set
	}
	return p, nil
}

func functions(lang string, st *static, siteName func(string) string) template.FuncMap {
	return template.FuncMap{
		"t":       func(key string, args ...any) string { return locale.Text(lang, key, args...) },
		"static":  st.address,
		"reason":  func(text string) string { return locale.Say(lang, text) },
		"reasons": func(list []string) string { return locale.SayAll(lang, list) },
		"site":    siteName,
		"date":    showDate,
		"moment": func(t time.Time) string {
			if t.IsZero() {
				return "—"
			}
			return t.In(zone.China).Format("2006-01-02 15:04")
		},
		"iso":      func(t time.Time) string { return t.In(zone.China).Format(time.RFC3339) },
		"num":      groupDigits,
		"join":     strings.Join,
		"str":      func(v any) string { return fmt.Sprint(v) },
		"pct":      func(f float64) string { return fmt.Sprintf("%.0f%%", f*100) },
		"lang":     func() string { return lang },
		"html":     func() string { return map[string]string{"zh": "zh-CN", "en": "en"}[lang] },
		"host":     hostOf,
		"bytes":    showBytes,
		"dur":      func(d time.Duration) string { return d.Round(time.Second).String() },
		"savedURL": func(query string) string { return "/?" + query },
		"runtime": func(r Run) string {
			if r.Finished.IsZero() {
				return "—"
			}
			if d := r.Finished.Sub(r.Started).Round(time.Second); d > 0 {
				return d.String()
			}
			return "<1s"
		},
		"ms": func(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) },
	}
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Host
}

func groupDigits(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func showBytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

func showDate(d extract.Date) string { return diff.Date(d) }

// page makes an http.Handler of a page function; its error becomes an error page.
func (s *server) page(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil || errors.Is(r.Context().Err(), context.Canceled) {
			return
		}
		fail := asFailure(err)
		if fail.status >= 500 {
			s.Log.Error("page failed", "path", r.URL.Path, "status", fail.status, "err", errors.Unwrap(fail))
		}
		v := view{Status: fail.status, Title: fail.key, Data: map[string]any{"Status": fail.status, "Key": fail.key,
			"Detail": fail.detail}}
		if err := s.show(w, r, "error", v); err != nil {
			s.Log.Error("error page failed", "err", err)
			http.Error(w, http.StatusText(fail.status), fail.status)
		}
	})
}

// buffers hold pages on their way out.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show renders a page whole before the first byte leaves, with a validator.
func (s *server) show(w http.ResponseWriter, r *http.Request, name string, v view) error {
	v.Lang, v.Theme = s.prefs(r)
	v.Version, v.HasCrawls, v.HasCuration, v.Here = s.Version, s.Crawls != nil, s.Curation != nil, r.URL.RequestURI()
	if r.Method != http.MethodGet {
		v.Here = "/"
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		v.LoggedIn = s.auth.session(c.Value).role != ""
	}
	v.MayRun = visitorOf(r).role.May(token.Operator)
	v.MayReview = visitorOf(r).role.May(token.Curator)
	if v.Title != "" && locale.Known(v.Title) {
		v.Title = locale.Text(v.Lang, v.Title)
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := s.pages.byLang[v.Lang][name].ExecuteTemplate(b, "layout", v); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	s.rebase(b)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", map[string]string{"zh": "zh-CN", "en": "en"}[v.Lang])
	w.Header().Add("Vary", "Accept-Language, Cookie")
	status := v.Status
	if status == 0 {
		status = http.StatusOK
	}
	if status == http.StatusOK {
		w.Header().Set("Cache-Control", "private, no-cache")
		if fresh(w, r, b.Bytes()) {
			return nil
		}
	} else {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone: nobody is left to tell
	return nil
}

// fresh sets the ETag of content and answers 304 when the client has it already.
func fresh(w http.ResponseWriter, r *http.Request, content []byte) bool {
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:10]) + `"`
	w.Header().Set("ETag", tag)
	if !matches(r.Header.Get("If-None-Match"), tag) {
		return false
	}
	w.Header().Del("Content-Type")
	w.WriteHeader(http.StatusNotModified)
	return true
}

func matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// prefs are the language and theme: ?lang= in the address, the cookie, the browser, ours.
func (s *server) prefs(r *http.Request) (lang, theme string) {
	lang = s.Lang
	if accepted := acceptLang(r.Header.Get("Accept-Language")); accepted != "" {
		lang = accepted
	}
	if c, err := r.Cookie("cundang_lang"); err == nil && (c.Value == "zh" || c.Value == "en") {
		lang = c.Value
	}
	if q := r.URL.Query().Get("lang"); q == "zh" || q == "en" {
		lang = q
	}
	if c, err := r.Cookie("cundang_theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		theme = c.Value
	}
	return lang, theme
}

// acceptLang returns the first of our languages in an Accept-Language header, "" for none.
func acceptLang(header string) string {
	for _, part := range strings.Split(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch tag, _, _ = strings.Cut(strings.ToLower(tag), "-"); tag {
		case "zh", "en":
			return tag
		}
	}
	return ""
}

func (s *server) setPrefs(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badRequest("error.form")
	}
	if lang := r.PostForm.Get("lang"); lang == "zh" || lang == "en" {
		s.setCookie(w, r, "cundang_lang", lang, 365*24*time.Hour)
	}
	switch theme := r.PostForm.Get("theme"); theme {
	case "light", "dark":
		s.setCookie(w, r, "cundang_theme", theme, 365*24*time.Hour)
	case "auto":
		s.setCookie(w, r, "cundang_theme", "", -1)
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}
