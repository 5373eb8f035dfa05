package web

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"cundang/archive"
	"cundang/internal/urlkey"
)

// replayPage answers /replay/TS[MODIFIER]/URL: without a modifier our own page around the
// archived one, with mp_ the archived page, with im_, cs_, oe_ what it embeds, with id_ (and
// js_, for scripts) the bytes as they came under the type they came with.
func (s *server) replayPage(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &failure{status: http.StatusMethodNotAllowed, key: "error.method"}
	}
	rest, _ := cutRaw(r, "/replay/")
	return s.replayAt(w, r, rest)
}

// replayAt answers what stands behind the prefix of a replay address.
func (s *server) replayAt(w http.ResponseWriter, r *http.Request, rest string) error {
	want, err := parseReplay(rest)
	if err != nil {
		return err
	}
	c, err := s.Store.Closest(r.Context(), want.url, want.at)
	switch {
	case err == nil:
	case asFailure(err).status == http.StatusNotFound:
		return s.missing(w, r, want)
	default:
		return err
	}
	if want.modifier == "" {
		return s.replayFrame(w, r, want, c)
	}
	return s.replayRaw(w, r, want, c)
}

// frameData is what the page around an archived page shows.
type frameData struct {
	C                 archive.Capture
	Src, Title        string
	ID                string
	Type              string
	PDF, Download     bool
	Raw               string
	Prev, Next        string
	PrevTime          time.Time
	NextTime          time.Time
	Captures          int
	TooLate, Redirect bool
	TimeMap           string
}

func (s *server) replayFrame(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture) error {
	ts := c.Time.UTC().Format(ts14)
	if ts != want.ts {
		http.Redirect(w, r, replayAddress(c.Time, c.URL), http.StatusFound)
		return nil
	}
	d := frameData{C: c, ID: urlkey.ID(c.URL), Type: c.MediaType(), Src: s.replayPrefix(r.Context(), ts) + "mp_/" + c.URL,
		Raw: s.replayPrefix(r.Context(), ts) + "id_/" + c.URL, TimeMap: "/timemap/html/" + c.URL}
	d.PDF = d.Type == "application/pdf"
	d.Download = !d.PDF && !showable(d.Type)
	for v, err := range s.Store.Versions(r.Context(), c.URL) {
		if err != nil {
			return fmt.Errorf("list captures of %s: %w", c.URL, err)
		}
		d.Captures++
		switch {
		case v.Time.Before(c.Time):
			d.Prev, d.PrevTime = replayAddress(v.Time, v.URL), v.Time
		case v.Time.After(c.Time) && d.Next == "":
			d.Next, d.NextTime = replayAddress(v.Time, v.URL), v.Time
		}
	}
	return s.show(w, r, "replay", view{Title: "replay.title", Nav: "search", Data: d, Wide: true})
}

func showable(t string) bool {
	return t == "text/html" || t == "application/xhtml+xml" || strings.HasPrefix(t, "text/") ||
		strings.HasPrefix(t, "image/") ||
		t == "application/json" || t == "application/xml" || strings.HasSuffix(t, "+xml")
}

// framePolicy is the policy under which archived content is shown: no script, no form, no
// plugin, an origin of its own, and only what the archive serves.
//
// Frames within an archived page have an ancestor of opaque origin, which no frame-ancestors names; their addresses
// carry a key that no other site knows. What is asked for without it is framed by pages of ours only.
func (s *server) framePolicy(r *http.Request) string {
	own := "'self'"
	if host := r.Host; host != "" &&
		strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == "" {
		own = "http://" + host + s.Base + "/replay/ https://" + host + s.Base + "/replay/"
	}
	policy := "sandbox; default-src 'none'; img-src data: " + own + "; style-src 'unsafe-inline' " + own +
		"; font-src " + own +
		"; media-src " + own + "; frame-src " + own + "; form-action 'none'; base-uri 'none'"
	if _, signed := s.auth.signed(r); !signed {
		policy += "; frame-ancestors 'self'"
	}
	return policy
}

// bytesPolicy is the policy of bytes as they came: they are looked at, and lead nowhere.
const bytesPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'self'"

// replayRaw serves archived content itself.
func (s *server) replayRaw(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture) error {
	h := w.Header()
	h.Set("Content-Security-Policy", s.framePolicy(r))
	h.Del("Cross-Origin-Opener-Policy") // browsers refuse it together with a sandbox
	h.Set("Memento-Datetime", c.Time.UTC().Format(http.TimeFormat))
	if want.modifier == "mp_" || want.modifier == "id_" {
		links, err := s.mementoLinks(r, c.URL)
		if err != nil {
			return err
		}
		h.Set("Link", links)
	}
	h.Set("Cache-Control", "private, max-age=3600")
	if _, signed := s.auth.signed(r); signed { // embedded by an archived page of ours, whose origin is opaque
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if c.Status >= 300 && c.Status < 400 && want.modifier != "id_" && want.modifier != "js_" {
		if target, err := urlkey.Resolve(c.URL, c.Header.Get("Location"), ""); err == nil && target != c.URL {
			http.Redirect(w, r, s.replayPrefix(r.Context(), want.ts)+want.modifier+"/"+target, http.StatusFound)
			return nil
		}
	}
	if tag := `"` + c.Digest + "-" + want.ts + want.modifier + `"`; c.Digest != "" {
		h.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	body, err := c.Body()
	if err != nil {
		return fmt.Errorf("open body of %s: %w", c.Ref, err)
	}
	defer func() {
		if err := body.Close(); err != nil {
			s.Log.Warn("close body", "ref", c.Ref.String(), "err", err)
		}
	}()
	if want.modifier == "id_" || want.modifier == "js_" {
		h.Set("Content-Security-Policy", bytesPolicy)
		h.Set("Content-Type", originalType(c))
		if target, err := urlkey.Resolve(c.URL, c.Header.Get("Location"), ""); err == nil && c.Header.Get("Location") != "" {
			h.Set("Location", s.replayPrefix(r.Context(), want.ts)+want.modifier+"/"+target)
		}
		if c.Status >= 200 && c.Status <= 599 && c.Status != http.StatusNoContent && c.Status != http.StatusNotModified {
			w.WriteHeader(c.Status)
		}
		_, err = io.Copy(w, body)
		return aborted(err)
	}
	return s.replayTyped(w, r, want, c, body)
}

// originalType is the Content-Type as it came, as far as it is one line of text.
func originalType(c archive.Capture) string {
	t := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, c.Header.Get("Content-Type"))
	if t == "" {
		return "application/octet-stream"
	}
	return t
}

// aborted ends a half-sent answer so that the client sees it is incomplete.
func aborted(err error) error {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}
