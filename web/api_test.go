package web

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"cundang/export"
	"cundang/extract"
	"cundang/index"
	"cundang/internal/curation"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files")

// The published description changes only on purpose.
func TestOpenAPIGolden(t *testing.T) {
	w := newWorld(t)
	w.curate(closedSites{}, false)
	srv := w.serve()
	_, body := fetch(t, "GET", srv.URL+"/openapi.json")
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	const golden = "testdata/openapi.json"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("the API has changed; go test ./web -run OpenAPIGolden -update\n%s", d)
	}
}

// spec is what the test needs of an OpenAPI document.
type spec struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Parameters  []struct {
			Name     string `json:"name"`
			In       string `json:"in"`
			Required bool   `json:"required"`
			Schema   schema `json:"schema"`
		} `json:"parameters"`
		RequestBody *struct{} `json:"requestBody"`
		Responses   map[string]any
	} `json:"paths"`
}

type schema struct {
	Type      any
	Enum      []any
	Minimum   *float64
	Maximum   *float64
	MaxLength *int `json:"maxLength"`
	MaxItems  *int `json:"maxItems"`
	Items     *schema
}

// bad lists values that a parameter must not take, and some that it may but should not die of.
func bad(s schema) []string {
	odd := []string{"", "\x00", "%", "🐉", "../../etc/passwd", "' OR 1=1 --", "((((((\"", "NaN", "-1",
		"99999999999999999999", "2022-13-45", strings.Repeat("长", 1200)}
	if s.MaxItems != nil {
		odd = append(odd, strings.Repeat("a,", *s.MaxItems+1))
	}
	return odd
}

func cut(s string) string { return s[:min(len(s), 200)] }

// Every endpoint of the document, with valid and with hostile input: an answer that the
// document names, a problem+json for what is wrong, never a 5xx and no file system path.
func TestEveryEndpoint(t *testing.T) {
	w := newWorld(t).furnish()
	w.curate(closedSites{}, false)
	w.check(w.opts.Curation.Curate(t.Context(), curation.Act{Time: w.opts.Now(), By: "a curator", Do: curation.Describe,
		Collection: "kepu", DC: map[string][]string{"title": {"科普"}}, Articles: []string{idOf(editedURL)}}))
	srv := w.serve()
	_, text := fetch(t, "GET", srv.URL+"/openapi.json")
	var doc spec
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	valid := map[string]string{"term": "科普", "url": plainURL, "format": "", "q": "科普", "from": "2022",
		"to": "2024-12", "as_of": "2025-01-01", "at": "2025", "limit": "3", "If-None-Match": `"x"`, "v": "1", "collection": "kepu"}
	ids := map[string]string{"articles": idOf(editedURL), "crawls": "20261119-1", "saved": "none",
		"collections": "kepu", "curation": idOf(editedURL)}
	bodies := map[string]string{"start-crawl": `{"sites":["baishi"]}`, "save": `{"name":"科普","query":"q=科普"}`,
		"describe": `{"owner":"资料室"}`, "curate": `{"do":"tag","tags":["科普"]}`}
	asked := 0
	ask := func(t *testing.T, op, method, path string, query url.Values, body string, wantOK bool) {
		t.Helper()
		asked++
		req, err := http.NewRequest(method, srv.URL+path+"?"+query.Encode(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if op != "crawl-events" || res.StatusCode != http.StatusOK {
			if _, err := io.Copy(&b, io.LimitReader(res.Body, 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
		w.check(res.Body.Close())
		switch {
		case res.StatusCode >= 500, wantOK && res.StatusCode >= 400:
			t.Errorf("%s %s?%s: %d %s", method, path, cut(query.Encode()), res.StatusCode, cut(b.String()))
		case res.StatusCode >= 400 && res.Header.Get("Content-Type") != "application/problem+json":
			t.Errorf("%s %s?%s: %d as %s", method, path, cut(query.Encode()), res.StatusCode, res.Header.Get("Content-Type"))
		case strings.Contains(b.String(), os.TempDir()):
			t.Errorf("%s %s shows a path of the file system: %s", method, path, b.String())
		}
	}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			t.Run(op.OperationID, func(t *testing.T) {
				method := strings.ToUpper(method)
				id := ids[strings.Split(path, "/")[3]]
				at := strings.ReplaceAll(path, "{id}", id)
				full := url.Values{}
				for _, p := range op.Parameters {
					if fmt.Sprint(p.Schema.Type) == "integer" && (p.Name == "from" || p.Name == "to") {
						full.Set(p.Name, "1") // of a comparison: versions
						continue
					}
					if v := valid[p.Name]; p.In == "query" && v != "" {
						full.Set(p.Name, v)
					} else if p.In == "query" && len(p.Schema.Enum) > 0 {
						full.Set(p.Name, fmt.Sprint(p.Schema.Enum[0]))
					}
				}
				required := url.Values{}
				for _, p := range op.Parameters {
					if p.Required && p.In == "query" {
						required.Set(p.Name, full.Get(p.Name))
					}
				}
				knownID := op.OperationID != "drop" && op.OperationID != "stop-crawl"
				ask(t, op.OperationID, method, at, full, bodies[op.OperationID], knownID)
				if len(required) > 0 {
					ask(t, op.OperationID, method, at, url.Values{}, bodies[op.OperationID], false)
				}
				for _, p := range op.Parameters {
					for _, v := range bad(p.Schema) {
						switch p.In {
						case "query":
							q := url.Values{}
							for k := range required {
								q.Set(k, required.Get(k))
							}
							q.Set(p.Name, v)
							ask(t, op.OperationID, method, at, q, bodies[op.OperationID], false)
						case "path":
							if v != "" && !strings.Contains(v, "..") && !strings.ContainsAny(v, "\x00") {
								ask(t, op.OperationID, method, strings.ReplaceAll(path, "{id}", url.PathEscape(v)), required,
									bodies[op.OperationID], false)
							}
						}
					}
				}
				if op.RequestBody != nil {
					for _, body := range []string{"", "{", "null", "[]", `{"sites":5,"name":[],"query":{}}`, `{"name":"","query":""}`,
						`{"sites":["none"],"name":"a","query":"from=x"}`, `{"x":1}`, `{"name":"a","query":"` +
							strings.Repeat("q", 2*maxBody) + `"}`} {
						ask(t, op.OperationID, method, at, required, body, false)
					}
				}
			})
		}
	}
	t.Logf("%d requests", asked)
	if asked < 300 {
		t.Errorf("only %d requests: the document was not walked", asked)
	}
}

// The exports hold what the screen shows: the same articles in the same order.
func TestExportsEqualTheScreen(t *testing.T) {
	w := newWorld(t).furnish()
	for i := range 45 {
		w.article(fmt.Sprintf("http://xh.baishi.example/xwzx/t2024_%d.htm", i), fmt.Sprintf("2024-04-%02d 10:00:00", i%28+1),
			"<p>x", func(a *extract.Article) {
				a.Site, a.Title, a.Source = "baishi", extract.Text(fmt.Sprintf("第%d期科普讲座", i)), "白石日报"
				a.Paragraphs = paragraphs("科普讲座。" + strings.Repeat("科普", i%7))
			})
	}
	srv := w.serve()
	for _, query := range []string{"", "q=科普", "q=科普&sort=published",
		"source=白石日报&from=2024-04-05&to=2024-04-20", "q=科普&as_of=2023-01-01", "state=gone"} {
		v, err := url.ParseQuery(query)
		w.check(err)
		var screen []string
		total := 0
		for offset := 0; ; offset += 20 {
			v.Set("offset", fmt.Sprint(offset))
			v.Set("limit", "20")
			_, body := fetch(t, "GET", srv.URL+"/api/v1/search?"+v.Encode())
			var res index.Result
			if err := json.Unmarshal([]byte(body), &res); err != nil {
				t.Fatalf("%s: %v\n%s", query, err, body)
			}
			total = res.Total
			for _, h := range res.Hits {
				screen = append(screen, h.Article.ID)
			}
			if len(res.Hits) < 20 {
				break
			}
		}
		v.Del("offset")
		v.Del("limit")
		v.Set("format", "jsonl")
		res, body := fetch(t, "GET", srv.URL+"/api/v1/export?"+v.Encode())
		if d := res.Header.Get("Content-Disposition"); d != "attachment; filename=cundang-20261120.jsonl" {
			t.Errorf("Content-Disposition %q", d)
		}
		var ids []string
		dec := json.NewDecoder(strings.NewReader(body))
		for {
			var a extract.Article
			if err := dec.Decode(&a); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, a.ID)
		}
		if total == 0 || total != len(screen) {
			t.Errorf("%q: total %d, %d hits", query, total, len(screen))
		}
		if d := cmp.Diff(screen, ids); d != "" {
			t.Errorf("%q: export differs from the screen\n%s", query, d)
		}
		v.Set("format", "csv")
		_, sheet := fetch(t, "GET", srv.URL+"/api/v1/export?"+v.Encode())
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(sheet, "\ufeff"))).ReadAll()
		w.check(err)
		if len(rows) != total+1 || rows[1][slices.Index(rows[0], "id")] != ids[0] {
			t.Errorf("%q: csv has %d rows for %d articles", query, len(rows)-1, total)
		}
	}
	// Every format has the articles of the screen in its order: each writes their addresses or titles.
	_, body := fetch(t, "GET", srv.URL+"/api/v1/search?q=%E7%A7%91%E6%99%AE&limit=100")
	var screen index.Result
	w.check(json.Unmarshal([]byte(body), &screen))
	for _, f := range export.Formats() {
		res, body := fetch(t, "GET", srv.URL+"/api/v1/export?q=%E7%A7%91%E6%99%AE&format="+f.Name)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != f.MediaType {
			t.Errorf("%s: %d %s", f.Name, res.StatusCode, res.Header.Get("Content-Type"))
		}
		if f.Name == "xlsx" {
			body = sheetText(t, body)
		}
		at := 0
		for i, h := range screen.Hits {
			next := strings.Index(body[at:], h.Article.URL)
			if next < 0 {
				t.Errorf("%s: article %d of %d, %s, is not where the screen has it", f.Name, i+1, len(screen.Hits), h.Article.URL)
				break
			}
			at += next + len(h.Article.URL)
		}
	}
}

// What no route takes is a 404 or a 405, to programs as a problem.
func TestUnrouted(t *testing.T) {
	srv := newWorld(t).furnish().serve()
	for _, tt := range []struct {
		method, path string
		status       int
		allow, typ   string
	}{
		{"TRACE", "/api/v1/search", 405, "GET", "application/problem+json"},
		{"PUT", "/api/v1/saved", 405, "GET, POST", "application/problem+json"},
		{"GET", "/api/v1/nothing", 404, "", "application/problem+json"},
		{"DELETE", "/changes", 405, "GET", "text/html; charset=utf-8"},
		{"GET", "/nothing", 404, "", "text/html; charset=utf-8"},
	} {
		res, _ := fetch(t, tt.method, srv.URL+tt.path)
		if res.StatusCode != tt.status || res.Header.Get("Allow") != tt.allow || res.Header.Get("Content-Type") != tt.typ {
			t.Errorf("%s %s: %d, Allow %q, %s", tt.method, tt.path, res.StatusCode, res.Header.Get("Allow"),
				res.Header.Get("Content-Type"))
		}
	}
}

// sheetText is the text of the first sheet of a workbook in the order of its rows.
func sheetText(t *testing.T, workbook string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestETags(t *testing.T) {
	w := newWorld(t).furnish()
	srv := w.serve()
	for _, path := range []string{"/api/v1/search?q=x", "/api/v1/articles/" + idOf(editedURL), "/a/" + idOf(editedURL),
		"/static/app.css", "/feeds/changes",
		"/timemap/link/" + editedURL, "/replay/20221027020000mp_/" + goneURL, "/replay/20221027020000im_/" + pngURL} {
		res, _ := fetch(t, "GET", srv.URL+path)
		tag := res.Header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no ETag", path)
			continue
		}
		if again, body := fetch(t, "GET", srv.URL+path, "If-None-Match",
			`"other", `+tag); again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s: %d for a known ETag", path, again.StatusCode)
		}
		if other, _ := fetch(t, "GET", srv.URL+path, "If-None-Match", `"other"`); other.StatusCode != http.StatusOK {
			t.Errorf("%s: %d for another ETag", path, other.StatusCode)
		}
	}
}

func TestSaved(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t).furnish()
	w.opts.Saved = SavedFile(dir + "/saved.json")
	srv := w.serve()
	res, err := http.Post(srv.URL+"/api/v1/saved", "application/json",
		strings.NewReader(`{"name":"科普","query":"q=科普&offset=20&x=1"}`))
	w.check(err)
	var saved SavedSearch
	w.check(json.NewDecoder(res.Body).Decode(&saved))
	w.check(res.Body.Close())
	if res.StatusCode != http.StatusCreated || saved.Query != "q=%E7%A7%91%E6%99%AE" {
		t.Fatalf("%d %+v", res.StatusCode, saved)
	}
	if _, feed := fetch(t, "GET", srv.URL+"/feeds/saved/"+saved.ID); !strings.Contains(feed, "<title>科普</title>") ||
		strings.Count(feed, "<entry>") != 2 {
		t.Errorf("feed of the saved search:\n%s", feed)
	}
	// A server started anew on the same file knows it.
	w.opts.Saved = SavedFile(dir + "/saved.json")
	srv = w.serve()
	if _, page := fetch(t, "GET", srv.URL+"/saved"); !strings.Contains(page, "/feeds/saved/"+saved.ID) {
		t.Errorf("not on the page:\n%s", page)
	}
	if res, _ := fetch(t, "DELETE", srv.URL+"/api/v1/saved/"+saved.ID); res.StatusCode != http.StatusNoContent {
		t.Errorf("delete: %d", res.StatusCode)
	}
	if res, _ := fetch(t, "GET", srv.URL+"/feeds/saved/"+saved.ID); res.StatusCode != http.StatusNotFound {
		t.Errorf("feed of a forgotten search: %d", res.StatusCode)
	}
}
