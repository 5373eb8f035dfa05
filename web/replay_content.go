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
	"cundang/internal/locale"
	"cundang/internal/urlkey"
	"cundang/internal/zone"
	"cundang/web/replay"
)

// maxPage bounds the pages that are rewritten, in bytes; larger ones are offered as a file.
const maxPage = 16 << 20

func (s *server) replayTyped(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture,
	body io.Reader) error {
	h := w.Header()
	typ := c.MediaType()
	head := make([]byte, 8)
	n, err := io.ReadFull(body, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("read body of %s: %w", c.Ref, err)
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), body)
	switch {
	case want.modifier == "im_" && strings.HasPrefix(typ, "image/"), want.modifier == "mp_" &&
		strings.HasPrefix(typ, "image/") && typ != "image/svg+xml",
		want.modifier == "oe_" && (strings.HasPrefix(typ, "font/") || strings.HasPrefix(typ, "audio/") ||
			strings.HasPrefix(typ, "video/") || strings.HasPrefix(typ, "application/font") ||
			strings.HasPrefix(typ, "application/x-font") || strings.HasPrefix(typ, "application/vnd.ms-fontobject")):
		h.Set("Content-Type", typ)
	case want.modifier == "im_" && imageMagic(head[:n]) != "": // pictures with a lying type are common
		h.Set("Content-Type", imageMagic(head[:n]))
	case want.modifier == "mp_" && bytes.HasPrefix(head[:n], []byte("%PDF-")):
		// A sandboxed PDF is shown by no browser; the viewer is not of our origin.
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'")
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

func (s *server) replayText(w http.ResponseWriter, r *http.Request, want wanted, c archive.Capture, typ string,
	body io.Reader) error {
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
	doc := charset.Decode(text, c.Header.Get("Content-Type"))
	decoded := doc.Text
	rw := replay.Rewriter{Base: base, Charset: doc.Name, Prefix: s.replayPrefix(r.Context(), want.ts)}
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
		note = locale.Text(lang, "replay.lost", lost)
	}
	if c.Status >= 400 {
		note += " · HTTP " + strconv.Itoa(c.Status)
	}
	return `<div><template shadowrootmode="open"><style>:host{all:initial}p{all:initial;display:block;font:12px/1.6 system-ui,sans-serif;` +
		`background:#fbf3dc;color:#4d3b00;border-bottom:1px solid #d9c27a;padding:2px 10px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}</style><p>` +
		html.EscapeString(locale.Text(lang, "replay.strip", c.Time.In(zone.China).Format("2006-01-02 15:04:05"))+note+" · "+
			c.URL) + `</p></template></div>`
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
		if _, signed := s.auth.signed(r); signed {
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		h.Set("Content-Type", "image/svg+xml")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="90" viewBox="0 0 160 90"><rect x="1" y="1" width="158" height="88" fill="#f4f4f2" stroke="#999" stroke-dasharray="5 4"/><text x="80" y="50" font-family="sans-serif" font-size="13" fill="#666" text-anchor="middle">%s</text></svg>`,
			html.EscapeString(locale.Text(lang, "replay.missing"))) // the client is gone
		return nil
	case "cs_", "oe_", "id_", "js_":
		writeText(w, http.StatusNotFound, locale.Text(lang, "replay.missing")+"\n")
		return nil
	case "mp_":
		h.Set("Content-Security-Policy", s.framePolicy(r))
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, `<!DOCTYPE html><meta charset="utf-8"><title>%s</title><style>body{font:15px/1.7 system-ui,sans-serif;margin:3em 1.5em;color:#555;background:#f7f7f5;text-align:center}code{word-break:break-all}</style><h1>%s</h1><p><code>%s</code>`,
			// the client is gone
			html.EscapeString(locale.Text(lang, "replay.missing")), html.EscapeString(locale.Text(lang, "replay.missing")),
			html.EscapeString(want.url))
		return nil
	}
	return s.show(w, r, "error", view{Status: http.StatusNotFound, Title: "replay.missing",
		Data: map[string]any{"Status": 404, "Key": "replay.missing.long", "URL": want.url}})
}

func (s *server) notShown(w http.ResponseWriter, r *http.Request) error {
	lang, _ := s.prefs(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Del("ETag")
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><meta charset="utf-8"><p style="font:15px/1.7 system-ui,sans-serif;margin:3em;text-align:center">%s`, html.EscapeString(locale.Text(lang, "replay.download"))) // the client is gone
	return nil
}
