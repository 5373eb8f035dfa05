package web

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/internal/charset"
	"cundang/internal/urlkey"
	"cundang/web/replay"
)

// ts14 is the timestamp of replay addresses, UTC.
const ts14 = "20060102150405"

// maxPage bounds the pages that are rewritten, in bytes; larger ones are offered as a file.
const maxPage = 16 << 20

// cutRaw returns what stands behind prefix in the address as it came, query included: an
// archived URL must not be cleaned.
func cutRaw(r *http.Request, prefix string) (string, bool) {
	return strings.CutPrefix(r.URL.RequestURI(), prefix)
}

// replayAddress is the page that shows url as it was at t.
func replayAddress(t time.Time, url string) string {
	return "/replay/" + t.UTC().Format(ts14) + "/" + url
}

// embedAddress is the address of an archived resource in a page of ours.
func embedAddress(t time.Time, url, modifier string) string {
	return "/replay/" + t.UTC().Format(ts14) + modifier + "/" + url
}

// replayPrefix begins the addresses in an archived page. What that page embeds is asked for
// from an opaque origin, without cookies, so the addresses carry a key.
func (s *server) replayPrefix(ts string) string {
	return "/replay/" + s.auth.sign(ts) + "~" + ts
}

// wanted is a parsed replay address.
type wanted struct {
	ts       string // 14 digits
	at       time.Time
	modifier string // "", mp_, im_, cs_, oe_, id_
	url      string
}

func parseReplay(rest string) (wanted, error) {
	if key, after, ok := strings.Cut(rest, "~"); ok && !strings.Contains(key, "/") {
		rest = after
	}
	stamp, target, ok := strings.Cut(rest, "/")
	if !ok || target == "" {
		return wanted{}, errNotFound
	}
	w := wanted{ts: strings.TrimRight(stamp, "_abcdefghijklmnopqrstuvwxyz")}
	w.modifier = stamp[len(w.ts):]
	switch w.modifier {
	case "", "mp_", "im_", "cs_", "oe_", "id_":
	case "if_":
		w.modifier = "mp_"
	default:
		return w, errNotFound
	}
	if strings.Trim(w.ts, "0123456789") != "" || len(w.ts) < 4 || len(w.ts) > 14 {
		return w, badRequest("error.timestamp")
	}
	var err error
	if w.at, err = time.Parse(ts14, w.ts+"00000101000000"[len(w.ts):]); err != nil {
		return w, badRequest("error.timestamp")
	}
	w.ts = w.at.Format(ts14)
	// A proxy may have merged the two slashes behind the scheme.
	for _, scheme := range []string{"http:/", "https:/"} {
		if after, ok := strings.CutPrefix(target, scheme); ok && !strings.HasPrefix(after, "/") {
			target = scheme + "/" + after
		}
	}
	if w.url, err = urlkey.Clean(target); err != nil {
		return w, badRequest("error.url")
	}
	return w, nil
}

// replayPage answers /replay/TS[MODIFIER]/URL: without a modifier our own page around the
// archived one, with mp_ the archived page, with im_, cs_, oe_ what it embeds, with id_ the
// bytes as they came, for download.
func (s *server) replayPage(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &failure{status: http.StatusMethodNotAllowed, key: "error.method"}
	}
	rest, _ := cutRaw(r, "/replay/")
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
	d := frameData{C: c, ID: urlkey.ID(c.URL), Type: mediaType(c), Src: s.replayPrefix(ts) + "mp_/" + c.URL,
		Raw: s.replayPrefix(ts) + "id_/" + c.URL, TimeMap: "/timemap/html/" + c.URL}
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

func mediaType(c archive.Capture) string {
	t, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil {
		return "text/html" // what browsers would sniff for a page without a type is shown as one
	}
	return t
}

func showable(t string) bool {
	return t == "text/html" || t == "application/xhtml+xml" || strings.HasPrefix(t, "text/") || strings.HasPrefix(t, "image/") ||
		t == "application/json" || t == "application/xml" || strings.HasSuffix(t, "+xml")
}

// framePolicy is the policy under which archived content is shown: no script, no form, no
// plugin, an origin of its own, and only what the archive serves.
func framePolicy(r *http.Request) string {
	own := "'self'"
	if host := r.Host; host != "" && strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == "" {
		own = "http://" + host + "/replay/ https://" + host + "/replay/"
	}
	return "sandbox; default-src 'none'; img-src data: " + own + "; style-src 'unsafe-inline' " + own + "; font-src " + own +
		"; media-src " + own + "; frame-src " + own + "; form-action 'none'; base-uri 'none'"
}

// replayRaw serves archived content itself.
func (s *server) replayRaw(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture) error {
	h := w.Header()
	h.Set("Content-Security-Policy", framePolicy(r))
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
	if s.auth.signed(r) { // embedded by an archived page of ours, whose origin is opaque
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if c.Status >= 300 && c.Status < 400 && want.modifier != "id_" {
		if target, err := urlkey.Resolve(c.URL, c.Header.Get("Location"), ""); err == nil && target != c.URL {
			http.Redirect(w, r, s.replayPrefix(want.ts)+want.modifier+"/"+target, http.StatusFound)
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
	if want.modifier == "id_" {
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(c.URL)}))
		h.Set("X-Archive-Orig-Content-Type", strconv.QuoteToASCII(c.Header.Get("Content-Type")))
		_, err = io.Copy(w, body)
		return aborted(err)
	}
	return s.replayTyped(w, r, want, c, body)
}

// aborted ends a half-sent answer so that the client sees it is incomplete.
func aborted(err error) error {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (s *server) replayTyped(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture, body io.Reader) error {
	h := w.Header()
	typ := mediaType(c)
	head := make([]byte, 8)
	n, err := io.ReadFull(body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("read body of %s: %w", c.Ref, err)
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), body)
	switch {
	case want.modifier == "im_" && strings.HasPrefix(typ, "image/"), want.modifier == "mp_" && strings.HasPrefix(typ, "image/") && typ != "image/svg+xml",
		want.modifier == "oe_" && (strings.HasPrefix(typ, "font/") || strings.HasPrefix(typ, "audio/") || strings.HasPrefix(typ, "video/") || strings.HasPrefix(typ, "application/font") || strings.HasPrefix(typ, "application/x-font") || strings.HasPrefix(typ, "application/vnd.ms-fontobject")):
		h.Set("Content-Type", typ)
	case want.modifier == "im_" && imageMagic(head[:n]) != "": // pictures with a lying type are common
		h.Set("Content-Type", imageMagic(head[:n]))
	case want.modifier == "mp_" && bytes.HasPrefix(head[:n], []byte("%PDF-")):
		// A sandboxed PDF is shown by no browser; the viewer is not of our origin.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'")
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": fileName(c.URL)}))
	case want.modifier == "mp_" || want.modifier == "cs_":
		return s.replayText(w, r, want, c, typ, whole)
	default:
		return s.missing(w, r, want)
	}
	if _, err := io.Copy(w, whole); err != nil {
		return aborted(err)
	}
	return nil
}

func (s *server) replayText(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture, typ string, body io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(body, maxPage+1))
	if err != nil {
		return fmt.Errorf("read body of %s: %w", c.Ref, err)
	}
	if len(text) > maxPage || !showable(typ) {
		return s.notShown(w, r)
	}
	base, err := url.Parse(c.URL)
	if err != nil {
		return badRequest("error.url")
	}
	rw := replay.Rewriter{Base: base, Prefix: s.replayPrefix(want.ts)}
	decoded := charset.Decode(text, c.Header.Get("Content-Type")).Text
	var out []byte
	switch {
	case want.modifier == "cs_":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		out = []byte(rw.CSS(string(decoded)))
	case typ == "text/html" || typ == "application/xhtml+xml":
		lang, _ := s.prefs(r)
		rw.Strip = func(embedded []string) string { return strip(lang, c, s.lost(r.Context(), embedded, want.at)) }
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if out, err = rw.HTML(decoded); err != nil {
			return fmt.Errorf("rewrite %s: %w", c.Ref, err)
		}
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		out = decoded
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	if fresh(w, r, out) {
		return nil
	}
	_, _ = w.Write(out) // the client is gone
	return nil
}

// lost counts the embedded resources that the archive does not hold, of the first hundred.
func (s *server) lost(ctx context.Context, embedded []string, at time.Time) (n int) {
	for _, raw := range embedded[:min(len(embedded), 100)] {
		clean, err := urlkey.Clean(raw)
		if err == nil {
			_, err = s.Store.Closest(ctx, clean, at)
		}
		if err != nil {
			n++
		}
	}
	return n
}

// strip names what is shown, in a shadow tree that the page's own style does not reach.
func strip(lang string, c archive.Capture, lost int) string {
	note := ""
	if lost > 0 {
		note = say(lang, "replay.lost", lost)
	}
	if c.Status >= 400 {
		note += " · HTTP " + strconv.Itoa(c.Status)
	}
	return `<div><template shadowrootmode="open"><style>:host{all:initial}p{all:initial;display:block;font:12px/1.6 system-ui,sans-serif;` +
		`background:#fbf3dc;color:#4d3b00;border-bottom:1px solid #d9c27a;padding:2px 10px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}</style><p>` +
		html.EscapeString(say(lang, "replay.strip", c.Time.In(cst).Format("2006-01-02 15:04:05"))+note+" · "+c.URL) + `</p></template></div>`
}

func imageMagic(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("GIF8")):
		return "image/gif"
	case bytes.HasPrefix(head, []byte("BM")):
		return "image/bmp"
	case bytes.HasPrefix(head, []byte("RIFF")):
		return "image/webp"
	}
	return ""
}

func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "capture"
	}
	name := u.Path[strings.LastIndex(u.Path, "/")+1:]
	if name == "" {
		return u.Hostname() + ".html"
	}
	return name
}

// missing shows what was not archived as such, in the form the embedding page can show.
func (s *server) missing(w http.ResponseWriter, r *http.Request, want wanted) error {
	lang, _ := s.prefs(r)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	switch want.modifier {
	case "im_":
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
		if s.auth.signed(r) {
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		h.Set("Content-Type", "image/svg+xml")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="90" viewBox="0 0 160 90"><rect x="1" y="1" width="158" height="88" fill="#f4f4f2" stroke="#999" stroke-dasharray="5 4"/><text x="80" y="50" font-family="sans-serif" font-size="13" fill="#666" text-anchor="middle">%s</text></svg>`,
			html.EscapeString(say(lang, "replay.missing"))) // the client is gone
		return nil
	case "cs_", "oe_", "id_":
		writeText(w, http.StatusNotFound, say(lang, "replay.missing")+"\n")
		return nil
	case "mp_":
		h.Set("Content-Security-Policy", framePolicy(r))
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `<!DOCTYPE html><meta charset="utf-8"><title>%s</title><style>body{font:15px/1.7 system-ui,sans-serif;margin:3em 1.5em;color:#555;background:#f7f7f5;text-align:center}code{word-break:break-all}</style><h1>%s</h1><p><code>%s</code>`,
			html.EscapeString(say(lang, "replay.missing")), html.EscapeString(say(lang, "replay.missing")), html.EscapeString(want.url)) // the client is gone
		return nil
	}
	return s.show(w, r, "error", view{Status: http.StatusNotFound, Title: "replay.missing", Data: map[string]any{"Status": 404, "Key": "replay.missing.long", "URL": want.url}})
}

func (s *server) notShown(w http.ResponseWriter, r *http.Request) error {
	lang, _ := s.prefs(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Del("ETag")
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><meta charset="utf-8"><p style="font:15px/1.7 system-ui,sans-serif;margin:3em;text-align:center">%s`, html.EscapeString(say(lang, "replay.download"))) // the client is gone
	return nil
}
