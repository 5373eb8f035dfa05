package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"cundang/internal/curation"
	"cundang/internal/urlkey"
)

// ts14 is the timestamp of replay addresses, UTC.
const ts14 = "20060102150405"

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
func (s *server) replayPrefix(ctx context.Context, ts string) string {
	return s.Base + "/replay/" + s.auth.sign(ts, curation.AudienceOf(ctx)) + "~" + ts
}

// wanted is a parsed replay address.
type wanted struct {
	ts       string // 14 digits
	at       time.Time
	modifier string // "", mp_, im_, cs_, oe_, id_, js_
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
	case "", "mp_", "im_", "cs_", "oe_", "id_", "js_":
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
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	if w.url, err = urlkey.Clean(target); err != nil {
		return w, badRequest("error.url")
	}
	return w, nil
}
