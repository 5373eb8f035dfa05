package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/internal/zone"

	"github.com/google/go-cmp/cmp"
)

// links reads a Link header or an application/link-format document (RFC 8288, RFC 6690).
func links(t *testing.T, text string) map[string][]map[string]string {
	t.Helper()
	out := map[string][]map[string]string{}
	one := regexp.MustCompile(`<([^>]*)>((?:\s*;\s*[a-z]+="[^"]*")*)`)
	attribute := regexp.MustCompile(`([a-z]+)="([^"]*)"`)
	for _, m := range one.FindAllStringSubmatch(text, -1) {
		l := map[string]string{"href": m[1]}
		for _, a := range attribute.FindAllStringSubmatch(m[2], -1) {
			l[a[1]] = a[2]
		}
		for _, rel := range strings.Fields(l["rel"]) {
			out[rel] = append(out[rel], l)
		}
	}
	return out
}

// RFC 7089, sections 4.2.1 (pattern 2.1), 2.2, 5 and their examples: what each answer must hold.
func TestMemento(t *testing.T) {
	srv := newWorld(t).furnish().serve()
	first, last := srv.URL+"/replay/20230530020000mp_/"+editedURL, srv.URL+"/replay/20230602020000mp_/"+editedURL
	t.Run("timegate", func(t *testing.T) {
		for accept, want := range map[string]string{"": last, "Tue, 30 May 2023 03:00:00 GMT": first,
			"Mon, 01 Jan 1990 00:00:00 GMT": first, "Fri, 01 Jan 2100 00:00:00 GMT": last} {
			var header []string
			if accept != "" {
				header = []string{"Accept-Datetime", accept}
			}
			res, _ := fetch(t, "GET", srv.URL+"/timegate/"+editedURL, header...)
			if res.StatusCode != http.StatusFound || res.Header.Get("Location") != want ||
				res.Header.Get("Vary") != "accept-datetime" {
				t.Errorf("%q: %d to %s, Vary %q", accept, res.StatusCode, res.Header.Get("Location"), res.Header.Get("Vary"))
			}
			if res.Header.Get("Memento-Datetime") != "" {
				t.Error("a TimeGate's redirect has no Memento-Datetime (section 4.2.1)")
			}
			if l := links(t, res.Header.Get("Link")); l["original"][0]["href"] != editedURL ||
				l["timemap"][0]["type"] != "application/link-format" {
				t.Errorf("links %v", l)
			}
		}
		if res, _ := fetch(t, "GET", srv.URL+"/timegate/"+editedURL, "Accept-Datetime",
			"yesterday"); res.StatusCode != http.StatusBadRequest {
			t.Errorf("unreadable Accept-Datetime: %d, want 400 (section 4.5.3)", res.StatusCode)
		}
		if res,
			_ := fetch(t, "GET", srv.URL+"/timegate/http://kx.qingyuan.example/none"); res.StatusCode != http.StatusNotFound {
			t.Errorf("unknown original: %d, want 404 (section 4.5.4)", res.StatusCode)
		}
	})
	t.Run("memento", func(t *testing.T) {
		res, _ := fetch(t, "GET", first)
		if got := res.Header.Get("Memento-Datetime"); got != "Tue, 30 May 2023 02:00:00 GMT" {
			t.Errorf("Memento-Datetime %q", got)
		}
		l := links(t, res.Header.Get("Link"))
		if l["original"][0]["href"] != editedURL || l["timegate"][0]["href"] != srv.URL+"/timegate/"+editedURL ||
			l["first"][0]["href"] != first || l["last"][0]["href"] != last ||
			l["last"][0]["datetime"] != "Fri, 02 Jun 2023 02:00:00 GMT" {
			t.Errorf("links %v", l)
		}
	})
	t.Run("timemap", func(t *testing.T) {
		res, body := fetch(t, "GET", srv.URL+"/timemap/link/"+editedURL)
		if ct := res.Header.Get("Content-Type"); ct != "application/link-format" {
			t.Errorf("Content-Type %q", ct)
		}
		l := links(t, body)
		self := l["self"][0]
		if l["original"][0]["href"] != editedURL || len(l["memento"]) != 2 ||
			self["from"] != "Tue, 30 May 2023 02:00:00 GMT" || self["until"] != "Fri, 02 Jun 2023 02:00:00 GMT" {
			t.Errorf("timemap %s", body)
		}
		for _, m := range l["memento"] {
			got, _ := fetch(t, "GET", m["href"])
			if got.StatusCode != http.StatusOK || got.Header.Get("Memento-Datetime") != m["datetime"] {
				t.Errorf("memento %v: %d %s", m, got.StatusCode, got.Header.Get("Memento-Datetime"))
			}
		}
	})
}

// timeMap5 is the TimeMap of section 5 of RFC 7089 (figure 28), as it stands there but for the licences.
const timeMap5 = `<http://a.example.org>;rel="original",
    <http://arxiv.example.net/timemap/http://a.example.org>
      ; rel="self";type="application/link-format"
      ; from="Tue, 20 Jun 2000 18:02:59 GMT"
      ; until="Wed, 09 Apr 2008 20:30:51 GMT",
    <http://arxiv.example.net/timegate/http://a.example.org>
      ; rel="timegate",
    <http://arxiv.example.net/web/20000620180259/http://a.example.org>
      ; rel="first memento";datetime="Tue, 20 Jun 2000 18:02:59 GMT",
    <http://arxiv.example.net/web/20091027204954/http://a.example.org>
       ; rel="last memento";datetime="Tue, 27 Oct 2009 20:49:54 GMT",
    <http://arxiv.example.net/web/20000621011731/http://a.example.org>
      ; rel="memento";datetime="Wed, 21 Jun 2000 01:17:31 GMT",
    <http://arxiv.example.net/web/20000621044156/http://a.example.org>
      ; rel="memento";datetime="Wed, 21 Jun 2000 04:41:56 GMT"`

// The archive arxiv.example.net of the RFC, holding what the RFC's examples say it holds, answers as they do.
func TestMementoExamples(t *testing.T) {
	w := newWorld(t)
	w.opts.Hosts = []string{"arxiv.example.net"}
	theirs := links(t, timeMap5)
	negotiated := "Wed, 21 Mar 2001 20:36:10 GMT" // of section 4.2.1
	for _, at := range append(datetimes(theirs), negotiated) {
		when, err := http.ParseTime(at)
		w.check(err)
		w.capture("http://a.example.org/", when.In(zone.China).Format("2006-01-02 15:04:05"), "text/html", "<p>"+at)
	}
	h, err := New(w.opts)
	w.check(err)
	ask := func(method, address string, header ...string) *http.Response {
		t.Helper()
		r := httptest.NewRequest(method, address, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Result()
	}
	// Section 4.2.1: datetime negotiation of pattern 2.1, the request of figure 8 and 10.
	accept := []string{"Accept-Datetime", "Tue, 20 Mar 2001 20:35:00 GMT"}
	res := ask("HEAD", "http://arxiv.example.net/timegate/http://a.example.org/", accept...)
	l := links(t, res.Header.Get("Link"))
	if res.StatusCode != http.StatusFound ||
		!strings.Contains(strings.ToLower(res.Header.Get("Vary")), "accept-datetime") ||
		res.Header.Get("Memento-Datetime") != "" || l["original"][0]["href"] != "http://a.example.org/" ||
		l["timemap"][0]["type"] != "application/link-format" {
		t.Errorf("timegate: %d, %v", res.StatusCode, res.Header)
	}
	memento := res.Header.Get("Location")
	if memento != "http://arxiv.example.net/replay/20010321203610mp_/http://a.example.org/" {
		t.Errorf("negotiated %s", memento)
	}
	res = ask("GET", memento, accept...)
	l = links(t, res.Header.Get("Link"))
	if res.StatusCode != http.StatusOK || res.Header.Get("Memento-Datetime") != negotiated ||
		strings.Contains(strings.ToLower(res.Header.Get("Vary")), "accept-datetime") ||
		l["original"][0]["href"] != "http://a.example.org/" ||
		l["timegate"][0]["href"] != "http://arxiv.example.net/timegate/http://a.example.org/" {
		t.Errorf("memento: %d, %v", res.StatusCode, res.Header)
	}
	// Section 5: the TimeMap names what theirs names, and the one capture more of section 4.2.1.
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", l["timemap"][0]["href"], nil))
	ours := links(t, rec.Body.String())
	if rec.Header().Get("Content-Type") != theirs["self"][0]["type"] {
		t.Errorf("the TimeMap is %q", rec.Header().Get("Content-Type"))
	}
	want := append(datetimes(theirs), negotiated)
	slices.SortFunc(want, func(a, b string) int { return httpTime(t, a).Compare(httpTime(t, b)) })
	if diff := cmp.Diff(want, datetimes(ours)); diff != "" {
		t.Errorf("mementos (-RFC +ours):\n%s", diff)
	}
	for _, rel := range []string{"original", "self", "timegate", "first", "last"} {
		if len(theirs[rel]) != 1 || len(ours[rel]) != 1 || ours[rel][0]["datetime"] != theirs[rel][0]["datetime"] {
			t.Errorf("%s: theirs %v, ours %v", rel, theirs[rel], ours[rel])
		}
	}
	// Their until lies before their last memento; ours is its time.
	if self := ours["self"][0]; self["from"] != theirs["self"][0]["from"] ||
		self["until"] != theirs["last"][0]["datetime"] {
		t.Errorf("self: %v", self)
	}
}

// datetimes are the times of the mementos in a list of links, in its order.
func datetimes(l map[string][]map[string]string) (out []string) {
	for _, m := range l["memento"] {
		out = append(out, m["datetime"])
	}
	return out
}

func httpTime(t *testing.T, s string) time.Time {
	t.Helper()
	m, err := http.ParseTime(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCDX(t *testing.T) {
	srv := newWorld(t).furnish().serve()
	tests := []struct {
		query string
		rows  int
		has   string
	}{
		{"url=" + editedURL, 2, `example,qingyuan,kx)/art/2023/5/30/art_1_2.html 20230530020000 {`},
		{"url=" + editedURL + "&from=2023-06", 0, ""},
		{"url=" + editedURL + "&from=202306", 1, "20230602020000"},
		{"url=" + editedURL + "&to=20230530", 1, "20230530020000"},
		{"url=" + editedURL + "&limit=1", 1, ""},
		{"url=kx.qingyuan.example/art/*", 3, ""},
		{"url=kx.qingyuan.example&matchType=host", 6, ""},
		{"url=*.qingyuan.example", 6, ""},
		{"url=" + editedURL + "&output=json",
			2, `{"urlkey": "example,qingyuan,kx)/art/2023/5/30/art_1_2.html", "timestamp": "20230530020000", "url": "`},
	}
	for _, tt := range tests {
		res, body := fetch(t, "GET", srv.URL+"/cdx?"+tt.query)
		if tt.query == "url="+editedURL+"&from=2023-06" {
			if res.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %d", tt.query, res.StatusCode)
			}
			continue
		}
		if n := strings.Count(body, "\n"); res.StatusCode != 200 || n != tt.rows || !strings.Contains(body, tt.has) {
			t.Errorf("%s: %d, %d rows, want %d with %q\n%s", tt.query, res.StatusCode, n, tt.rows, tt.has, body)
		}
	}
}

// What the CDX server is asked for it does, or says that it does not.
func TestCDXParameters(t *testing.T) {
	w := newWorld(t)
	const page = "http://kx.qingyuan.example/p.html"
	w.capture(page, "2022-01-01 10:00:00", "text/html", "<p>一")
	w.capture(page, "2022-06-01 10:00:00", "text/html", "<p>二")
	w.capture(page, "2023-01-01 10:00:00", "text/html", "<p>三")
	w.capture("http://kx.qingyuan.example/q.png", "2022-03-01 10:00:00", "image/png", "\x89PNG")
	srv := w.serve()
	stamps := func(query string) (string, int, string) {
		res, body := fetch(t, "GET", srv.URL+"/cdx?"+query)
		var got []string
		for line := range strings.Lines(body) {
			got = append(got, strings.TrimSpace(line))
		}
		return strings.Join(got, ","), res.StatusCode, body
	}
	at := "url=" + page + "&output=text&fl=timestamp"
	all := "20220101020000,20220601020000,20230101020000"
	for query, want := range map[string]string{
		"":                               all,
		"&filter=status:200":             all,
		"&filter=status:[34]..":          "",
		"&filter=!statuscode:200":        "",
		"&filter=%3Dmime:text/html":      all,
		"&filter=!%3Dmimetype:text/html": "",
		"&filter=~timestamp:2022":        "20220101020000,20220601020000",
		"&filter=!~timestamp:2022&filter=status:200": "20230101020000",
		"&sort=reverse":                          "20230101020000,20220601020000,20220101020000",
		"&sort=reverse&limit=1":                  "20230101020000",
		"&limit=-2":                              "20220601020000,20230101020000",
		"&sort=closest&closest=20220501&limit=1": "20220601020000",
		"&closest=20220201":                      "20220101020000,20220601020000,20230101020000",
		"&closest=2023":                          "20230101020000,20220601020000,20220101020000",
		"&collapse=timestamp:4":                  "20220101020000,20230101020000",
		"&collapse=urlkey":                       "20220101020000",
		"&collapseTime=6":                        all,
		"&page=0&pageSize=2":                     "20220101020000,20220601020000",
		"&page=1&pageSize=2":                     "20230101020000",
		"&page=50&pageSize=1":                    "",
		"&showNumPages=true&pageSize=2":          "2",
		"&showNumPages=true":                     "1",
		"&from=2022&to=2022":                     "20220101020000,20220601020000",
		"&gzip=false":                            all,
	} {
		if got, status, _ := stamps(at + query); status != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", query, status, got, want)
		}
	}
	for query, want := range map[string]string{
		"&output=json&fl=timestamp,statuscode&limit=1": `{"timestamp": "20220101020000", "status": "200"}`,
		"&output=cdxj&fl=url&limit=1":                  `example,qingyuan,kx)/p.html 20220101020000 {"url": "` + page + `"}`,
		"&output=json&showNumPages=true&pageSize=1":    `{"blocks": 3, "pages": 3, "pageSize": 1}`,
	} {
		if got, status, _ := stamps("url=" + page + query); status != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", query, status, got, want)
		}
	}
	lines, _, _ := stamps("url=kx.qingyuan.example/*&output=cdx11&filter=mime:image/.*")
	if head, row, _ := strings.Cut(lines, ","); head != "CDX N b a m s k r M S V g" ||
		!strings.HasPrefix(
			row, "example,qingyuan,kx)/q.png 20220301020000 http://kx.qingyuan.example/q.png image/png 200 ") ||
		strings.Count(row, " ") != 10 {
		t.Errorf("cdx11: %s", lines)
	}
	for _, query := range []string{"&filter=status", "&filter=colour:red", "&filter=~url:(", "&sort=newest",
		"&sort=closest", "&sort=reverse&closest=2022",
		"&limit=0", "&limit=x", "&fl=colour", "&fl=url&output=cdx11", "&output=xml", "&output=link", "&page=-1",
		"&pageSize=0", "&showNumPages=perhaps", "&gzip=true",
		"&collapse=colour", "&collapse=url:x", "&resolveRevisits=true", "&showResumeKey=true", "&matchType=range", "&from=20",
		"&page=1&limit=-1"} {
		if got, status, body := stamps("url=" + page + query); status != 400 || !strings.Contains(body, `"detail"`) {
			t.Errorf("%s: %d %s", query, status, got)
		}
	}
}

// The addresses of public web archives lead to the same pages.
func TestWaybackAddresses(t *testing.T) {
	w := newWorld(t)
	const page = "http://kx.qingyuan.example/p.html"
	w.capture(page, "2022-01-01 10:00:00", "text/html; charset=utf-8", "<p>一<script src=x.js></script>")
	w.capture(page, "2023-01-01 10:00:00", "text/html; charset=utf-8", "<p>二")
	w.capture("http://kx.qingyuan.example/x.js", "2022-01-01 10:00:00", "application/javascript", "let x=1")
	srv := w.serve()
	for path, want := range map[string]string{
		"/web/20220101020000id_/" + page:                         "<p>一<script src=x.js></script>",
		"/web/2022id_/kx.qingyuan.example/p.html":                "<p>一<script",
		"/web/20220101020000mp_/" + page:                         "<p>一</p>",
		"/web/20220101020000if_/" + page:                         "<p>一</p>",
		"/web/20220101020000js_/http://kx.qingyuan.example/x.js": "let x=1",
		"/web/20220101020000/" + page:                            "20220101020000mp_/" + page,
		"/web/*/" + page:                                         "2022-01-01",
		"/web/timemap/link/" + page:                              `rel="last memento"`,
		"/web/timemap/json/" + page:                              `"original_uri":"` + page + `"`,
		"/timemap/json/" + page:                                  `"datetime":"2023-01-01T02:00:00Z"`,
	} {
		res, body := fetch(t, "GET", srv.URL+path)
		if res.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, lacks %s\n%s", path, res.StatusCode, want, body)
		}
	}
	req, err := http.NewRequest("GET", srv.URL+"/web/"+page, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Datetime", "Sat, 01 Jan 2022 00:00:00 GMT")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if at := res.Header.Get("Location"); res.StatusCode != http.StatusFound ||
		!strings.HasSuffix(at, "/replay/20220101020000mp_/"+page) ||
		!strings.Contains(res.Header.Get("Vary"), "accept-datetime") {
		t.Errorf("TimeGate: %d %s", res.StatusCode, at)
	}
}
