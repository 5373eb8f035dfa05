package web

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/internal/urlkey"
)

// Memento (RFC 7089). URI-R is the address on the web, URI-G /timegate/URI-R, URI-T
// /timemap/link/URI-R, URI-M /replay/TSmp_/URI-R. The pattern is 2.1 (302 negotiation).

// origin is scheme and host under which the client asked.
func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func mementoAddress(r *http.Request, t time.Time, url string) string {
	return origin(r) + "/replay/" + t.UTC().Format(ts14) + "mp_/" + url
}

// moment is one memento of a list; two captures within one second are one.
type moment struct {
	Time   time.Time
	Status int
	URL    string
	Type   string
	Ref    string
	Digest string
	Replay string
}

// moments lists the captures of url, oldest first. ErrNotFound if there are none.
func (s *server) moments(r *http.Request, url string) ([]moment, error) {
	var out []moment
	for c, err := range s.Store.Versions(r.Context(), url) {
		if err != nil {
			return nil, fmt.Errorf("list captures of %s: %w", url, err)
		}
		if n := len(out); n > 0 && out[n-1].Time.Unix() == c.Time.Unix() {
			continue
		}
		out = append(out, moment{c.Time, c.Status, c.URL, mediaType(c), c.Ref.String(), c.Digest, replayAddress(c.Time, c.URL)})
	}
	if len(out) == 0 {
		return nil, archive.ErrNotFound
	}
	return out, nil
}

// mementoLinks is the Link header of a URI-G and a URI-M: original, timegate, timemap, first
// and last memento.
func (s *server) mementoLinks(r *http.Request, url string) (string, error) {
	list, err := s.moments(r, url)
	if err != nil {
		return "", err
	}
	base := origin(r)
	links := []string{
		link(url, "original"),
		link(base+"/timegate/"+url, "timegate"),
		link(base+"/timemap/link/"+url, "timemap") + `; type="application/link-format"`,
	}
	first, last := list[0], list[len(list)-1]
	if len(list) == 1 {
		links = append(links, dated(mementoAddress(r, first.Time, url), "first last memento", first.Time))
	} else {
		links = append(links, dated(mementoAddress(r, first.Time, url), "first memento", first.Time),
			dated(mementoAddress(r, last.Time, url), "last memento", last.Time))
	}
	return strings.Join(links, ", "), nil
}

func link(target, rel string) string { return "<" + target + `>; rel="` + rel + `"` }

func dated(target, rel string, t time.Time) string {
	return link(target, rel) + `; datetime="` + t.UTC().Format(http.TimeFormat) + `"`
}

// target reads the URL behind a prefix.
func target(rest string) (string, error) {
	w, err := parseReplay("20000101000000/" + rest)
	return w.url, err
}

// timeGate negotiates in the dimension of time: 302 to the memento nearest to
// Accept-Datetime, without that header to the newest.
func (s *server) timeGate(w http.ResponseWriter, r *http.Request) error {
	rest, _ := cutRaw(r, "/timegate/")
	want, err := target(rest)
	if err != nil {
		return err
	}
	var at time.Time
	if h := r.Header.Get("Accept-Datetime"); h != "" {
		if at, err = http.ParseTime(h); err != nil {
			return badRequest("error.datetime")
		}
	}
	c, err := s.Store.Closest(r.Context(), want, at)
	if err != nil {
		return err
	}
	links, err := s.mementoLinks(r, c.URL)
	if err != nil {
		return err
	}
	w.Header().Set("Vary", "accept-datetime")
	w.Header().Set("Link", links)
	w.Header().Set("Location", mementoAddress(r, c.Time, c.URL))
	w.WriteHeader(http.StatusFound)
	return nil
}

// mapData is what the page of captures shows.
type mapData struct {
	URL     string
	ID      string
	Moments []moment
}

// timeMap lists the mementos of a URL, as application/link-format (section 5) or as a page.
func (s *server) timeMap(w http.ResponseWriter, r *http.Request) error {
	rest, _ := cutRaw(r, "/timemap/")
	form, rest, _ := strings.Cut(rest, "/")
	if form != "link" && form != "html" {
		return errNotFound
	}
	want, err := target(rest)
	if err != nil {
		return err
	}
	list, err := s.moments(r, want)
	if err != nil {
		return err
	}
	if form == "html" {
		return s.show(w, r, "captures", view{Title: "captures.title", Nav: "search", Data: mapData{want, urlkey.ID(want), list}})
	}
	w.Header().Set("Content-Type", "application/link-format")
	base, first, last := origin(r), list[0], list[len(list)-1]
	var b strings.Builder
	b.WriteString(link(want, "original") + ",\n")
	b.WriteString(link(base+"/timegate/"+want, "timegate") + ",\n")
	fmt.Fprintf(&b, "%s; type=\"application/link-format\"; from=\"%s\"; until=\"%s\"", link(base+"/timemap/link/"+want, "self"),
		first.Time.UTC().Format(http.TimeFormat), last.Time.UTC().Format(http.TimeFormat))
	for i, m := range list {
		rel := "memento"
		switch {
		case len(list) == 1:
			rel = "first last memento"
		case i == 0:
			rel = "first memento"
		case i == len(list)-1:
			rel = "last memento"
		}
		b.WriteString(",\n" + dated(mementoAddress(r, m.Time, want), rel, m.Time))
	}
	b.WriteString("\n")
	if fresh(w, r, []byte(b.String())) {
		return nil
	}
	_, _ = io.WriteString(w, b.String()) // the client is gone
	return nil
}

// maxRows bounds one CDX answer.
const maxRows = 100_000

// cdxQuery answers as pywb's CDX server does: url, matchType (exact, prefix, host, domain),
// from, to (digits of a timestamp), limit, output (cdxj or json).
func (s *server) cdxQuery(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, limit, err := cdxLookup(v)
	if err != nil {
		return err
	}
	json := v.Get("output") == "json"
	if json {
		w.Header().Set("Content-Type", "application/x-ndjson")
	} else {
		w.Header().Set("Content-Type", "text/x-cdxj; charset=utf-8")
	}
	w.Header().Set("Cache-Control", "no-store")
	var line []byte
	n := 0
	for row, err := range s.Store.Rows(r.Context(), q) {
		if err != nil && n == 0 {
			return fmt.Errorf("query cdx: %w", err)
		}
		if err != nil {
			s.Log.Error("cdx answer broke off", "err", err)
			return aborted(err)
		}
		line = row.Append(line[:0])
		if json { // pywb's JSON rows hold key and time as members
			_, fields, _ := strings.Cut(string(line), "{")
			line = append(line[:0], fmt.Sprintf(`{"urlkey": %s, "timestamp": %s, %s`, strconv.Quote(row.Key), strconv.Quote(row.Time), fields)...)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return nil // the client is gone
		}
		if n++; n >= limit {
			break
		}
	}
	return nil
}

func cdxLookup(v url.Values) (q archive.Lookup, limit int, err error) {
	raw := v.Get("url")
	if raw == "" {
		return q, 0, badRequest("error.url")
	}
	match := v.Get("matchType")
	switch {
	case match == "" && strings.HasSuffix(raw, "*"):
		match, raw = "prefix", strings.TrimSuffix(raw, "*")
	case match == "" && strings.HasPrefix(raw, "*."):
		match, raw = "domain", strings.TrimPrefix(raw, "*.")
	}
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	clean, err := urlkey.Clean(raw)
	if err != nil {
		return q, 0, badRequest("error.url")
	}
	switch match {
	case "", "exact":
		q.URL = clean
	case "prefix":
		q.Prefix = clean
	case "host":
		q.Host = urlkey.Host(clean)
	case "domain":
		q.Domain = urlkey.Host(clean)
	default:
		return q, 0, badRequest("error.matchtype")
	}
	if q.From, err = stamp(v.Get("from"), "00000101000000"); err != nil {
		return q, 0, err
	}
	if q.To, err = stamp(v.Get("to"), "99991231235959"); err != nil {
		return q, 0, err
	}
	if !q.To.IsZero() {
		q.To = q.To.Add(time.Second) // pywb's "to" is inclusive, Lookup's is not
	}
	if limit, err = number(v.Get("limit"), maxRows); limit == 0 {
		limit = maxRows
	}
	return q, limit, err
}

// stamp reads the beginning of a timestamp and fills it up.
func stamp(s, fill string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if len(s) < 4 || len(s) > 14 || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, badRequest("error.timestamp")
	}
	full := s + fill[len(s):]
	t, err := time.Parse(ts14, full)
	for day := 30; err != nil && day >= 28 && len(s) == 6 && fill[0] == '9'; day-- { // a short month
		t, err = time.Parse(ts14, s+strconv.Itoa(day)+"235959")
	}
	if err != nil {
		return time.Time{}, badRequest("error.timestamp")
	}
	return t, nil
}
