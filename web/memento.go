package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/internal/urlkey"
)

// Memento (RFC 7089). URI-R is the address on the web, URI-G /timegate/URI-R, URI-T
// /timemap/link/URI-R, URI-M /replay/TSmp_/URI-R. The pattern is 2.1 (302 negotiation).

// origin is scheme, host and base path under which the client asked.
func (s *server) origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host + s.Base
	}
	return "http://" + r.Host + s.Base
}

func (s *server) mementoAddress(r *http.Request, t time.Time, url string) string {
	return s.origin(r) + "/replay/" + t.UTC().Format(ts14) + "mp_/" + url
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
		out = append(out, moment{c.Time, c.Status, c.URL, c.MediaType(), c.Ref.String(), c.Digest,
			replayAddress(c.Time, c.URL)})
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
	base := s.origin(r)
	links := []string{
		link(url, "original"),
		link(base+"/timegate/"+url, "timegate"),
		link(base+"/timemap/link/"+url, "timemap") + `; type="application/link-format"`,
	}
	first, last := list[0], list[len(list)-1]
	if len(list) == 1 {
		links = append(links, dated(s.mementoAddress(r, first.Time, url), "first last memento", first.Time))
	} else {
		links = append(links, dated(s.mementoAddress(r, first.Time, url), "first memento", first.Time),
			dated(s.mementoAddress(r, last.Time, url), "last memento", last.Time))
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
	rest, ok := cutRaw(r, "/timegate/")
	if !ok {
		rest, _ = cutRaw(r, "/web/")
	}
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
	w.Header().Set("Location", s.mementoAddress(r, c.Time, c.URL))
	w.WriteHeader(http.StatusFound)
	return nil
}

// mapData is what the page of captures shows.
type mapData struct {
	URL     string
	ID      string
	Moments []moment
}

// timeMap lists the mementos of a URL, as application/link-format (section 5), as JSON or as a page.
func (s *server) timeMap(w http.ResponseWriter, r *http.Request) error {
	rest, ok := cutRaw(r, "/timemap/")
	if !ok {
		rest, _ = cutRaw(r, "/web/timemap/")
	}
	form, rest, _ := strings.Cut(rest, "/")
	return s.timeMapAs(w, r, form, rest)
}

// timeMapAs writes a TimeMap in one of its forms.
func (s *server) timeMapAs(w http.ResponseWriter, r *http.Request, form, rest string) error {
	if form != "link" && form != "json" && form != "html" {
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
		return s.show(w, r, "captures",
			view{Title: "captures.title", Nav: "search", Data: mapData{want, urlkey.ID(want), list}})
	}
	if form == "json" {
		return s.timeMapJSON(w, r, want, list)
	}
	w.Header().Set("Content-Type", "application/link-format")
	base, first, last := s.origin(r), list[0], list[len(list)-1]
	var b strings.Builder
	b.WriteString(link(want, "original") + ",\n")
	b.WriteString(link(base+"/timegate/"+want, "timegate") + ",\n")
	fmt.Fprintf(&b, "%s; type=\"application/link-format\"; from=\"%s\"; until=\"%s\"",
		link(base+"/timemap/link/"+want, "self"),
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
		b.WriteString(",\n" + dated(s.mementoAddress(r, m.Time, want), rel, m.Time))
	}
	b.WriteString("\n")
	if fresh(w, r, []byte(b.String())) {
		return nil
	}
	_, _ = io.WriteString(w, b.String()) // the client is gone
	return nil
}

// jsonMemento and jsonTimeMap are a TimeMap in the JSON form that Memento aggregators write.
type jsonMemento struct {
	Datetime string `json:"datetime"`
	URI      string `json:"uri"`
}

type jsonTimeMap struct {
	Original string            `json:"original_uri"`
	Self     string            `json:"self"`
	TimeGate string            `json:"timegate_uri"`
	TimeMaps map[string]string `json:"timemap_uri"`
	Mementos struct {
		First jsonMemento   `json:"first"`
		Last  jsonMemento   `json:"last"`
		List  []jsonMemento `json:"list"`
	} `json:"mementos"`
}

func (s *server) timeMapJSON(w http.ResponseWriter, r *http.Request, want string, list []moment) error {
	base := s.origin(r)
	m := jsonTimeMap{Original: want, Self: base + "/timemap/json/" + want, TimeGate: base + "/timegate/" + want,
		TimeMaps: map[string]string{"link_format": base + "/timemap/link/" + want,
			"json_format": base + "/timemap/json/" + want}}
	for _, at := range list {
		m.Mementos.List = append(m.Mementos.List,
			jsonMemento{at.Time.UTC().Format(time.RFC3339), s.mementoAddress(r, at.Time, want)})
	}
	m.Mementos.First, m.Mementos.Last = m.Mementos.List[0], m.Mementos.List[len(list)-1]
	out, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write timemap of %s: %w", want, err)
	}
	w.Header().Set("Content-Type", "application/json")
	if fresh(w, r, out) {
		return nil
	}
	_, _ = w.Write(append(out, '\n')) // the client is gone
	return nil
}

// waybackPage answers below /web/ as public web archives do: /web/TS[MODIFIER]/URL is the page, /web/*/URL its
// captures, /web/timemap/FORM/URL the TimeMap and /web/URL the TimeGate.
func (s *server) waybackPage(w http.ResponseWriter, r *http.Request) error {
	rest, _ := cutRaw(r, "/web/")
	if _, ok := strings.CutPrefix(rest, "timemap/"); ok {
		return s.timeMap(w, r)
	}
	if after, ok := strings.CutPrefix(rest, "*/"); ok {
		return s.timeMapAs(w, r, "html", after)
	}
	if stamp, _, ok := strings.Cut(rest, "/"); ok && len(stamp) >= 4 && strings.Trim(stamp[:4], "0123456789") == "" &&
		!strings.Contains(stamp, ".") {
		return s.replayAt(w, r, rest)
	}
	return s.timeGate(w, r)
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
