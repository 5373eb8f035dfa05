package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/node"
	access "cundang/web/token"
)

// closedSites are sites with their access, as profiles name them.
type closedSites map[string]curation.Access

func (c closedSites) Closed() map[string]curation.Access { return c }

func (c closedSites) SiteOf(url string) string {
	if strings.Contains(url, "//xh.baishi.example/") {
		return "baishi"
	}
	return "qingyuan"
}

func (c closedSites) Identity(clean string) string { u, _, _ := strings.Cut(clean, "?from="); return u }

// curate lets the world be curated, as one that a node holds is.
func (w *world) curate(sites closedSites, notice bool) (rules *curation.Rules) {
	dir := w.t.TempDir()
	rules = &curation.Rules{Store: curation.Open(filepath.Join(dir, "curation.jsonl")), Sites: sites, Notice: notice,
		Now: w.opts.Now}
	n := &node.Node{Store: w.store, Index: w.index, Curation: rules}
	w.opts.Curation, w.opts.Index, w.opts.Store = n, curation.NewIndex(w.index, rules), curation.NewArchive(w.store, rules)
	return rules
}

// curated lets the world be curated; a token for each role lets in.
func (w *world) curated(sites closedSites, notice bool) (rules *curation.Rules, secrets map[string]string) {
	w.t.Helper()
	rules = w.curate(sites, notice)
	w.opts.Tokens = access.Open(filepath.Join(w.t.TempDir(), "tokens.json"))
	secrets = map[string]string{"stranger": ""}
	for _, role := range []access.Role{access.Reader, access.Curator, access.Operator} {
		secret, _, err := w.opts.Tokens.Add(string(role), role, 0, w.opts.Now())
		w.check(err)
		secrets[string(role)] = secret
	}
	secret, _, err := w.opts.Tokens.Add("granted", access.Reader, 0, w.opts.Now(), "baishi")
	w.check(err)
	secrets["granted"] = secret
	return rules, secrets
}

// send posts a form or, where body is JSON, that.
func send(t testing.TB, secret, address, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res
}

// views are all the ways to an article; each answers 200 and names mark while it may be seen.
func views(page string) map[string]string {
	id := idOf(page)
	return map[string]string{
		"/": "科普日", "/?q=科普日": "/a/" + id, "/a/" + id: "三百多名", "/a/" + id +
			"?v=1": "三百多名", "/api/v1/search?q=科普日": id,
		"/api/v1/articles/" + id: "三百多名", "/api/v1/articles/" + id +
			"/versions": "三百多名", "/api/v1/articles/" + id + "/citation": "科普日",
		"/api/v1/export?format=jsonl": id, "/api/v1/facets?facet=author": "方 敏", "/api/v1/suggest?q=方敏": "方敏",
		"/api/v1/changes":             id,
		"/api/v1/concordance?term=展台": id, "/feeds/search?q=科普日": id, "/feeds/changes": id, "/changes": id,
		"/kwic?term=展台":         "二十个",
		"/api/v1/trend?term=展台": `"total":1`, "/api/v1/captures?url=" + url.QueryEscape(page): page, "/cdx?url=" +
			url.QueryEscape(page): "art_1_1",
		"/cdx?matchType=host&url=kx.qingyuan.example": "art_1_1", "/timemap/link/" + page: "memento", "/timegate/" +
			page: "", "/web/" + page: "",
		"/replay/20221027020000/" + page: "", "/replay/20221027020000mp_/" + page: "正文", "/web/20221027020000id_/" +
			page: "正文",
		"/replay/20221027020000im_/" + pngURL: "PNG", "/a/" + id + "/similar": "",
	}
}

// What is hidden is hidden everywhere alike, and curators see it everywhere, marked.
func TestHiddenEverywhere(t *testing.T) {
	for _, notice := range []bool{false, true} {
		w := newWorld(t).furnish()
		_, secrets := w.curated(nil, notice)
		srv := w.serve()
		seen := map[string]bool{}
		for path, mark := range views(goneURL) {
			res, body := fetch(t, "GET", srv.URL+path, "Authorization", "Bearer "+secrets["reader"])
			if path == "/a/"+idOf(goneURL)+"/similar" {
				continue
			}
			if seen[path] = res.StatusCode < 400 && strings.Contains(body, mark); !seen[path] {
				t.Errorf("before: %s: %d", path, res.StatusCode)
			}
		}
		if res := send(t, secrets["curator"], srv.URL+"/api/v1/curation/"+idOf(goneURL),
			`{"do":"hide","reason":"应本人要求","from":"王某","files":true}`); res.StatusCode != 204 {
			t.Fatalf("hide: %d", res.StatusCode)
		}
		for path, mark := range views(goneURL) {
			res, body := fetch(t, "GET", srv.URL+path, "Authorization", "Bearer "+secrets["reader"])
			if mark != "" && res.StatusCode < 400 && strings.Contains(body, mark) && path != "/timemap/link/"+goneURL {
				t.Errorf("hidden and seen by a reader: %s", path)
			}
			if mark == "" && res.StatusCode < 400 {
				t.Errorf("hidden and answered: %s: %d", path, res.StatusCode)
			}
			if res.StatusCode >= 500 {
				t.Errorf("%s: %d", path, res.StatusCode)
			}
			if strings.Contains(body, "王某") {
				t.Errorf("%s names who asked for it", path)
			}
			if told := strings.Contains(body, "应本人要求"); told && !notice || notice && path == "/a/"+idOf(goneURL) &&
				(!told || res.StatusCode != 451) {
				t.Errorf("%s with notice %v: %d, told %v", path, notice, res.StatusCode, told)
			}
			if path == "/a/"+idOf(goneURL)+"/similar" {
				continue
			}
			if res, body := fetch(t, "GET", srv.URL+path, "Authorization",
				"Bearer "+secrets["curator"]); res.StatusCode >= 400 || !strings.Contains(body, mark) {
				t.Errorf("a curator does not see %s: %d", path, res.StatusCode)
			}
		}
		if _, body := fetch(t, "GET", srv.URL+"/?q=科普日", "Authorization",
			"Bearer "+secrets["curator"]); !strings.Contains(body, "对读者隐藏") {
			t.Error("a hit is not marked for the curator")
		}
		// The same page at another spelling of its address is the same page.
		w.capture(goneURL+"?from=home", "2023-01-01 10:00:00", "text/html", "<p>正文")
		if res, body := fetch(t, "GET", srv.URL+"/replay/20230101020000mp_/"+goneURL+"?from=home", "Authorization",
			"Bearer "+secrets["reader"]); notice && res.StatusCode < 400 && strings.Contains(body, "正文") {
			t.Log("sites are not asked here: no rules of sites are set")
		}
		if res := send(t, secrets["curator"], srv.URL+"/a/"+idOf(goneURL)+"/curate", "do=unhide"); res.StatusCode != 303 {
			t.Errorf("unhide: %d", res.StatusCode)
		}
		for path, mark := range views(goneURL) {
			if res, body := fetch(t, "GET", srv.URL+path, "Authorization", "Bearer "+secrets["reader"]); seen[path] &&
				(res.StatusCode >= 400 || !strings.Contains(body, mark)) {
				t.Errorf("shown again, and not seen: %s: %d", path, res.StatusCode)
			}
		}
	}
}

// A hidden page stays hidden at other spellings of its address, and comes back on its day.
func TestHiddenByIdentityAndUntil(t *testing.T) {
	w := newWorld(t).furnish()
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	w.opts.Now = func() time.Time { return now }
	_, secrets := w.curated(closedSites{}, false)
	srv := w.serve()
	w.capture(goneURL+"?from=home", "2023-01-01 10:00:00", "text/html", "<p>正文")
	if res := send(t, secrets["curator"], srv.URL+"/a/"+idOf(goneURL)+"/curate",
		"do=hide&reason=x&until=2026-12-01"); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	reader := []string{"Authorization", "Bearer " + secrets["reader"]}
	other := srv.URL + "/web/20230101020000id_/" + goneURL + "?from=home"
	if res, _ := fetch(t, "GET", other, reader...); res.StatusCode != 404 {
		t.Errorf("another spelling: %d", res.StatusCode)
	}
	for _, tt := range []struct {
		at     time.Time
		status int
	}{{now.AddDate(0, 0, 11), 404}, {now.AddDate(0, 0, 12), 200}} {
		now = tt.at
		if res, _ := fetch(t, "GET", other, reader...); res.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", now, res.StatusCode, tt.status)
		}
		if res, _ := fetch(t, "GET", srv.URL+"/a/"+idOf(goneURL), reader...); res.StatusCode != tt.status {
			t.Errorf("%s: the article: %d, want %d", now, res.StatusCode, tt.status)
		}
	}
}

// Sites that are closed are closed everywhere alike, and open to whom they were granted.
func TestClosedSites(t *testing.T) {
	for level, may := range map[curation.Access]map[string]bool{
		curation.Readers:    {"stranger": false, "reader": true, "granted": true, "curator": true},
		curation.Restricted: {"stranger": false, "reader": false, "granted": true, "curator": true},
	} {
		w := newWorld(t).furnish()
		_, secrets := w.curated(closedSites{"baishi": level}, false)
		w.opts.Public = true
		srv := w.serve()
		id := idOf(plainURL)
		for who, sees := range may {
			header := []string{"Accept-Language", "zh"}
			if secrets[who] != "" {
				header = append(header, "Authorization", "Bearer "+secrets[who])
			}
			for path, mark := range map[string]string{"/": "园艺", "/a/" + id: "园艺", "/api/v1/export?format=jsonl": id,
				"/api/v1/facets?facet=site":   "baishi",
				"/cdx?url=xh.baishi.example*": "baishi", "/replay/20240312020000mp_/" +
					plainURL: "白石市学会", "/api/v1/suggest?q=园艺": "园艺"} {
				res, body := fetch(t, "GET", srv.URL+path, header...)
				if got := res.StatusCode == 200 && strings.Contains(body,
					mark); got != sees && !(path == "/api/v1/suggest?q=园艺" && sees) {
					t.Errorf("%s: %s sees %s: %v, %d", level, who, path, got, res.StatusCode)
				}
			}
			if res, _ := fetch(t, "GET", srv.URL+"/a/"+idOf(editedURL), header...); res.StatusCode != 200 {
				t.Errorf("%s does not see an open site: %d", who, res.StatusCode)
			}
		}
	}
}

// A key of a replayed page opens what the visitor it was made for may see, and nothing more.
func TestReplayKeysKeepTheirAudience(t *testing.T) {
	w := newWorld(t).furnish()
	_, secrets := w.curated(nil, false)
	srv := w.serve()
	if res := send(t, secrets["curator"], srv.URL+"/api/v1/curation/"+idOf(goneURL),
		`{"do":"hide","reason":"x","files":true}`); res.StatusCode != 204 {
		t.Fatal(res.StatusCode)
	}
	_, page := fetch(t, "GET", srv.URL+"/replay/20221027020000mp_/"+goneURL, "Authorization", "Bearer "+secrets["curator"])
	_, rest, _ := strings.Cut(page, `src="`)
	src, _, _ := strings.Cut(rest, `"`)
	if res, _ := fetch(t, "GET", srv.URL+src); res.StatusCode != 200 {
		t.Errorf("a picture of the page that the curator looks at: %s: %d", src, res.StatusCode)
	}
	if !strings.HasPrefix(src, "/replay/2.") {
		t.Fatalf("the key %s names no audience", src)
	}
	_, home := fetch(t, "GET", srv.URL+"/replay/20221027010000/"+homeURL, "Authorization", "Bearer "+secrets["reader"])
	_, rest, _ = strings.Cut(home, "/replay/1.")
	key, _, _ := strings.Cut(rest, "~")
	for _, forged := range []string{"/replay/1." + key, "/replay/2." + key} {
		_, target, _ := strings.Cut(src, "~")
		if res, _ := fetch(t, "GET", srv.URL+forged+"~"+target); res.StatusCode == 200 {
			t.Errorf("%s opens a hidden picture", forged)
		}
	}
}

// Merged articles are one; tags and collections narrow searches; the page and the API do the same.
func TestCuratedPages(t *testing.T) {
	w := newWorld(t).furnish()
	rules, secrets := w.curated(nil, false)
	srv := w.serve()
	curator := []string{"Authorization", "Bearer " + secrets["curator"], "Accept-Language", "zh"}
	post := func(path string, form url.Values, status int) {
		t.Helper()
		if res := send(t, secrets["curator"], srv.URL+path, form.Encode()); res.StatusCode != status {
			t.Fatalf("%s %v: %d", path, form, res.StatusCode)
		}
	}
	gone, edited := idOf(goneURL), idOf(editedURL)
	post("/a/"+gone+"/curate", url.Values{"do": {"tags"}, "tags": {"科普，活动"}}, 303)
	post("/a/"+gone+"/curate", url.Values{"do": {"tags"}, "tags": {"活动、现场"}}, 303)
	post("/a/"+gone+"/curate", url.Values{"do": {"note"}, "note": {"原件另存"}}, 303)
	post("/collections", url.Values{"id": {"days"}, "dc.title": {"科普日"}}, 303)
	post("/collections/days", url.Values{"dc.title": {"全国科普日"}, "dc.subject": {"科普\n活动"},
		"owner": {"资料室"}, "access": {"readers"}, "sites": {"baishi"}}, 303)
	post("/a/"+gone+"/curate", url.Values{"do": {"collect"}, "collection": {"days"}}, 303)
	state, err := rules.Store.State()
	w.check(err)
	if got := state.Tags(gone); !slices.Equal(got, []string{"活动", "现场"}) {
		t.Errorf("tags %v", got)
	}
	_, page := fetch(t, "GET", srv.URL+"/a/"+gone, curator...)
	for _, want := range []string{"原件另存", "全国科普日", `href="/?tag=`, "移出"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the article lacks %s", want)
		}
	}
	_, page = fetch(t, "GET", srv.URL+"/a/"+gone, "Authorization", "Bearer "+secrets["reader"])
	for _, not := range []string{"原件另存", "/curate"} {
		if strings.Contains(page, not) {
			t.Errorf("a reader sees %s", not)
		}
	}
	for path, want := range map[string]string{"/collections": "全国科普日", "/collections/days": "资料室",
		"/curation": "批注", "/?collection=days": "园艺", "/?tag=现场": "科普日"} {
		if res, body := fetch(t, "GET", srv.URL+path, curator...); res.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("%s lacks %s: %d", path, want, res.StatusCode)
		}
	}
	var found index.Result
	_, body := fetch(t, "GET", srv.URL+"/api/v1/search?collection=days", curator...)
	w.check(json.Unmarshal([]byte(body), &found))
	if found.Total != 2 {
		t.Errorf("%d articles of the collection, want the one and the site", found.Total)
	}
	if res, _ := fetch(t, "GET", srv.URL+"/api/v1/search?collection=none", curator...); res.StatusCode != 404 {
		t.Errorf("no such collection: %d", res.StatusCode)
	}
	post("/a/"+gone+"/curate", url.Values{"do": {"merge"}, "into": {editedURL}}, 303)
	if res, _ := fetch(t, "GET", srv.URL+"/a/"+gone, curator...); res.StatusCode != 301 ||
		res.Header.Get("Location") != "/a/"+edited {
		t.Errorf("merged: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	if _, page := fetch(t, "GET", srv.URL+"/a/"+edited, curator...); !strings.Contains(page, "/timemap/html/"+goneURL) {
		t.Error("the page does not name the other address")
	}
	_, body = fetch(t, "GET", srv.URL+"/api/v1/search", curator...)
	w.check(json.Unmarshal([]byte(body), &found))
	if found.Total != 2 {
		t.Errorf("%d articles after merging, want 2", found.Total)
	}
	post("/a/"+gone+"/curate", url.Values{"do": {"unmerge"}}, 303)
	post("/a/"+gone+"/curate", url.Values{"do": {"hide"}}, 400)
	post("/a/"+strings.Repeat("0", 20)+"/curate", url.Values{"do": {"note"}, "note": {"x"}}, 404)
}

// Who may do what with curation: each role at each endpoint.
func TestCurationRights(t *testing.T) {
	w := newWorld(t).furnish()
	_, secrets := w.curated(nil, false)
	srv := w.serve()
	id := idOf(goneURL)
	levels := map[string]int{"stranger": 0, "reader": 1, "granted": 1, "curator": 2, "operator": 3}
	for _, tt := range []struct {
		method, path string
		from         int
	}{
		{"GET", "/collections", 1}, {"GET", "/api/v1/collections", 1}, {"GET", "/api/v1/articles/" + id + "/reprints", 1},
		{"GET", "/curation", 2}, {"GET", "/api/v1/curation", 2}, {"GET", "/api/v1/curation/" + id, 2},
		{"POST", "/a/" + id + "/curate", 2}, {"POST", "/collections", 2}, {"POST", "/collections/x", 2},
		{"POST", "/api/v1/collections/x", 2},
	} {
		for who, level := range levels {
			var header []string
			if secrets[who] != "" {
				header = []string{"Authorization", "Bearer " + secrets[who]}
			}
			res, _ := fetch(t, tt.method, srv.URL+tt.path, header...)
			refused := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden
			if refused != (level < tt.from) {
				t.Errorf("%s %s as %s: %d", tt.method, tt.path, who, res.StatusCode)
			}
		}
	}
	res := send(t, secrets["reader"], srv.URL+"/api/v1/curation/"+id, `{"do":"hide","reason":"x"}`)
	if res.StatusCode != 403 {
		t.Errorf("a reader hides: %d", res.StatusCode)
	}
}
